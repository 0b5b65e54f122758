"""Places, what is due there, what was done in a year against the norms, and rates whose figures are counts of rows."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Max, Min, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from yigong.network import api as network
from yigong.programmes.models import Site, SitePicture, SiteRecord
from yigong.programmes.rules.sites import Norm, Outreach, SiteRate

Places = Collection[UUID] | None


@dataclass(frozen=True)
class NormRow:
    """What one institution did of one norm: ``done`` of ``norm.times``."""

    institution_id: UUID
    name: str
    norm: Norm
    title: str
    done: int

    @property
    def short(self) -> int:
        """How many are missing."""
        return max(0, self.norm.times - self.done)


@dataclass(frozen=True)
class RateRow:
    """A rate: how many count of how many."""

    rate: SiteRate
    counts: int
    of: int

    @property
    def share(self) -> float | None:
        """The rate, or None where nothing is to be counted."""
        return self.counts / self.of if self.of else None


def within(rows: QuerySet[Any], places: Places) -> QuerySet[Any]:
    """The rows of these institutions (None: of all)."""
    return rows if places is None else rows.filter(institution_id__in=places)


def sites(definition: Outreach, places: Places, *, text: str = "", state: str = "", today: date) -> QuerySet[Site]:
    """The places under watch with their next look (``next_on``) and last record (``last_on``), the most pressing first."""
    rows = within(Site.objects.filter(programme=definition.code), places)
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(address__icontains=text))
    rows = rows.annotate(
        next_on=Min("dues__due_on", filter=Q(dues__state="open")),
        last_on=Max("records__on", filter=Q(records__void_reason="")),
    )
    chosen = {
        "overdue": Q(next_on__lt=today), "soon": Q(next_on__gte=today, next_on__lte=today + timedelta(days=14)), "closed": Q(closed_on__isnull=False),
    }  # fmt: skip
    rows = rows.filter(chosen[state]) if state in chosen else rows.filter(closed_on__isnull=True)
    return rows.order_by(F("next_on").asc(nulls_last=True), "name", "id")


def records(
    definition: Outreach, places: Places, year: int, *, activity: str = "", rate: str = "", side: str = "", place: UUID | None = None
) -> QuerySet[SiteRecord]:  # fmt: skip
    """The records of a year that count, newest first; of a rate: its denominator, or with ``side`` counted or not its two parts."""
    rows = within(SiteRecord.objects.filter(programme=definition.code, on__year=year, void_reason=""), places)
    if activity:
        rows = rows.filter(activity=activity)
    if place:
        rows = rows.filter(institution_id=place)
    if rate:
        rows = rows.filter(base__contains=[rate])
        counted = Q(counted__contains=[rate])
        rows = rows.filter(counted) if side == "counted" else rows.exclude(counted) if side == "not" else rows
    return rows.select_related("site").order_by("-on", "-recorded_at", "id")


def norms(definition: Outreach, places: Places, year: int) -> list[NormRow]:
    """Every institution of a norm's level against it, the furthest behind first."""
    found: list[NormRow] = []
    for norm in definition.norms:
        what = definition.activity(norm.activity)
        counted = Count("thing", distinct=True) if norm.count == "kinds" else Count("id")
        rows = (
            records(definition, places, year, activity=norm.activity)
            .order_by()
            .values("institution_id")
            .annotate(n=counted)
        )
        done = {row["institution_id"]: row["n"] for row in rows}
        title = _(what.title) if what else norm.activity
        found += [
            NormRow(place.id, place.short_name or place.name, norm, title, done.get(place.id, 0))
            for place in _of_level(norm.level, places, done)
        ]
    return sorted(found, key=lambda r: (-r.short, r.name, r.norm.activity))


def _of_level(level: str, places: Places, done: Collection[UUID]) -> list[Any]:
    keys = set(network.counted_in_county_ids()) if places is None else set(places)
    return [p for p in network.institutions(keys | set(done)).values() if p.level == level]


def rates(definition: Outreach, places: Places, year: int) -> list[RateRow]:
    """The rates of a year."""
    return [_rate(definition, rate, places, year) for rate in definition.rates]


def _rate(definition: Outreach, rate: SiteRate, places: Places, year: int) -> RateRow:
    if rate.base == "sites":
        watched = watched_in(definition, places, year)
        return RateRow(rate, reached(watched, rate, year).count(), watched.count())
    rows = records(definition, places, year, rate=rate.code)
    return RateRow(rate, records(definition, places, year, rate=rate.code, side="counted").count(), rows.count())


def watched_in(definition: Outreach, places: Places, year: int) -> QuerySet[Site]:
    """The places under watch at some time of a year."""
    rows = within(Site.objects.filter(programme=definition.code, since__year__lte=year), places)
    return rows.filter(Q(closed_on__isnull=True) | Q(closed_on__year__gte=year)).order_by("name", "id")


def reached(rows: QuerySet[Site], rate: SiteRate, year: int) -> QuerySet[Site]:
    """Of some places those that were looked at often enough in a year."""
    made = Count("records", filter=Q(records__activity=rate.activity, records__on__year=year, records__void_reason=""))
    return rows.annotate(made=made).filter(made__gte=rate.least)


def reach_of(definition: Outreach, places: Places, year: int) -> int:
    """People reached by the activities of a year; somebody who came twice counts twice."""
    return records(definition, places, year).aggregate(n=Sum("reach"))["n"] or 0


def pictures_of(record_id: UUID) -> list[SitePicture]:
    """The photographs of a record in order, the signature last; ``before`` is another record that shows the same picture."""
    rows = list(SitePicture.objects.filter(record=record_id).order_by("place"))
    elsewhere = SitePicture.objects.filter(kept__in=[r.kept_id for r in rows]).exclude(record=record_id)
    known = {p.kept_id: p.record for p in elsewhere.select_related("record__site").order_by("-record__on")}
    for row in rows:
        row.before = known.get(row.kept_id)  # type: ignore[attr-defined]
    return rows
