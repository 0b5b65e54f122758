"""The session, the file, opinions, conclusion, advice, fee, evaluation, figures, print."""

from datetime import timedelta
from functools import partial

import pytest

from yigong.access.models import Relationship
from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.commands.errors import NotInvited, WrongMoment
from yigong.centres.consultation.models import Advice
from yigong.centres.consultation.queries import figures, files
from yigong.centres.consultation.tests.world import CONCLUSION, TRANSFER, ConsultWorld
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.relay import deliver_waiting
from yigong.orders import api as orders
from yigong.orders.tests.world import browser_of
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_an_expert_from_elsewhere_reads_while_the_consultation_lasts(world: ConsultWorld) -> None:
    """Before he accepts and after the end the platform refuses; between, only what was named."""
    order = world.accepted()
    _one, asked = sorted(
        world.invite(order, world.lead, world.outsider), key=lambda i: i.expert_id == world.outsider.staff_id
    )
    row, reader = world.row(order), world.outsider
    with pytest.raises(Forbidden, match="接受邀请后"):
        files.read_file(row, actor=reader)
    with pytest.raises(Forbidden):
        residents.access_resident(order.resident_id, actor=reader, action="read_detail")
    consultation.answer(invitation_id=asked.pk, accept=True, actor=reader)
    assert {item.title for item in files.read_file(row, actor=reader)} == {"门诊病历", "胸水常规"}
    orders.cancel_order(order_id=order.id, reason="已转诊", actor=world.gp)
    for read in (
        lambda: files.read_file(row, actor=reader),
        lambda: residents.access_resident(order.resident_id, actor=reader, action="read_detail"),
    ):
        with pytest.raises(Forbidden):
            read()


def test_the_evaluation_ends_every_reading(world: ConsultWorld) -> None:
    """The relationships of the experts and of the centre's house have an end."""
    order = world.concluded()
    consultation.evaluate(order_id=order.id, promptness=5, usefulness=4, adoption="all", actor=world.gp)
    sources = [order.id, *world.row(order).invitations.values_list("pk", flat=True)]
    assert not Relationship.objects.filter(source__in=sources, ends_at__gt=clock.now()).exists()
    assert not Relationship.objects.filter(source__in=sources, ends_at__isnull=True).exists()
    with pytest.raises(Forbidden, match="已结束"):
        files.read_file(world.row(order), actor=world.lead)
    with pytest.raises(WrongMoment):
        consultation.sign_opinion(order_id=order.id, text="再补", reason="补充", actor=world.lead)
    with pytest.raises(Conflict, match="已评价"):
        consultation.evaluate(order_id=order.id, promptness=5, usefulness=4, adoption="all", actor=world.gp)


def test_who_was_there(world: ConsultWorld) -> None:
    """Attendance of both sides; whoever was expected and did not come is absent and holds nothing up."""
    order = world.agreed(world.lead, world.second)
    row = world.row(order)
    here = row.invitations.get(expert_id=world.lead.staff_id)
    with pytest.raises(InvalidInput) as refusal:
        consultation.begin(order_id=order.id, present=[], asking=[" "], actor=world.coordinator)
    assert set(refusal.value.errors) == {"present", "asking"}
    consultation.begin(order_id=order.id, present=[here.pk], asking=["王敏", "王敏", "赵护士"], actor=world.coordinator)
    consultation.finish(order_id=order.id, actor=world.coordinator)
    assert sorted(row.attendances.values_list("side", "name")) == [
        ("asking", "王敏"),
        ("asking", "赵护士"),
        ("invited", "刘主任"),
    ]
    assert row.invitations.get(expert_id=world.second.staff_id).state == "absent"
    consultation.sign_opinion(order_id=order.id, text="抽液送检", actor=world.lead)
    consultation.conclude(order_id=order.id, given=CONCLUSION, actor=world.lead)


def test_the_conclusion_waits_for_every_opinion(world: ConsultWorld) -> None:
    """Opinions are signed by the experts themselves; a second version needs a reason and the first stays."""
    order = world.held(world.lead, world.second, item_code="HZ-MDT", priority="urgent", gap="影像待补")
    consultation.sign_opinion(order_id=order.id, text="抽液送检", actor=world.lead)
    with pytest.raises(Conflict, match="许医师尚未签署"):
        consultation.conclude(order_id=order.id, given=CONCLUSION, actor=world.lead)
    with pytest.raises(InvalidInput, match="修改"):
        consultation.sign_opinion(order_id=order.id, text="改", actor=world.lead)
    second = consultation.sign_opinion(order_id=order.id, text="抽液并活检", reason="讨论后补充", actor=world.lead)
    assert (second.number, second.invitation.opinions.count(), len(second.digest)) == (2, 2, 64)
    for stranger in (world.gp, world.coordinator):
        with pytest.raises(NotInvited):
            consultation.sign_opinion(order_id=order.id, text="x", actor=stranger)
    consultation.sign_opinion(order_id=order.id, text="同意", actor=world.second)
    report = consultation.conclude(order_id=order.id, given=CONCLUSION, actor=world.lead)
    assert (report.state, report.versions[0].author) == ("final", "刘主任")


def test_words_alone_need_no_meeting(world: ConsultWorld) -> None:
    """Once the last expert has accepted, opinions are written."""
    order = world.agreed(world.lead, world.second, form="text")
    assert orders.order(order.id, actor=world.gp).state == "uploaded"
    consultation.sign_opinion(order_id=order.id, text="同意", actor=world.second)


def test_a_colleague_who_was_not_invited_signs_nothing(world: ConsultWorld) -> None:
    """Not even through the mechanism's own commands."""
    order = world.held()
    consultation.sign_opinion(order_id=order.id, text="抽液", actor=world.lead)
    orders.claim(order_id=order.id, actor=world.second)
    draft = {"sections": {}, "impression": "抢写", "positive": False}
    orders.submit_report(order_id=order.id, draft=draft, actor=world.second)
    with pytest.raises(NotInvited):
        orders.sign_report(order_id=order.id, actor=world.second)


def test_the_result_is_in_the_record_and_amended_by_version(world: ConsultWorld) -> None:
    """The asking side is told of the new version; advice that it drops is superseded, what it keeps goes on."""
    order = world.concluded()
    orders.acknowledge_report(order_id=order.id, actor=world.gp)
    kept = Advice.objects.get(consultation__order_id=order.id, category="tests")
    changed = consultation.Conclusion(
        "更正：恶性不能除外。", "", (CONCLUSION.advice[0], consultation.AdviceLine("transfer", "转市肿瘤科", 3))
    )
    with pytest.raises(InvalidInput):
        consultation.amend(order_id=order.id, given=changed, reason=" ", actor=world.lead)
    consultation.amend(order_id=order.id, given=changed, reason="病理回报", actor=world.lead)
    states = dict(Advice.objects.filter(consultation__order_id=order.id).values_list("category", "state"))
    assert states == {"tests": "open", "medicine": "superseded", "transfer": "open"}
    assert Advice.objects.get(consultation__order_id=order.id, category="tests").pk == kept.pk
    assert Task.objects.filter(kind="report.amended", subject_id=order.id, state="open").exists()
    found = records.documents_of_source(app="orders", id=order.id)
    assert [d.kind for d in found] == ["consultation"] * len(found) and len(found) >= 1


def test_advice_is_carried_out_or_left_with_a_reason(world: ConsultWorld) -> None:
    """A task for each item, for the doctor who asked; an answer can be taken back."""
    order = world.concluded()
    tests, medicine = Advice.objects.filter(consultation__order_id=order.id).order_by("position")
    tasks = Task.objects.filter(
        kind="consultation.advice", subject_id=order.id, staff_id=world.gp.staff_id, state="open"
    )
    assert tasks.count() == 2
    consultation.answer_advice(advice_id=tests.pk, done=True, note="已送检", actor=world.gp)
    with pytest.raises(InvalidInput):
        consultation.answer_advice(advice_id=medicine.pk, done=False, actor=world.gp)
    with pytest.raises(Forbidden):
        consultation.answer_advice(advice_id=medicine.pk, done=True, actor=world.lead)
    consultation.answer_advice(advice_id=medicine.pk, done=False, note="患者转上级医院", actor=world.gp)
    assert tasks.count() == 0
    consultation.reopen_advice(advice_id=tests.pk, reason="登记错误", actor=world.gp)
    assert tasks.count() == 1


def test_a_withdrawn_conclusion_takes_its_advice_and_fee_back(world: ConsultWorld) -> None:
    """Nobody goes on acting on it."""
    order = world.concluded()
    orders.withdraw_report(order_id=order.id, reason="患者对错", actor=world.lead)
    deliver_waiting()
    row = world.row(order)
    assert set(row.advice.values_list("state", flat=True)) == {"superseded"}
    assert not row.shares.filter(taken_back_at__isnull=True).exists()
    assert "本结论已撤回" in browser_of(world.gp).get(f"/consultation/{order.id}/").content.decode()


def test_a_withdrawn_conclusion_is_written_anew(world: ConsultWorld) -> None:
    """The lead expert is asked; the next version has its own advice and fee, and the asking doctor is told."""
    order = world.concluded()
    orders.withdraw_report(order_id=order.id, reason="张冠李戴", actor=world.lead)
    deliver_waiting()
    asked = Task.objects.filter(kind="consultation.rewrite", subject_id=order.id, staff_id=world.lead.staff_id)
    assert asked.get().state == "open"
    lead = browser_of(world.lead)
    assert "重新出具结论" in lead.get(f"/consultation/{order.id}/").content.decode()
    given = {
        "text": "考虑肺炎旁胸腔积液。",
        "basis": "复核病历",
        "kind_1": "medicine",
        "advice_1": "抗感染 7 天",
        "days_1": "1",
    }
    lead.post(f"/consultation/{order.id}/conclude/", given)
    deliver_waiting()
    report = orders.report_of(order.id, actor=world.gp)
    assert report is not None
    assert [(v.number, v.kind, v.reason) for v in report.versions] == [(1, "final", ""), (2, "amended", "张冠李戴")]
    row = world.row(order)
    assert dict(row.advice.exclude(state="superseded").values_list("text", "state")) == {"抗感染 7 天": "open"}
    waiting = Task.objects.filter(subject_id=order.id, state="open", staff_id=world.gp.staff_id)
    assert set(waiting.values_list("kind", flat=True)) == {
        "consultation.advice",
        "consultation.evaluate",
        "consultation.told",
        "report.amended",
    }
    assert waiting.filter(kind="consultation.advice").count() == 1
    assert row.shares.filter(taken_back_at__isnull=True).exists() and asked.get().state == "done"
    assert orders.order(order.id, actor=world.gp).state == "reported"
    page = browser_of(world.gp).get(f"/consultation/{order.id}/").content.decode()
    assert "本结论已撤回" not in page and "更正原因：张冠李戴" in page


def test_the_fee_is_shared_to_the_fen(world: ConsultWorld) -> None:
    """By the weights of the pack; the parts are the price."""
    row = world.row(world.concluded())
    parts = {(s.kind, s.expert_id): s.amount for s in row.shares.all()}
    assert parts == {
        ("inviting", None): 6000, ("centre", None): 2000, ("institutions", None): 4000, ("experts", world.lead.staff_id): 8000,
    }  # fmt: skip


def test_transfer_now_raises_the_alarm_and_proposes_a_referral(world: ConsultWorld) -> None:
    """The clock of a critical value runs, its page leads to the referral form, the advice too."""
    order = world.concluded(TRANSFER, priority="urgent")
    [alarm] = orders.open_criticals(world.gp, order_id=order.id)
    assert alarm.item == "transfer_now"
    browser = browser_of(world.gp)
    assert "发起急诊转诊" in browser.get(f"/orders/critical/{alarm.id}/").content.decode()
    page = browser.get(f"/consultation/{order.id}/").content.decode()
    assert f"/referrals/new/?resident={order.resident_id}&amp;urgency=emergency" in page


def test_the_host_begins_when_nobody_has_to_be_waited_for(world: ConsultWorld) -> None:
    """An urgent one at once; any other when everybody has answered or its time has come; until then the page says for whom it waits. Nobody else does."""
    order = world.accepted()
    for invitation in world.invite(order, world.lead, world.second):
        if invitation.expert_id == world.lead.staff_id:
            consultation.answer(invitation_id=invitation.pk, accept=True, actor=world.lead)
    here = [world.row(order).invitations.get(expert_id=world.lead.staff_id).pk]
    begin = partial(consultation.begin, order_id=order.id, present=here, asking=["王敏"])
    with pytest.raises(Forbidden, match="许医师尚未应答"):
        begin(actor=world.lead)
    host = browser_of(world.lead)
    page = host.get(f"/consultation/{order.id}/").content.decode()
    assert "许医师尚未应答" in page and f"/consultation/{order.id}/begin/" not in page
    assert host.get(f"/consultation/{order.id}/begin/").status_code == 403
    with clock.travel(world.tomorrow - clock.now() + timedelta(minutes=1)), pytest.raises(Forbidden, match="主持专家"):
        begin(actor=world.gp)
    consultation.answer(
        invitation_id=world.row(order).invitations.get(expert_id=world.second.staff_id).pk, accept=True, actor=world.second
    )  # fmt: skip
    with pytest.raises(Forbidden, match="主持专家"):
        begin(actor=world.second)
    assert f"/consultation/{order.id}/begin/" in host.get(f"/consultation/{order.id}/").content.decode()
    sent = host.post(f"/consultation/{order.id}/begin/", {"present": [str(here[0])], "asking": "王敏"})
    assert sent.status_code == 302 and orders.order_facts(order.id).state == "checked_in"
    assert host.post(f"/consultation/{order.id}/act/", {"action": "finish"}).status_code == 302
    assert orders.order_facts(order.id).state == "uploaded" and world.row(order).ended_at


@pytest.mark.parametrize("urgent", [True, False])
def test_the_host_of_an_urgent_one_or_when_the_time_has_come(world: ConsultWorld, urgent: bool) -> None:
    """Somebody has not answered: an urgent consultation does not wait for him, another one not beyond its time."""
    order = world.accepted(priority="urgent" if urgent else "routine")
    for invitation in world.invite(order, world.lead, world.second):
        if invitation.expert_id == world.lead.staff_id:
            consultation.answer(invitation_id=invitation.pk, accept=True, actor=world.lead)
    here = [world.row(order).invitations.get(expert_id=world.lead.staff_id).pk]
    with clock.travel(timedelta(0) if urgent else world.tomorrow - clock.now() + timedelta(minutes=1)):
        consultation.begin(order_id=order.id, present=here, asking=["王敏"], actor=world.lead)
        consultation.finish(order_id=order.id, actor=world.lead)
    assert world.row(order).invitations.get(expert_id=world.second.staff_id).state == "absent"


def test_the_page_of_the_evaluation_waits_for_a_conclusion(world: ConsultWorld) -> None:
    """It says what is missing in the place of the form, then asks, then says who has answered."""
    order = world.held()
    path, asker = f"/consultation/{order.id}/evaluate/", browser_of(world.gp)
    page = asker.get(path).content.decode()
    assert "签发会诊结论后才能评价" in page and 'name="promptness"' not in page
    consultation.sign_opinion(order_id=order.id, text="同意", actor=world.lead)
    consultation.conclude(order_id=order.id, given=CONCLUSION, actor=world.lead)
    assert 'name="promptness"' in asker.get(path).content.decode()
    consultation.evaluate(order_id=order.id, promptness=5, usefulness=4, adoption="all", actor=world.gp)
    page = asker.get(path).content.decode()
    assert "已评价过" in page and 'name="promptness"' not in page


def test_a_low_mark_asks_for_words(world: ConsultWorld) -> None:
    """And an evaluation comes after the conclusion only."""
    order = world.held()
    with pytest.raises(WrongMoment):
        consultation.evaluate(order_id=order.id, promptness=5, usefulness=5, adoption="all", actor=world.gp)
    consultation.sign_opinion(order_id=order.id, text="同意", actor=world.lead)
    consultation.conclude(order_id=order.id, given=CONCLUSION, actor=world.lead)
    with pytest.raises(InvalidInput) as refusal:
        consultation.evaluate(order_id=order.id, promptness=2, usefulness=6, adoption="all", actor=world.gp)
    assert set(refusal.value.errors) == {"usefulness", "comment"}


def test_figures_open_as_many_rows_as_they_say(world: ConsultWorld) -> None:
    """Every measure of the month."""
    order = world.concluded()
    world.ask()
    consultation.evaluate(order_id=order.id, promptness=5, usefulness=4, adoption="part", actor=world.gp)
    advice = Advice.objects.filter(consultation__order_id=order.id).order_by("position").first()
    assert advice is not None
    consultation.answer_advice(advice_id=advice.pk, done=True, actor=world.gp)
    today = clock.today()
    found = figures.figures(world.coordinator, today - timedelta(days=1), today)
    expected = {
        "requested": 2, "counted": 2, "done": 1, "on_time": 1, "answered": 1, "accepted": 1, "advised": 2, "carried_out": 1, "left": 0,
        "evaluated": 1, "adopted": 1,
    }  # fmt: skip
    assert (found.counts, found.satisfaction) == (expected, 4.5)
    browser = browser_of(world.coordinator)
    assert browser.get("/consultation/figures/").status_code == 200
    for code, count in expected.items():
        rows = figures.page_behind(code, world.coordinator, today - timedelta(days=1), today)
        assert rows.total == count, code
        assert browser.get(f"/consultation/figures/rows/?measure={code}").status_code == 200
    assert figures.figures(world.outsider, today, today).counts["requested"] == 0


def test_the_pages_of_one_consultation(world: ConsultWorld) -> None:
    """Each side sees its own buttons; a stranger sees a reasoned refusal; the sheet is a PDF."""
    order = world.concluded()
    asker, lead, coordinator = (browser_of(a) for a in (world.gp, world.lead, world.coordinator))
    page = asker.get(f"/consultation/{order.id}/").content.decode()
    assert "考虑结核性胸膜炎" in page and "已落实" in page and "评价会诊" in page
    assert asker.get(f"/orders/{order.id}/").url == f"/consultation/{order.id}/"
    assert "更正结论" in lead.get(f"/consultation/{order.id}/").content.decode()
    assert "胸水常规" in lead.get(f"/consultation/{order.id}/file/").content.decode()
    assert coordinator.get(f"/consultation/{order.id}/file/").status_code == 403
    assert coordinator.get(f"/consultation/{order.id}/print/").content[:5] == b"%PDF-"
    assert asker.get(f"/orders/{order.id}/print/").content[:5] == b"%PDF-"
    refused = browser_of(world.outsider).get(f"/consultation/{order.id}/")
    assert refused.status_code == 403 and "不是这次会诊的" in refused.content.decode()
