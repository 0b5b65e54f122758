"""The plans of a year: one institution's things in order, and how far each institution has come."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from yigong.programmes.models import PlannedActivity
from yigong.programmes.queries.sites import Places, within


@dataclass(frozen=True, slots=True)
class Progress:
    """One institution's year: things planned (dropped ones left out), done, and behind (their day is over)."""

    institution_id: UUID
    planned: int
    done: int
    behind: int


def of_year(programme: str, institution_id: UUID, year: int) -> QuerySet[PlannedActivity]:
    """The things of one institution in order of their days, with their records."""
    rows = PlannedActivity.objects.filter(programme=programme, institution_id=institution_id, year=year)
    return rows.select_related("record").order_by("on", "activity", "id")


def progress(programme: str, places: Places, year: int, today: date) -> list[Progress]:
    """How far the institutions with a plan have come, the furthest behind first."""
    rows = within(PlannedActivity.objects.filter(programme=programme, year=year), places).exclude(state="dropped")
    found = rows.order_by().values("institution_id").annotate(
        planned=Count("id"), done=Count("id", filter=Q(state="done")), behind=Count("id", filter=Q(state="planned", on__lt=today))
    )  # fmt: skip
    made = [Progress(r["institution_id"], r["planned"], r["done"], r["behind"]) for r in found]
    return sorted(made, key=lambda p: (-p.behind, p.done - p.planned, str(p.institution_id)))


def behind(programmes: Collection[str], institution_id: UUID | None, today: date) -> dict[str, int]:
    """Per definition how many things of an institution are past their day."""
    if institution_id is None:
        return {}
    rows = PlannedActivity.objects.filter(
        programme__in=programmes, institution_id=institution_id, state="planned", on__lt=today
    )
    return dict(rows.order_by().values_list("programme").annotate(n=Count("id")))


def open_of(programme: str, activity: str, institution_id: UUID | None) -> list[PlannedActivity]:
    """What of a work is still planned, for the choice beside its form."""
    if institution_id is None:
        return []
    rows = PlannedActivity.objects.filter(
        programme=programme, activity=activity, institution_id=institution_id, state="planned"
    )
    return list(rows.order_by("on", "id")[:40])
