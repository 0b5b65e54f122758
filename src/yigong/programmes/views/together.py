"""After a visit at home: what is open today for the others of the family, so that a mother and her newborn are seen in one go."""

from typing import Any

from yigong.core.actor import Actor
from yigong.programmes import policies
from yigong.programmes.data import DueData
from yigong.programmes.models import Visit
from yigong.programmes.queries import people
from yigong.programmes.rules.packs import desk_stages
from yigong.residents import api as residents
from yigong.residents.data import ResidentData

MOST = 5  # visits shown


def at_home(visit: Visit, resident: ResidentData, actor: Actor) -> list[tuple[Any, DueData]]:
    """Members (a newborn by its mother too) with a visit whose time has come, of those whose management is the actor's: (member, due), what is in time
    before what is overdue. Nothing after a visit in the clinic or by telephone; nothing that is written at a desk."""
    if visit.way != Visit.Way.HOME or visit.void_reason or not actor.has(policies.WORK):
        return []
    members = {m.resident_id: m for m in residents.family_of(resident.id) if m.status == "active"}
    if not members:
        return []
    desk = set(desk_stages())
    rows = people.due_rows(members, actor=actor)
    rows = [d for d in rows if policies.manages(actor, d.institution_id) and (d.programme, d.stage) not in desk]
    rows.sort(key=lambda d: (d.urgency == "overdue", d.closes_on))
    return [(members[d.resident_id], d) for d in rows if d.resident_id in members][:MOST]
