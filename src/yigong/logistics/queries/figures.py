"""On time, out of temperature, lost: a period's figures and the rows behind each."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.logistics.models import Consignment, RunStop, Temperature
from yigong.logistics.rules import definitions

WIDE = frozenset({"director", "bureau", "quality_manager"})
STOPS = ("stops", "on_time", "late", "skipped")
GOODS = ("sent", "received", "differing", "excursions", "unmeasured", "damaged", "lost")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts of a period by name; a share of nothing is None."""

    counts: dict[str, int]
    by_kind: list[dict[str, Any]]

    def lines(self, word: str) -> list[dict[str, Any]]:
        """Each kind of goods, and all of them under ``word``; none where nothing travelled."""
        return [*self.by_kind, self.counts | {"label": word, "kind": ""}] if self.by_kind else []

    def share(self, part: str, whole: str) -> float | None:
        """Percent with one decimal."""
        return round(self.counts[part] * 100 / self.counts[whole], 1) if self.counts[whole] else None


def figures(since: date, until: date, actor: Actor) -> Figures:
    """Three questions."""
    stops = stops_between(since, until, actor).aggregate(**{name: Count("id", filter=_stop(name)) for name in STOPS})
    sent = sent_between(since, until, actor)
    goods = sent.aggregate(**{name: Count("id", filter=_goods(name)) for name in GOODS})
    kinds = sent.values("kind").annotate(**{name: Count("id", filter=_goods(name)) for name in GOODS}).order_by("kind")
    labels = definitions.goods()
    rows = [row | {"label": labels[row["kind"]].label if row["kind"] in labels else row["kind"]} for row in kinds]
    return Figures(stops | goods, rows)


def stops_between(since: date, until: date, actor: Actor) -> QuerySet[RunStop]:
    """The stops of runs that were driven."""
    rows = RunStop.objects.filter(run__on__range=(since, until), run__state__in=["under_way", "done"])
    rows = rows.filter(Q(arrived_at__isnull=False) | ~Q(skipped=""))
    if actor.is_system or actor.role in WIDE:
        return rows
    return rows.filter(Q(run__base_id__in=actor.places) | Q(institution_id__in=actor.places))


def sent_between(since: date, until: date, actor: Actor) -> QuerySet[Any]:
    """What began its way in the period."""
    begin, end = clock.span(since, until)
    rows: QuerySet[Any] = Consignment.objects.filter(loaded_at__gte=begin, loaded_at__lt=end)
    if not (actor.is_system or actor.role in WIDE):
        here = actor.places
        rows = rows.filter(Q(sender_id__in=here) | Q(receiver_id__in=here) | Q(run__base_id__in=here))
    read = Temperature.objects.filter(consignment=OuterRef("pk"))
    limited = [code for code, band in definitions.bands().items() if band.low is not None or band.high is not None]
    return rows.annotate(
        broken=Exists(read.filter(is_within=False)), blind=Q(band__in=limited) & ~Exists(read)
    )  # fmt: skip


def stops_of(name: str, since: date, until: date, actor: Actor) -> QuerySet[RunStop]:
    """The stops behind a figure."""
    rows = stops_between(since, until, actor).filter(_stop(name)).select_related("run", "institution")
    return rows.order_by("-planned_at", "id")


def goods_of(name: str, since: date, until: date, actor: Actor) -> QuerySet[Any]:
    """The consignments behind a figure."""
    return sent_between(since, until, actor).filter(_goods(name)).order_by("-loaded_at", "id")


def _stop(name: str) -> Q:
    limit = F("planned_at") + timedelta(minutes=definitions.parameters().late_minutes)
    ways: dict[str, Callable[[], Q]] = {
        "stops": Q,
        "on_time": lambda: Q(arrived_at__lte=limit),
        "late": lambda: Q(arrived_at__gt=limit),
        "skipped": lambda: ~Q(skipped=""),
    }
    return ways[name]()


def _goods(name: str) -> Q:
    return {
        "sent": Q(), "received": Q(state="received"), "differing": Q(state="received") & ~Q(difference=""), "excursions": Q(broken=True),
        "unmeasured": Q(blind=True), "damaged": Q(state="damaged"), "lost": Q(state="lost"),
    }[name]  # fmt: skip
