"""Runs of a day with their stops and what is done at each."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.logistics.data import ConsignmentData, RunRow, StopRow
from yigong.logistics.models import Consignment, Route, Run, RunStop, Trouble, Van
from yigong.logistics.policies import DISPATCH
from yigong.logistics.queries.consignments import consignments_data, measured
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import RUN


def runs_of_day(on: date, actor: Actor) -> list[RunRow]:
    """The runs that the actor's institution sends on a day, in the order of their first stop."""
    rows = Run.objects.filter(on=on, base_id__in=actor.places)
    return sorted(_rows(rows), key=lambda run: (run.stops[0].planned_at if run.stops else clock.now(), run.name))


def runs_of_driver(on: date, actor: Actor) -> list[RunRow]:
    """The driver's own, the one under way first, those that are over last."""
    rows = Run.objects.filter(on=on, driver_id=actor.staff_id).exclude(state="cancelled")
    rank = {"under_way": 0, "planned": 1, "done": 2}
    return sorted(_rows(rows), key=lambda run: (rank[run.state], run.stops[0].planned_at if run.stops else clock.now()))


def run(run_id: UUID, actor: Actor) -> tuple[Run, RunRow]:
    """One run of the actor's institution or of the driver."""
    row = Run.objects.select_related("van", "driver", "route", "base").filter(pk=run_id).first()
    if row is None:
        raise NotFound()
    if not (actor.is_system or row.driver_id == actor.staff_id or row.base_id in actor.places):
        raise Forbidden(_("这是另一机构的物流班次。"))
    return row, _rows(Run.objects.filter(pk=run_id))[0]


def on_run(run_id: UUID) -> list[ConsignmentData]:
    """Everything a run carries or carried."""
    return consignments_data(measured(Consignment.objects.filter(run_id=run_id)).order_by("box", "number"))


def troubles_of(run_id: UUID) -> list[Trouble]:
    """What held it up, newest first."""
    return list(Trouble.objects.filter(run_id=run_id).order_by("-at"))


def troubles_of_day(on: date, actor: Actor) -> list[Trouble]:
    """What held the day's runs up."""
    rows = Trouble.objects.filter(run__on=on, run__base_id__in=actor.places)
    return list(rows.select_related("run").order_by("-at")[:20])


def routes(actor: Actor) -> QuerySet[Route]:
    """The routes of the actor's institution, resting ones last."""
    rows = Route.objects.filter(base_id__in=actor.places).select_related("van", "driver")
    return rows.prefetch_related("stops__institution").order_by("-is_active", "name")


def vans(actor: Actor, *, active: bool = False) -> list[Van]:
    """The vans of the actor's institution."""
    rows = Van.objects.filter(base_id__in=actor.places).order_by("-is_active", "name")
    return list(rows.filter(is_active=True) if active else rows)


def expected_at(place: UUID, number: str = "") -> datetime | None:
    """When the next run of today should be at a place; None where none comes."""
    rows = Run.objects.filter(on=clock.today(), state__in=["planned", "under_way"], stops__institution_id=place)
    times = [
        stop.expected_at for run in _rows(rows.distinct()) for stop in run.stops
        if stop.institution_id == place and not stop.is_over and stop.arrived_at is None
    ]  # fmt: skip
    return min(times, default=None)


def _rows(runs: QuerySet[Run]) -> list[RunRow]:
    """Six questions however many runs."""
    found = list(runs.select_related("van", "driver").prefetch_related("stops__institution"))
    waiting = _waiting({stop.institution_id for run in found for stop in run.stops.all()})
    carried: dict[UUID, list[ConsignmentData]] = defaultdict(list)
    for one in consignments_data(
        measured(Consignment.objects.filter(run__in=[run.pk for run in found], state="aboard"))
    ):
        if one.run_id:
            carried[one.run_id].append(one)
    told: dict[UUID, Trouble] = {}
    for trouble in Trouble.objects.filter(run__in=[run.pk for run in found]).order_by("at"):
        told[trouble.run_id] = trouble
    return [_row(run, waiting, carried[run.pk], told.get(run.pk)) for run in found]


def _row(
    run: Run, waiting: Sequence[ConsignmentData], aboard: Sequence[ConsignmentData], trouble: Trouble | None
) -> RunRow:
    stops = list(run.stops.all())
    open_now = run.state in {"planned", "under_way"}
    delay = max(_delay(stops, trouble), _behind(stops)) if open_now else 0
    return RunRow(
        id=run.pk, number=run.number, name=run.name, on=run.on, state=run.state, state_label=RUN.label(run.state),
        van=str(run.van) if run.van else "", driver=run.driver.name if run.driver else "", driver_id=run.driver_id, why=run.why,
        delay=delay, aboard=len(aboard),
        stops=tuple(_stop(stop, stops, delay, waiting if open_now else (), aboard) for stop in stops),
    )  # fmt: skip


def _stop(
    stop: RunStop,
    stops: Sequence[RunStop],
    delay: int,
    waiting: Sequence[ConsignmentData],
    aboard: Sequence[ConsignmentData],
) -> StopRow:
    ahead = {other.institution_id for other in stops if other.rank > stop.rank and not other.skipped}
    over = bool(stop.left_at or stop.skipped)
    expected = stop.planned_at if over else stop.planned_at + timedelta(minutes=delay)
    late = timedelta(minutes=definitions.parameters().late_minutes)
    return StopRow(
        id=stop.pk, rank=stop.rank, institution_id=stop.institution_id, name=stop.institution.short_name, planned_at=stop.planned_at,
        expected_at=stop.arrived_at or expected, arrived_at=stop.arrived_at, left_at=stop.left_at, skipped=stop.skipped,
        late=(stop.arrived_at or expected) - stop.planned_at > late,
        load=() if over else tuple(w for w in waiting if w.sender_id == stop.institution_id and w.receiver_id in ahead),
        unload=() if over else tuple(a for a in aboard if a.receiver_id == stop.institution_id and _first(stop, stops)),
    )  # fmt: skip


def _first(stop: RunStop, stops: Sequence[RunStop]) -> bool:
    """Things are put down at the first open stop of their receiver, where a run comes twice."""
    same = [s.rank for s in stops if s.institution_id == stop.institution_id and not s.left_at and not s.skipped]
    return stop.rank == min(same, default=stop.rank)


def _behind(stops: Sequence[RunStop]) -> int:
    """Minutes by which the next stop is overdue now: what is not reached is not expected in the past, nor is what comes after it."""
    ahead = next((stop for stop in stops if not stop.left_at and not stop.skipped), None)
    if ahead is None or ahead.arrived_at is not None:
        return 0
    return max(0, int((clock.now() - ahead.planned_at).total_seconds() // 60))


def _delay(stops: Sequence[RunStop], trouble: Trouble | None) -> int:
    """Minutes behind the plan: what the last stop showed, or what was told after it."""
    reached = [stop for stop in stops if stop.arrived_at]
    last = max(reached, key=lambda stop: stop.rank) if reached else None
    shown = int((last.arrived_at - last.planned_at).total_seconds() // 60) if last and last.arrived_at else 0
    if trouble and (last is None or last.arrived_at is None or trouble.at > last.arrived_at):
        return max(shown, 0) + trouble.minutes
    return max(shown, 0)


def _waiting(places: Iterable[UUID]) -> list[ConsignmentData]:
    rows = Consignment.objects.filter(Q(sender_id__in=list(places)), state="waiting")
    return consignments_data(measured(rows).order_by("state_since"))


def drivers(actor: Actor) -> list[tuple[Any, str]]:
    """Who drives at the actor's institution: those on duty now by the roster first, with until when."""
    from yigong.network import api as network

    if actor.institution_id is None or not actor.has(DISPATCH):
        return []
    duty = network.on_duty([actor.institution_id])
    posts = {post.staff_id: post.staff_name for post in network.posts_at(actor.institution_id, "driver")}
    return [
        (key, _driver_word(name, duty.get(key)))
        for key, name in sorted(posts.items(), key=lambda one: (one[0] not in duty, one[1]))
    ]


def _driver_word(name: str, until: datetime | None) -> str:
    return (
        _("%(name)s（在班到 %(at)s）") % {"name": name, "at": until.astimezone(clock.SHANGHAI).strftime("%H:%M")}
        if until
        else name
    )
