"""Who may be asked to act for somebody: guardians in the file, then grown people of the household."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.residents import api as residents
from yigong.residents.api import ResidentData
from yigong.residents.proxies import policies, queries
from yigong.residents.proxies.data import Suggestion
from yigong.residents.proxies.rules import ADULT

FRAIL = 75  # from this age on the household page asks whether somebody shall act


def suggestions(person: ResidentData) -> list[Suggestion]:
    """Grown people near this person, with what they are to each other where the household register says it."""
    found = {
        c.person_id: Suggestion(c.person_id, c.name, c.relation_label, c.relation, _("档案中的监护人"))
        for c in person.contacts
        if c.person_id and c.is_guardian
    }
    for member in residents.household_members(person.household_id) if person.household_id else []:
        grown = member.age_years is not None and member.age_years >= ADULT and member.status == "active"
        if grown and member.resident_id != person.id and member.resident_id not in found:
            relation = residents.relation_between(member.relation, member.sex, person.relation_to_head)
            to_head = _("户主") if member.is_head else _("户主的%(relation)s") % {"relation": member.relation_label}
            note = " · ".join((residents.relations().get(relation) or to_head, member.age_text))
            found[member.resident_id] = Suggestion(member.resident_id, member.name, note, relation, _("同户成员"))
    return list(found.values())


def household_panel(household_id: UUID, actor: Actor) -> Mapping[str, Any] | None:
    """Members of a household for whom nobody acts yet and perhaps somebody should: children and the very old."""
    if not actor.has(policies.KEEP):
        return None
    members = [m for m in residents.household_members(household_id) if m.status == "active"]
    asked = [m for m in members if m.age_years is not None and (m.age_years < ADULT or m.age_years >= FRAIL)]
    grown = any(m.age_years is not None and ADULT <= m.age_years < FRAIL for m in members)
    agents = queries.agents_of([m.resident_id for m in asked])
    return (
        {"rows": [{"member": m, "agents": agents.get(m.resident_id, [])} for m in asked]} if asked and grown else None
    )
