"""What happens when a state has lasted too long. Nothing expires without a history line and somebody who is asked to act."""

from datetime import timedelta

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import system
from yigong.core.states.api import transition
from yigong.network import api as network
from yigong.referrals import events
from yigong.referrals.commands import slots, waiting
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import REFERRAL

_CLOCK = system("clock")


def ring(row: Referral) -> timedelta | None:
    """Called once with the row locked; a returned span rings again after it."""
    return _BELLS[row.state](row)


def _unanswered(row: Referral) -> timedelta | None:
    """RF-ANS: escalate to the chief on duty, then to the director; a routine referral expires after its second limit."""
    given = rules.parameters().answer
    if row.urgency == "routine" and row.escalations:
        _expire(row)
        return None
    row.escalations = min(row.escalations + 1, 50)
    row.save(update_fields=["escalations"])
    role = "duty_chief" if row.escalations == 1 else "director"
    title = _("第 %(n)s 次催办：转诊无人应答 %(who)s") % {"n": row.escalations, "who": row.patient_name}
    waiting.open_task(row, f"escalated-{min(row.escalations, 3)}", title, row.to_institution_id, role=role)
    if row.urgency == "routine":
        until = rules.after_working_hours(clock.now(), given.routine_expire_hours - given.routine_hours, given)
        return until - clock.now()
    return (
        timedelta(minutes=given.emergency_minutes)
        if row.urgency == "emergency"
        else timedelta(hours=given.urgent_hours)
    )


def _expire(row: Referral) -> None:
    moved = transition(REFERRAL, row, "expire", actor=_CLOCK, reason=_("接收方超过时限未应答"), closed_at=clock.now())
    _let_go(moved, _("逾期失效"))
    waiting.entered(moved, _CLOCK)
    waiting.tell(moved, events.ReferralExpired)


def _not_come(row: Referral) -> None:
    """RF-VAL: not there within the validity. RF-DOWN1: no first visit yet, which is escalated and stays open."""
    if row.direction == "down":
        title = _("下转首访超期：%(who)s") % {"who": row.patient_name}
        waiting.open_task(row, "escalated-visit", title, row.to_institution_id, role="township_manager")
        return
    moved = transition(REFERRAL, row, "miss", actor=_CLOCK, reason=_("超过有效期未到诊"))
    _let_go(moved, _("未到诊"))
    waiting.entered(moved, _CLOCK)
    waiting.tell(moved, events.ReferralNoShow)


def _not_approved(row: Referral) -> None:
    """RF-HOLD."""
    waiting.open_task(
        row, "escalated-approve", _overdue(_("转诊审核超时"), row), row.from_institution_id, role="director"
    )


def _not_fed_back(row: Referral) -> None:
    """RF-FB: the department's score and the referral office's business."""
    waiting.open_task(
        row, "escalated-feedback", _overdue(_("转诊反馈超时"), row), row.to_institution_id, role="referral_office"
    )


def _not_followed_up(row: Referral) -> None:
    """RF-CHR, RF-TB, RF-PSY: the manager of the health centre."""
    place = network.institution(row.from_institution_id)
    manager = place.parent_id if place.level == "village" and place.parent_id else place.id
    waiting.open_task(row, "escalated-follow-up", _overdue(_("转诊后随访超期"), row), manager, role="township_manager")


def _not_completed(row: Referral) -> None:
    """The author has not sent what was asked for."""
    place = network.institution(row.from_institution_id)
    manager = place.parent_id if place.level == "village" and place.parent_id else place.id
    waiting.open_task(row, "escalated-return", _overdue(_("退回的转诊未补充"), row), manager, role="township_manager")


def _overdue(what: str, row: Referral) -> str:
    return f"{what}：{row.patient_name} {row.diagnosis}".strip()


def _let_go(row: Referral, reason: str) -> None:
    slots.free_slot(row, _CLOCK, reason)
    row.save(update_fields=["sheet", "hold_key"])


_BELLS = {
    "submitted": _not_approved,
    "returned": _not_completed,
    "pending_receive": _unanswered,
    "accepted": _not_come,
    "in_treatment": _not_fed_back,
    "completed": _not_followed_up,
}
