"""When a second visit within the valid time of a registration is free; pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.clinic.rules.definitions import Registration


@dataclass(frozen=True, slots=True)
class Earlier:
    """A registration of the same person at the same institution; ``followed`` is how many free numbers rest on it."""

    visit_id: UUID
    department_id: UUID | None
    title: str
    registered_on: date
    valid_until: date
    is_follow_up: bool
    is_emergency: bool
    is_finished: bool
    followed: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """The registration a free number would rest on, or why there is none; ``reason`` is for the clerk to tell the patient."""

    rests_on: Earlier | None
    reason: str


def valid_until(registered_on: date, rules: Registration) -> date:
    """The last day on which a registration counts; the first day is one of them.

    >>> from types import SimpleNamespace
    >>> valid_until(date(2026, 12, 30), SimpleNamespace(valid_days=3))
    datetime.date(2027, 1, 1)
    """
    return registered_on + timedelta(days=rules.valid_days - 1)


def judge(
    earlier: Sequence[Earlier], department_id: UUID | None, title: str, today: date, rules: Registration
) -> Judgement:
    """Whether today's number is free: a valid registration of the same department, not used up, with a doctor of the same or a lower title."""
    paid = [e for e in earlier if not e.is_follow_up and not e.is_emergency]
    if not paid:
        return Judgement(None, "")
    reasons = [(one, _why_not(one, department_id, title, today, rules)) for one in paid]
    for one, reason in reasons:
        if not reason:
            return Judgement(one, _("%(day)s 的挂号在有效期内，本次免费。") % {"day": one.registered_on.isoformat()})
    return Judgement(None, reasons[0][1])


def _why_not(one: Earlier, department_id: UUID | None, title: str, today: date, rules: Registration) -> str:
    if not one.registered_on <= today <= one.valid_until:
        return _("上次挂号有效期至 %(day)s，已过期。") % {"day": one.valid_until.isoformat()}
    if rules.same_department and one.department_id != department_id:
        return _("上次挂的是其他科室，换科需重新挂号。")
    if one.followed >= rules.follow_ups:
        return _("上次挂号的免费复诊已用过。")
    if rules.only_unfinished and one.is_finished:
        return _("上次就诊已结束，再来需重新挂号。")
    # Titles run from 1 (chief) to 5: a smaller number is a higher title.
    if rules.not_higher_title and (title or "5") < (one.title or "5"):
        return _("本次医师职称高于上次，需重新挂号。")
    return ""
