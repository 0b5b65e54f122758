"""Objects of this room for the guards that walk every address."""

from typing import Any
from uuid import uuid4

from tests.guards.world import Sample, World

from yigong.access import api as access


def samples(world: World) -> dict[str, Any]:
    """An account, a resident with a relationship to each house, an emergency access to review."""
    resident = world.things.setdefault("resident", uuid4())
    for house in world.institutions.values():
        access.open_relationship(resident_id=resident, institution_id=house, basis="encounter")
    reason = "昏迷送达急诊，需查用药史"
    emergency = access.open_emergency_access(resident_id=resident, reason=reason, actor=world.actor("specialist"))
    account = {"account_id": world.accounts["nurse"].id}
    return {
        "access:account": Sample(account),
        "access:reset_password": Sample(account),
        "access:lock_account": Sample(account),
        "access:reads": Sample({"resident_id": resident}),
        "access:consent": Sample({"resident_id": resident}),
        "access:emergency": Sample({"resident_id": resident}),
        "access:review_emergency": Sample({"emergency_id": emergency.id}),
        "access:accounts": Sample(query="?q=guard&page=2"),
        "access:staff_options": Sample(query="?q=试"),
    }
