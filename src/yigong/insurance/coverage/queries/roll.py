"""The enrolment roll: who of the register is insured for a contribution year, who need not be, who is missing; by village, with the people behind.

Everybody in the register on the day counts, and who left it in the year is shown as having left. A person counts once:
gone (died, moved away), else enrolled, else exempt for a lawful reason, else missing. The rate is enrolled / (enrolled + missing); the rate of
the household register leaves the exempt in the denominator.
"""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.insurance.coverage import policies
from yigong.insurance.coverage.models import Enrolment, Exemption
from yigong.insurance.coverage.rules import INSURANCES, RESIDENTS
from yigong.network import api as network
from yigong.residents import api as residents

ENROLLED, MISSING, EXEMPT, GONE = "enrolled", "missing", "exempt", "gone"
STATES = (ENROLLED, MISSING, EXEMPT, GONE)


@dataclass(slots=True)
class Line:
    """A village (or all of them): people by state; ``reasons`` of those outside the denominator, ``schemes`` of the enrolled."""

    code: str
    name: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(STATES, 0))
    reasons: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    schemes: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def due(self) -> int:
        """The denominator."""
        return self.counts[ENROLLED] + self.counts[MISSING]

    @property
    def rate(self) -> float | None:
        """Enrolled of those who should be; None where nobody should."""
        return self.counts[ENROLLED] / self.due if self.due else None

    @property
    def register_rate(self) -> float | None:
        """The same with the exempt in the denominator."""
        of = self.due + self.counts[EXEMPT]
        return self.counts[ENROLLED] / of if of else None

    def lacking(self, target: float) -> int:
        """How many more must enrol to reach the target."""
        return max(0, -int((self.counts[ENROLLED] - target * self.due) // 1))

    def add(self, state: str, reason: str, number: int) -> None:
        """Count people."""
        self.counts[state] += number
        if state in (EXEMPT, GONE):
            self.reasons[reason] += number
        elif state == ENROLLED:
            self.schemes[reason] += number


def people(year: int, places: Collection[UUID] | None) -> QuerySet[Any]:
    """Everybody who counts, with ``standing``: the state, a colon, and the scheme or the reason.

    Each ``pk__in`` is a list that the database makes once for all people, not a question per person.
    """
    today = clock.today()
    first, last = date(year, 1, 1), date(year, 12, 31)
    seen = min(today, last)
    rows = residents.population(on=min(first, today)) | residents.population(on=seen)
    if places is not None:
        rows = rows.filter(managing_institution_id__in=places)
    # A coming year's season: whoever has paid holds insurance on its first day.
    day = first if first > today else seen
    holding = Enrolment.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=day), starts_on__lte=day)
    exempt = Exemption.objects.filter(year=year, withdrawn_because="")
    ways = [When(~Q(status="active"), closed_on__lte=seen, then=Concat(Value(f"{GONE}:"), "status"))]
    if linked := _linked(holding):
        ways.append(When(pk__in=list(linked), then=Value(f"{ENROLLED}:{RESIDENTS}")))
    ways += [
        When(pk__in=holding.filter(insurance=code).values("resident_id"), then=Value(f"{ENROLLED}:{code}"))
        for code in INSURANCES
    ]
    reasons = exempt.order_by("reason").values_list("reason", flat=True).distinct()
    ways += [
        When(pk__in=exempt.filter(reason=one).values("resident_id"), then=Value(f"{EXEMPT}:{one}")) for one in reasons
    ]
    return rows.annotate(standing=Case(*ways, default=Value(f"{MISSING}:")))


def _linked(holding: QuerySet[Enrolment]) -> set[UUID]:
    """People insured under the key of a registration that was linked to theirs later: rows keep the key they were written with."""
    inside = residents.population().filter(pk=OuterRef("resident_id"))
    strays = list(holding.filter(~Exists(inside)).values_list("resident_id", flat=True)[:5000])
    return {today for key, today in residents.resolve(strays).items() if today != key} if strays else set()


def roll(actor: Actor, year: int) -> tuple[list[Line], Line]:
    """The villages the actor sees and all of them together."""
    found = (
        people(year, policies.places(actor))
        .order_by()
        .values_list("division_code", "township", "village", "standing")
        .annotate(number=Count("pk"))
    )
    lines: dict[str, Line] = {}
    whole = Line("", "")
    for code, township, village, standing, number in found:
        state, _colon, why = standing.partition(":")
        line = lines.setdefault(code, Line(code, f"{township}{village}"))
        line.name = line.name or f"{township}{village}"
        for one in (line, whole):
            one.add(state, why, number)
    return sorted(lines.values(), key=lambda line: line.code), whole


def rows(actor: Actor, year: int, *, state: str, village: str | None, reason: str = "", page: int = 1) -> Page[Any]:
    """The people behind a figure; ``name`` is None for whom the actor may not read about. Each is decided and logged."""
    found = _chosen(actor, year, state, village, reason)
    shown = page_of(found.order_by("division_code", "household_id", "pk"), page=page, limit=30)
    readable = readable_of(actor, [row.id for row in shown.items])
    for row in shown.items:
        row.readable, row.why = row.id in readable, row.standing.partition(":")[2]
    return shown


def export_rows(actor: Actor, year: int, *, state: str, village: str | None, limit: int = 5000) -> list[Any]:
    """The same for a spreadsheet, at most ``limit``; only who may be read about."""
    found = list(_chosen(actor, year, state, village, "").order_by("division_code", "household_id", "pk")[:limit])
    readable = readable_of(actor, [row.id for row in found])
    for row in found:
        row.why = row.standing.partition(":")[2]
    return [row for row in found if row.id in readable]


def _chosen(actor: Actor, year: int, state: str, village: str | None, reason: str) -> QuerySet[Any]:
    found = people(year, policies.places(actor))
    if village is not None:
        found = found.filter(division_code=village)
    return found.filter(standing=f"{state}:{reason}") if reason else found.filter(standing__startswith=f"{state}:")


def readable_of(actor: Actor, ids: list[UUID]) -> set[UUID]:
    """Of whom the actor may see the name: decided and logged together."""
    kind = "coverage" if actor.is_system or actor.has(policies.KEEP) else "resident"
    decided = access.decide_many(actor, "read_detail", kind, ids)
    return {key for key, one in decided.items() if one.allowed}


def village_name(code: str) -> str:
    """A village by its code."""
    place = network.place_by_code(code)
    return place.name if place else code
