"""Reads of households and of the places they stand in."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.access.api import visible_of
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.once import once_a_page
from yigong.core.paging import Page
from yigong.core.statements import literal
from yigong.network import api as network
from yigong.residents.data import HouseholdData, HouseholdMoveData, HouseholdRow, MemberData, PlaceCount
from yigong.residents.models import Contact, Household, HouseholdMove, Resident
from yigong.residents.queries.people import shown_numbers
from yigong.residents.rules import people
from yigong.residents.rules.households import HEAD
from yigong.residents.rules.text import name_key

_ORDER = [*HEAD, "10", "11", "12"]

# Members by name, initials or reading; the address itself; places by name. Every way in has an index or is narrowed by one.
_SQL = """
select h.id, count(*) over () from residents_household h
where h.merged_into_id is null and h.division_code like %(within)s and (%(all)s
  or h.number = %(text)s or h.address like %(inside)s or h.division_code = any(%(places)s)
  or h.id in (select household_id from residents_resident where household_id is not null and status <> 'merged' and ({members})))
order by h.division_code, lpad(substring(h.address from '[0-9]+'), 12, '0'), h.address, h.id limit %(limit)s offset %(offset)s
"""
_FOUND = """
select household_id, (array_agg(name order by birth_date nulls last))[1:3] from residents_resident
where household_id = any(%(households)s) and status <> 'merged' and relation_to_head not in ('01', '02') and ({members}) group by household_id
"""
_BY_NAME = "name_chars @> %(chars)s::text[] and name_key like %(name)s"
_BY_LETTERS = "initials like %(letters)s or pinyin like %(letters)s"


@once_a_page
def household_members(household_id: UUID) -> tuple[MemberData, ...]:
    """Who belongs to a household, the head first, then by relation and age; those who died or left the county stay listed. No decision."""
    rows = list(Resident.objects.filter(household=household_id).exclude(status="merged"))
    masked = shown_numbers([r.id for r in rows])
    rows.sort(key=lambda r: (r.status != "active", _place_of(r.relation_to_head), str(r.birth_date or "")))
    return tuple(_member(r, masked.get(r.id, "")) for r in rows)


def family_of(resident_id: UUID) -> tuple[MemberData, ...]:
    """The others of a person's household, and whoever is guardian of the other: a newborn's household is often written later than its mother. No decision."""
    tied = Contact.objects.filter(
        Q(resident=resident_id) | Q(person=resident_id), is_guardian=True, ended_at__isnull=True
    )
    ends = {end for pair in tied.exclude(person=None).values_list("resident_id", "person_id") for end in pair}
    own = Resident.objects.filter(pk=resident_id, household__isnull=False).values("household_id")
    rows = (
        Resident.objects.filter(Q(household__in=own) | Q(pk__in=ends)).exclude(pk=resident_id).exclude(status="merged")
    )
    return tuple(_member(r, "") for r in rows.order_by("birth_date", "id"))


def household(household_id: UUID) -> HouseholdData:
    """One household, merges followed. NotFound. No decision."""
    row = Household.objects.filter(pk=household_id).first()
    if row is None:
        raise NotFound(_("没有找到这一户，请返回重新查找。"))
    if row.merged_into_id:
        return household(row.merged_into_id)
    places = place_names([row.division_code])
    return HouseholdData(
        row.id, row.number, row.division_code, places.get(row.division_code, ""), row.address, row.head_id, None,
        household_members(row.id),
    )  # fmt: skip


def search_households(
    text: str, *, actor: Actor, within: str = "", page: int = 1, limit: int = 20
) -> Page[HouseholdRow]:
    """Households by a member's name or initials, the address, the village or the number, within an area code."""
    text = text.strip()[:60]
    key = name_key(text)
    values: dict[str, Any] = {
        "all": not text, "text": text, "inside": f"%{literal(text)}%", "within": f"{literal(within)}%",
        "places": [p.code for p in network.search_places(text, limit=50) if p.level == "village"] if len(text) > 1 else [],
        "chars": list(dict.fromkeys(key)), "name": f"%{literal(key)}%", "letters": f"{literal(key.lower())}%",
        "limit": limit, "offset": (page - 1) * limit,
    }  # fmt: skip
    members = _BY_LETTERS if key.isascii() else _BY_NAME
    with connection.cursor() as cursor:
        cursor.execute(_SQL.format(members=members), values)
        found = cursor.fetchall()
        keys = [key for key, _n in found]
        meant = _meant(cursor, keys, members, values) if text else {}
    rows = [replace(row, found=tuple(meant.get(row.id, ()))) for row in household_rows(keys, actor)]
    return Page(rows, found[0][1] if found else 0, values["offset"], limit)


def _meant(cursor: Any, keys: list[UUID], members: str, values: dict[str, Any]) -> dict[UUID, list[str]]:
    """Which members of the households of one page the question found, the heads left out: a list says them anyway."""
    cursor.execute(_FOUND.format(members=members), {**values, "households": keys})
    return dict(cursor.fetchall())


def household_rows(ids: Sequence[UUID], actor: Actor) -> list[HouseholdRow]:
    """Rows of a list, in the given order; a few queries however many. The house is for those related to the head (or to nobody yet)."""
    rows = {h.id: h for h in Household.objects.filter(pk__in=ids).select_related("head")}
    with connection.cursor() as cursor:
        cursor.execute(
            "select household_id, count(*) from residents_resident where household_id = any(%s) and status = 'active' group by 1",
            [list(ids)],
        )
        counts = dict(cursor.fetchall())
    places = place_names([h.division_code for h in rows.values()])
    related = visible_of([h.head_id for h in rows.values() if h.head_id], actor)
    return [
        HouseholdRow(
            h.id, h.number, h.head_id, h.head.name if h.head else "", h.head.status if h.head else "", counts.get(h.id, 0),
            places.get(h.division_code, ""), h.address if h.head_id in related else "",
        )
        for h in (rows[key] for key in ids)
    ]  # fmt: skip


def household_moves(household_id: UUID) -> list[HouseholdMoveData]:
    """What happened to a household, the latest first."""
    mine = Q(from_household=household_id) | Q(to_household=household_id)
    rows = HouseholdMove.objects.filter(mine).select_related("resident").order_by("-on", "-at")[:200]
    return [_move(row, household_id) for row in rows]


def place_counts(code: str) -> list[PlaceCount]:
    """The places directly below an area code, with households and living people; one statement for each of the two counts."""
    below = [p for p in network.places_below(code) if p.code != code]
    nearest = min((len(p.code) for p in below), default=0)
    shown = [p for p in below if len(p.code) == nearest]
    households = _counted(
        "select left(division_code, %(n)s), count(*) from residents_household "
        "where merged_into_id is null and division_code like %(code)s group by 1", nearest, code,
    )  # fmt: skip
    living = _counted(
        "select left(h.division_code, %(n)s), count(*) from residents_resident r join residents_household h on h.id = r.household_id "
        "where r.status = 'active' and h.division_code like %(code)s group by 1", nearest, code,
    )  # fmt: skip
    return [PlaceCount(p.code, p.name, p.level, households.get(p.code, 0), living.get(p.code, 0)) for p in shown]


def place_names(codes: Collection[str]) -> dict[str, str]:
    """Town and village by area code; one question however many."""
    wanted = {c for c in codes if c}
    known = network.places_by_code(wanted | {c[:9] for c in wanted if len(c) > 9})
    towns = {c: known[c[:9]].name for c in wanted if len(c) > 9 and c[:9] in known}
    return {c: towns.get(c, "") + (known[c].name if c in known else "") for c in wanted}


def _counted(sql: str, length: int, code: str) -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"n": length, "code": f"{literal(code)}%"})
        return dict(cursor.fetchall())


def _place_of(relation: str) -> tuple[int, str]:
    return (_ORDER.index(relation) if relation in _ORDER else len(_ORDER), relation)


def _member(r: Resident, masked: str) -> MemberData:
    day = r.closed_on if r.status == "deceased" and r.closed_on else clock.today()
    age = people.age(r.birth_date, day) if r.birth_date else None
    return MemberData(
        r.id, r.name, r.sex, _(people.SEXES[r.sex]), age.years if age else None, age.text if age else _("年龄不详"), r.birth_date, masked,
        r.relation_to_head, _(people.RELATIONS[r.relation_to_head]) if r.relation_to_head in people.RELATIONS else "", r.status,
        _(r.get_status_display()),
    )  # fmt: skip


def _move(row: HouseholdMove, household_id: UUID) -> HouseholdMoveData:
    came = row.to_household_id == household_id
    other = row.from_household_id if came else row.to_household_id
    label = _(people.RELATIONS[row.relation]) if row.relation in people.RELATIONS else ""
    kind = _(str(HouseholdMove.Kind(row.kind).label))
    return HouseholdMoveData(
        row.kind,
        kind,
        row.resident.name,
        label,
        came,
        other if other != household_id else None,
        row.on,
        row.reason,
        row.actor_name,
        row.at,
    )
