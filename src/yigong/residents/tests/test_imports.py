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
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from yigong.access.tests.factories import Person, make_person
from yigong.core.errors import Conflict
from yigong.core.jobs import worker
from yigong.core.jobs.api import cancel_job, job, result_file
from yigong.core.testing import race
from yigong.residents import api
from yigong.residents.commands import import_writing
from yigong.residents.importing import files
from yigong.residents.matching.files import HEADER
from yigong.residents.models import CandidatePair, Identifier, LinkChange, LinkImport, Resident, SourceRecord
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


def upload(keeper: Person, *contents: bytes, purpose: str = "real", system: str = "县医院 HIS") -> UUID:
    """Send files by the page; the job's key."""
    sent = [SimpleUploadedFile(f"名单{n}.csv", content, "text/csv") for n, content in enumerate(contents, 1)]
    answer = keeper.client().post("/residents/imports/", {"lists": sent, "purpose": purpose, "system": system})
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer["Location"].strip("/").rsplit("/", 1)[-1])


def run(job_id: UUID) -> Any:
    """Do the job as the worker would."""
    worker.run_job(job_id)
    return job(job_id)


def results(job_id: UUID) -> dict[str, str]:
    """The files in the result."""
    with zipfile.ZipFile(io.BytesIO(result_file(job_id).read_bytes())) as archive:
        return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}


def test_a_trial_tells_everything_and_keeps_nothing(keeper: Person) -> None:
    """Clusters, pairs and refused lines to download; residents are linked with, but neither named nor touched."""
    make_resident(make_actor(), "王小红", number=NUMBER)
    done = upload(keeper, csv_of([*PEOPLE, "x,his,张三,外星人,,,,,,,"]), purpose="trial", system="")
    assert run(done).state == "done"
    told = results(done)
    clusters = dict(line.split(",") for line in told["clusters.csv"].split()[1:])
    assert clusters["a2"] == clusters["b2"] != clusters["a3"] and len(clusters) == 5
    assert "a2,b2" in told["pairs.csv"] and "yigong" not in told["pairs.csv"]
    assert "性别" in told["rejected.csv"] and ",7," in told["rejected.csv"]
    assert Resident.objects.count() == 1 and LinkImport.objects.get().counts["known"] == 2
    assert not files.folder_of(LinkImport.objects.get().id).exists()


def test_an_import_links_registers_and_asks(keeper: Person) -> None:
    """Records go to whom they belong, the others are new; what lies between the lines waits at the desk."""
    known = make_resident(make_actor(), "王小红", number=NUMBER)
    doubt = make_resident(make_actor(), "张国墙", birth_date=date(1985, 2, 11), sex="1")
    assert run(upload(keeper, csv_of(PEOPLE[:3]), csv_of(PEOPLE[3:], "gb18030"))).state == "done"
    placed = dict(SourceRecord.objects.filter(system="县医院 HIS").values_list("local_number", "resident_id"))
    assert placed["a1"] == placed["b1"] == known.id
    assert placed["a2"] == placed["b2"] not in (known.id, doubt.id)
    assert Resident.objects.get(pk=placed["a3"]).contacts.get().name == "李红"
    assert Identifier.objects.get(resident_id=placed["a2"]).source_record.local_number == "a2"
    assert {doubt.id, placed["a2"]} in [{p.left_id, p.right_id} for p in CandidatePair.objects.filter(found_by="file")]
    page = keeper.client().get(f"/residents/imports/{LinkImport.objects.get().id}/").content.decode()
    assert "新建档" in page and "整批撤销" in page
    assert "张国强" in keeper.client().get("/residents/desk/").content.decode()


def test_the_same_file_again_registers_nothing(keeper: Person) -> None:
    """A record id of a system is taken in once."""
    run(upload(keeper, csv_of(PEOPLE)))
    before = Resident.objects.count(), SourceRecord.objects.count()
    assert run(upload(keeper, csv_of(PEOPLE))).state == "done"
    assert (Resident.objects.count(), SourceRecord.objects.count()) == before
    assert LinkImport.objects.order_by("-asked_at")[0].counts["again"] == 5


def test_an_import_is_undone_as_one(keeper: Person) -> None:
    """New people are cancelled, linked records taken off, numbers free again; whoever was used since stays; the file may come again."""
    known = make_resident(make_actor(), "王小红", number=NUMBER)
    run(upload(keeper, csv_of(PEOPLE)))
    row = LinkImport.objects.get()
    baby = SourceRecord.objects.get(local_number="a3").resident
    third = make_resident(make_actor(), "赵六", birth_date=baby.birth_date)
    api.merge_residents(survivor_id=baby.id, other_id=third.id, reason="试", actor=keeper.actor)
    answer = keeper.client().post(f"/residents/imports/{row.id}/", {"reason": "文件不对"})
    assert "已被使用而保留 1 条" in answer.content.decode()
    assert SourceRecord.objects.filter(resident=known.id).count() == 1
    assert SourceRecord.objects.get(local_number="a3").resident_id == baby.id
    assert not Identifier.objects.filter(source_record__batch=row.id, is_active=True).exists()
    gone = Resident.objects.filter(source_records__batch=row.id, status="cancelled").distinct()
    assert {r.name for r in gone} == {"王小红", "张国强"}
    assert LinkChange.objects.filter(action="undo").count() == 2
    with pytest.raises(Conflict):
        api.undo_import(import_id=row.id, reason="再来", actor=keeper.actor)
    assert run(upload(keeper, csv_of(PEOPLE[:4]))).state == "done"
    assert SourceRecord.objects.filter(resident=known.id).count() == 3


BROKEN = [f"x{n},his,张三,1,1990-03-07,01,,,," for n in range(10)]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空"),
        (csv_of([]), "没有一行可用"),
        (csv_of([PEOPLE[0], PEOPLE[0]]), "record_id 重复"),
        (b"name,sex\r\n", "缺少列"),
        (csv_of([PEOPLE[0].replace("a1", "a" * 61)]), "超过 60"),
    ],
)
def test_what_cannot_be_imported_says_so_and_leaves_nothing(content: bytes, said: str, keeper: Person) -> None:
    """Empty, no rows, a record id twice, no such header, an id too long: a sentence on the job's page, no row, no file."""
    started = run(upload(keeper, content)) if content else None
    if started is None:  # the form refuses an empty file at once
        sent = {"lists": [SimpleUploadedFile("a.csv", b"")], "purpose": "real", "system": "HIS"}
        assert said in keeper.client().post("/residents/imports/", sent).content.decode()
    else:
        assert started.state == "failed" and said in started.error
    assert not LinkImport.objects.exists() and not SourceRecord.objects.exists()


def test_one_row_in_twenty_is_broken_and_encodings_are_mixed(keeper: Person) -> None:
    """The broken ones are listed with their lines, GB18030 lines in a UTF-8 file are read, the others come in."""
    good = [
        f"g{n},his,王{'一二三四五六七八九十'[n % 10]}{'甲乙丙丁'[n % 4]},1,19{50 + n % 40}-03-07,01,,,,,"
        for n in range(95)
    ]
    content = csv_of([*good, *BROKEN[:5]]) + "g95,his,赵四,1,1960-01-05,01,,,,,\r\n".encode("gb18030")
    started = upload(keeper, content)
    assert run(started).state == "done"
    counts = LinkImport.objects.get().counts
    assert counts["rejected"] == 5 and SourceRecord.objects.count() == 96
    assert results(started)["rejected.csv"].count("应有 11 列") == 5
    assert Resident.objects.filter(name="赵四").exists()


def test_a_cancelled_job_leaves_nothing(keeper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The user wants out while files are compared."""
    started = upload(keeper, csv_of(PEOPLE))
    folder = files.folder_of(LinkImport.objects.get().id)
    assert folder.exists()
    monkeypatch.setattr(files, "write_residents", lambda path: (cancel_job(started, keeper.actor), 0)[1])
    assert run(started).state == "cancelled"
    assert not LinkImport.objects.exists() and not Resident.objects.exists()
    assert not folder.exists()


@pytest.mark.django_db(transaction=True)
def test_a_killed_job_leaves_nothing_and_resumes(keeper: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed in the middle of writing: no person, no record; the next start of the job does all of it, once."""
    started = upload(keeper, csv_of(PEOPLE))
    connections.close_all()
    child = os.fork()
    if not child:
        monkeypatch.setattr(import_writing, "note_pairs", lambda *a, **k: time.sleep(600))
        worker.run_job(started)
        os._exit(0)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and job(started).note != "写入 …":
        time.sleep(0.1)
    time.sleep(1)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert job(started).note == "写入 …" and not Resident.objects.exists() and not SourceRecord.objects.exists()
    assert run(started).state == "done"
    assert SourceRecord.objects.count() == 5 and Resident.objects.count() == 3


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("residents.undo_import")
def test_two_keepers_undo_one_import(keeper: Person) -> None:
    """One undoes, the other learns that it was done."""
    run(upload(keeper, csv_of(PEOPLE)))
    key, actor = LinkImport.objects.get().id, keeper.actor
    outcomes = race(
        lambda: api.undo_import(import_id=key, reason="一", actor=actor),
        lambda: api.undo_import(import_id=key, reason="二", actor=actor),
    )
    assert sorted(type(o).__name__ for o in outcomes) == ["Conflict", "LinkImport"]
    assert LinkChange.objects.filter(action="undo").count() == 0


def test_nobody_else_imports() -> None:
    """A registrar has no such page."""
    assert make_person("registrar").client().get("/residents/imports/").status_code == 403
