"""Vans, routes, the runs of a day, and how a run goes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states import api as states
from yigong.logistics.commands import alarms
from yigong.logistics.commands.carrying import open_run
from yigong.logistics.data import StopPlan
from yigong.logistics.errors import BadRoute, Busy, StillAboard
from yigong.logistics.models import Consignment, Route, RouteStop, Run, RunStop, Trouble, Van
from yigong.logistics.policies import DISPATCH
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import RUN
from yigong.network import api as network

MOST_STOPS = 20
LATEST_WARNING = 1440


def add_van(*, plate: str, name: str, actor: Actor) -> Van:
    """A vehicle of the dispatcher's institution."""
    here = _desk(actor)
    errors = {}
    if not plate.strip():
        errors["plate"] = _("请填写车牌号。")
    if not name.strip():
        errors["name"] = _("请填写车辆名称，例如“一号冷链车”。")
    if errors:
        raise InvalidInput(errors=errors)
    try:
        with transaction.atomic():
            return Van.objects.create(base_id=here, plate=plate.strip().upper()[:20], name=name.strip()[:40])
    except IntegrityError:
        raise InvalidInput(errors={"plate": _("车牌 %(plate)s 已登记。") % {"plate": plate.strip()}}) from None


@transaction.atomic
def use_van(*, van_id: UUID, is_active: bool, actor: Actor) -> Van:
    """Out of use, or in use again."""
    van = Van.objects.select_for_update().filter(pk=van_id, base_id=_desk(actor)).first()
    if van is None:
        raise NotFound()
    van.is_active = is_active
    van.save(update_fields=["is_active"])
    return van


@transaction.atomic
def save_route(
    *,
    name: str,
    weekdays: Sequence[int],
    stops: Sequence[StopPlan],
    actor: Actor,
    route_id: UUID | None = None,
    van_id: UUID | None = None,
    driver_id: UUID | None = None,
) -> Route:
    """A new route, or a changed one: runs that were made before keep their stops."""
    here = _desk(actor)
    row = _route(route_id, here) if route_id else Route(base_id=here)
    _check_route(name, weekdays, stops)
    row.name, row.weekdays = name.strip()[:40], sorted(set(weekdays))
    row.van, row.driver_id = _van(van_id, here), _driver(driver_id, here)
    with refusing(logistics_route_once=BadRoute(errors={"name": _("已有同名线路。")})):
        row.save()
    row.stops.all().delete()
    RouteStop.objects.bulk_create(
        RouteStop(route=row, rank=n, institution_id=stop.institution_id, at=stop.at) for n, stop in enumerate(stops, 1)
    )
    return row


@transaction.atomic
def use_route(*, route_id: UUID, is_active: bool, actor: Actor) -> Route:
    """No more runs are made of a route that rests."""
    row = _route(route_id, _desk(actor))
    row.is_active = is_active
    row.save(update_fields=["is_active"])
    return row


@racing("logistics.make_runs")
def make_runs(*, on: date, actor: Actor) -> int:
    """The runs of a day, one for each route that is driven on it; made already is made. Returns how many are new."""
    routes = Route.objects.filter(is_active=True, weekdays__contains=[on.isoweekday()]).prefetch_related("stops")
    if not actor.is_system:
        routes = routes.filter(base_id=_desk(actor))
    done = set(Run.objects.filter(on=on, route__isnull=False).values_list("route_id", flat=True))
    return sum(_make(route, on, actor) for route in routes.order_by("name") if route.pk not in done)


@transaction.atomic
def send_run(*, name: str, why: str, stops: Sequence[StopPlan], van_id: UUID, driver_id: UUID, actor: Actor) -> Run:
    """A run outside every route, today, with its reason."""
    here = _desk(actor)
    if not why.strip():
        raise InvalidInput(errors={"why": _("请写明临时派车的原因。")})
    _check_route(name, [1], stops)
    row = Run(
        number=dated_number("logistics.run", "BC"), base_id=here, name=name.strip()[:40], on=clock.today(),
        van=_van(van_id, here), driver_id=_driver(driver_id, here), why=why.strip()[:200],
    )  # fmt: skip
    states.start(RUN, row, "planned", actor=actor)
    _stops(row, stops)
    return row


@transaction.atomic
def assign(*, run_id: UUID, van_id: UUID, driver_id: UUID, actor: Actor) -> Run:
    """Which van and who drives it, before it leaves."""
    run = _run(run_id)
    return states.transition(
        RUN, run, "assign", actor=actor, van=_van(van_id, run.base_id), driver_id=_driver(driver_id, run.base_id)
    )


@transaction.atomic
def cancel_run(*, run_id: UUID, reason: str, actor: Actor) -> Run:
    """Not driven: what was loaded is taken off by hand first."""
    run = _run(run_id)
    _check_empty(run)
    return states.transition(RUN, run, "cancel", actor=actor, reason=reason)


@racing("logistics.arrive")
@transaction.atomic
def arrive(*, stop_id: UUID, actor: Actor, at: datetime | None = None) -> RunStop:
    """The vehicle is at a stop. The first arrival begins the run. Tapped twice, the first time stands. ``at``: when, where it is told later."""
    stop = _stop(stop_id)
    run = open_run(stop.run_id, actor)
    _check_order(stop, at)
    if stop.skipped:
        raise Conflict(_("这一站已登记不停靠（%(why)s），请与调度核对。") % {"why": stop.skipped})
    depart(run, actor)
    RunStop.objects.filter(pk=stop.pk, arrived_at__isnull=True, skipped="").update(arrived_at=at or clock.now())
    stop.refresh_from_db()
    return stop


@transaction.atomic
def leave(*, stop_id: UUID, actor: Actor, at: datetime | None = None) -> RunStop:
    """The vehicle goes on. Left at the last stop, the run is done. ``at``: when, where it is told later."""
    stop = _stop(stop_id)
    run = open_run(stop.run_id, actor)
    if stop.arrived_at is None:
        raise InvalidInput(_("请先点“到达”，再点“离开”。"))
    if at and at < stop.arrived_at:
        raise Conflict(_("离开时间早于到达时间，请核对。"))
    RunStop.objects.filter(pk=stop.pk, left_at__isnull=True).update(left_at=at or clock.now())
    stop.refresh_from_db()
    _end(run, actor)
    return stop


@transaction.atomic
def skip(*, stop_id: UUID, reason: str, actor: Actor) -> RunStop:
    """Passed by, with the reason."""
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明不停靠的原因。")})
    stop = _stop(stop_id)
    run = open_run(stop.run_id, actor)
    _check_order(stop)
    if stop.arrived_at is not None:
        raise Conflict(_("这一站已经到达，不能再登记为不停靠。"))
    stop.skipped = reason.strip()[:200]
    stop.save(update_fields=["skipped"])
    depart(run, actor)
    _end(run, actor)
    return stop


@transaction.atomic
def report_trouble(*, run_id: UUID, kind: str, note: str, way_on: str, minutes: int, actor: Actor) -> Trouble:
    """What holds the run up, for how long, and the way on; the dispatcher is told, the stops ahead see the new time."""
    run = open_run(run_id, actor)
    errors = {}
    if kind not in definitions.troubles():
        errors["kind"] = _("请从列表中选择。")
    if not note.strip():
        errors["note"] = _("请写明在哪里、发生了什么。")
    if not way_on.strip():
        errors["way_on"] = _("请写明下一步：绕行、等候、换车，还是改交其他班次。")
    if not 0 <= minutes <= LATEST_WARNING:
        errors["minutes"] = _("预计延误应在 0 到 %(most)s 分钟之间。") % {"most": LATEST_WARNING}
    if errors:
        raise InvalidInput(errors=errors)
    row = Trouble.objects.create(
        run=run, kind=kind, note=note.strip()[:200], way_on=way_on.strip()[:200], minutes=minutes, at=clock.now(),
        recorded_by=actor.name[:80],
    )  # fmt: skip
    alarms.held_up(run, row)
    return row


def depart(run: Run, actor: Actor) -> None:
    """Under way from now on, if it is not yet; one van and one driver are on one run."""
    if run.state != "planned":
        return
    if run.van_id is None:
        raise InvalidInput(_("班次 %(run)s 还没有安排车辆。") % {"run": run.number})
    van = Busy(what=str(run.van), kind=_("车辆"))
    driver = Busy(what=run.driver.name if run.driver else "", kind=_("司机"))
    with refusing(logistics_van_on_one_run=van, logistics_driver_on_one_run=driver):
        states.transition(RUN, run, "depart", actor=actor)


def _desk(actor: Actor) -> UUID:
    if actor.institution_id is None or not actor.has(DISPATCH):
        raise Forbidden(_("线路、车辆和班次由物流调度安排。"))
    return actor.institution_id


def _route(route_id: UUID, base_id: UUID) -> Route:
    row = Route.objects.select_for_update(of=("self",)).filter(pk=route_id, base_id=base_id).first()
    if row is None:
        raise NotFound()
    return row


def _run(run_id: UUID) -> Run:
    row = Run.objects.select_for_update(of=("self",)).select_related("driver").filter(pk=run_id).first()
    if row is None:
        raise NotFound()
    return row


def _stop(stop_id: UUID) -> RunStop:
    row = RunStop.objects.filter(pk=stop_id).first()
    if row is None:
        raise NotFound()
    return row


def _van(van_id: UUID | None, base_id: UUID) -> Van | None:
    if van_id is None:
        return None
    van = Van.objects.filter(pk=van_id, base_id=base_id, is_active=True).first()
    if van is None:
        raise InvalidInput(errors={"van_id": _("请选择本机构在用的车辆。")})
    return van


def _driver(driver_id: UUID | None, base_id: UUID) -> UUID | None:
    if driver_id is None:
        return None
    if driver_id not in {post.staff_id for post in network.posts_at(base_id, "driver")}:
        raise InvalidInput(errors={"driver_id": _("请选择本机构的物流司机。")})
    return driver_id


def _check_route(name: str, weekdays: Sequence[int], stops: Sequence[StopPlan]) -> None:
    errors = {}
    if not name.strip():
        errors["name"] = _("请填写线路名称，例如“河西线”。")
    if not weekdays or not set(weekdays) <= set(range(1, 8)):
        errors["weekdays"] = _("请选择每周哪几天发车。")
    if not 2 <= len(stops) <= MOST_STOPS:
        errors["stops"] = _("请填写 2 到 %(most)s 站。") % {"most": MOST_STOPS}
    elif any(later.at <= earlier.at for earlier, later in pairwise(stops)):
        errors["stops"] = _("各站时间应从早到晚。")
    elif any(one.institution_id == two.institution_id for one, two in pairwise(stops)):
        errors["stops"] = _("相邻两站不能是同一机构。")
    elif len(network.institutions({stop.institution_id for stop in stops})) != len({s.institution_id for s in stops}):
        errors["stops"] = _("请从列表中选择每一站的机构。")
    if errors:
        raise BadRoute(errors=errors)


def _check_order(stop: RunStop, at: datetime | None = None) -> None:
    before = RunStop.objects.filter(run_id=stop.run_id, rank__lt=stop.rank).select_related("institution")
    first = before.filter(left_at__isnull=True, skipped="").order_by("rank").first()
    if first is not None:
        name = first.institution.short_name
        raise Conflict(_("前一站%(place)s还没有离开，请先办完那一站或登记不停靠。") % {"place": name})
    later = before.filter(left_at__gt=at).order_by("-rank").first() if at else None
    if later is not None:
        raise Conflict(_("这个时间早于离开前一站%(place)s的时间，请核对。") % {"place": later.institution.short_name})


def _check_empty(run: Run) -> None:
    left = list(Consignment.objects.filter(run=run, state="aboard").order_by("number").values_list("number", flat=True))
    if left:
        raise StillAboard(n=len(left), numbers="、".join(left[:5]))


def _make(route: Route, on: date, actor: Actor) -> bool:
    row = Run(
        number=dated_number("logistics.run", "BC"), base_id=route.base_id, route=route, name=route.name, on=on,
        van_id=route.van_id, driver_id=_rostered(route, on),
    )  # fmt: skip
    try:
        with transaction.atomic():
            states.start(RUN, row, "planned", actor=actor)
            _stops(row, [StopPlan(stop.institution_id, stop.at) for stop in route.stops.all()])
    except IntegrityError:  # the clock and the dispatcher in the same moment
        return False
    return True


def _rostered(route: Route, on: date) -> UUID | None:
    """The route's driver where the roster of the day has him at the first stop's time, or has nobody for driving then; else somebody on duty whom no
    other run of the day has; else nobody, and the dispatcher is shown that."""
    first = min((stop.at for stop in route.stops.all()), default=None)
    if first is None:
        return route.driver_id
    at = datetime.combine(on, first, clock.SHANGHAI)
    here = {post.staff_id for post in network.posts_at(route.base_id, "driver", on)}
    able = [key for key in network.on_duty([route.base_id], "driver", at) if key in here]
    if not able or route.driver_id in able:
        return route.driver_id
    taken = set(
        Run.objects.filter(on=on, base_id=route.base_id).exclude(state="cancelled").values_list("driver_id", flat=True)
    )
    return next((key for key in able if key not in taken), None)


def _stops(run: Run, stops: Sequence[StopPlan]) -> None:
    RunStop.objects.bulk_create(
        RunStop(
            run=run, rank=n, institution_id=stop.institution_id,
            planned_at=datetime.combine(run.on, stop.at, clock.SHANGHAI),
        )
        for n, stop in enumerate(stops, 1)
    )  # fmt: skip


def _end(run: Run, actor: Actor) -> None:
    if RunStop.objects.filter(run=run, left_at__isnull=True, skipped="").exists():
        return
    _check_empty(run)
    run.refresh_from_db()
    if run.state == "under_way":
        states.transition(RUN, run, "finish", actor=actor)


def make_runs_ahead() -> int:
    """Today's and tomorrow's, by the clock."""
    day = clock.today()
    return sum(make_runs(on=day + timedelta(days=n), actor=system("logistics")) for n in (0, 1))
