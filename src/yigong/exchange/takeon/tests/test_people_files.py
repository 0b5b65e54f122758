"""Files of people through the page: on trial, for good, refused, killed, undone."""

import io
import os
import signal
import time
import zipfile
from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from yigong.access.tests.factories import Person, make_person
from yigong.core.errors import Conflict
from yigong.core.jobs import worker
from yigong.core.jobs.api import cancel_job, job
from yigong.exchange.takeon import api as takeon
from yigong.exchange.takeon import files
from yigong.exchange.takeon.models import Import
from yigong.exchange.takeon.tests.helpers import job_state, name_columns, page, refused_rows, send, work
from yigong.residents import api
from yigong.residents.commands import import_writing
from yigong.residents.importing import files as own_files
from yigong.residents.matching.files import HEADER
from yigong.residents.models import CandidatePair, Identifier, LinkChange, Resident, SourceRecord
from yigong.residents.rules.numbers import check_character
from yigong.residents.tests.factories import make_actor, make_resident

pytest.importorskip("splink")
pytestmark = pytest.mark.django_db

NUMBER = "530181196005040023"
OTHER = "53018119850211003" + check_character("53018119850211003")
PEOPLE = [
    f"a1,his,王小红,2,1960-05-04,01,{NUMBER},13800000001,石桥镇柳树村3组15号,,",
    f"b1,phr,王小红,女,19600504,01,{NUMBER},,石桥镇柳树村三组15号,,",
    f"a2,his,张国强,1,1985-02-11,01,{OTHER},13900001111,罗免镇高仓村8组,,",
    "b2,phr,张国强,1,1985-02-11,,,13900001111,罗免镇高仓村8组,,",
    "a3,his,李红之女,2,2026-03-02,,,13900002222,罗免镇高仓村9组,李红,",
]


@pytest.fixture
def keeper() -> Person:
    """Who keeps the index."""
    return make_person("identity_manager")


def csv_of(rows: Iterable[str], encoding: str = "utf-8") -> bytes:
    """A file's content."""
    return "\r\n".join([",".join(HEADER), *rows, ""]).encode(encoding)


def upload(
    keeper: Person, content: bytes, *, purpose: str = "real", system: str = "县医院 HIS", name: str = "名单.csv"
) -> UUID:
    """Send a file by the pages up to its trial or, without one, up to its real run; the import's key."""
    key = send(keeper, "residents", content, system=system, name=name)
    if purpose == "trial":
        name_columns(keeper, key)
    else:
        row = Import.objects.get(pk=key)
        Import.objects.filter(pk=key).update(state="checked")
        assert row.state == "uploaded"
        keeper.client().post(f"/takeon/imports/{key}/run/", {})
    return key


def run(key: UUID) -> Any:
    """Do the last job as the worker would."""
    work(key)
    row = Import.objects.get(pk=key)
    assert row.job_id
    return job(row.job_id)


def results(keeper: Person, key: UUID) -> dict[str, bytes]:
    """The files in the result."""
    answer = keeper.client().get(f"/takeon/imports/{key}/result/")
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_trial_tells_everything_and_keeps_nothing(keeper: Person, django_capture_on_commit_callbacks: Any) -> None:
    """Clusters, pairs and refused lines to download; residents are linked with, but neither named nor touched."""
    make_resident(make_actor(), "王小红", number=NUMBER)
    key = upload(keeper, csv_of([*PEOPLE, "x,his,张三,外星人,,,,,,,"]), purpose="trial", system="甲系统")
    assert job_state(key) == "done"
    told = results(keeper, key)
    clusters = dict(line.split(",") for line in told["clusters.csv"].decode("utf-8-sig").split()[1:])
    assert clusters["a2"] == clusters["b2"] != clusters["a3"] and len(clusters) == 5
    pairs = told["pairs.csv"].decode("utf-8-sig")
    assert "a2,b2" in pairs and "yigong" not in pairs
    shown = page(keeper, key)
    assert "性别" in shown and "外星人" in shown and ">7<" in shown
    row = Import.objects.get(pk=key)
    assert Resident.objects.count() == 1 and row.counts["known"] == 2 and row.counts["refused"] == 1
    with django_capture_on_commit_callbacks(execute=True):
        keeper.client().post(f"/takeon/imports/{key}/discard/", {})
    assert not files.folder_of(key).exists() and Import.objects.get(pk=key).state == "discarded"


def test_an_import_links_registers_and_asks(keeper: Person) -> None:
    """Records go to whom they belong, the others are new; what lies between the lines waits at the desk."""
    known = make_resident(make_actor(), "王小红", number=NUMBER)
    doubt = make_resident(make_actor(), "张国墙", birth_date=date(1985, 2, 11), sex="1")
    mixed = csv_of(PEOPLE[:3]) + "\r\n".join([*PEOPLE[3:], ""]).encode("gb18030")
    key = upload(keeper, mixed)
    assert run(key).state == "done"
    placed = dict(SourceRecord.objects.filter(system="县医院 HIS").values_list("local_number", "resident_id"))
    assert placed["a1"] == placed["b1"] == known.id
    assert placed["a2"] == placed["b2"] not in (known.id, doubt.id)
    assert Resident.objects.get(pk=placed["a3"]).contacts.get().name == "李红"
    assert Identifier.objects.get(resident_id=placed["a2"]).source_record.local_number == "a2"
    assert {doubt.id, placed["a2"]} in [{p.left_id, p.right_id} for p in CandidatePair.objects.filter(found_by="file")]
    shown = page(keeper, key)
    assert "关联到已建档居民" in shown and "撤销导入" in shown
    assert "张国强" in keeper.client().get("/residents/desk/").content.decode()


def test_the_same_file_again_registers_nothing(keeper: Person) -> None:
    """A record id of a system is taken in once."""
    run(upload(keeper, csv_of(PEOPLE)))
    before = Resident.objects.count(), SourceRecord.objects.count()
    assert run(upload(keeper, csv_of(PEOPLE))).state == "done"
    assert (Resident.objects.count(), SourceRecord.objects.count()) == before
    assert Import.objects.order_by("-asked_at")[0].counts["same"] == 5


def test_an_import_is_undone_as_one(keeper: Person) -> None:
    """New people are cancelled, linked records taken off, numbers free again; whoever was used since stays; the file may come again."""
    known = make_resident(make_actor(), "王小红", number=NUMBER)
    key = upload(keeper, csv_of(PEOPLE))
    run(key)
    baby = SourceRecord.objects.get(local_number="a3").resident
    third = make_resident(make_actor(), "赵六", birth_date=baby.birth_date)
    api.merge_residents(survivor_id=baby.id, other_id=third.id, reason="试", actor=keeper.actor)
    keeper.client().post(f"/takeon/imports/{key}/", {"reason": "文件不对"})
    assert run(key).state == "done"
    assert "1 条记录的居民在导入以后已被使用" in page(keeper, key)
    assert SourceRecord.objects.filter(resident=known.id).count() == 1
    assert SourceRecord.objects.get(local_number="a3").resident_id == baby.id
    assert not Identifier.objects.filter(source_record__batch=key, is_active=True).exists()
    gone = Resident.objects.filter(source_records__batch=key, status="cancelled").distinct()
    assert {r.name for r in gone} == {"王小红", "张国强"}
    assert LinkChange.objects.filter(action="undo").count() == 2
    with pytest.raises(Conflict):
        takeon.start_undo(import_id=key, reason="再来", actor=keeper.actor)
    assert run(upload(keeper, csv_of(PEOPLE[:4]))).state == "done"
    assert SourceRecord.objects.filter(resident=known.id).count() == 3


BROKEN = [f"x{n},his,张三,1,1990-03-07,01,,,," for n in range(10)]


@pytest.mark.parametrize(
    ("rows", "said"),
    [([], ""), ([PEOPLE[0], PEOPLE[0]], "与第 2 行编号相同"), ([PEOPLE[0].replace("a1", "a" * 61)], "超过 60 个")],
)
def test_rows_that_cannot_be_used_are_named(rows: list[str], said: str, keeper: Person) -> None:
    """No rows, a record id twice, an id too long: a sentence at the row, and the others come in."""
    key = upload(keeper, csv_of(rows))
    assert run(key).state == "done"
    assert said in page(keeper, key)
    assert SourceRecord.objects.count() == max(0, len(rows) - 1)


def test_one_row_in_twenty_is_broken_and_encodings_are_mixed(keeper: Person) -> None:
    """The broken ones are listed with their lines, GB18030 lines in a UTF-8 file are read, the others come in."""
    good = [
        f"g{n},his,王{'一二三四五六七八九十'[n % 10]}{'甲乙丙丁'[n % 4]},1,19{50 + n % 40}-03-07,01,,,,,"
        for n in range(95)
    ]
    content = csv_of([*good, *BROKEN[:5]]) + "g95,his,赵四,1,1960-01-05,01,,,,,\r\n".encode("gb18030")
    started = upload(keeper, content)
    assert run(started).state == "done"
    counts = Import.objects.get().counts
    assert counts["refused"] == 5 and SourceRecord.objects.count() == 96
    assert [row[-1] for row in refused_rows(keeper, started)[1:]] == [
        "有 10 列，表头有 11 列，请检查这一行是否多了逗号或少了内容"
    ] * 5
    assert Resident.objects.filter(name="赵四").exists()


def test_a_cancelled_job_leaves_nothing(keeper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user wants out while files are compared; the file may go on later."""
    started = upload(keeper, csv_of(PEOPLE))
    job_id = Import.objects.get().job_id
    monkeypatch.setattr(own_files, "write_residents", lambda path: (cancel_job(job_id, keeper.actor), 0)[1])
    assert run(started).state == "cancelled"
    assert Import.objects.get().state == "stopped" and not Resident.objects.exists()
    monkeypatch.undo()
    keeper.client().post(f"/takeon/imports/{started}/run/", {})
    assert run(started).state == "done" and Resident.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_a_killed_job_leaves_nothing_and_resumes(keeper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of writing: no person, no record; the next start of the job does all of it, once."""
    started = upload(keeper, csv_of(PEOPLE))
    job_id = Import.objects.get().job_id
    connections.close_all()
    child = os.fork()
    if not child:
        monkeypatch.setattr(import_writing, "note_pairs", lambda *a, **k: time.sleep(600))
        worker.run_job(job_id)
        os._exit(0)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and job(job_id).note != "写入 …":
        time.sleep(0.1)
    time.sleep(1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert job(job_id).note == "写入 …" and not Resident.objects.exists() and not SourceRecord.objects.exists()
    assert run(started).state == "done"
    assert SourceRecord.objects.count() == 5 and Resident.objects.count() == 3


def test_nobody_else_imports() -> None:
    """A registrar has no such page."""
    assert make_person("registrar").client().get("/takeon/residents/").status_code == 403
