"""After a visit at home: what is open today for the others of the household, so that a mother and her newborn are seen in one go."""

from typing import Any

from yigong.core.actor import Actor
from yigong.programmes import policies
from yigong.programmes.data import DueData
from yigong.programmes.queries import people
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

MOST = 5  # visits shown


def in_household(resident: ResidentData, actor: Actor) -> list[tuple[Any, DueData]]:
    """Members with a visit whose time has come, of those whose management is the actor's: (member, due), longest overdue first."""
    if resident.household_id is None or not actor.has(policies.WORK):
        return []
    members = {m.resident_id: m for m in residents.household_members(resident.household_id) if m.status == "active"}
    members.pop(resident.id, None)
    if not members:
        return []
    rows = [d for d in people.due_rows(members, actor=actor) if policies.manages(actor, d.institution_id)]
    return [(members[d.resident_id], d) for d in rows if d.resident_id in members][:MOST]
