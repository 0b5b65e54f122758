"""Objects of this room for the guards that walk every address."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from tests.guards.world import Sample, World

from yigong.access import api as access
from yigong.clinic import api as clinic
from yigong.core.actor import Actor
from yigong.insurance.settlement import api
from yigong.insurance.settlement.commands.differences import open_difference
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import Settlement
from yigong.insurance.settlement.tests.clinic_world import charged_bill
from yigong.residents import api as residents

NAME = "孙小满"


def samples(world: World) -> dict[str, Any]:
    """A bill that waits, one that is settled, a deposit, a closing and a difference at the county hospital."""
    county, desk = world.institutions["county"], world.actor("registrar")
    given = residents.NewResident(name=NAME, sex="2", birth_date=date(1971, 6, 2))
    person = residents.register_resident(given=given, actor=desk).resident.id
    access.open_relationship(resident_id=person, institution_id=county, basis="encounter")
    world.people.append(NAME)
    waiting, done = (
        charged_bill(person, NAME, county, [("ZC-PT", Decimal(1)), ("HY-XCG", Decimal(1))]) for _ in range(2)
    )
    row = _settled(done, desk)
    taken = charged_bill(person, NAME, county, [("ZC-PT", Decimal(1))])
    clinic.present_bill(bill_id=taken, actor=desk)
    _settled(charged_bill(person, NAME, county, [("ZC-PT", Decimal(1))]), desk)
    closing = api.close_day(counted_cash=0, note="试", key=uuid4(), actor=desk)
    api.take_deposit(resident_id=person, amount=50_000, means="cash", key=uuid4(), actor=desk)
    difference = open_difference(row, "only_here", theirs=None)
    one = {"settlement_id": row.id}
    return {
        "settlement:pay": Sample({"bill_id": waiting}),
        "settlement:split": Sample({"bill_id": waiting}),
        "settlement:give_back": Sample({"bill_id": taken}, post={"reason": "试"}),
        "settlement:detail": Sample(one),
        "settlement:print": Sample(one),
        "settlement:return": Sample(one),
        "settlement:act": Sample({**one, "action": "ask"}, post={"reason": "试"}),
        "settlement:print_closing": Sample({"closing_id": closing.id}),
        "settlement:difference": Sample({"difference_id": difference.id}),
        "settlement:resident": Sample({"resident_id": person}),
        "settlement:deposits": Sample(query=f"?resident={person}"),
        "settlement:settlements": Sample(query="?text=孙"),
    }


def _settled(bill_id: Any, desk: Actor) -> Settlement:
    due = api.presettle(bill_id=bill_id, choice=api.Choice(), actor=desk).figures.cash
    return api.settle(bill_id=bill_id, choice=api.Choice(), payment=Payment(cash=due), key=uuid4(), actor=desk)
