"""Times: one each, in order, entered by who takes part; corrections keep what was there before."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency import policies
from yigong.centres.emergency.commands import clocks
from yigong.centres.emergency.commands.common import locked_case
from yigong.centres.emergency.commands.errors import NotYours, OutOfOrder, TimeKnown
from yigong.centres.emergency.models import Case, Run, TimePoint
from yigong.centres.emergency.rules import definitions, times
from yigong.centres.emergency.rules.workflow import aboard, at_centre, at_hospital, at_origin
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput, NotFound

WHO = {"dispatcher": "调度员", "crew": "车组", "hospital": "接收医院", "primary": "首诊机构"}
_OLDEST = timedelta(days=60)


@racing("emergency.enter_time")
@transaction.atomic
def enter_time(
    *,
    case_id: UUID,
    code: str,
    actor: Actor,
    at: datetime | None = None,
    reason: str = "",
    key: UUID | None = None,
) -> TimePoint:
    """Enter one time of the pathway or a time of the run that was forgotten; ``at`` is now where it is not given.

    The same ``key`` again is the same time. Entered later than the pack allows it is marked late and wants a reason. Raises OutOfOrder naming the other
    time, TimeKnown, NotYours.
    """
    row = locked_case(case_id)
    if key and (known := TimePoint.objects.filter(key=key, case=row).first()):
        return known
    run = running(row) if code in definitions.run_nodes() and code != "call_received" else None
    check_party(row, run, code, actor)
    point = write(row, run, code, at or clock.now(), actor, reason=reason, key=key)
    _follow(row, run, code, actor)
    return point


@transaction.atomic
def correct_time(*, case_id: UUID, code: str, at: datetime, reason: str, actor: Actor) -> TimePoint:
    """Another time instead, with a reason; the old one stays readable."""
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("更正时间请写明原因，原来的时间会保留。")})
    row = locked_case(case_id)
    old = TimePoint.objects.filter(case=row, code=code, current=True).order_by("-entered_at").first()
    if old is None:
        raise NotFound()
    check_party(row, old.run, code, actor)
    TimePoint.objects.filter(pk=old.pk).update(current=False)
    return write(row, old.run, code, at, actor, reason=reason, correcting=True)


def _follow(row: Case, run: Run | None, code: str, actor: Actor) -> None:
    """States follow what was entered by hand as they follow taps."""
    from yigong.centres.emergency.commands import dispatching

    if run is not None:
        dispatching.follow(row, run, code, actor)
    elif code == "door" and "hospital" in kinds_of(row, None, actor):
        dispatching.arrive(row, actor)


def write(
    row: Case,
    run: Run | None,
    code: str,
    at: datetime,
    actor: Actor,
    *,
    reason: str = "",
    key: UUID | None = None,
    correcting: bool = False,
) -> TimePoint:
    """Check and write one time; the caller holds the case's lock and has asked whether the actor takes part."""
    known = points(row, run)
    if code in known:
        raise _known(known[code])
    _check_order(row, code, at, {one: point.at for one, point in known.items()})
    limit, now = definitions.limits(), clock.now()
    late = correcting or times.is_late(at, now, limit.late_minutes)
    if late and not reason.strip():
        raise InvalidInput(
            errors={
                "reason": _("这个时间已过去 %(n)s 分钟以上，属于补录，请写明补录原因。") % {"n": limit.late_minutes}
            }
        )
    node = definitions.run_nodes().get(code)
    point = TimePoint(
        case=row, run=run, code=code, rank=node.rank if node else 0, at=at, entered_at=now, entered_by=actor.name[:80],
        staff_id=actor.staff_id, institution_id=actor.institution_id, late=late, reason=reason.strip()[:200] if late else "", key=key,
    )  # fmt: skip
    with refusing(emergency_times_in_order=OutOfOrder(errors={"at": _("时间与已登记的其他节点前后矛盾，请核对。")})):
        point.save(force_insert=True)
    clocks.follow(row)
    return point


def points(row: Case, run: Run | None) -> dict[str, TimePoint]:
    """The current times by node: the case's and those of one run."""
    found = TimePoint.objects.filter(case=row, current=True).select_related("run")
    return {one.code: one for one in found if one.run_id is None or (run and one.run_id == run.pk)}


def running(row: Case) -> Run | None:
    """The vehicle that carries the patient, under way or back."""
    return row.runs.exclude(state__in=("cancelled", "empty")).select_related("vehicle", "case").first()


def known_times(row: Case) -> dict[str, datetime]:
    """Times by node of the case, the run's standing in for first contact and door."""
    return times.with_stand_ins({code: point.at for code, point in points(row, running(row)).items()})


def labels(row: Case) -> dict[str, str]:
    """The words for every node the case can have."""
    path = definitions.pathway(row.pathway, row.pathway_version)
    own = {code: node.label for code, node in path.nodes().items()} if path else {}
    common = {"fmc": _("首次医疗接触"), "door": _("进入大门"), "onset": _("发病")}
    return common | {code: node.label for code, node in definitions.run_nodes().items()} | own


def kinds_of(row: Case, run: Run | None, actor: Actor) -> set[str]:
    """As what the actor takes part: dispatcher, crew, hospital, primary."""
    found = set()
    if actor.has(policies.CALL) and at_centre(row, actor):
        found.add("dispatcher")
    if run and actor.has(policies.CREW) and aboard(run, actor):
        found.add("crew")
    if actor.has(policies.TREAT) and at_hospital(row, actor):
        found.add("hospital")
    if actor.has(policies.FIRST) and at_origin(row, actor):
        found.add("primary")
    return found


def may_enter(row: Case, code: str, kinds: set[str]) -> bool:
    """Whether somebody of these kinds enters this node. The dispatcher also writes what the crew says by telephone."""
    return bool(kinds & _wanted(row, code)) or ("dispatcher" in kinds and "crew" in _wanted(row, code))


def _wanted(row: Case, code: str) -> set[str]:
    node = definitions.run_nodes().get(code)
    if node is not None:
        return {node.who}
    path = definitions.pathway(row.pathway, row.pathway_version)
    own = path.nodes().get(code) if path else None
    if own is not None:
        return set(own.who)
    return {"crew", "hospital", "primary"} if code in {"fmc", "onset"} else {"hospital"} if code == "door" else set()


def check_party(row: Case, run: Run | None, code: str, actor: Actor) -> None:
    """NotYours where somebody else enters this node; InvalidInput for a node that the case does not have."""
    wanted = _wanted(row, code)
    if not wanted:
        raise InvalidInput(errors={"code": _("这次救治没有这个时间节点，请先选择救治通道。")})
    if not actor.is_system and not may_enter(row, code, kinds_of(row, run, actor)):
        raise NotYours(label=labels(row)[code], who="、".join(_(WHO[one]) for one in WHO if one in wanted))


def fits(row: Case, code: str, at: datetime) -> bool:
    """Whether this time could be entered for this node as the case stands: not in the future, not before what it has to follow."""
    try:
        _check_order(row, code, at, {one: point.at for one, point in points(row, running(row)).items()})
    except OutOfOrder:
        return False
    return True


def _check_order(row: Case, code: str, at: datetime, known: Mapping[str, datetime]) -> None:
    now, limit = clock.now(), definitions.limits()
    words = labels(row)
    if at > now + timedelta(minutes=limit.future_minutes):
        text = _("“%(label)s”不能晚于现在（%(now)s）。") % {"label": words[code], "now": shown(now)}
        raise OutOfOrder(errors={"at": text})
    if at < row.opened_at - _OLDEST:
        raise OutOfOrder(errors={"at": _("这个时间太早，请核对日期。")})
    path = definitions.pathway(row.pathway, row.pathway_version)
    after = {one: node.after for one, node in path.nodes().items()} if path else {}
    ranks = {one: node.rank for one, node in definitions.run_nodes().items()}
    found = times.clash(code, at, known, times.order_of(code, after, ranks))
    if found is None:
        return
    text = (
        _("“%(label)s”（%(at)s）不能早于“%(other)s”（%(when)s），请核对。")
        if found.should_come_first
        else _("“%(label)s”（%(at)s）不能晚于“%(other)s”（%(when)s），请核对。")
    )
    given = {"label": words[code], "at": shown(at), "other": words.get(found.code, found.code), "when": shown(found.at)}
    raise OutOfOrder(errors={"at": text % given})


def shown(at: datetime) -> str:
    """Day and time of day in China."""
    return at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")


def _known(point: TimePoint) -> TimeKnown:
    return TimeKnown(label=labels(point.case)[point.code], at=shown(point.at), by=point.entered_by)
