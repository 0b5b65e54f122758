"""What this room adds to a resident's file, a household and the home page."""

from typing import Any
from uuid import UUID

from yigong.contracts import policies
from yigong.contracts.models import Contract
from yigong.contracts.queries import contracts, lists
from yigong.contracts.queries.groups import kept_of
from yigong.contracts.rules.packs import groups
from yigong.core.actor import Actor
from yigong.residents import api as residents


def panel(resident_id: UUID, actor: Actor) -> dict[str, Any]:
    """The contract that holds, or the way to sign."""
    row = contracts.valid_of(resident_id)
    waiting = (
        None
        if row
        else Contract.objects.filter(resident_id__in=residents.identities(resident_id), state="offered").first()
    )
    known = groups()
    kept = [known[g].label for g, _since in kept_of(resident_id) if g in known and not known[g].restricted]
    return {
        "resident_id": resident_id, "contract": contracts.to_data(row) if row else None, "waiting": waiting.id if waiting else None,
        "groups": kept, "may_sign": actor.has(policies.SIGN),
    }  # fmt: skip


def beside_visit(resident_id: UUID, actor: Actor) -> dict[str, Any] | None:
    """Beside an encounter being written: only for who is not signed, so that it can be done there."""
    if not actor.has(policies.SIGN) or contracts.valid_of(resident_id):
        return None
    return panel(resident_id, actor)


def household(household_id: UUID, actor: Actor) -> dict[str, Any] | None:
    """How many of a household are signed."""
    living = [m.resident_id for m in residents.household_members(household_id) if m.status == "active"]
    if not living:
        return None
    signed = sum(contracts.valid_of(key) is not None for key in living)
    return {"household_id": household_id, "living": len(living), "signed": signed, "may_sign": actor.has(policies.SIGN)}


def home_card(actor: Actor) -> dict[str, int] | None:
    """Figures for the home page; nothing where nobody is signed, and nothing for the county, whose figures are the cockpit's."""
    found = lists.home_counts(actor)
    return found if found and (found["now"] or found["offered"]) else None
