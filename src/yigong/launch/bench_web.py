"""``./yigong bench web``: five typical pages and commands of a running platform, each beside the raw limit of its own SQL and beside an
empty view of the same server, in the same run.

The server is started as ``./yigong run`` starts it: permission decision, read log, audit and events included. Two readings a row: everything
the server gives to 50 people who never pause, and the waiting time when the same 50 people act about once a second.
"""

import argparse
import os
import random
import re
import signal
import subprocess
import sys
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, Request, build_opener
from uuid import uuid4

from yigong.launch import environment, load
from yigong.launch.environment import LaunchError
from yigong.launch.run import answers

_HIDDEN = re.compile(r'<input[^>]*type="hidden"[^>]*>')
_ATTRIBUTE = re.compile(r'(name|value)="([^"]*)"')
# The key of a row written by a page (its line of the read log): replayed, it would meet itself.
_KEY = re.compile(r"(?i)^(\s*insert into \S+ \(id,[^)]*\) values \()'[0-9a-f-]+'::uuid")
_WRITES = 700
_SEARCHES = ("zhang", "李", "王伟", "lxm", "陈", "刘", "yang", "黄", "zhaoyan", "吴", "zy", "孙", "wf", "林", "高明")


class Visitor:
    """One signed-in account: a cookie jar and its forms."""

    def __init__(self, address: str, username: str, password: str) -> None:
        self.address, self.jar = address, CookieJar()
        self.opener: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(self.jar))
        text = self.get("/access/login/")
        self._post("/access/login/", {**hidden(text), "username": username, "password": password})
        if "sessionid" not in self.cookies():
            raise LaunchError(f"{username} 没能登录演示平台。")

    def get(self, path: str) -> str:
        """A page's text."""
        return self.fetch(path).decode()

    def fetch(self, path: str) -> bytes:
        """Whatever an address answers; HTTPError when it refuses."""
        with self.opener.open(self.address + path, timeout=120) as answer:
            return answer.read()

    def _post(self, path: str, fields: dict[str, str]) -> None:
        body = urllib.parse.urlencode(fields).encode()
        self.opener.open(Request(self.address + path, body, {"Referer": self.address + path}), timeout=60).close()

    def cookies(self) -> dict[str, str]:
        """Name and value of every cookie."""
        return {c.name: c.value or "" for c in self.jar}

    def header(self) -> str:
        """The Cookie header."""
        return "; ".join(f"{name}={value}" for name, value in self.cookies().items())


@dataclass(frozen=True)
class Case:
    """One row: who asks, what, the status that means success, and how to read the raw limit."""

    label: str
    visitor: Visitor
    requests: Sequence[load.Request]
    expected: int
    raw: Callable[[], float]


def main(arguments: list[str]) -> int:
    """Measure and print the table; the demo data are kept for the next time."""
    parser = argparse.ArgumentParser("./yigong bench web")
    add_options(parser)
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=6)
    options = parser.parse_args(arguments)
    with platform(options) as address:
        _measure(address, options)
    return 0


def add_options(parser: argparse.ArgumentParser) -> None:
    """Which demo county to measure, and where it lies."""
    parser.add_argument("--scale", default="county", choices=("small", "town", "county"))
    parser.add_argument("--data", default=str(environment.PROJECT / ".yigong" / "bench"))
    parser.add_argument("--port", type=int, default=8765)


@contextmanager
def platform(options: argparse.Namespace) -> Iterator[str]:
    """The platform as ``./yigong run`` starts it; its address."""
    server, address = _start(options)
    try:
        yield address
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(60)


def _start(options: argparse.Namespace) -> tuple[subprocess.Popen, str]:
    folder, address = Path(options.data).resolve() / options.scale, f"http://127.0.0.1:{options.port}"
    env = {k: v for k, v in os.environ.items() if k not in {"DATABASE_URL", "YIGONG_SECRET", "YIGONG_DATA"}}
    env["YIGONG_DICOM_PORT"] = str(options.port + 1)
    command = [sys.executable, "-m", "yigong", "run", "--port", str(options.port), "--data", str(folder)]
    begin = time.monotonic()
    server = subprocess.Popen([*command, "--scale", options.scale], env=env, stdin=subprocess.DEVNULL)
    while not answers(address + "/health/"):
        if server.poll() is not None:
            raise LaunchError("平台没有启动成功，原因见上。")
        time.sleep(0.2)
    print(f"platform ({options.scale}) up after {time.monotonic() - begin:.1f} s", flush=True)
    _join(folder)
    return server, address


def _join(folder: Path) -> None:
    """This process looks at the same database, to choose residents and to record the statements of a page."""
    from yigong.launch.postgres import Cluster

    environment.settle(folder)
    os.environ["DATABASE_URL"] = Cluster(folder).url()
    import django

    django.setup()


def _measure(address: str, options: argparse.Namespace) -> None:
    empty = load.hammer(address, [load.Request("/alive/")], users=options.users, seconds=options.seconds)
    print(
        f"\nempty view: {empty.per_second:,.0f}/s, p50 {empty.p50:.1f} ms, p95 {empty.p95:.1f} ms, {options.users} users without a pause\n"
    )
    print(
        _line(
            "page or command",
            "answers/s",
            "raw SQL/s",
            "of raw",
            "of empty",
            "p50 ms",
            "p95 ms",
            "p50 paced",
            "p95 paced",
            "bad",
        )
    )
    for case in _cases(address):
        _row(address, case, empty, options)
    print(
        "\nof raw: beside the same statements (reads) or one insert of the same row with its indexes (writes) through pgbench;"
        "\nof empty: beside the empty view; p50, p95: median and 95th percentile of the wait, without a pause and paced (the same people"
        "\nacting about once a second); bad: answers that were not as expected, with the last status."
    )


def _row(address: str, case: Case, empty: load.Measured, options: argparse.Namespace) -> None:
    raw, writes = case.raw(), case.expected != 200
    sending: dict[str, Any] = {
        "cookie": case.visitor.header(),
        "token": case.visitor.cookies()["csrftoken"],
        "expected": case.expected,
    }
    split = len(case.requests) * 3 // 4 if writes else len(case.requests)
    full = load.hammer(
        address, case.requests[:split], users=options.users, seconds=options.seconds, once=writes, **sending
    )
    rest = case.requests[split:] if writes else case.requests
    calm = load.hammer(
        address, rest, users=options.users, seconds=options.seconds, once=writes, pause_ms=1000, **sending
    )
    bad = full.bad + calm.bad
    note = f"{bad} ({full.last_bad_status or calm.last_bad_status})" if bad else "0"
    cells: tuple[str, ...] = (f"{full.per_second:,.0f}", f"{raw:,.0f}", f"{full.per_second / raw:.2f}")
    cells += (f"{full.per_second / empty.per_second:.2f}", f"{full.p50:.0f}", f"{full.p95:.0f}")
    print(_line(case.label, *cells, f"{calm.p50:.0f}", f"{calm.p95:.0f}", note), flush=True)


def _line(label: str, *cells: str) -> str:
    return f"{label:<26}" + "".join(f"{cell:>12}" for cell in cells)


def _cases(address: str) -> list[Case]:
    from yigong.demo.api import logins
    from yigong.launch.bench_data import actor_named

    password = {login.username: login.password for login in logins()}
    doctor = Visitor(address, "quanke", password["quanke"])
    office = Visitor(address, "zhuanzhen", password["zhuanzhen"])
    actor = actor_named("quanke")
    known = _known_residents(actor)
    random.Random(1).shuffle(known)
    home, search = [load.Request("/")], [load.Request("/residents/?q=" + urllib.parse.quote(q)) for q in _SEARCHES]
    timeline = [load.Request(f"/records/{key}/") for key in known[:400]]
    orders = _order_requests(doctor, known[:_WRITES])
    accepts = _accept_requests(office, _waiting_referrals(actor, known[-_WRITES:]))
    return [
        Case("home with to-do list", doctor, home, 200, lambda: _raw_read(doctor, home[0].path)),
        Case("search of residents", doctor, search, 200, lambda: _raw_read(doctor, search[2].path)),
        Case("timeline of a resident", doctor, timeline, 200, lambda: _raw_read(doctor, timeline[0].path)),
        Case("create an order", doctor, orders, 302, lambda: _raw_insert("orders_order")),
        Case("accept a referral", office, accepts, 302, lambda: _raw_insert("referrals_referral")),
    ]


def _known_residents(actor: Any) -> list[Any]:
    from yigong.access.api import visible_residents

    found = list(dict.fromkeys(visible_residents(actor)[:20000]))
    if len(found) < 20:
        raise LaunchError("演示县里这位医生没有足够的居民，无法测量。")
    return found


def hidden(text: str) -> dict[str, str]:
    """The hidden fields of a page's forms."""
    found = [dict(_ATTRIBUTE.findall(tag)) for tag in _HIDDEN.findall(text)]
    return {tag["name"]: tag.get("value", "") for tag in found if "name" in tag}


def _order_requests(doctor: Visitor, residents: Sequence[Any]) -> list[load.Request]:
    """One request form per resident, each with a key of its own, as sent by a browser."""
    page = doctor.get(f"/orders/imaging/new/{residents[0]}/")
    place = re.search(r'name="performing".*?<option value="([0-9a-f-]{36})"', page, re.S)
    item = re.search(r'data-value="([^"]+)"', doctor.get("/orders/imaging/items/?q="))
    if not place or not item:
        raise LaunchError("影像申请页的样子变了，测量脚本需要跟着改。")
    fields = {**hidden(page), "items": item[1], "performing": place[1], "priority": "routine", "diagnosis": "咳嗽"}
    fields |= {"purpose": "排除肺炎", "pregnancy": "no", "override_reason": "测量", "repeat_reason_code": ""}
    return [load.Request(f"/orders/imaging/new/{r}/", "POST", _fresh_form(fields)) for r in residents]


def _waiting_referrals(actor: Any, residents: Sequence[Any]) -> list[Any]:
    """Referrals sent to the county hospital that wait for an answer; made here through the room's own command."""
    from yigong.launch.bench_data import waiting_referrals

    return waiting_referrals(actor, residents)


def _accept_requests(office: Visitor, referrals: Sequence[Any]) -> list[load.Request]:
    page = office.get(f"/referrals/{referrals[0]}/")
    kept = {name: value for name, value in hidden(page).items() if name != "version"}
    return [
        load.Request(f"/referrals/{key}/accept/", "POST", _fresh_form({**kept, "direct_to_emergency": "on"}))
        for key in referrals
    ]


def _fresh_form(fields: dict[str, str]) -> str:
    """The form's body with a key of its own: a key sent before is answered from its receipt, without the work."""
    return urllib.parse.urlencode({**fields, "idempotency_key": str(uuid4())})


def _statements(visitor: Visitor, path: str) -> list[str]:
    """The SQL of one page, taken in this process with the visitor's session."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client(SERVER_NAME="127.0.0.1")
    client.cookies.load(visitor.cookies())
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    if answer.status_code != 200:
        raise LaunchError(f"{path} 回答 {answer.status_code}，不能测量。")
    wanted = ("SELECT", "INSERT", "UPDATE", "WITH")
    said = [q["sql"] for q in captured.captured_queries if q["sql"].lstrip().upper().startswith(wanted)]
    return [_KEY.sub(r"\1gen_random_uuid()", text) for text in said]


def _raw_read(visitor: Visitor, path: str) -> float:
    return load.raw_sql(os.environ["DATABASE_URL"], _statements(visitor, path))


def _raw_insert(table: str) -> float:
    """Inserts a second of one such row, with the same indexes and a commit each, into a copy without triggers."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            f"drop table if exists bench_raw; create table bench_raw (like {table} including defaults including indexes)"
        )
        cursor.execute(f"insert into bench_raw select * from {table} limit 1")
        cursor.execute(
            "select a.attname, t.typname, case when a.atttypmod > 4 then least(a.atttypmod - 4, 20) else 20 end, exists (select 1 from pg_index i where i.indrelid = a.attrelid and i.indisunique "
            "and a.attnum = any(i.indkey)) from pg_attribute a join pg_type t on t.oid = a.atttypid "
            "where a.attrelid = 'bench_raw'::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum"
        )
        columns = [_fresh(*column) for column in cursor.fetchall()]
        cursor.execute("create table bench_row as select * from bench_raw; truncate bench_raw")
    try:
        return load.raw_sql(
            os.environ["DATABASE_URL"], [f"insert into bench_raw select {', '.join(columns)} from bench_row"]
        )
    finally:
        with connection.cursor() as cursor:
            cursor.execute("drop table bench_raw; drop table bench_row")


def _fresh(name: str, kind: str, longest: int, unique: bool) -> str:
    if unique and kind == "uuid":
        return "gen_random_uuid()"
    return f"left(md5(random()::text), {longest})" if unique and kind in {"varchar", "text"} else f'"{name}"'
