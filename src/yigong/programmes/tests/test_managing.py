"""The manager's side: what may not have taken place is found, rung and dealt with; lists of messages; who was lost."""

import io
from datetime import datetime, time, timedelta

import openpyxl
import pytest

from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.core.errors import Conflict, InvalidInput
from yigong.programmes import api
from yigong.programmes.models import Check, Notice, Visit
from yigong.programmes.queries import screening, stages, standing
from yigong.programmes.rules.packs import programmes
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.tasks.models import Task

from .cards import SENT, card, this_hour
from .test_pages import signed_in
from .test_vaccines import SHEET
from .world import World, enrolled, months_ago, visit

pytestmark = pytest.mark.django_db


def day(ago: int) -> datetime:
    """Noon so many days ago."""
    return datetime.combine(clock.today() - timedelta(days=ago), time(12), SHANGHAI)


def entered(visit_id: object, hour: int, minute: int = 0, ago: int = 0) -> None:
    """As if it had been entered at that hour."""
    at = datetime.combine(clock.today() - timedelta(days=ago), time(hour, minute), SHANGHAI)
    Visit.objects.filter(pk=visit_id).update(recorded_at=at)


def seen(world: World, screen: str) -> list[screening.Hit]:
    """What one screen finds in the last days."""
    return screening.hits(clock.today() - timedelta(days=60), clock.today(), {world.village.id}, only=screen)


def test_each_sign_on_both_sides(world: World) -> None:
    """The same reading three times and twice; entered at 21:59 and at 22:00; face to face on the day of admission and the day after it."""
    since = clock.today() - timedelta(days=50)
    same, other = enrolled(world, on=since), enrolled(world, on=since)
    for row, readings in ((same, (136, 136, 136)), (other, (136, 136, 138))):
        for n, sbp in enumerate(readings):
            visit(world, row, sbp=sbp, on=clock.today() - timedelta(days=40 - n))
    (hit,) = seen(world, "repeated")
    assert hit.resident_id == same.resident_id and hit.text.startswith("3 × 136")
    assert seen(world, "crowded") == [] and seen(world, "tail") == []

    late, evening = (visit(world, enrolled(world, on=since), way="2").visit for _n in range(2))
    entered(late.id, 22), entered(evening.id, 21, 59)
    assert [h.visit_id for h in seen(world, "night")] == [late.id]

    lying = enrolled(world, on=since)
    stay = records.open_encounter(
        resident_id=lying.resident_id, kind="inpatient", actor=world.specialist, occurred_at=day(12)
    )
    face = {
        n: visit(world, lying, way=way, on=clock.today() - timedelta(days=n)).visit.id
        for n, way in ((12, "1"), (10, "2"), (9, "3"))
    }
    assert [h.visit_id for h in seen(world, "admitted")] == [face[10]]
    records.close_encounter(encounter_id=stay.id, actor=world.specialist, ended_at=day(10))
    assert seen(world, "admitted") == [], "the day of discharge itself says nothing"
    print(f"\n{len(screening.definition().screens)} screens, each with its rows")


def test_from_the_sign_to_what_was_done(world: World) -> None:
    """The figure opens its rows, one click puts them onto the list to ring, a visit that was not real is a task until it is dealt with or void."""
    since = clock.today() - timedelta(days=20)
    rows = [enrolled(world, on=since) for _n in range(2)]
    false = [visit(world, row, way="2").visit for row in rows]
    for one in false:
        entered(one.id, 23)
    manager = signed_in(world.manager)
    page = manager.get("/programmes/screening/?screen=night").content.decode()
    assert page.count("/programmes/visits/") == 2 and "的 2 条加入电话抽查" in page
    span = {"since": since.isoformat(), "until": clock.today().isoformat()}
    told = manager.post("/programmes/screening/draw/", {"screen": "night", **span}, follow=True).content.decode()
    assert "已加入电话抽查 2 次随访" in told and "深夜录入的入户随访" in told
    assert api.draw_hits(screen="night", since=since, until=clock.today(), actor=world.manager) == 0, "never one twice"
    assert Task.objects.get(kind="programmes.check").state == "open"
    for check, note in zip(Check.objects.order_by("id"), ("没有来过", "没有来过"), strict=True):
        manager.post(f"/programmes/sample/{check.id}/", {"outcome": "not", "note": note})
    assert Task.objects.get(kind="programmes.check").state == "done"
    tasks = Task.objects.filter(kind="programmes.untrue", state="open")
    assert {t.institution_id for t in tasks} == {world.township.id} and all("不属实" in t.title for t in tasks)
    first, second = Check.objects.order_by("id")
    api.void_visit(visit_id=first.visit_id, reason="核实未随访", actor=world.doctor)
    manager.post(f"/programmes/sample/{second.id}/settle/", {"text": ""})
    assert tasks.all().count() == 1
    manager.post(f"/programmes/sample/{second.id}/settle/", {"text": "已重新随访，扣减当次补助"})
    assert tasks.all().count() == 0 and Check.objects.get(pk=first.pk).handled == "随访已作废：核实未随访"
    page = manager.get("/programmes/sample/?state=not").content.decode()
    assert "扣减当次补助" in page and "核实未随访" in page
    with pytest.raises(Conflict):
        api.note_check(check_id=second.id, outcome="real", actor=world.manager)
    listed = manager.get(f"/programmes/screening/{world.doctor.staff_id}/").content.decode()
    assert listed.count("/programmes/visits/") == 1, "the void one counts nowhere"


def test_messages_name_no_disease_and_go_out_once(world: World) -> None:
    """The list holds who is due with number and text; the sheet leaves out who has none; nobody stands on a second list for the same visit."""
    given = residents.NewResident(
        name="郝有福", sex="1", birth_date=months_ago(clock.today(), 700), managing_institution_id=world.village.id, phone="13900001111"
    )  # fmt: skip
    person = residents.register_resident(given=given, actor=world.doctor).resident.id
    old = clock.today() - timedelta(days=20)
    enrolled(world, resident_id=person, on=old), enrolled(world, on=old)
    browser = signed_in(world.doctor)
    page = browser.get("/programmes/messages/?late=1").content.decode()
    assert "13900001111" in page and "没有登记" in page and "生成名单（2 人）" in page
    made = browser.post("/programmes/messages/new/", {"late": "1"}, follow=True)
    (batch,) = set(Notice.objects.values_list("batch", flat=True))
    assert "郝有福您好" in made.content.decode() and "高血压" not in made.content.decode().split("短信内容")[1]
    sheet = browser.get(f"/programmes/messages/{batch}/?file=1")
    rows = list(openpyxl.load_workbook(io.BytesIO(sheet.content)).active.iter_rows(values_only=True))
    assert len(rows) == 2 and rows[1][:2] == ("郝有福", "13900001111") and "庄村卫生室" in rows[1][2]
    assert (
        "没有需要发提醒的人" in browser.post("/programmes/messages/new/", {"late": "1"}, follow=True).content.decode()
    )
    with pytest.raises(InvalidInput):
        api.make_list(actor=world.doctor, late=True)
    assert signed_in(world.neighbour).get(f"/programmes/messages/{batch}/").status_code == 404


def test_who_was_lost_opens_as_rows(world: World) -> None:
    """The manager's table leads to those whose management ended as lost, and to those not reached."""
    lost, tried = enrolled(world), enrolled(world)
    for row, times in ((lost, 3), (tried, 1)):
        for _n in range(times):
            api.note_attempt(enrolment_id=row.id, note="电话无人接听", actor=world.doctor)
    api.recount(actor=world.manager, year=clock.today().year)
    page = signed_in(world.manager).get("/programmes/rates/").content.decode()
    at = "/programmes/?programme=hypertension"
    assert f"{at}&due=ended&ending=lost" in page and f"{at}&due=lost" in page
    names = {k: n.name for k, n in residents.resident_names([lost.resident_id, tried.resident_id]).items()}
    browser = signed_in(world.doctor)
    ended = browser.get(f"{at}&due=ended&ending=lost").content.decode()
    assert names[lost.resident_id] in ended and names[tried.resident_id] not in ended
    assert "共 0 条" not in ended and names[tried.resident_id] in browser.get(f"{at}&due=lost").content.decode()


def test_each_visit_of_a_schedule_has_its_rate(world: World) -> None:
    """A dose that was given, one whose last day went by, one to come: 1 of 2, each opening its people; how many such figures open is printed."""
    born = {months: enrolled(world, "vaccination", resident_id=world.person(months=months)) for months in (2, 3, 0)}
    visit(world, born[2], "hepb1", **SHEET)
    browser, figures, opened = signed_in(world.manager), 0, 0
    page = browser.get("/programmes/rates/?programme=vaccination").content.decode()
    year, today = clock.today().year, clock.today()
    for p in programmes().values():
        for f in stages.figures(p, year, today, {world.village.id}):
            figures += 1
            for side, wanted in (("counted", f.made), ("not", f.of - f.made), ("all", f.of)):
                rows = stages.people(p, f.stage.code, year, today, {world.village.id}, side)
                opened += rows.count() == wanted
    assert figures > 40 and opened == 3 * figures
    print(f"\n{opened // 3} of {figures} visits of a schedule open their rows")
    hepb = next(f for f in stages.figures(programmes()["vaccination"], year, today, None) if f.stage.code == "hepb1")
    assert hepb.made == 1 and hepb.of >= 2 and "/programmes/rates/vaccination/stages/hepb1/" in page
    shown = browser.get("/programmes/rates/vaccination/stages/hepb1/?side=counted").content.decode()
    assert "共 1 条" in shown


def test_reported_in_time(world: World) -> None:
    """A case reported within its hours counts, one reported after them does not; a child with a card is one of the children in the register."""
    given = card(urgency="A", disease="霍乱", diagnosed_hour=this_hour())
    for hours in (1, 3):
        row = api.enrol(resident_id=world.person(20), programme="infectious", actor=world.doctor, answers=given)
        with clock.travel(timedelta(hours=hours)):
            visit(world, row, "report2h", on=clock.today(), **SENT)
    enrolled(world, "vaccination", resident_id=world.person(months=20)), world.person(months=30)
    year, today = clock.today().year, clock.today()
    told = {}
    for code, name in (("infectious", "reported"), ("infectious", "timely"), ("vaccination", "carded")):
        rate = next(r for r in programmes()[code].rates if r.code == name)
        total = standing.figures(programmes()[code], rate, year, today, None)[0]
        told[name] = (total.counts, total.of)
    assert told == {"reported": (2, 2), "timely": (1, 2), "carded": (1, 2)}
    api.recount(actor=world.manager, year=year)
    rate = next(r for r in programmes()["infectious"].rates if r.code == "timely")
    assert standing.figures(programmes()["infectious"], rate, year, today, None)[0].counts == 1


def test_a_reading_repeated_over_the_quarters(world: World) -> None:
    """Follow-ups lie three months apart: the third of the same reading is seen although the two before lie before the span; a run that is over is not."""
    today = clock.today()
    same, other = (enrolled(world, on=today - timedelta(days=300)) for _n in range(2))
    for ago in (190, 95, 3):
        visit(world, same, on=today - timedelta(days=ago), sbp=128, dbp=78, late_reason="补录")
        visit(world, other, on=today - timedelta(days=ago), sbp=128 if ago > 50 else 134, dbp=78, late_reason="补录")
    span = (today - timedelta(days=30), today)
    (hit,) = screening.hits(*span, None, only="repeated")
    assert hit.resident_id == same.resident_id and hit.text == "3 × 128/78" and hit.on == today - timedelta(days=3)
