"""Schemes: imported whole or not at all, kept, in force by region and day; comparison of two."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.core.jobs import worker
from yigong.core.packs.api import ROOT
from yigong.insurance.claims import api, groupers, jobs
from yigong.insurance.claims.errors import SchemeExists, SchemeOverlaps
from yigong.insurance.claims.models import SchemeVersion
from yigong.insurance.claims.tests.world import House, sign_in
from yigong.insurance.grouping.api import SchemeInvalid

pytestmark = pytest.mark.django_db
DEMO = ROOT / "demo" / "grouping" / "county-demo"
Change = Callable[[dict[str, bytes]], object]


def files(change: Change = lambda found: None) -> dict[str, bytes]:
    """The files of the demo scheme, changed."""
    found = {path.name: path.read_bytes() for path in DEMO.iterdir() if path.name != "sample.csv"}
    change(found)
    return found


def zipped(found: dict[str, bytes], folder: str = "方案/") -> bytes:
    """As one archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content in found.items():
            archive.writestr(folder + name, content)
    return target.getvalue()


def workbook(found: dict[str, bytes]) -> bytes:
    """As one workbook, a sheet per file."""
    import csv

    book = Workbook()
    book.remove(book.active)
    for name, content in found.items():
        sheet = book.create_sheet(Path(name).stem)
        text = content.decode("utf-8-sig")
        rows = [[line] for line in text.splitlines()] if name.endswith(".json") else csv.reader(io.StringIO(text))
        for row in rows:
            sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def dearer(found: dict[str, bytes]) -> None:
    """Another weight of pneumonia without complications, and appendicitis grouped as gastritis would be no fault: only weights."""
    found["weights.csv"] = found["weights.csv"].replace(b"E205,0.8550", b"E205,0.9550")
    head = json.loads(found["scheme.json"])
    head["id"] = "county-next"
    found["scheme.json"] = json.dumps(head, ensure_ascii=False).encode()


def without_complication(found: dict[str, bytes]) -> None:
    """Low potassium counts no more."""
    dearer(found)
    found["cc.csv"] = found["cc.csv"].replace(b"E87.600,5\n", b"")
    head = json.loads(found["scheme.json"])
    head["counts"]["cc"] -= 1
    found["scheme.json"] = json.dumps(head, ensure_ascii=False).encode()


@pytest.mark.parametrize("form", ["zip", "folder", "workbook"])
def test_the_three_forms_give_the_same_scheme(house: House, form: str) -> None:
    """A zip, the files of a folder, a workbook."""
    found = files()
    uploads = {
        "zip": [("方案.zip", zipped(found))], "folder": list(found.items()), "workbook": [("方案.xlsx", workbook(found))],
    }[form]  # fmt: skip
    row = api.import_scheme(uploads=uploads, release="2026.1", source="测试", actor=house.clerk)
    assert (row.code, row.counts["drg"]) == ("county-demo", 62)
    assert groupers.grouper(str(row.id)).scheme.name.startswith("演示县")
    if form != "workbook":
        assert (
            api.import_scheme(uploads=[("再来.zip", zipped(found))], release="2026.9", source="", actor=house.clerk).id
            == row.id
        )


def test_faults_are_told_with_file_and_line_and_nothing_is_kept(house: House) -> None:
    """Through the page: two faults in two files."""

    def spoil(found: dict[str, bytes]) -> None:
        found["drg.csv"] = found["drg.csv"].replace(b"B103,B10,MDCB", b"B103,B99,MDCB")
        found["weights.csv"] = found["weights.csv"].replace(b"B101,3.0450", b"B101,abc")

    upload = io.BytesIO(zipped(files(spoil)))
    upload.name = "方案.zip"
    answer = sign_in(house.clerk).post("/claims/schemes/import/", {"package": upload, "release": "1", "source": "测试"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "weights.csv" in page and "<td>2</td>" in page
    assert not SchemeVersion.objects.exists()
    with pytest.raises(SchemeInvalid):
        api.import_scheme(uploads=[("a.zip", zipped(files(spoil)))], release="1", source="", actor=house.clerk)


def test_never_overwritten(house: House) -> None:
    """Other content under a release that is there is refused; the row cannot be changed at all."""
    row = api.import_scheme(uploads=list(files().items()), release="2026.1", source="测试", actor=house.clerk)

    def other(found: dict[str, bytes]) -> None:
        found["weights.csv"] = found["weights.csv"].replace(b"E205,0.8550", b"E205,0.9550")

    with pytest.raises(SchemeExists):
        api.import_scheme(uploads=list(files(other).items()), release="2026.1", source="", actor=house.clerk)
    assert (
        api.import_scheme(uploads=list(files(other).items()), release="2026.2", source="", actor=house.clerk).id
        != row.id
    )


def test_in_force_by_region_and_day(house: House) -> None:
    """From its first to its last day; two for one region on one day are refused; the imported one goes before the pack's."""
    row = api.import_scheme(uploads=list(files(dearer).items()), release="2027.1", source="测试", actor=house.clerk)
    line = api.put_in_force(
        scheme_id=row.id, region="990100", valid_from=date(2027, 1, 1), valid_to=None, actor=house.clerk
    )
    assert groupers.name_for("990100", date(2026, 12, 31)) == "pack:county-demo"
    assert groupers.name_for("990100", date(2027, 1, 1)) == str(row.id)
    with pytest.raises(SchemeOverlaps):
        api.put_in_force(
            scheme_id=row.id, region="990100", valid_from=date(2027, 6, 1), valid_to=None, actor=house.clerk
        )
    api.end_scheme(line_id=line.id, valid_to=date(2027, 5, 31), actor=house.clerk)
    api.put_in_force(scheme_id=row.id, region="990100", valid_from=date(2027, 6, 1), valid_to=None, actor=house.clerk)
    page = sign_in(house.clerk).get("/claims/schemes/").content.decode()
    assert "2027-05-31" in page and "演示县" in page


def test_comparison_lists_the_cases_that_change(house: House, settings: Any, tmp_path: Path) -> None:
    """One of two cases changes group; the table and the file say which."""
    settings.DATA = tmp_path
    from yigong.clinic.data import FrontPageDiagnosisData as Dx

    changing = house.stay(diagnoses=(Dx("J18.900", "肺炎", "1"), Dx("E87.600", "低钾血症", "1")))
    for bill in (house.stay(), changing):
        api.build_list(bill_id=bill.id, actor=house.coder)
    other = api.import_scheme(
        uploads=list(files(without_complication).items()), release="2027.1", source="测试", actor=house.clerk
    )
    started = jobs.start_comparison(clock.today().year, "pack:county-demo", str(other.id), house.clerk)
    worker.run_job(started.job_id)
    started.refresh_from_db()
    assert (started.cases, started.changed) == (2, 1)
    row = started.rows.get()
    assert (row.before, row.after, row.list.bill_id) == ("E203", "E205", changing.id)
    browser = sign_in(house.clerk)
    assert "E203" in browser.get(f"/claims/schemes/compare/{started.id}/").content.decode()
    assert "E203" in browser.get(f"/claims/schemes/compare/{started.id}/file/").content.decode("utf-8-sig")


def test_a_damaged_zip_is_named(house: House) -> None:
    """A zip whose content was changed on the way is refused with the remedy, like one that is cut off or none at all."""
    whole = zipped(files())
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("scheme.json", b"0123456789" * 500)
    packed = bytearray(target.getvalue())
    packed[45:60] = b"\xff" * 15
    for content in (whole[:200], bytes(packed), b"PK nothing"):
        with pytest.raises(InvalidInput) as refused:
            api.import_scheme(uploads=[("方案.zip", content)], release="3", source="", actor=house.clerk)
        assert "压缩包无法打开" in refused.value.errors["package"]
