"""A list from the settlement to the office's answer, through commands and pages."""

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from yigong.access.models import ReadLog
from yigong.clinic.data import FrontPageDiagnosisData
from yigong.clinic.events import FrontPageCoded, FrontPageReopened
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.jobs import worker
from yigong.core.jobs.api import job, result_file
from yigong.core.states import clocks
from yigong.core.states.api import WrongState, history
from yigong.insurance.claims import api, handlers, jobs
from yigong.insurance.claims.data import Found
from yigong.insurance.claims.errors import NothingToDeclare, StillFaulty
from yigong.insurance.claims.models import GatewayMessage, SettlementList
from yigong.insurance.claims.tests.world import House, own_values, sign_in, whole
from yigong.insurance.settlement.events import BillSettled, SettlementReversed
from yigong.residents.tests.factories import make_actor
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_a_list_is_assembled_by_the_national_names(house: House) -> None:
    """Person, stay, diagnoses, charges by fee category, payments by fund, group: all from where they are known."""
    bill = house.stay()
    row = api.build_list(bill_id=bill.id, actor=house.coder)
    head = row.content["setlinfo"]
    assert (head["psn_name"], head["gend"], head["age"], head["act_ipt_days"]) == ("张桂芳", "2", 68, 7)
    assert head["certno"].count("*") > 3 and head["patn_cert_type"] == "01"
    assert [one["diag_code"] for one in row.content["diseinfo"]] == ["J18.900", "I10.x00"]
    assert {one["med_chrgitm"]: one["amt"] for one in row.content["iteminfo"]} == {
        "01": 21000, "03": 18000, "04": 2000, "07": 14000, "09": 500500,
    }  # fmt: skip
    assert row.content["payinfo"] == [{"fund_pay_type": "390100", "fund_payamt": bill.total * 75 // 100}]
    assert head["scd_nurscare_days"] == 7
    assert (row.drg_code, row.expected) == ("E205", 615600)  # weight 0.855 × 7,200 yuan
    assert {one.rule for one in row.findings.all()} == {"L01a"}
    assert {one.path for one in row.findings.all()} == {"setlinfo.bill_code", "setlinfo.bill_no"}


def test_there_is_a_list_once_page_and_settlement_are_there(house: House) -> None:
    """Whichever comes last makes it, and the other again changes nothing."""
    bill = house.stay()
    page = house.pages[bill.stay_id]
    sheet = house.sheets.pop(bill.id)
    coded = FrontPageCoded(page.id, page.stay.id, page.resident_id, bill.institution_id)
    handlers.on_coded(coded)
    assert not SettlementList.objects.exists()
    house.sheets[bill.id] = sheet
    settled = BillSettled(sheet.id, bill.id, bill.resident_id, bill.institution_id, sheet.settled_on.replace(day=1))
    handlers.on_settled(settled)
    handlers.on_settled(settled)
    handlers.on_coded(coded)
    assert SettlementList.objects.count() == 1
    handlers.on_reopened(FrontPageReopened(page.id, page.stay.id, page.resident_id, bill.institution_id, "补手术"))
    row = SettlementList.objects.get()
    assert "补手术" in row.outdated
    handlers.on_reversed(SettlementReversed(sheet.id, bill.id, bill.resident_id, bill.institution_id, sheet.settled_on))
    row.refresh_from_db()
    assert row.state == "withdrawn"


@pytest.mark.parametrize("missing", ["uncoded", "unsettled", "uninsured", "outpatient"])
def test_no_list_without_its_sources(house: House, missing: str) -> None:
    """What is missing is said."""
    bill = house.stay()
    if missing == "uncoded":
        house.pages[bill.stay_id] = replace(house.pages[bill.stay_id], state="completed")
    elif missing == "unsettled":
        del house.sheets[bill.id]
    elif missing == "uninsured":
        house.sheets[bill.id] = replace(house.sheets[bill.id], scheme="")
    else:
        house.bills[bill.id] = replace(bill, kind="outpatient")
    with pytest.raises(NothingToDeclare):
        api.build_list(bill_id=bill.id, actor=house.coder)
    assert not SettlementList.objects.exists()


def test_blocking_findings_hold_a_list_back(house: House) -> None:
    """A faulty list stays a draft, cannot be uploaded; once whole it goes on and its group stands beside the settlement."""
    row = api.build_list(bill_id=house.stay().id, actor=house.coder)
    assert api.check_list(list_id=row.id, actor=house.coder).state == "draft"
    with pytest.raises(WrongState):
        api.upload_list(list_id=row.id, actor=house.clerk)
    api.set_own_fields(list_id=row.id, values=own_values(), actor=house.coder)
    row = api.check_list(list_id=row.id, actor=house.coder)
    assert (row.state, row.blocks) == ("checked", 0)
    assert house.groups[-1]["code"] == "E205" and house.groups[-1]["weight"] == 855_000
    assert house.groups[-1]["payable"] == 615600
    with pytest.raises(InvalidInput) as refused:
        api.set_own_fields(list_id=row.id, values={"setlinfo.psn_name": "别人"}, actor=house.coder)
    assert "病案首页" in str(refused.value.errors)


def test_upload_keeps_the_envelope_and_says_that_nothing_was_sent(house: House) -> None:
    """Without a platform the envelope is kept: money in yuan, number masked in the log, the read of the full number logged."""
    row = api.upload_list(list_id=whole(house).id, actor=house.clerk)
    message = GatewayMessage.objects.get()
    assert (row.state, message.gateway, message.transaction_number) == ("uploaded", "file", "4101A")
    sent = message.envelope["input"]
    assert sent["setlinfo"]["medfee_sumamt"] == "5555.00" and len(message.message_id) == 30
    assert "*" in sent["setlinfo"]["certno"]
    assert "未发送" in message.answer["said"]
    assert ReadLog.objects.filter(resident_id=row.resident_id, purpose__contains="证件").exists()


def test_sent_back_corrected_appealed(house: House) -> None:
    """What was uploaded stays as it was; the correction is a new revision; an appeal is decided once, with a reason."""
    row = api.upload_list(list_id=whole(house).id, actor=house.clerk)
    finding = Found("4104", "block", "setlinfo.bill_no", "票据号码重复")
    api.take_answer(list_id=row.id, accepted=False, feedback="票据号码重复", findings=[finding], actor=house.clerk)
    assert Task.objects.filter(kind="claims.rejected", state="open").count() == 1
    new = api.correct_list(list_id=row.id, reason="改正票据号", actor=house.coder)
    row.refresh_from_db()
    assert (row.state, new.state, new.revision, new.replaces_id) == ("corrected", "draft", 2, row.id)
    assert not Task.objects.filter(kind="claims.rejected", state="open").exists()
    api.set_own_fields(list_id=new.id, values={"setlinfo.bill_no": "0099"}, actor=house.coder)
    row.refresh_from_db()
    assert row.content["setlinfo"]["bill_no"] == "0012345678"
    with pytest.raises(Exception, match="claims_settlementlist"), transaction.atomic():
        SettlementList.objects.filter(pk=row.pk).update(content={})
    new = api.upload_list(list_id=api.check_list(list_id=new.id, actor=house.coder).id, actor=house.clerk)
    api.take_answer(list_id=new.id, accepted=False, feedback="高倍率不认可", actor=house.clerk)
    with pytest.raises(InvalidInput):
        api.appeal_list(list_id=new.id, text=" ", actor=house.coder)
    api.appeal_list(list_id=new.id, text="有抢救记录", actor=house.coder)
    appeal = api.decide_appeal(list_id=new.id, upheld=True, reason="同意", actor=house.clerk)
    assert appeal.upheld and appeal.of.state == "decided"
    assert [step.to_state for step in history(new.id)][-2:] == ["appealing", "decided"]


def test_the_database_holds_the_line(house: House) -> None:
    """A second list of one settlement and an upload with faults are refused whatever the program does."""
    row = api.build_list(bill_id=house.stay().id, actor=house.coder)
    for wrong in ({"state": "uploaded"}, {"total": -1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            SettlementList.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError), transaction.atomic():
        SettlementList(
            **{f.attname: getattr(row, f.attname) for f in row._meta.concrete_fields}
            | {"id": row.bill_id, "number": "X"}
        ).save(force_insert=True)


def test_only_people_of_the_place_act(house: House) -> None:
    """A coder of another hospital, and a clerk where a coder is asked for."""
    row = api.build_list(bill_id=house.stay().id, actor=house.coder)
    for other in (make_actor("quality_manager"), house.clerk):
        with pytest.raises(Forbidden):
            api.check_list(list_id=row.id, actor=other)
    other = make_actor("quality_manager")
    with pytest.raises(Forbidden):
        api.check_list(list_id=row.id, actor=other)


def test_an_outdated_list_does_not_go_out(house: House) -> None:
    """After the front page was unlocked a checked list waits until it was made anew."""
    row = whole(house)
    SettlementList.objects.filter(pk=row.pk).update(outdated="病案首页已解锁修改")
    with pytest.raises(StillFaulty, match="解锁"):
        api.upload_list(list_id=row.id, actor=house.clerk)
    api.check_list(list_id=row.id, actor=house.coder)
    assert api.upload_list(list_id=row.id, actor=house.clerk).state == "uploaded"


def test_the_clock_reminds_once(house: House) -> None:
    """Ten days after the settlement the coders are told, once."""
    row = whole(house)
    with clock.travel(timedelta(days=11)):
        clocks.sweep()
        clocks.sweep()
    assert Task.objects.filter(key=f"claims.late.{row.id}").count() == 1


def test_pages(house: House) -> None:
    """The list, one list with jumps, its own fields, one click, a form, the print."""
    browser, clerk = sign_in(house.coder), sign_in(house.clerk)
    row = api.build_list(bill_id=house.stay().id, actor=house.coder)
    found = browser.get("/claims/?state=draft&rule=L01a&text=张").content.decode()
    assert row.number in found and "强制 2" in found
    page = browser.get(f"/claims/{row.id}/").content.decode()
    assert f"/claims/{row.id}/fields/#id_bill_no" in page and "E205" in page and 'id="setlinfo.bill_no"' in page
    answer = browser.post(
        f"/claims/{row.id}/fields/",
        {
            "bill_code": "1",
            "bill_no": "2",
            "hi_paymtd": "4",
            "ipt_med_type": "1",
            "trt_type": "1",
            "hsorg": "局",
            "hsorg_opter": "李",
            "medins_fill_dept": "科",
        },
    )
    assert answer.status_code == 302
    assert browser.post(f"/claims/{row.id}/check/").status_code == 302
    assert clerk.post(f"/claims/{row.id}/upload/").status_code == 302
    refused = clerk.post(f"/claims/{row.id}/upload/")
    assert refused.status_code == 409 and "已上传" in refused.content.decode()
    assert clerk.post(f"/claims/{row.id}/reject/", {"text": ""}).status_code == 422
    assert clerk.post(f"/claims/{row.id}/reject/", {"text": "缺手术"}).status_code == 302
    assert "缺手术" in browser.get(f"/claims/{row.id}/").content.decode()
    assert browser.get(f"/claims/{row.id}/print/").content.startswith(b"%PDF")
    assert "未接平台" in clerk.get("/claims/messages/").content.decode()
    assert "被退回" in browser.get("/").content.decode()


def test_a_month_is_checked_and_exported_by_jobs(house: House, settings: Any, tmp_path: Any) -> None:
    """Progress to the end; one fault costs one list; the export has a JSON file and a table per node."""
    settings.DATA = tmp_path
    good = api.build_list(bill_id=house.stay().id, actor=house.coder)
    api.set_own_fields(list_id=good.id, values=own_values(), actor=house.coder)
    bad = api.build_list(
        bill_id=house.stay(diagnoses=(FrontPageDiagnosisData("W19.900", "跌倒", "1"),)).id, actor=house.coder
    )
    month = good.month
    started = jobs.start_month_check(month, house.coder)
    worker.run_job(started.id)
    rows = list(csv.reader(io.StringIO(result_file(started.id).read_text("utf-8-sig"))))
    assert {row[0]: row[2] for row in rows[1:]} == {good.number: "通过", bad.number: "未通过"}
    assert (job(started.id).done, job(started.id).state) == (2, "done")
    api.upload_list(list_id=good.id, actor=house.clerk)
    started = jobs.start_export(month, house.clerk)
    worker.run_job(started.id)
    with zipfile.ZipFile(result_file(started.id)) as archive:
        sent = json.loads(archive.read("lists.json"))
        assert [one["number"] for one in sent] == [good.number]
        table = list(csv.DictReader(io.StringIO(archive.read("diseinfo.csv").decode("utf-8-sig"))))
    assert [one["diag_code"] for one in table] == ["J18.900", "I10.x00"]


def test_a_list_of_lists_asks_no_question_per_row(house: House, django_assert_max_num_queries: Any) -> None:
    """As many statements for twelve rows as for two."""
    for _ in range(12):
        api.build_list(bill_id=house.stay().id, actor=house.coder)
    browser = sign_in(house.coder)
    browser.get("/claims/")
    with django_assert_max_num_queries(40):
        assert browser.get("/claims/").status_code == 200


def test_answers_are_refused_twice(house: House) -> None:
    """Accepted is accepted."""
    row = api.upload_list(list_id=whole(house).id, actor=house.clerk)
    api.take_answer(list_id=row.id, accepted=True, actor=house.clerk)
    with pytest.raises(Conflict):
        api.take_answer(list_id=row.id, accepted=False, feedback="晚了", actor=house.clerk)
