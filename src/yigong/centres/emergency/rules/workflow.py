"""The workflows: a case from the call to the outcome, a vehicle's run, the clock of a target."""

from datetime import timedelta
from typing import Any

from yigong.centres.emergency import policies
from yigong.centres.emergency.models import Case, Run, TargetClock
from yigong.centres.emergency.rules.definitions import limits, one_of
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind


def at_centre(row: Any, actor: Actor) -> bool:
    """Somebody of the institution that runs the emergency centre."""
    return row.centre_id in actor.institution_ids


def at_hospital(row: Any, actor: Actor) -> bool:
    """Somebody of the hospital that the patient is brought to."""
    return row.destination_id in actor.institution_ids


def at_origin(row: Any, actor: Actor) -> bool:
    """Somebody of the institution of the first contact."""
    return row.origin_id is not None and row.origin_id in actor.institution_ids


def aboard(row: Run, actor: Actor) -> bool:
    """Somebody of the crew, or the dispatcher who is told by telephone."""
    if actor.has(policies.CALL) and row.case.centre_id in actor.institution_ids:
        return True
    return actor.staff_id is not None and row.crew.filter(staff_id=actor.staff_id).exists()


def brings(row: Case, actor: Actor) -> bool:
    """Whoever may say that the patient arrived: crew, dispatcher, hospital."""
    run = row.runs.order_by("-sent_at").first()
    return at_hospital(row, actor) or at_centre(row, actor) or bool(run and aboard(run, actor))


def _either(row: Case, actor: Actor) -> bool:
    return at_centre(row, actor) or at_origin(row, actor) or at_hospital(row, actor)


def _until_sent(row: Case) -> timedelta:
    return timedelta(minutes=limits().dispatch_minutes)


def _until_there(row: Case) -> timedelta:
    return timedelta(minutes=limits().transfer_minutes)


def _until_triaged(row: Case) -> timedelta:
    return timedelta(minutes=limits().triage_minutes)


def _until_seen(row: Case) -> timedelta:
    return timedelta(minutes=one_of("level", row.level).minutes)


def _until_out(row: Case) -> timedelta:
    return timedelta(hours=limits().resuscitation_hours)


def _until_over(row: Case) -> timedelta:
    return timedelta(hours=limits().observation_hours)


def _case_due(row: Case) -> timedelta | None:
    from yigong.centres.emergency.commands.clocks import case_due

    return case_due(row)


_DESK = (policies.CALL, at_centre)
_WARD = (policies.TREAT, at_hospital)
_IN_CARE = ("in_care", "resuscitation", "observation")
_HERE = ("arrived", "waiting", *_IN_CARE)

CASE = StateTable(
    name="emergency.case",
    states={
        "called": State("待派车", due=_until_sent),
        "under_way": State("院前救治中"),
        "coming": State("自行前来或转送中", due=_until_there),
        "arrived": State("到院待分诊", due=_until_triaged),
        "waiting": State("候诊", due=_until_seen),
        "in_care": State("诊治中"),
        "resuscitation": State("抢救中", due=_until_out),
        "observation": State("留观", due=_until_over),
        "closed": State("已转归"),
        "cancelled": State("已取消", final=True),
    },
    steps=[
        Step("dispatch", {"called", "coming"}, "under_way", "派车", *_DESK),
        Step("recall", {"under_way"}, "called", "撤回车辆", policies.READ, brings),
        Step("come", {"called", "under_way"}, "coming", "改为自行前来", policies.READ, _either, reason_required=True),
        Step("arrive", {"called", "under_way", "coming"}, "arrived", "登记到院", policies.READ, brings),
        Step("triage", {"arrived", "waiting"}, "waiting", "分诊", *_WARD),
        Step("see", {"arrived", "waiting", "resuscitation", "observation"}, "in_care", "接诊", *_WARD),
        Step("resuscitate", {"arrived", "waiting", "in_care", "observation"}, "resuscitation", "进抢救室", *_WARD),
        Step("observe", {"in_care", "resuscitation"}, "observation", "转留观", *_WARD),
        Step("end", set(_HERE), "closed", "登记转归", *_WARD),
        Step("end_outside", {"called", "under_way", "coming"}, "closed", "登记院外转归", policies.READ, brings, reason_required=True),
        Step("reopen", {"closed"}, "in_care", "撤销转归", *_WARD, reason_required=True),
        Step("cancel", {"called", "coming", "under_way", "arrived"}, "cancelled", "取消", policies.READ, _either, reason_required=True),
    ],
    on_due=_case_due,
)  # fmt: skip


def _until_departed(row: Run) -> timedelta:
    return timedelta(minutes=limits().depart_minutes)


def _run_due(row: Run) -> timedelta | None:
    from yigong.centres.emergency.commands.clocks import run_due

    return run_due(row)


# The states of a run are named like the times that lead to them.
JOURNEY = (
    "dispatched",
    "departed",
    "at_scene",
    "at_patient",
    "on_board",
    "left_scene",
    "arrived",
    "handed_over",
    "back",
)
_WORDS = ("已派车", "已出车", "已到现场", "已接触患者", "患者已上车", "回程中", "已到医院", "已交接", "已返站")
_CREW = (policies.READ, aboard)

RUN = StateTable(
    name="emergency.run",
    states={
        **{
            code: State(word, due=_until_departed if code == "dispatched" else None, final=code == "back")
            for code, word in zip(JOURNEY, _WORDS, strict=True)
        },
        "cancelled": State("途中取消", final=True),
        "empty": State("放空", final=True),
    },
    steps=[
        *[
            # A forgotten time is entered later; the run goes on.
            Step(code, set(JOURNEY[:place]), code, _WORDS[place], *_CREW)
            for place, code in enumerate(JOURNEY)
            if place and code != "handed_over"
        ],
        # The receiving hospital signs.
        Step("handed_over", set(JOURNEY[:7]), "handed_over", "已交接", policies.READ),
        Step("cancel", {"dispatched", "departed"}, "cancelled", "途中取消", *_CREW, reason_required=True),
        Step("leave_empty", {"at_scene", "at_patient"}, "empty", "放空返回", *_CREW, reason_required=True),
    ],
    on_due=_run_due,
)


def _left(row: TargetClock) -> timedelta | None:
    if row.started_at is None:
        return None
    return max(row.started_at + timedelta(minutes=row.minutes) - row.state_since, timedelta())


def _target_due(row: TargetClock) -> timedelta | None:
    from yigong.centres.emergency.commands.clocks import target_due

    return target_due(row)


TARGET = StateTable(
    name="emergency.target",
    states={
        "open": State("未开始"),
        "running": State("计时中", due=_left),
        "met": State("达标"),
        "missed": State("超时完成"),
        "dropped": State("不适用"),
        "unknown": State("未记录"),
    },
    # Follows the times in both directions, since a time may be corrected.
    steps=[
        Step(f"be_{state}", {"open", "running", "met", "missed", "dropped", "unknown"}, state, "更新", system_only=True)
        for state in ("open", "running", "met", "missed", "dropped", "unknown")
    ],
    on_due=_target_due,
)

bind(CASE, Case)
bind(RUN, Run)
bind(TARGET, TargetClock)
ACTIVE = ("called", "under_way", "coming", *_HERE)
ON_THE_WAY = ("called", "under_way", "coming")
