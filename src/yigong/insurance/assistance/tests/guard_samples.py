"""A payment and a roll for the guards."""

from datetime import date
from typing import Any
from uuid import uuid4

from tests.guards.world import Sample

from yigong.insurance.assistance import api
from yigong.insurance.coverage import api as coverage


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    clerk, bureau, person = world.actor("insurance_clerk"), world.actor("bureau"), world.things["person"]
    coverage.grant_category(resident_id=person, code="dibao", starts_on=date(2026, 1, 1), actor=clerk)
    api.fund_in(fund="aid", amount=100_000, reason="县财政", key=uuid4(), actor=bureau)
    paid = api.pay(
        fund="aid",
        resident_id=person,
        category="dibao",
        right_on=date(2026, 3, 1),
        amount=100,
        why="住院救助",
        key=uuid4(),
        actor=clerk,
    )
    content = "证件号码,姓名,类别,起始日期\n149921199003070022,甲,特困人员,2026-01-01\n".encode()
    roll = api.check_roll(name="名册.csv", content=content, as_of=date(2026, 4, 1), actor=clerk)
    return {
        "assistance:payment": Sample({"payment_id": paid}),
        "assistance:roll": Sample({"roll_id": roll}),
        "assistance:decide": Sample({"roll_id": roll}),
    }
