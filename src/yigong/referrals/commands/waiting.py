"""Who waits for whom: the tasks, relationships and events that belong to each state."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.events.api import record
from yigong.network import api as network
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import REFERRAL
from yigong.tasks import api as tasks
from yigong.tasks.api import Escalation

_WHAT = (
    "approve",
    "complete",
    "answer",
    "tell",
    "decide",
    "first_visit",
    "treat",
    "feed_back",
    "follow_up",
    "phone",
    "find",
)

_ESCALATIONS = (
    "escalated-1", "escalated-2", "escalated-3", "escalated-visit", "escalated-approve", "escalated-feedback",
    "escalated-follow-up", "escalated-return",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """One task that the present state asks for."""

    what: str
    title: str
    institution_id: UUID
    role: str = ""
    staff_id: UUID | None = None
    due_at: datetime | None = None
    department_id: UUID | None = None
    escalate: Escalation | None = None


def entered(row: Referral, actor: Actor) -> None:
    """Bring tasks and relationships in line with the state that the referral has just entered."""
    wanted = {task.what: task for task in _wanted(row)}
    over = [_key(row, what) for what in (*_WHAT, *_ESCALATIONS) if what not in wanted]
    tasks.resolve_tasks(keys=over, actor=actor, note=_(REFERRAL.states[row.state].label))
    for task in wanted.values():
        _open(row, task)
    _relate(row)


def tell(row: Referral, kind: type, **more: object) -> None:
    """Record the event about this referral."""
    record(
        kind(
            referral_id=row.id,
            direction=row.direction,
            resident_id=row.resident_id,
            from_institution_id=row.from_institution_id,
            to_institution_id=row.to_institution_id,
            **more,
        )
    )


def open_task(
    row: Referral, what: str, title: str, institution_id: UUID, *, role: str, due_at: datetime | None = None
) -> None:
    """One more task about this referral (escalations)."""
    _open(row, Wanted(what, title, institution_id, role=role, due_at=due_at))


def answering_role(row: Referral) -> str:
    """Which post answers: the emergency desk, the hospital's referral office, or the manager of a health centre."""
    level = network.institution(row.to_institution_id).level
    if row.urgency == "emergency" and level == "county":
        return "nurse"
    return {"county": "referral_office", "township": "township_manager", "village": "village_doctor"}.get(
        level, "referral_office"
    )


def _key(row: Referral, what: str) -> str:
    return f"referral:{row.id}:{what}"


def _open(row: Referral, task: Wanted) -> None:
    tasks.open_task(
        key=_key(row, task.what),
        kind="referral.escalated" if task.what.startswith("escalated") else f"referral.{task.what}",
        title=task.title,
        about_resident_id=row.resident_id,
        institution_id=task.institution_id,
        department_id=task.department_id,
        role=task.role,
        staff_id=task.staff_id,
        due_at=task.due_at,
        urgent=row.urgency != "routine",
        subject=("referral", row.id),
        url=reverse("referrals:detail", args=[row.id]),
        escalate_to=task.escalate,
    )


def _wanted(row: Referral) -> list[Wanted]:
    make = _TASKS.get(row.state)
    return make(row) if make else []


def _submitted(row: Referral) -> list[Wanted]:
    place = _approving_institution(row)
    return [
        Wanted("approve", _("审核转诊：%(who)s") % {"who": _who(row)}, place, "township_manager", due_at=row.due_at)
    ]


def _returned(row: Referral) -> list[Wanted]:
    return [_for_author(row, "complete", _("补充转诊资料：%(who)s"), row.due_at)]


def _pending(row: Referral) -> list[Wanted]:
    titles = {"emergency": _("急诊转诊待应答：%(who)s"), "urgent": _("加急转诊待接收：%(who)s")}
    title = titles.get(row.urgency, _("转诊待接收：%(who)s"))
    to_chief = Escalation(role="duty_chief", institution_id=row.to_institution_id)
    return [
        Wanted(
            "answer",
            title % {"who": _who(row)},
            row.to_institution_id,
            answering_role(row),
            due_at=row.due_at,
            escalate=to_chief,
        )
    ]


def _accepted(row: Referral) -> list[Wanted]:
    if row.direction == "down":
        manager = Escalation(role="township_manager", institution_id=row.to_institution_id)
        role = "village_doctor" if network.institution(row.to_institution_id).level == "village" else "gp"
        title = _("下转患者首访：%(who)s") % {"who": _who(row)}
        return [Wanted("first_visit", title, row.to_institution_id, role, due_at=row.due_at, escalate=manager)]
    wanted = [_for_author(row, "tell", _("告知就诊安排：%(who)s"), None)]
    if row.incomplete:
        wanted.append(_for_author(row, "complete", _("补全急诊转诊资料：%(who)s"), _complete_by(row)))
    return wanted


def _rejected(row: Referral) -> list[Wanted]:
    if row.direction == "down":
        title = _("下转未被接收，请另找机构：%(who)s") % {"who": _who(row)}
        return [Wanted("find", title, row.from_institution_id, "referral_office")]
    return [_for_author(row, "decide", _("转诊未被接收，请改转、留治或撤销：%(who)s"), None)]


def _treated_by(row: Referral) -> list[Wanted]:
    if row.direction == "down":
        return []
    title = _("转诊患者已到诊，请接诊：%(who)s") % {"who": _who(row)}
    return [Wanted("treat", title, row.to_institution_id, "specialist", department_id=row.to_department_id)]


def _in_treatment(row: Referral) -> list[Wanted]:
    wanted = []
    if row.due_at:
        title = _("请向转出方反馈：%(who)s") % {"who": _who(row)}
        place, department = row.to_institution_id, row.to_department_id
        wanted.append(Wanted("feed_back", title, place, "specialist", due_at=row.due_at, department_id=department))
    if row.incomplete:
        wanted.append(_for_author(row, "complete", _("补全急诊转诊资料：%(who)s"), _complete_by(row)))
    return wanted


def _completed(row: Referral) -> list[Wanted]:
    if row.direction == "down":
        return []
    title = _("转诊后首访（已收到诊治小结）：%(who)s") % {"who": _who(row)}
    manager = Escalation(role="township_manager", institution_id=_approving_institution(row))
    due = row.due_at
    return [
        Wanted("follow_up", title, row.from_institution_id, staff_id=row.requester_id, due_at=due, escalate=manager)
    ]


def _no_show(row: Referral) -> list[Wanted]:
    return [_for_author(row, "phone", _("患者未到诊，请电话联系：%(who)s"), None)]


_TASKS = {
    "submitted": _submitted,
    "returned": _returned,
    "pending_receive": _pending,
    "accepted": _accepted,
    "rejected": _rejected,
    "arrived": _treated_by,
    "in_treatment": _in_treatment,
    "completed": _completed,
    "no_show": _no_show,
    "expired": _no_show,
}


def _for_author(row: Referral, what: str, title: str, due_at: datetime | None) -> Wanted:
    return Wanted(what, title % {"who": _who(row)}, row.from_institution_id, staff_id=row.requester_id, due_at=due_at)


def _complete_by(row: Referral) -> datetime:
    return (row.submitted_at or row.created_at) + timedelta(hours=rules.parameters().emergency.complete_hours)


def _who(row: Referral) -> str:
    diagnosis = f" {row.diagnosis}" if row.diagnosis else ""
    return f"{row.patient_name}{diagnosis}"


def _approving_institution(row: Referral) -> UUID:
    """A village's referrals are looked at by the health centre above it, others' by the institution itself."""
    place = network.institution(row.from_institution_id)
    return place.parent_id if place.level == "village" and place.parent_id else place.id


def _relate(row: Referral) -> None:
    if row.resident_id is None:
        return
    if row.state in {"pending_receive", "accepted", "arrived", "in_treatment", "completed"}:
        access.open_relationship(
            resident_id=row.resident_id,
            institution_id=row.to_institution_id,
            basis="referral",
            source=row.id,
            note=_("转诊 %(number)s") % {"number": row.number},
        )
    elif row.state in {"draft", "rejected", "redirected", "cancelled", "expired"}:
        access.close_relationships(source=row.id)
    elif row.state == "closed":
        after = timedelta(days=rules.parameters().access.days_after_closing)
        access.close_relationships(source=row.id, ends_at=clock.now() + after)


def day_text(at: datetime | None) -> str:
    """A time for a sentence."""
    return at.astimezone(SHANGHAI).strftime("%m-%d %H:%M") if at else ""
