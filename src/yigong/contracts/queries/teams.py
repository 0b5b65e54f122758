"""Teams with members, area and load."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.data import MemberData, TeamData
from yigong.contracts.models import Area, Contract, Member, Team
from yigong.contracts.queries.lists import conditions
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.network import api as network


def mine(actor: Actor) -> QuerySet[Team]:
    """The teams an actor sees: of the own institutions, and those the actor sits in."""
    places = policies.places(actor)
    if places is None:
        return Team.objects.all()
    own = Q(institution_id__in=places)
    if actor.staff_id:
        own |= Q(pk__in=Member.objects.filter(staff_id=actor.staff_id, ends_on__isnull=True).values("team_id"))
    return Team.objects.filter(own)


def busy_first(actor: Actor) -> QuerySet[Team]:
    """The teams at work of those an actor sees; the ones that have people come first."""
    signed = Exists(Contract.objects.filter(team=OuterRef("pk"), state="valid"))
    return mine(actor).filter(ended_on__isnull=True).annotate(signed=signed).order_by("-signed", "name", "id")


def open_teams(actor: Actor) -> list[Team]:
    """Those that sign, the actor's own first."""
    today = clock.today()
    rows = list(mine(actor).filter(Q(ended_on__isnull=True) | Q(ended_on__gt=today)).order_by("name")[:300])
    own = (
        set(Member.objects.filter(staff_id=actor.staff_id, ends_on__isnull=True).values_list("team_id", flat=True))
        if actor.staff_id
        else set()
    )
    return sorted(rows, key=lambda t: (t.id not in own, t.institution_id != actor.institution_id, t.name))


def teams(actor: Actor, *, text: str = "", page: int = 1, limit: int = 20) -> Page[TeamData]:
    """The page of teams with their load."""
    rows = mine(actor).filter(name__contains=text.strip()[:40]) if text.strip() else mine(actor)
    return page_of(rows.order_by("ended_on", "name", "id"), page=page, limit=limit, convert=to_data_many)


def to_data_many(rows: Iterable[Team]) -> list[TeamData]:
    """Teams in a handful of statements."""
    found = list(rows)
    ids = [t.id for t in found]
    members: dict[UUID, list[Member]] = defaultdict(list)
    for m in Member.objects.filter(team_id__in=ids, ends_on__isnull=True).order_by("starts_on", "id"):
        members[m.team_id].append(m)
    areas: dict[UUID, list[UUID]] = defaultdict(list)
    for team_id, place in Area.objects.filter(team_id__in=ids).values_list("team_id", "institution_id"):
        areas[team_id].append(place)
    every = [m for many in members.values() for m in many]
    keys = (
        {t.institution_id for t in found}
        | {m.institution_id for m in every}
        | {p for many in areas.values() for p in many}
    )
    places = {k: (i.short_name or i.name) for k, i in network.institutions(keys).items()}
    people = network.staff_many({m.staff_id for m in every})
    loads = _loads(ids)
    today = clock.today()
    return [
        TeamData(
            t.id, t.name, t.institution_id, places.get(t.institution_id, ""), t.ended_on is None or t.ended_on > today,
            *loads.get(t.id, (0, 0)), _warning(loads.get(t.id, (0, 0))[0], members[t.id]), _members(members[t.id], people, places),
            tuple(places.get(p, "") for p in areas[t.id]),
        ) for t in found
    ]  # fmt: skip


def team_data(team_id: UUID) -> TeamData:
    """One team."""
    return to_data_many(Team.objects.filter(pk=team_id))[0]


def _loads(ids: list[UUID]) -> dict[UUID, tuple[int, int]]:
    known = conditions()
    rows = Contract.objects.filter(known[""], team_id__in=ids).values("team_id")
    return {r["team_id"]: (r["n"], r["e"]) for r in rows.annotate(n=Count("id"), e=Count("id", filter=known["empty"]))}


def _warning(people: int, members: list[Member]) -> str:
    county = rules()
    carrying = sum(bool((seat := county.role(m.role)) and seat.carries_people) for m in members)
    if people > county.team_capacity:
        return _("签约 %(n)s 人，超过每队 %(m)s 人的上限") % {"n": people, "m": county.team_capacity}
    if carrying and people > county.doctor_capacity * carrying:
        words = {"n": people // carrying, "m": county.doctor_capacity}
        return _("责任医生人均 %(n)s 人，超过 %(m)s 人的上限") % words
    return ""


def _members(rows: list[Member], people: dict[UUID, Any], places: dict[UUID, str]) -> tuple[MemberData, ...]:
    county = rules()
    order = [r.code for r in county.roles]
    rows = sorted(rows, key=lambda m: order.index(m.role) if m.role in order else 99)
    return tuple(
        MemberData(
            m.id, m.staff_id, people[m.staff_id].name if m.staff_id in people else "", m.role,
            _(seat.title) if (seat := county.role(m.role)) else m.role, places.get(m.institution_id, ""),
        ) for m in rows
    )  # fmt: skip


def matching(text: str, limit: int = 12) -> list[TeamData]:
    """Open teams of the county by part of the name."""
    today = clock.today()
    rows = Team.objects.filter(Q(ended_on__isnull=True) | Q(ended_on__gt=today), name__contains=text.strip())
    return to_data_many(rows.order_by("name")[:limit])
