"""What is acknowledged is stored, whatever dies or fills up; a burst of saves hurts no bystander."""

import itertools
import os
import re
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import psutil
import pytest
import requests
from pynetdicom import AE

from tests.acceptance.conftest import PASSWORD
from tests.acceptance.platform import Platform, Visitor
from yigong.core.testing import wait_for

_serial = itertools.count(1)
_OPENED = re.compile(r"/(?:residents|records)/([0-9a-f-]{36})/")
_WHOLE = """
select count(*) from residents_resident r
where r.id = any(%s) and exists (select 1 from residents_sourcerecord s where s.resident_id = r.id)
  and exists (select 1 from access_relationship a where a.resident_id = r.id)
  and exists (select 1 from events_outboxevent e
              where e.name = 'residents.registered' and e.payload->>'resident_id' = r.id::text)
"""
_HALF = """
select (select count(*) from residents_resident r
        where not exists (select 1 from residents_sourcerecord s where s.resident_id = r.id))
     + (select count(*) from events_outboxevent e where e.name = 'residents.registered'
        and not exists (select 1 from residents_resident r where r.id::text = e.payload->>'resident_id'))
"""


@pytest.fixture
def ours(platform: Platform) -> Platform:
    """The running platform, when this run has started it and may do it harm."""
    if platform.process is None:
        pytest.skip("the platform is kept running by somebody else")
    return platform


def invented() -> dict[str, str]:
    """The particulars of a person who resembles nobody: another name and another birthday each time."""
    number = next(_serial)
    name = "测" + "".join(chr(0x4E00 + number * step % 5000) for step in (37, 91))
    born = date(1950, 1, 1) + timedelta(days=number * 13 % 20000)
    return {"name": name, "sex": "1", "birth_date": born.isoformat(), "birth_precision": "day"}


def key_of(answer: requests.Response) -> UUID | None:
    """The resident whose file an answer opens; only then the registration was acknowledged."""
    found = _OPENED.search(answer.headers.get("Location", "")) if answer.status_code == 302 else None
    return UUID(found[1]) if found else None


def register(clerk: Visitor) -> UUID | None:
    """Send one registration; the resident's key when the server acknowledged it, None when it broke off or was refused."""
    try:
        return key_of(clerk.send_form("/residents/new/", invented(), allow_redirects=False))
    except (requests.RequestException, AssertionError):
        return None


def again(visitor: Visitor) -> Visitor:
    """The same person in another browser window: own connections, same session."""
    other = Visitor(visitor.platform)
    other.cookies.update(visitor.cookies)
    return other


def number_from(platform: Platform, query: str, *values: object) -> int:
    """One number from the database, past the platform."""
    with platform.database() as link:
        row = link.execute(query, values or None).fetchone()
    assert row
    return row[0]


@contextmanager
def at_work(clerk: Visitor, people: int) -> Iterator[list[UUID]]:
    """So many people who register one resident after another; what was acknowledged to them so far."""
    acknowledged: list[UUID] = []
    done = threading.Event()

    def work(visitor: Visitor) -> None:
        while not done.is_set():
            if key := register(visitor):
                acknowledged.append(key)

    with ThreadPoolExecutor(people) as pool:
        futures = [pool.submit(work, again(clerk)) for _ in range(people)]
        try:
            yield acknowledged
        finally:
            done.set()
        for future in futures:
            future.result()


def test_acknowledged_means_stored_when_the_web_server_is_killed(ours: Platform, clerk: Visitor) -> None:
    """The server and its workers are killed in the middle of writes: what was acknowledged is there and whole, and work goes on."""
    with at_work(clerk, 4) as acknowledged:
        wait_for(lambda: len(acknowledged) >= 15)
        for process in ours.web():
            process.kill()
        before = len(acknowledged)
        wait_for(lambda: len(acknowledged) >= before + 10)
    stored, half = number_from(ours, _WHOLE, acknowledged), number_from(ours, _HALF)
    print(f"\n{stored} of {len(acknowledged)} acknowledged registrations are stored, {half} half ones")
    assert "网页服务 意外停止（信号 SIGKILL）" in ours.said()
    assert stored == len(set(acknowledged)) == len(acknowledged) > 20
    assert half == 0


def test_a_burst_of_a_hundred_saves_hurts_no_bystander(platform: Platform, clerk: Visitor) -> None:
    """A hundred people save in the same instant: all are served, and somebody who only reads is answered throughout."""
    barrier, done, answers = threading.Barrier(100), threading.Event(), []

    def save(_number: int) -> UUID | None:
        visitor = again(clerk)
        hidden = visitor.hidden(visitor.see("/residents/new/").text)
        barrier.wait(300)
        return key_of(visitor.post_raw("/residents/new/", {**hidden, **invented()}, allow_redirects=False))

    def read() -> None:
        visitor = again(clerk)
        while not done.is_set():
            answers.append(visitor.see("/residents/").status_code)

    bystander = threading.Thread(target=read)
    bystander.start()
    try:
        with ThreadPoolExecutor(100) as pool:
            saved = set(pool.map(save, range(100)))
    finally:
        done.set()
        bystander.join()
    print(f"\n{len(saved - {None})} of 100 saved, the bystander was answered {len(answers)} times: {set(answers)}")
    assert len(saved - {None}) == 100
    assert number_from(platform, _WHOLE, list(saved)) == 100
    assert set(answers) == {200}


def relay(platform: Platform) -> list[psutil.Process]:
    """The relay."""
    return platform.program("relay")


def worker(platform: Platform) -> list[psutil.Process]:
    """The worker of jobs."""
    return platform.program("worker")


def archive(platform: Platform) -> list[psutil.Process]:
    """The receiver of images."""
    return platform.program("dicom_server")


def web_worker(platform: Platform) -> list[psutil.Process]:
    """The processes that answer pages."""
    return platform.web()[1:]


def database(platform: Platform) -> list[psutil.Process]:
    """The head of the database server; what is below it ends with it."""
    return platform.program("postgres")


@pytest.mark.parametrize(
    ("which", "report"),
    [
        (relay, "消息与时钟 意外停止（信号 SIGKILL）"),
        (worker, "后台任务 意外停止（信号 SIGKILL）"),
        (archive, "影像接收 意外停止（信号 SIGKILL）"),
        (web_worker, "Unexpected exit from worker"),
        (database, "数据库 意外停止（信号 SIGKILL）"),
    ],
)
def test_every_program_is_brought_back(
    ours: Platform, clerk: Visitor, which: Callable[[Platform], list[psutil.Process]], report: str
) -> None:
    """A program killed is reported and runs again; then pages work, an event is delivered, the archive answers a device."""
    told = ours.said().count(report)
    victim = which(ours)[0]
    others = {process.pid for process in psutil.process_iter()}
    victim.kill()
    wait_for(lambda: any(process.pid not in others for process in which(ours)))
    wait_for(lambda: ours.said().count(report) == told + 1)
    key = wait_for(lambda: register(clerk))
    delivered = "select count(*) from events_outboxevent where payload->>'resident_id' = %s and done_at is not null"
    wait_for(lambda: number_from(ours, delivered, str(key)) == 1)
    wait_for(lambda: echoes(ours))


def echoes(platform: Platform) -> bool:
    """Whether the archive answers a C-ECHO."""
    with socket.socket() as probe:  # A refused association is a line of the log each time.
        if probe.connect_ex(("127.0.0.1", platform.dicom_port)):
            return False
    caller = AE("STORESCU")
    caller.add_requested_context("1.2.840.10008.1.1")
    link = caller.associate("127.0.0.1", platform.dicom_port, ae_title="YIGONG")
    try:
        return link.is_established and link.send_c_echo().get("Status") == 0
    finally:
        if link.is_established:
            link.release()


@pytest.fixture(scope="module")
def crowded(platform: Platform) -> Iterator[Platform]:
    """A copy of the running platform that lies, with its database and all its files, on a small file system."""
    if platform.process is None:
        pytest.skip("the platform is kept running by somebody else")
    disk = Path(tempfile.mkdtemp(prefix="yigong-disk-", dir="/var/tmp"))
    mount = ["mount", "-t", "tmpfs", "-o", "size=2g,mode=755", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True, check=False).returncode:
        disk.rmdir()
        pytest.skip("a small file system for the database needs root and the right to mount")
    platform.stop()
    subprocess.run(["cp", "-a", platform.folder, disk / "data"], check=True)
    platform.start()
    running = Platform(disk / "data")
    try:
        yield running.start()
    finally:
        running.stop()
        subprocess.run(["umount", "-l", str(disk)], check=True)
        disk.rmdir()


@contextmanager
def full(disk: Path) -> Iterator[None]:
    """Not one block is left on this file system."""
    ballast = disk / "ballast"
    file = os.open(ballast, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for size in (2**22, 4096):
        with suppress(OSError):
            while True:
                os.write(file, bytes(size))
    os.close(file)
    try:
        yield
    finally:
        ballast.unlink()


def refused_save(clerk: Visitor) -> tuple[list[UUID], requests.Response]:
    """Registrations until one is not taken: the keys of those that were, and the answer to that one."""
    taken: list[UUID] = []
    hidden = clerk.hidden(clerk.see("/residents/new/").text)
    for _ in range(2000):
        fields = {**hidden, **invented(), "idempotency_key": str(UUID(int=next(_serial) + 2**64))}
        answer = clerk.post_raw("/residents/new/", fields, allow_redirects=False)
        key = key_of(answer)
        if key is None:
            return taken, answer
        taken.append(key)
    raise AssertionError("the disk was never full")


def test_a_full_disk_refuses_the_save_and_spoils_nothing(crowded: Platform) -> None:
    """507 with a clear sentence, nothing half written, reading goes on; once there is room again, so does work."""
    clerk = Visitor(crowded).sign_in("guahao", PASSWORD)
    people = "select count(*) from residents_resident"
    with full(crowded.folder.parent):
        begun = number_from(crowded, people)
        taken, answer = refused_save(clerk)
        print(f"\n{len(taken)} saves fitted, then {answer.status_code}")
        assert answer.status_code == 507
        assert "磁盘满了，请通知系统管理员清理空间" in answer.text and "没有保存，也没有存下一半" in answer.text
        assert clerk.see("/residents/?q=li").status_code == 200
        assert number_from(crowded, people) == begun + len(taken)
    assert number_from(crowded, _WHOLE, taken) == len(taken)
    assert number_from(crowded, _HALF) == 0
    assert wait_for(lambda: register(clerk))


def test_a_database_that_dies_on_a_full_disk_comes_back(crowded: Platform) -> None:
    """Its server cannot even start without room: pages say so meanwhile, and once there is room again everything goes on by itself."""
    clerk = Visitor(crowded).sign_in("guahao", PASSWORD)
    kept = wait_for(lambda: register(clerk))
    with full(crowded.folder.parent):
        (victim,) = database(crowded)
        victim.kill()
        answers = [clerk.see("/residents/") for _ in range(20)]
        print(f"\nwhile the database is down: {sorted({answer.status_code for answer in answers})}")
        assert {answer.status_code for answer in answers} == {503}
        assert all("数据库暂时连接不上" in answer.text for answer in answers)
    assert wait_for(lambda: register(clerk), 300)
    assert number_from(crowded, _WHOLE, [kept]) == 1
    assert number_from(crowded, _HALF) == 0
