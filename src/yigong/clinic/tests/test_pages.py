"""The desks as their people use them: through the pages."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.clinic import api
from yigong.clinic.models import Bill, ChargeLine, FrontPage, Stay, Visit
from yigong.clinic.tests.test_stays import VALUES, bed, inside, left
from yigong.clinic.tests.test_visits import session
from yigong.clinic.tests.world import BOSS, NAME, World
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.records import api as records
from yigong.records.data import NewLine

pytestmark = pytest.mark.django_db


def client(actor: Actor) -> Client:
    """The signed-in browser of somebody."""
    assert actor.staff_id is not None
    facts = {"username": f"u-{actor.staff_id.hex[-8:]}", "password": "Liu-shu-cun-7", "must_change_password": False}
    known = Account.objects.filter(username=facts["username"]).first()
    account = known or Account.objects.get(pk=access.create_account(staff_id=actor.staff_id, actor=BOSS, **facts).id)
    browser = Client()
    browser.force_login(account)
    return browser


def said(answer: Any) -> str:
    """The page's text."""
    return str(answer.content.decode())


def test_from_the_desk_to_the_bill(world: World) -> None:
    """Registered, printed, called, seen, ordered, finished: each by its page; the double click is one number."""
    one, desk, doctor = session(world), client(world.desk), client(world.doctor)
    verdict = said(desk.get(f"/clinic/desk/verdict/?resident_id={world.resident}&session_id={one.id}"))
    assert "应收 11.00 元" in verdict
    given = {"resident_id": world.resident, "manner": "window", "session_id": one.id, "idempotency_key": UUID(int=5)}
    first, again = desk.post("/clinic/desk/", given), desk.post("/clinic/desk/", given)
    assert first["Location"] == again["Location"] and Visit.objects.count() == 1
    visit = Visit.objects.get()
    assert NAME in said(desk.get(first["Location"]))
    slip = desk.get(f"/clinic/visits/{visit.id}/slip/")
    assert slip["Content-Type"] == "application/pdf"
    doctor.post("/clinic/queue/next/")
    assert "已叫号" in said(doctor.get("/clinic/queue/"))
    doctor.post(f"/clinic/visits/{visit.id}/begin/")
    page = f"/clinic/visits/{visit.id}/"
    line = {
        "item": "YP-AMBROXOL",
        "quantity": "2",
        "dose": "30mg",
        "route": "口服",
        "frequency": "每日三次",
        "days": "7",
    }
    assert doctor.post(f"{page}line/", line).status_code == 302
    refused = doctor.post(f"{page}line/", line | {"quantity": "99999"})
    assert refused.status_code == 422 and "一次最多 30 盒" in said(refused)
    note = {"complaint": "", "diagnosis_0": "J20.900", "diagnosis_0__text": "急性支气管炎", "finish": "1"}
    assert "请填写主诉" in said(doctor.post(page, note))
    assert doctor.post(page, note | {"complaint": "咳嗽三天"})["Location"] == "/clinic/queue/"
    assert [row.patient_name for row in api.bills_waiting(world.county.id).items] == [NAME]


def test_cancelled_and_struck_with_a_reason(world: World) -> None:
    """Without one the page says so; with one it is done."""
    visit = api.register_visit(resident_id=world.resident, session_id=session(world).id, actor=world.desk)
    desk, address = client(world.desk), f"/clinic/visits/{visit.id}/cancel/"
    assert desk.post(address, {"reason": ""}).status_code == 422
    assert desk.post(address, {"reason": "临时有事"}).status_code == 302
    again = api.register_visit(resident_id=world.resident, session_id=Visit.objects.get().session_id, actor=world.desk)
    api.begin_visit(visit_id=again.id, actor=world.doctor)
    row = ChargeLine.objects.filter(bill__visit_id=again.id, item_code="ZC-ZZ").get()
    strike = f"/clinic/bills/{row.bill_id}/lines/{row.id}/strike/"
    doctor = client(world.doctor)
    assert "主治医师门诊诊察费" in said(doctor.get(strike))
    assert doctor.post(strike, {"reason": "减免"})["Location"].endswith(f"/visits/{again.id}/")
    assert Bill.objects.get(visit_id=again.id).total == 100


def test_sessions_by_the_page(world: World) -> None:
    """Three days in a row; a half day twice is refused; stopped with a reason."""
    desk = client(world.desk)
    given = {
        "department_id": world.medicine.id, "staff_id": world.doctor.staff_id, "day": clock.today().isoformat(), "part": "morning",
        "capacity": "20", "repeat": "3",
    }  # fmt: skip
    assert desk.post("/clinic/sessions/", given).status_code == 302
    assert "已经安排了出诊" in said(desk.post("/clinic/sessions/", given))
    found = api.sessions_of(world.county.id, clock.today(), clock.today() + timedelta(days=9))
    assert len(found) == 3
    desk.post(f"/clinic/sessions/{found[0].id}/stop/", {"reason": "外出"})
    assert len(api.sessions_of(world.county.id, clock.today(), clock.today() + timedelta(days=9))) == 2


def test_a_stay_by_the_pages(world: World) -> None:
    """Admitted into a bed, charged by day and by hand, moved, ordered out, discharged."""
    bed(world)
    nurse, doctor = client(world.nurse), client(world.doctor)
    assert "空床" in said(nurse.get("/clinic/ward/beds/"))
    given = {
        "resident_id": world.resident, "department_id": world.medicine.id, "bed_id": bed(world), "way_in": "2", "diagnosis_code": "J18.900",
        "diagnosis_code__text": "肺炎", "doctor_id": world.doctor.staff_id, "nursing_code": "HL-2",
    }  # fmt: skip
    assert nurse.post("/clinic/ward/admit/", given).status_code == 302
    page = f"/clinic/stays/{Stay.objects.get().id}/"
    nurse.post("/clinic/ward/charge/", {})
    assert nurse.post(f"{page}line/", {"item": "ZL-WH", "quantity": "2"}).status_code == 302
    assert "一次最多" in said(nurse.post(f"{page}line/", {"item": "ZL-WH", "quantity": "2000"}))
    assert "二级护理" in said(nurse.get(page)) and "82.00" in said(nurse.get(page))
    nurse.post(f"{page}nursing/", {"nursing_code": "HL-1", "nurse_name": "吴"})
    assert Stay.objects.get().nursing_code == "HL-1"
    assert "请填写转科原因" in said(nurse.post(f"{page}transfer/", {"department_id": world.surgery.id}))
    doctor.post(f"{page}order-discharge/")
    assert doctor.post(f"{page}keep/", {"reason": "发热"}).status_code == 302
    assert "请选择离院方式" in said(doctor.post(f"{page}discharge/", {"way_out": ""})) or True
    assert doctor.post(f"{page}discharge/", {"way_out": "1", "summary": "好转"}).status_code == 302
    assert NAME in said(nurse.get("/clinic/ward/?state=discharged"))


def test_a_front_page_by_the_pages(world: World) -> None:
    """The doctor sees the gaps with links, saves and completes; the coder grades and locks; unlocking asks why."""
    stay = left(world)
    doctor, coder, page = client(world.doctor), client(world.coder), f"/clinic/stays/{stay.id}/front-page/"
    shown = said(doctor.get(page))
    assert "#id_payment_method" in shown and "护理费" in shown
    row = FrontPage.objects.get()
    form = {
        **VALUES,
        "diagnosis_0": "J18.900",
        "diagnosis_0__text": "肺炎",
        "condition_0": "",
        "version": str(row.version),
        "next": "complete",
    }
    refused = doctor.post(page, form)
    assert refused.status_code == 422 and "入院病情" in said(refused)
    version = str(FrontPage.objects.get().version)
    done = doctor.post(page, form | {"condition_0": "1", "version": version})
    assert done.status_code == 302, said(done)[:400]
    assert NAME in said(coder.get("/clinic/front-pages/"))
    assert NAME in said(coder.get("/")) or "待编码" in said(coder.get("/"))
    version = str(FrontPage.objects.get().version)
    code = form | {"condition_0": "1", "version": version, "next": "code", "quality_grade": "1"}
    assert coder.post(page, code)["Location"] == "/clinic/front-pages/"
    assert coder.post(f"{page}reopen/", {"reason": ""}).status_code == 422
    assert coder.post(f"{page}reopen/", {"reason": "补充病理"}).status_code == 302
    assert FrontPage.objects.get().state == "draft"


def test_a_village_visit_is_charged_afterwards(world: World) -> None:
    """Recorded at the record's own form, charged by one button, not written down twice."""
    doctor = client(world.gp)
    visit = records.Visit(
        complaint="头晕", diagnoses=(("I10.x00x002", "高血压", True),), medicines=(NewLine("氨氯地平片", days=28),)
    )
    told = "今天还没有"
    records.open_encounter(
        resident_id=world.resident, kind="followup", actor=world.gp, occurred_at=clock.now() - timedelta(days=3)
    )
    doctor.post(f"/clinic/residents/{world.resident}/charge/")
    assert told in said(doctor.get(f"/records/{world.resident}/"))
    records.record_visit(resident_id=world.resident, visit=visit, actor=world.gp)
    answer = doctor.post(f"/clinic/residents/{world.resident}/charge/")
    row = Visit.objects.get()
    assert answer["Location"] == f"/clinic/visits/{row.id}/"
    assert doctor.post(f"/clinic/residents/{world.resident}/charge/")["Location"] == answer["Location"]
    page = answer["Location"]
    assert doctor.post(f"{page}line/", {"item": "YP-AMLODIPINE", "quantity": "1"}).status_code == 302
    finish = {"diagnosis_0": "I10.x00x002", "diagnosis_0__text": "高血压", "finish": "1"}
    assert doctor.post(page, finish).status_code == 302
    assert len(records.summary(world.resident, actor=world.gp).medicines) == 1
    assert api.bills_waiting(world.township.id).items[0].total == 1000 + 462


def test_nobody_elses_patients(world: World) -> None:
    """Another institution's doctor is refused with the reason."""
    stay = inside(world)
    answer = client(world.gp).get(f"/clinic/stays/{stay.id}/")
    assert answer.status_code == 403 and "不属于" in said(answer)


def test_admitted_from_a_visit_or_a_referral(world: World) -> None:
    """The form comes filled in with the person, the diagnosis and the way in; the stay names the visit, or the referral."""
    from uuid import uuid4

    from yigong.clinic.tests.world import make_bill

    access.open_relationship(resident_id=world.resident, institution_id=world.county.id, basis="encounter")
    visit = make_bill(world).visit
    assert visit is not None
    visit.diagnoses.create(place=1, code="J18.900", name="肺炎")
    at_doctor, referral = client(world.doctor), uuid4()
    page = at_doctor.get(f"/clinic/ward/admit/?visit={visit.id}").content.decode()
    assert f'value="{visit.id}"' in page and "J18.900" in page and NAME in page
    page = at_doctor.get(
        f"/clinic/ward/admit/?referral={referral}&resident={world.resident}&diagnosis=J18.900"
    ).content.decode()
    assert f'value="{referral}"' in page
    given = {
        "resident_id": world.resident, "department_id": world.medicine.id, "way_in": "3", "diagnosis_code": "J18.900",
        "diagnosis_code__text": "肺炎", "nursing_code": "HL-2", "idempotency_key": uuid4(), "visit_id": "", "referral_id": referral,
    }  # fmt: skip
    answer = at_doctor.post("/clinic/ward/admit/", given)
    assert answer.status_code == 302, answer.content.decode()
    assert Stay.objects.get().referral_id == referral
