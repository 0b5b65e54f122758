"""Institutions: the tree, what is primary care, what counts within the county."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.network import data, rules, tree
from yigong.network.models import (
    CountyCounting,
    Institution,
)
from yigong.network.queries.basis import get, holding


def institution_data(row: Institution) -> data.InstitutionData:
    """The row as other rooms see it."""
    return data.InstitutionData(
        id=row.id,
        code=row.code,
        name=row.name,
        short_name=row.short_name,
        level=row.level,
        category=row.category,
        parent_id=row.parent_id,
        phone=row.phone,
        place_id=row.place_id,
        address=row.address,
        credit_code=row.credit_code or "",
        grade=row.grade,
    )


def institution(institution_id: UUID) -> data.InstitutionData:
    """One institution."""
    return statements.answers(ask_institution(institution_id))[0]


def ask_institution(institution_id: UUID) -> statements.Asked[data.InstitutionData]:
    """The same as a question that travels with others."""
    rows = statements.asked_objects(Institution, "where id = %(id)s", {"id": institution_id})

    def first(found: list[Institution]) -> data.InstitutionData:
        return institution_data(found[0] if found else get(Institution, institution_id))

    return rows.then(first)


def institutions(ids: Iterable[UUID]) -> dict[UUID, data.InstitutionData]:
    """Institutions by key; unknown keys are left out."""
    rows = statements.objects(Institution, "where id = any(%(ids)s)", {"ids": [key for key in ids if key]})
    return {row.id: institution_data(row) for row in rows}


def institutions_by_code(codes: Iterable[str]) -> dict[str, data.InstitutionData]:
    """Institutions by code as stored (``rules.fold``); unknown codes are left out."""
    rows = Institution.objects.filter(code__in={rules.fold(code) for code in codes})
    return {row.code: institution_data(row) for row in rows}


def institutions_seen_by(actor: Actor) -> set[UUID] | None:
    """The institutions whose people an actor's post covers: the own ones and those below; None for everywhere (county and above, the system)."""
    if actor.is_system:
        return None
    if actor.institution_id is None:
        return set()
    if institution(actor.institution_id).level in {"county", "authority"}:
        return None
    return tree.descendants_of(actor.places)


def matching_institutions(text: str = "", level: str | None = None, open_only: bool = True) -> QuerySet[Institution]:
    """Rows by part of the name, initials or code, optionally of one level."""
    rows = Institution.objects.all()
    if open_only:
        rows = rows.filter(Q(closed_on__isnull=True) | Q(closed_on__gt=clock.today()))
    if level:
        rows = rows.filter(level=level)
    for word in text.split():
        folded = rules.fold(word)
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(short_name__icontains=word)
            | Q(initials__contains=folded.lower())
            | Q(code__startswith=folded)
            | Q(credit_code__startswith=folded)
        )
    return rows


def search_institutions(text: str, level: str | None = None, limit: int = 20) -> list[data.InstitutionData]:
    """Institutions working today by part of the name, initials or code, county first."""
    rank = {"county": 0, "township": 1, "village": 2, "authority": 3, "outside": 4}
    rows = matching_institutions(text, level).order_by("code")[: max(limit, 200)]
    return [institution_data(row) for row in sorted(rows, key=lambda row: (rank[row.level], row.code))[:limit]]


def path(institution_id: UUID) -> list[data.InstitutionData]:
    """From the top of the tree down to the institution itself."""
    order = tree.ancestors(institution_id)
    found = institutions(order)
    return [found[key] for key in reversed(order)]


def is_primary_care(institution_id: UUID, definition: str = "P1") -> bool:
    """Whether the institution is primary care by P1 or P2 (see ``rules``); definitions must be named with every figure."""
    return rules.is_primary_care(institution(institution_id).category, definition)


def primary_care_ids(definition: str = "P1") -> set[UUID]:
    """All primary-care institutions by this definition."""
    rows = Institution.objects.values_list("id", "category")
    return {key for key, category in rows if rules.is_primary_care(category, definition)}


def is_counted_in_county(institution_id: UUID, on: date | None = None) -> bool:
    """Whether figures count this institution as within the county: a dated decision, else its level."""
    row = CountyCounting.objects.filter(holding(on), institution_id=institution_id).first()
    return row.counts if row else institution(institution_id).level not in {"outside", "authority"}


def counted_in_county_ids(on: date | None = None) -> set[UUID]:
    """All institutions counted as within the county on that day."""
    decided = dict(CountyCounting.objects.filter(holding(on)).values_list("institution_id", "counts"))
    rows = Institution.objects.values_list("id", "level")
    return {key for key, level in rows if decided.get(key, level not in {"outside", "authority"})}


def institution_or_none(text: str) -> data.InstitutionData | None:
    """The institution whose key an address carries, None for anything else."""
    try:
        return institutions([UUID(text)]).get(UUID(text))
    except ValueError:
        return None


def listed_institutions(text: str, level: str, primary: str) -> QuerySet[Institution]:
    """Rows of the list, with the institution above; ``primary`` keeps P1 or P2 only."""
    rows = matching_institutions(text, level or None, open_only=False).select_related("parent")
    if primary:
        wanted = Q()
        for start in rules.primary_care_classes(primary):
            wanted |= Q(category__startswith=start)
        rows = rows.filter(wanted)
    return rows.order_by("level", "code")


def managed_by(institution_id: UUID) -> list[Institution]:
    """The institutions directly below."""
    return list(Institution.objects.filter(parent_id=institution_id).order_by("level", "code"))


def managed_counts(ids: Iterable[UUID]) -> dict[UUID, int]:
    """How many open institutions each of these manages directly."""
    rows = Institution.objects.filter(parent_id__in=set(ids), closed_on__isnull=True)
    return dict(rows.values_list("parent_id").annotate(Count("id")).order_by())
