"""The pages: a whole way up and down by clicks, refusals that keep what was typed, lists and figures that agree."""

import re
from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import ReadLog
from yigong.core import clock
from yigong.records import api as records
from yigong.referrals import api
from yigong.referrals.models import Referral, SlotSheet
from yigong.referrals.tests.world import BOSS, World, fed_back, publish, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(world: World):
    """Signs a person of the world in and returns the browser."""

    def enter(who: str) -> Client:
        actor, client = world.people[who], Client()
        access.create_account(
            username=f"user-{who}",
            password="Qinghe-2026-xx",
            staff_id=actor.staff_id,
            actor=BOSS,
            must_change_password=False,
        )
        client.post("/access/login/", {"username": f"user-{who}", "password": "Qinghe-2026-xx"})
        return client

    return enter


def fields(world: World, **changes: object) -> dict[str, object]:
    """What a village doctor fills in."""
    given = {
        "resident_id": world.resident, "to_institution_id": world.county.id, "to_department_id": world.cardiology.id,
        "kind": "outpatient", "urgency": "routine", "diagnosis_code": "I10.x09", "reason_code": "2",
        "reason": "血压 186/112,头晕三天", "systolic": 186, "diastolic": 112, "consent_by": "张桂芳", "consent_relation": "本人",
        "skip_reason": "血压危急值", "idempotency_key": uuid4(),
    }  # fmt: skip
    return {**given, **changes}


def step(client: Client, row: Referral, action: str, **values: object) -> Referral:
    """One click on the detail page, with the fields of its form."""
    row.refresh_from_db()
    address = f"/referrals/{row.id}/{action}/"
    answer = client.post(address, {"idempotency_key": uuid4(), "version": row.version, **values})
    assert answer.status_code == 302, re.sub(r"<[^>]+>|\s+", " ", answer.content.decode())[-1500:]
    row.refresh_from_db()
    return row


def test_the_visit_that_leads_to_it_is_not_written_again(world: World, sign_in) -> None:
    """Vital signs, complaint and treatment of today's visit stand in the form; those of two days ago do not."""
    doctor, address = sign_in("doctor"), f"/referrals/new/?resident={world.resident}"

    def visits(sbp: int, days_ago: int) -> str:
        at, signs = clock.now() - timedelta(days=days_ago), {"sbp": Decimal(sbp), "dbp": Decimal(112)}
        visit = records.Visit(occurred_at=at, complaint="头痛两天", advice="嘱卧床休息", signs=signs)
        records.record_visit(resident_id=world.resident, visit=visit, actor=world.doctor)
        return doctor.get(address).content.decode()

    assert "184" not in visits(184, 2)
    form = visits(186, 0)
    assert re.search(r'name="systolic" value="186"', form) and re.search(r'name="diastolic" value="112"', form)
    assert re.search(r'value="urgent"[^>]* checked', form) and "嘱卧床休息" in form
    assert re.search(r"<textarea[^>]* name=.reason.[^>]*>\s*头痛两天\n血压达到紧急转诊标准", form)


def test_the_way_up_by_pages(world: World, sign_in) -> None:
    """Search, form with slots and notes, submission, acceptance, desk, treatment, feedback, follow-up, closing."""
    sheet = publish(world)
    doctor, office, desk, specialist = (sign_in(who) for who in ("doctor", "office", "desk", "specialist"))
    assert "张桂芳" in doctor.get("/referrals/new/?q=zgf").content.decode()
    form = doctor.get(f"/referrals/new/?resident={world.resident}").content.decode()
    for text in ("清水县人民医院", "心内科", "余 1", "起付线连续计算", "越级转诊原因"):
        assert text in form
    answer = doctor.post("/referrals/new/", fields(world, sheet_id=sheet.id))
    row = Referral.objects.get()
    assert answer.headers["Location"] == f"/referrals/{row.id}/" and row.state == "pending_receive"
    assert row.clinical["vitals"] == {"systolic": 186, "diastolic": 112}
    assert "下一步由清水县人民医院应答。" in doctor.get(f"/referrals/{row.id}/").content.decode()
    assert "张桂芳" in office.get("/referrals/").content.decode()
    page = office.get(f"/referrals/{row.id}/").content.decode()
    assert "接收" in page and "原发性高血压" in page and 'name="sheet_id"' in page
    step(office, row, "accept", sheet_id=sheet.id, doctor="王主任")
    found = desk.get(f"/referrals/desk/?text={row.number}").content.decode()
    assert "登记到诊" in found and row.number in found
    values = {"referral": row.id, "name": "张桂芳", "identifier": row.number, "manner": "self", "priority": "visit"}
    assert desk.post("/referrals/desk/", {**values, "idempotency_key": uuid4()}).status_code == 302
    step(specialist, row, "treat")
    step(specialist, row, "feed_back", outcome_code="2", diagnosis_code="I10.x09", plan="两周后复查", agrees="true")
    assert row.agrees is True and row.result_diagnosis == "原发性高血压"
    page = doctor.get(f"/referrals/{row.id}/").content.decode()
    assert "两周后复查" in page
    step(doctor, row, "follow_up", manner="visit", note="血压 138/86")
    assert step(doctor, row, "close").state == "closed"
    from yigong.records import api as records

    kinds = [item.title for item in records.timeline(world.resident, actor=world.doctor).items]
    assert any("转诊诊治小结" in title for title in kinds)


def test_the_way_down_by_pages(world: World, sign_in) -> None:
    """From the specialist's page with the feedback filled in, through the township's acceptance and first visit."""
    done = fed_back(world)
    specialist, manager, gp = (sign_in(who) for who in ("specialist", "manager", "gp"))
    form = specialist.get(f"/referrals/{done.id}/down/").content.decode()
    assert "氨氯地平加缬沙坦" in form and "李庄村卫生室" in form
    values = fields(
        world, to_institution_id=world.township.id, to_department_id="", plan_text="每周测压", reason_code="a",
        follow_up_on=clock.today() + timedelta(days=3), skip_reason="",
    )  # fmt: skip
    assert specialist.post(f"/referrals/{done.id}/down/", values).status_code == 302
    row = Referral.objects.get(direction="down")
    step(manager, row, "accept", doctor="陈医生")
    step(gp, row, "first_visit", manner="visit", note="血压 130/80")
    assert (row.state, row.parent_id) == ("in_treatment", None) or row.state == "in_treatment"
    step(gp, row, "feed_back", outcome_code="2", diagnosis_code="I10.x09", plan="常规管理")
    step(gp, row, "follow_up", manner="phone", note="平稳")
    assert step(gp, row, "close").state == "closed"


def test_a_refused_form_keeps_everything(world: World, sign_in) -> None:
    """422, the sentence beside its field, and all that was typed; HTML in a text stays text."""
    doctor = sign_in("doctor")
    answer = doctor.post("/referrals/new/", fields(world, consent_by="", reason="<script>alert(1)</script>头晕"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "请登记知情同意人" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;头晕" in page and "<script>alert(1)" not in page
    assert 'value="186"' in page and not Referral.objects.exists()


def test_a_double_click_is_one_referral(world: World, sign_in) -> None:
    """The same form twice leads to the same page."""
    doctor, values = sign_in("doctor"), fields(world)
    first, second = (doctor.post("/referrals/new/", values) for _ in range(2))
    assert first.headers["Location"] == second.headers["Location"] and Referral.objects.count() == 1


def test_drafts_belong_to_their_author(world: World, sign_in) -> None:
    """A draft is kept, edited and sent; a colleague neither sees nor opens it."""
    doctor, colleague, office = (sign_in(who) for who in ("doctor", "colleague", "office"))
    doctor.post("/referrals/new/", {**fields(world, consent_by=""), "draft": "1"})
    row = Referral.objects.get()
    assert row.state == "draft"
    assert "张桂芳" in doctor.get("/referrals/?side=sent&group=drafts").content.decode()
    assert "张桂芳" not in colleague.get("/referrals/?side=sent&group=drafts").content.decode()
    for other in (colleague, office):
        assert other.get(f"/referrals/{row.id}/").status_code == 403
    assert "头晕三天" in doctor.get(f"/referrals/{row.id}/edit/").content.decode()
    assert doctor.post(f"/referrals/{row.id}/edit/", fields(world)).status_code == 302
    row.refresh_from_db()
    assert row.state == "pending_receive"


def test_a_late_click_names_who_was_first(world: World, sign_in) -> None:
    """The second office reads who answered, on the same page, with the reason still typed."""
    row = Referral.objects.get(pk=sent(world).id)
    office, office2 = sign_in("office"), sign_in("office2")
    step(office, row, "accept", direct_to_emergency="on")
    answer = office2.post(f"/referrals/{row.id}/reject/", {"reason_code": "1", "reason": "没有床位了", "version": 2})
    page = answer.content.decode()
    assert answer.status_code == 422 and "清水office" in page and "没有床位了" in page


def test_buttons_only_for_the_parties(world: World, sign_in) -> None:
    """The sender sees recall and cancel, never accept; a stranger is refused with an explanation and it is logged."""
    row = sent(world)
    doctor, stranger = sign_in("doctor"), sign_in("stranger")
    page = doctor.get(f"/referrals/{row.id}/").content.decode()
    assert 'id="do-recall"' in page and 'id="do-accept"' not in page
    answer = stranger.get(f"/referrals/{row.id}/")
    assert answer.status_code == 403 and "不是由" in answer.content.decode()
    assert ReadLog.objects.filter(resident_id=world.resident, allowed=False, actor_name="清水stranger").exists()
    assert stranger.post(f"/referrals/{row.id}/accept/", {"direct_to_emergency": "on"}).status_code == 403


def test_the_green_channel_by_pages(world: World, sign_in) -> None:
    """A form without a resident, the desk's answer, the rest afterwards."""
    doctor, nurse = sign_in("doctor"), sign_in("nurse")
    fast = doctor.get("/referrals/new/?urgency=emergency").content.decode()
    assert "先救人" in fast and 'skip_reason" ' not in fast and 'name="sheet_id"' not in fast
    values = {"urgency": "emergency", "kind": "emergency", "to_institution_id": world.county.id, "reason": "胸痛两小时",
              "patient_sex": "1", "patient_age": "约60岁", "idempotency_key": uuid4()}  # fmt: skip
    assert doctor.post("/referrals/new/", values).status_code == 302
    row = Referral.objects.get()
    page = nurse.get(f"/referrals/{row.id}/").content.decode()
    assert "无名氏" in page and "急诊应答" in page
    step(nurse, row, "acknowledge", doctor="急诊李医生")
    assert "补全资料" in doctor.get(f"/referrals/{row.id}/").content.decode()


def test_lists_page_filter_and_agree_with_figures(world: World, sign_in) -> None:
    """Totals, pages and filters; each figure's link opens as many rows as it says."""
    for _place in range(23):
        sent(world)
    api.reject(referral_id=Referral.objects.first().id, reason_code="1", reason="没有床位", actor=world.office)
    office = sign_in("office")
    page = office.get("/referrals/").content.decode()
    assert "共 22 条" in page and "第 1–20 条" in page
    assert "第 21–22 条" in office.get("/referrals/?side=received&group=waiting&page=2").content.decode()
    assert "没有符合条件" in office.get("/referrals/?direction=down&from_day=2000-01-01").content.decode()
    page = office.get("/referrals/statistics/").content.decode()
    for address in set(re.findall(r'href="(/referrals/\?[^"]+)">\s*([\d,]+)\s*<', page)):
        opened = office.get(address[0].replace("&amp;", "&")).content.decode()
        shown = "没有符合条件" if address[1] == "0" else f"共 {address[1]} 条"
        assert shown in opened, address
    assert "无床" in page


def test_slots_by_pages(world: World, sign_in) -> None:
    """Publishing and stopping; a mistake names its field."""
    office = sign_in("office")
    values = {"department_id": world.cardiology.id, "kind": "slot", "day": clock.today(), "session": "morning", "capacity": 5,
              "reserved": 9, "idempotency_key": uuid4()}  # fmt: skip
    assert "不能超过总数" in office.post("/referrals/slots/", values).content.decode()
    assert office.post("/referrals/slots/", {**values, "reserved": 2}).status_code == 302
    sheet = SlotSheet.objects.get()
    assert office.post(f"/referrals/slots/{sheet.id}/stop/", {"reason": "停诊"}).status_code == 302
    assert "还没有发布" in office.get("/referrals/slots/").content.decode()


def test_print_and_pickers(world: World, sign_in) -> None:
    """The sheet has its stub; diagnoses are found by name, initials and code."""
    row = sent(world)
    doctor = sign_in("doctor")
    sheet = doctor.get(f"/referrals/{row.id}/print/").content.decode()
    assert "存根" in sheet and row.number in sheet and "请予以接诊" in sheet
    for text in ("高血压", "yfxgxy", "I10"):
        assert "原发性高血压" in doctor.get("/records/diagnoses/", {"q": text}).content.decode()
    assert "清水县人民医院" in doctor.get("/referrals/institutions/", {"q": "人民"}).content.decode()
    parts = doctor.get("/referrals/new/fields/", {"to_institution_id": world.county.id, "diagnosis_code": "I21.900"})
    assert "病种目录" in parts.content.decode()


def test_the_history_of_a_row_names_the_person(world: World, sign_in) -> None:
    """What a click changed is in the row's history with who did it and on which page."""
    from yigong.core.audit.api import changes_of

    row = Referral.objects.get(pk=sent(world).id)
    step(sign_in("office"), row, "accept", direct_to_emergency="on")
    last = [change for change in changes_of(row) if change.operation == "update"][-1]
    assert last.context["actor"] == "清水office" and last.context["page"].endswith("/accept/")
    assert last.before["state"] == "pending_receive" and last.after["state"] == "accepted"


def test_the_receiver_opens_the_record_from_the_referral(world: World, sign_in) -> None:
    """One click from the referral to the record, logged with the referral as its basis; a hospital without a part in it is refused."""
    row, office, stranger = sent(world), sign_in("office"), sign_in("stranger")
    address = f"/records/{world.resident}/"
    assert stranger.get(address).status_code == 403
    assert f'href="{address}"' in office.get(f"/referrals/{row.id}/").content.decode()
    assert "张桂芳" in office.get(address).content.decode()
    line = ReadLog.objects.filter(resident_id=world.resident, allowed=True).latest("at")
    assert (line.basis, line.institution_id) == ("referral", world.county.id)
