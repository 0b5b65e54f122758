"""What it costs whom, and how well the centre works; every number with the rows behind it."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from yigong.centres.sterile.models import Load, RecallItem, Round, Scan, Shortage
from yigong.centres.sterile.policies import PROCESS
from yigong.centres.sterile.queries.packs import sees_all
from yigong.centres.sterile.rules.definitions import limits
from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.months import add_months

# The steps that a pack must show before it may be issued.
TRACED = ("sort", "clean", "disinfect", "inspect", "pack", "load", "store", "issue")


@dataclass(frozen=True, slots=True)
class Cost:
    """One institution's month: packs received, of which credited (recalled unused), amount in fen, packs without a price, paid for missing parts."""

    institution_id: UUID
    packs: int
    credited: int
    amount: int
    unpriced: int
    shortages: int

    @property
    def total(self) -> int:
        """Fen for packs and missing parts together."""
        return self.amount + self.shortages


def charged(month: date, actor: Actor, institution_id: UUID | None = None) -> QuerySet[Round]:
    """Packs received in a month by the institutions whose costs the actor may see; ``credited`` marks those recalled before use."""
    begin, end = clock.span(month, add_months(month, 1) - timedelta(days=1))
    rows = Round.objects.filter(received_at__gte=begin, received_at__lt=end).select_related("pack", "destination")
    if not sees_all(actor):
        mine = Q(destination_id__in=actor.places)
        rows = rows.filter(mine | Q(pack__centre_id__in=actor.places) if actor.has(PROCESS) else mine)
    if institution_id:
        rows = rows.filter(destination_id=institution_id)
    called = RecallItem.objects.filter(round=OuterRef("pk"))
    return rows.annotate(credited=Q(used_at__isnull=True) & Exists(called)).order_by("received_at", "label")


def costs(month: date, actor: Actor, institution_id: UUID | None = None) -> list[Cost]:
    """The month by institution, dearest first."""
    rows = charged(month, actor, institution_id).order_by()
    found = rows.values("destination_id").annotate(
        n=Count("id"), off=Count("id", filter=Q(credited=True)), fen=Sum("price", filter=Q(credited=False)),
        bare=Count("id", filter=Q(price__isnull=True, credited=False)),
    )  # fmt: skip
    paid = _paid(month, actor)
    made = [
        Cost(row["destination_id"], row["n"], row["off"], row["fen"] or 0, row["bare"], paid.pop(row["destination_id"], 0))
        for row in found
    ]  # fmt: skip
    made += [Cost(place, 0, 0, 0, 0, fen) for place, fen in paid.items() if institution_id in (None, place)]
    return sorted(made, key=lambda one: (-one.total, str(one.institution_id)))


def _paid(month: date, actor: Actor) -> dict[UUID, int]:
    begin, end = clock.span(month, add_months(month, 1) - timedelta(days=1))
    rows = Shortage.objects.filter(state="settled", disposition="paid", state_since__gte=begin, state_since__lt=end)
    if not sees_all(actor):
        mine = Q(institution_id__in=actor.places)
        rows = rows.filter(mine | Q(centre_id__in=actor.places) if actor.has(PROCESS) else mine)
    return {row["institution_id"]: row["fen"] for row in rows.values("institution_id").annotate(fen=Sum("amount"))}


@dataclass(frozen=True, slots=True)
class Figures:
    """The centre in a period; shares as (part, whole), minutes as (median, P90, how many, in target)."""

    steps: dict[str, int]
    people: list[tuple[str, int]]
    days: list[tuple[date, int]]
    turnaround: tuple[float | None, float | None, int, int]
    fulfilment: tuple[float | None, float | None, int]
    reworked: tuple[int, int]
    loads: tuple[int, int]
    expired: int
    traced: tuple[int, int]
    recalls: tuple[int, int]


_TURNAROUND = """
select percentile_cont(0.5) within group (order by m), percentile_cont(0.9) within group (order by m), count(*),
  count(*) filter (where m <= %(target)s)
from (select extract(epoch from (r.stored_at - r.returned_at)) / 60 as m from sterile_round r join sterile_pack p on p.id = r.pack_id
      where r.stored_at >= %(begin)s and r.stored_at < %(end)s and (%(all)s or p.centre_id = any(%(places)s))) spans
"""
_FULFILMENT = """
select percentile_cont(0.5) within group (order by m), percentile_cont(0.9) within group (order by m), count(*)
from (select extract(epoch from (d.sent_at - q.asked_at)) / 60 as m from sterile_delivery d
      join sterile_supplyrequest q on q.id = d.request_id
      where d.sent_at >= %(begin)s and d.sent_at < %(end)s and (%(all)s or d.centre_id = any(%(places)s))) spans
"""
_TRACED = """
select count(*) filter (where steps >= %(wanted)s), count(*)
from (select count(distinct s.action) filter (where s.action = any(%(actions)s)) as steps
      from sterile_round r join sterile_pack p on p.id = r.pack_id join sterile_scan s on s.round_id = r.id
      where r.issued_at >= %(begin)s and r.issued_at < %(end)s and (%(all)s or p.centre_id = any(%(places)s)) group by r.id) rounds
"""


def figures(since: date, until: date, actor: Actor) -> Figures:
    """Workload, turnaround, rejection, expiry, completeness of tracing and recalls, each in one statement."""
    begin, end = clock.span(since, until)
    values: dict[str, Any] = {
        "begin": begin, "end": end, "all": sees_all(actor), "places": list(actor.places), "target": limits().turnaround_hours * 60,
        "actions": list(TRACED), "wanted": len(TRACED),
    }  # fmt: skip
    done = scans(since, until, actor)
    steps = {row["action"]: row["n"] for row in done.order_by().values("action").annotate(n=Count("id"))}
    work = done.exclude(action__in=["register", "expire", "receive", "use"]).order_by()
    people = work.values_list("actor_name").annotate(n=Count("id")).order_by("-n")[:20]
    turned, filled, traced = (statements.fetch(sql, values)[0] for sql in (_TURNAROUND, _FULFILMENT, _TRACED))
    loads = ended_loads(since, until, actor).order_by().values("state").annotate(n=Count("id"))
    ended = {row["state"]: row["n"] for row in loads}
    items = RecallItem.objects.filter(recall__opened_at__gte=begin, recall__opened_at__lt=end)
    if not sees_all(actor):
        items = items.filter(recall__centre_id__in=actor.places)
    return Figures(
        steps=steps, people=list(people), days=_by_day(done), turnaround=turned, fulfilment=filled,
        reworked=(steps.get("rework", 0), steps.get("inspect", 0) + steps.get("rework", 0)),
        loads=(ended.get("released", 0) + ended.get("early", 0), sum(ended.values())), expired=steps.get("expire", 0), traced=traced,
        recalls=(items.exclude(state__in=["wanted", "sealed", "exposed"]).count(), items.count()),
    )  # fmt: skip


def _by_day(rows: QuerySet[Scan]) -> list[tuple[date, int]]:
    stored = rows.filter(action="store").order_by().annotate(day=TruncDate("at", tzinfo=clock.SHANGHAI))
    return [(row["day"], row["n"]) for row in stored.values("day").annotate(n=Count("id")).order_by("day")]


def scans(since: date, until: date, actor: Actor, action: str = "") -> QuerySet[Scan]:
    """Scans that stand (not undone, not undoing) in a period, newest first: the rows behind the workload."""
    begin, end = clock.span(since, until)
    rows = Scan.objects.filter(at__gte=begin, at__lt=end, undoes__isnull=True, undone_by__isnull=True)
    if not sees_all(actor):
        rows = rows.filter(pack__centre_id__in=actor.places)
    if action:
        rows = rows.filter(action=action)
    return rows.select_related("pack", "round", "load", "institution").order_by("-at", "-id")


def ended_loads(since: date, until: date, actor: Actor) -> QuerySet[Load]:
    """Sterilisation cycles that were judged in a period."""
    begin, end = clock.span(since, until)
    rows = Load.objects.filter(kind="sterilise", finished_at__gte=begin, finished_at__lt=end)
    rows = rows.filter(state__in=["released", "early", "rejected", "recalled"]).select_related("machine")
    return (rows if sees_all(actor) else rows.filter(centre_id__in=actor.places)).order_by("-finished_at")


def slow_rounds(since: date, until: date, actor: Actor) -> QuerySet[Round]:
    """Rounds that took longer from return to store than the target, slowest first."""
    begin, end = clock.span(since, until)
    rows = Round.objects.filter(stored_at__gte=begin, stored_at__lt=end).select_related("pack")
    rows = rows.filter(stored_at__gt=F("returned_at") + timedelta(hours=limits().turnaround_hours))
    if not sees_all(actor):
        rows = rows.filter(pack__centre_id__in=actor.places)
    return rows.annotate(took=F("stored_at") - F("returned_at")).order_by("-took")
