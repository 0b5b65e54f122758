"""How many did each visit of a schedule in a year, of those whose time came: a dose of a vaccine, a check at an age, an antenatal visit."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from yigong.programmes.models import Due, Enrolment, Visit
from yigong.programmes.rules.definition import Programme, Stage


@dataclass(frozen=True, slots=True)
class StageFigure:
    """One visit of the schedule: ``made`` in the year, ``of`` these and those whose last day went by without it."""

    stage: Stage
    made: int
    of: int

    @property
    def share(self) -> float | None:
        """The rate, None where nobody's time came."""
        return self.made / self.of if self.of else None


def scheduled(programme: Programme) -> list[Stage]:
    """The visits that come once: those of whom it can be said that somebody had his."""
    once = [stage for stage in programme.stages if not stage.repeats and stage.after in {"birth", "anchor", "stage"}]
    return once if len(once) > 1 else []


def figures(programme: Programme, year: int, today: date, places: set[UUID] | None) -> list[StageFigure]:
    """Every visit of a schedule, two statements for all of them."""
    stages = scheduled(programme)
    if not stages:
        return []
    made, behind = (_count(rows) for rows in _sides(programme.code, year, today, places))
    return [StageFigure(s, made.get(s.code, 0), made.get(s.code, 0) + behind.get(s.code, 0)) for s in stages]


def _count(rows: QuerySet) -> Mapping[str, int]:
    return dict(rows.order_by().values_list("stage").annotate(n=Count("enrolment_id", distinct=True)))


def _sides(code: str, year: int, today: date, places: set[UUID] | None) -> tuple[QuerySet[Visit], QuerySet[Due]]:
    made = Visit.objects.filter(enrolment__programme=code, on__year=year, void_reason="")
    by_now = Q(closes_on__year=year) & (Q(state="missed") | Q(state="open", closes_on__lt=today))
    behind = Due.objects.filter(by_now, enrolment__programme=code)
    behind = behind.filter(~Exists(made.filter(enrolment=OuterRef("enrolment"), stage=OuterRef("stage"))))
    if places is not None:
        made, behind = (
            made.filter(enrolment__institution_id__in=places),
            behind.filter(enrolment__institution_id__in=places),
        )
    return made, behind


def people(
    programme: Programme, stage: str, year: int, today: date, places: set[UUID] | None, side: str
) -> QuerySet[Enrolment]:
    """Whose visit it was: counted, not counted, or all of them."""
    made, behind = _sides(programme.code, year, today, places)
    had = Q(pk__in=made.filter(stage=stage).values("enrolment_id"))
    had_not = Q(pk__in=behind.filter(stage=stage).values("enrolment_id"))
    chosen = {"counted": had, "not": had_not}.get(side, had | had_not)
    return Enrolment.objects.filter(chosen).order_by("institution_id", "resident__pinyin", "id")
