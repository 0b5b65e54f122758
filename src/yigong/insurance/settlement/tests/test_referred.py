"""The deductible over a referral: continuous on the way up, none on the way down, by the worked examples and from real referrals and stays."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from yigong.clinic import api as clinic
from yigong.clinic.data import Discharge, NewCharge, NewStay
from yigong.core import clock
from yigong.core.actor import system
from yigong.insurance.benefits.api import plan_of
from yigong.insurance.settlement import calculation, errors
from yigong.insurance.settlement.clinic_bills import clinic_bill
from yigong.insurance.settlement.commands.counter import reverse, settle
from yigong.insurance.settlement.commands.settling import settle_here
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import Settlement
from yigong.insurance.settlement.queries import preview
from yigong.insurance.settlement.queries.preview import Choice, look
from yigong.insurance.settlement.tests.world import ITEMS, Counter, bill, charge, enrol, make_counter
from yigong.insurance.vectors.plans import HEAD
from yigong.network import api as network
from yigong.referrals import api as referrals
from yigong.referrals.tests.world import World, down, make_world, up

pytestmark = pytest.mark.django_db
BOSS = system("test")
# The levels and the referral of the reference's worked examples.
PLAN = plan_of(HEAD | {
    "inpatient": {
        "levels": [{"level": "1", "title": "一级", "deductible": "200", "ratio": "0.85"}, {"level": "2", "title": "二级", "deductible": "500", "ratio": "0.75"}],
        "repeat": {"factors": ["1", "0.8"]},
    },
    "referral": {"up": "paid", "down": "none"},
})  # fmt: skip


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Counter:
    """Counters of a health centre and a county hospital, under the plan of the worked examples."""
    monkeypatch.setattr(calculation, "catalogued", ITEMS.get)
    monkeypatch.setattr(preview.benefits, "plan_for", lambda *_args: PLAN)
    return make_counter()


@pytest.mark.parametrize(
    ("first", "way", "second", "expected"),
    [
        (("township", "1600.00"), "up", ("county", "9000.00"), [("200.00", "1190.00"), ("300.00", "6525.00")]),
        (("township", "150.00"), "up", ("county", "9000.00"), [("150.00", "0.00"), ("350.00", "6487.50")]),
        (("county", "9000.00"), "down", ("township", "1400.00"), [("500.00", "6375.00"), ("0.00", "1190.00")]),
    ],
    ids=["V04", "V05", "V06"],
)
def test_the_worked_examples(counter: Counter, first: Any, way: str, second: Any, expected: Any) -> None:
    """Two stays settled at the counters: the figures of the reference."""
    person, found = counter.person(), []
    for (place, amount), referral in ((first, ""), (second, way)):
        house = counter.place if place == "township" else counter.county
        of = bill(
            counter,
            person,
            charge("A-EXAM", amount),
            kind="inpatient",
            institution_id=house,
            referral=referral,
            referral_number="ZZ1",
        )
        row = settle_here(
            bill=of, choice=Choice(), payment=Payment(cash=look(of).figures.cash), key=uuid4(), actor=BOSS
        )
        found.append((f"{row.deductible / 100:.2f}", f"{row.pool / 100:.2f}"))
    assert found == expected


@pytest.fixture
def world() -> World:
    """A county whose resident is insured."""
    made = make_world()
    assert made.resident is not None
    enrol(made.resident)
    for house in (made.township, made.county):
        network.create_department(institution_id=house.id, code="ZY", name="住院部", specialty="03", actor=BOSS)
    return made


def stayed(world: World, place: UUID, days_ago: int, days: int) -> UUID:
    """A stay that ended, with charges of some days; the key of its bill."""
    (ward,) = [one for one in network.departments(place) if one.code == "ZY"]
    assert world.resident is not None
    given = NewStay(
        resident_id=world.resident,
        department_id=ward.id,
        diagnosis="肺炎",
        diagnosis_code="J18.900",
        nursing_code="HL-2",
    )
    with clock.travel(-timedelta(days=days_ago)):
        stay = clinic.admit(given=given, actor=BOSS)
        assert stay.bill_id is not None
        lines = [NewCharge(code, Decimal(2)) for code in ("HY-XCG", "YX-US-ABD", "YP-CTRX")]
        clinic.charge(bill_id=stay.bill_id, lines=lines, actor=BOSS)
        clinic.charge(bill_id=stay.bill_id, lines=[NewCharge("YX-CT-CHEST", Decimal(1))], actor=BOSS)
    with clock.travel(-timedelta(days=days_ago - days)):
        clinic.discharge(stay_id=stay.id, given=Discharge("2", receiving_institution="上级医院"), actor=BOSS)
    return stay.bill_id


def settled(bill_id: UUID) -> Settlement:
    """Settled at the counter."""
    due = look(clinic_bill(bill_id)).figures.cash
    return settle(bill_id=bill_id, choice=Choice(), payment=Payment(cash=due), key=uuid4(), actor=BOSS)


def sent_up(world: World, days_ago: int) -> str:
    """A referral from the health centre that the county took; its number."""
    with clock.travel(-timedelta(days=days_ago)):
        given = up(world, kind="inpatient", confirmed=True)
        row = referrals.request_referral(given=given, actor=world.gp)
        if row.state == "submitted":
            row = referrals.approve(referral_id=row.id, actor=world.manager)
        return referrals.accept(referral_id=row.id, actor=world.office, bed="12", doctor="周医生").number


def sent_down(world: World, days_ago: int) -> str:
    """A referral back that the health centre took."""
    with clock.travel(-timedelta(days=days_ago)):
        row = referrals.request_referral(given=down(world, confirmed=True), actor=world.people["specialist"])
        if row.state == "submitted":
            row = referrals.approve(referral_id=row.id, actor=world.office)
        return referrals.accept(referral_id=row.id, actor=world.manager).number


def test_up_with_an_order(world: World) -> None:
    """Three days at the health centre, referred, admitted the same day: only the difference of the deductibles, and the page says why."""
    first = settled(stayed(world, world.township.id, 6, 3))
    number = sent_up(world, 3)
    bill_id = stayed(world, world.county.id, 3, 2)
    seen = look(clinic_bill(bill_id))
    assert any(number in text and first.number in text for text in seen.notices)
    second = settled(bill_id)
    assert (first.deductible, second.deductible) == (15_000, 45_000 - 15_000)
    with pytest.raises(errors.LaterFirst):
        reverse(settlement_id=first.id, reason="退", key=uuid4(), actor=BOSS)


@pytest.mark.parametrize(("order", "gap"), [(False, 0), (True, 4)], ids=["without an order", "after four days"])
def test_up_otherwise(world: World, order: bool, gap: int) -> None:
    """Without a referral order, or when the patient left more than 72 hours before: a further admission like any other."""
    settled(stayed(world, world.township.id, 10, 3))
    number = sent_up(world, 7 - gap) if order else ""
    bill_id = stayed(world, world.county.id, 7 - gap, 2)
    seen = look(clinic_bill(bill_id))
    assert seen.figures.deductible == 45_000 * 7 // 10
    assert [number in text for text in seen.notices] == ([True] if order else [])


def test_down_with_an_order(world: World) -> None:
    """Back to the health centre with an order: no second deductible."""
    first = settled(stayed(world, world.county.id, 6, 3))
    sent_down(world, 3)
    second = settled(stayed(world, world.township.id, 3, 2))
    assert (first.deductible, second.deductible) == (45_000, 0)
