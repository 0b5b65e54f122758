"""What is read of coverage."""

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from django.db.models import Q

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.insurance.coverage import rules
from yigong.insurance.coverage.data import CategoryData, CoverageData, EntitlementData
from yigong.insurance.coverage.errors import NotInsured
from yigong.insurance.coverage.models import Category
from yigong.residents import api as residents

# Asked at every settlement, so it stands as SQL.
_HOLDS = "resident_id = any(%(keys)s) and starts_on <= %(on)s and (ends_on is null or ends_on > %(on)s)"


# Enrolments with what the person is and holds beside them, in one question.
_COVERED = f"""
    select id, insurance, region, person_type, array(select code::text from coverage_category where {_HOLDS}),
        (select coalesce(json_agg(json_build_array(id, kind, code, institution_id, starts_on, ends_on) order by kind, code), '[]')::text
         from coverage_entitlement where {_HOLDS}),
        starts_on, paid_on, missed_years, repaired_years
    from coverage_enrolment where {_HOLDS} order by starts_on, id
"""
_ENTITLED = list[tuple[UUID, str, str, UUID | None, date, date | None]]


def coverage(resident_id: UUID, *, actor: Actor, on: date | None = None) -> CoverageData:
    """A person's coverage on a day (today when not given), after a decision that is logged. NotInsured."""
    residents.access_resident(resident_id, actor=actor, action="read_detail")
    return coverage_on(resident_id, on or clock.today())


def coverage_on(resident_id: UUID, on: date) -> CoverageData:
    """The same without a decision: for commands and handlers that have decided already."""
    found = coverages_on(resident_id, on)
    if not found:
        raise NotInsured(on=on)
    return found[0]


def coverages_on(resident_id: UUID, on: date) -> list[CoverageData]:
    """All coverages of a day, as a rule one. More than one when two registrations of a person, each insured, were linked afterwards: the
    benefits are given once, and somebody has to end one of the enrolments."""
    return statements.answers(ask_coverages(resident_id, residents.identities(resident_id), on))[0]


def ask_coverages(resident_id: UUID, keys: Collection[UUID], on: date) -> statements.Asked[list[CoverageData]]:
    """The same as a question that travels with others, for who knows the keys of the person's linked registrations already."""
    sql, values = statements.of_keys(_COVERED, keys)
    return statements.Asked(sql, values | {"on": on}, lambda rows: _coverages(resident_id, on, rows))


def _coverages(resident_id: UUID, on: date, rows: list[Any]) -> list[CoverageData]:
    return [
        CoverageData(
            key, resident_id, on, insurance, region, person_type, rules.is_retired(person_type), rules.is_civil_servant(person_type),
            frozenset(categories), tuple(map(_entitlement, msgspec.json.decode(entitled, type=_ENTITLED))), *paid,
        )
        for key, insurance, region, person_type, categories, entitled, *paid in rows
    ]  # fmt: skip


def categories_held(on: date, resident_id: UUID | None = None) -> list[CategoryData]:
    """Everybody's categories on a day (or one person's), for holding a roll against them; no decision about a person is made here."""
    rows = Category.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=on), starts_on__lte=on).order_by("id")
    if resident_id is not None:
        rows = rows.filter(resident_id__in=residents.identities(resident_id))
    return [CategoryData(row.id, row.resident_id, row.code, row.starts_on, row.ends_on) for row in rows]


def _entitlement(row: tuple[UUID, str, str, UUID | None, date, date | None]) -> EntitlementData:
    return EntitlementData(*row)
