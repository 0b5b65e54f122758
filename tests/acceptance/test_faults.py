"""What is acknowledged is stored, whatever dies; a burst of saves hurts no bystander."""

import itertools
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import psutil
import requests

from tests.acceptance.platform import Platform, Visitor

_serial = itertools.count(1)
_OPENED = re.compile(r"/residents/([0-9a-f-]{36})/")


def register(clerk: Visitor, name: str) -> UUID | None:
    """Send one registration; the key of the resident when the server acknowledged it, None when it broke off."""
    day = f"{1950 + next(_serial) % 50}-03-08"
    fields = {"name": name, "sex": "1", "birth_date": day, "birth_precision": "day", "confirmed": "yes"}
    try:
        answer = clerk.send_form("/residents/new/", fields, allow_redirects=False)
    except (requests.ConnectionError, requests.Timeout, AssertionError):
        return None
    found = _OPENED.search(answer.headers.get("Location", ""))
    return UUID(found[1]) if found else None


def name(number: int) -> str:
    """A distinct invented name, so that no near match asks for confirmation."""
    return "测" + "".join(chr(0x4E00 + (number * step) % 5000) for step in (37, 91))


def test_acknowledged_means_stored_when_the_web_server_is_killed(platform: Platform, clerk: Visitor) -> None:
    """The server is killed in the middle of writes: each acknowledged registration is there and whole, and work goes on."""
    acknowledged: list[UUID] = []
    stop = threading.Event()

    def work(clerk: Visitor) -> None:
        while not stop.is_set():
            key = register(clerk, name(next(_serial)))
            acknowledged.extend([key] if key else [])

    with ThreadPoolExecutor(4) as pool:
        visitors = [_again(clerk) for _ in range(4)]
        futures = [pool.submit(work, visitor) for visitor in visitors]
        _wait(lambda: len(acknowledged) >= 15)
        for process in platform.children("granian"):
            process.kill()
        killed_at = len(acknowledged)
        _wait(lambda: len(acknowledged) >= killed_at + 10)
        stop.set()
        for future in futures:
            future.result()
    with platform.database() as link:
        query = "select count(*) from residents_resident r where id = any(%s) and exists (select 1 from residents_sourcerecord s where s.resident_id = r.id)"
        (stored,) = link.execute(query, [acknowledged]).fetchone()
        (bare,) = link.execute(
            "select count(*) from residents_resident r where not exists (select 1 from residents_sourcerecord s where s.resident_id = r.id)"
        ).fetchone()
    print(f"\n{stored} of {len(acknowledged)} acknowledged registrations are stored, {bare} half ones")
    assert stored == len(acknowledged) > 20
    assert bare == 0


def test_a_burst_of_a_hundred_saves_hurts_no_bystander(platform: Platform, clerk: Visitor) -> None:
    """A hundred people save in the same instant: all are served, and somebody who only reads is answered throughout."""
    barrier = threading.Barrier(100)
    answers: list[int] = []
    stop = threading.Event()

    def save(number: int) -> UUID | None:
        visitor = _again(clerk)
        hidden = visitor.hidden(visitor.see("/residents/new/").text)
        barrier.wait()
        fields = {"name": name(7000 + number), "sex": "2", "birth_date": "1971-05-02", "birth_precision": "day"}
        answer = visitor.post_raw("/residents/new/", {**hidden, **fields, "confirmed": "yes"}, allow_redirects=False)
        found = _OPENED.search(answer.headers.get("Location", ""))
        return UUID(found[1]) if found else None

    def read() -> None:
        visitor = _again(clerk)
        while not stop.is_set():
            answers.append(visitor.see("/residents/").status_code)

    bystander = threading.Thread(target=read)
    bystander.start()
    with ThreadPoolExecutor(100) as pool:
        saved = list(pool.map(save, range(100)))
    stop.set()
    bystander.join()
    assert len(set(saved) - {None}) == 100
    assert answers and set(answers) == {200}


def test_every_program_is_brought_back(platform: Platform) -> None:
    """Each child that is killed is reported and runs again."""
    for word in ("relay", "worker", "dicom_server"):
        (victim,) = [p for p in platform.children("manage") if word in p.cmdline()]
        victim.kill()
        _wait(lambda word=word, old=victim.pid: _runs(platform, word, old))
    assert platform.said().count("重新启动") >= 3


def _runs(platform: Platform, word: str, old: int) -> bool:
    return any(
        word in p.cmdline() and p.pid != old for p in platform.children("manage") if p.status() != psutil.STATUS_ZOMBIE
    )


def _again(visitor: Visitor) -> Visitor:
    """The same person in another browser window: own connection, same session."""
    other = Visitor(visitor.platform)
    other.cookies.update(visitor.cookies)
    return other


def _wait(condition: object, seconds: float = 90) -> None:
    limit = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < limit, "it did not come about in time"
        time.sleep(0.05)
