"""Clocks: the targets of a pathway follow the times; what runs over asks the next person."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.emergency.models import Case, Run, TargetClock
from yigong.centres.emergency.rules import definitions, times
from yigong.centres.emergency.rules.workflow import CASE, TARGET
from yigong.core.actor import system
from yigong.core.states.api import start, transition
from yigong.tasks import api as tasks

LATE = tasks.declare_kind("emergency.late", gettext_lazy("急救催办"))
_CLOCK = system("emergency")
_OVER = ("closed", "cancelled")


def follow(row: Case) -> None:
    """Bring the case's target clocks into line with its pathway, treatment and times."""
    from yigong.centres.emergency.commands.timing import known_times

    path = definitions.pathway(row.pathway, row.pathway_version)
    known = known_times(row)
    existing = {(one.pathway, one.code): one for one in TargetClock.objects.filter(case=row)}
    for target in path.target if path else []:
        took = times.taken(target.start, target.stop, known)
        wanted = _state(row, target, took)
        values: dict[str, Any] = {
            "started_at": took.started_at,
            "stopped_at": took.stopped_at if took.minutes is not None else None,
        }
        held = existing.pop((row.pathway, target.code), None)
        if held is None:
            held = TargetClock(
                case=row, pathway=row.pathway, code=target.code, label=target.label, minutes=target.minutes, share=target.share,
                **values,
            )  # fmt: skip
            start(TARGET, held, wanted, actor=_CLOCK)
        elif (held.state, held.started_at, held.stopped_at) != (wanted, values["started_at"], values["stopped_at"]):
            transition(TARGET, held, f"be_{wanted}", actor=_CLOCK, **values)
    for left in existing.values():
        # The case changed to another pathway.
        if left.state != "dropped":
            transition(TARGET, left, "be_dropped", actor=_CLOCK)


def _state(row: Case, target: definitions.Target, took: times.Taken) -> str:
    if row.state == "cancelled" or not target.counts_for(row.treatment, row.way):
        return "dropped"
    if took.minutes is not None:
        return "met" if took.minutes <= target.minutes else "missed"
    if row.state == "closed":
        return "unknown"
    return "running" if took.started_at else "open"


def target_due(row: TargetClock) -> timedelta | None:
    """A target is over its time: the chief on duty of the hospital learns of it, once."""
    title = _("%(number)s %(target)s已超过 %(n)s 分钟") % {
        "number": row.case.number,
        "target": row.label,
        "n": row.minutes,
    }
    _ask(row.case, f"target:{row.code}", title, "duty_chief")
    return None


def case_due(row: Case) -> timedelta | None:
    """Not sent, not there, not triaged, not seen in time, too long in the room: somebody is asked, again after the same time, then the director."""
    words = {
        "called": (_("%(number)s 受理后还没有派车"), "dispatcher", 3), "coming": (_("%(number)s 预计应已到院，请联系核实"), "nurse", 30),
        "arrived": (_("%(number)s 到院后还没有分诊"), "nurse", 5), "waiting": (_("%(number)s 候诊超过分级时限，请复评"), "nurse", 15),
        "resuscitation": (_("%(number)s 抢救室滞留超时，请决定去向"), "specialist", 120),
        "observation": (_("%(number)s 留观超时，请决定去向"), "specialist", 720),
    }  # fmt: skip
    text, role, again = words[row.state]
    first = CASE.states[row.state].due
    span = first(row) if callable(first) else first
    place = row.centre_id if role == "dispatcher" else row.destination_id
    # The clock was started again after the first asking: its time lies behind the state's own limit.
    chief = bool(span is not None and row.due_at and row.due_at > row.state_since + span + timedelta(seconds=1))
    _ask(row, f"{row.state}:{row.version}" + (":chief" if chief else ""), text % {"number": row.number}, "duty_chief" if chief else role, place)  # fmt: skip
    return None if chief else timedelta(minutes=again)


def run_due(row: Run) -> timedelta | None:
    """The vehicle has not left."""
    title = _("%(number)s %(vehicle)s 派车后还没有出车") % {"number": row.case.number, "vehicle": row.vehicle}
    _ask(row.case, f"run:{row.pk}", title, "dispatcher", row.case.centre_id)
    return None


def _ask(row: Case, what: str, title: str, role: str, place: Any = None) -> None:
    tasks.open_task(
        key=f"{LATE}:{row.pk}:{what}"[:120], kind=LATE, institution_id=place or row.destination_id, role=role, urgent=True, title=title,
        url=reverse("emergency:case", args=[row.pk]), subject=("emergency", row.pk), about_resident_id=row.resident_id,
        escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip


def settle_tasks(row: Case, actor: Any, note: str = "") -> None:
    """What was asked about a state that is over needs nobody any more."""
    keys = [f"{LATE}:{row.pk}:{state}:{row.version - 1}{tail}" for state in CASE.states for tail in ("", ":chief")]
    tasks.resolve_tasks(keys=keys, actor=actor, note=note)
