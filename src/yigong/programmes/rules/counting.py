"""Weeks counted from a programme's anchor (weeks of pregnancy) and the day they lead to. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from yigong.programmes.rules.definition import Programme


def anchor_of(programme: Programme, answers: Mapping[str, Any]) -> date | None:
    """The day the programme counts from: the enrolment form's anchor, or the one that a corrected due day leads back to."""
    counts = programme.counts
    if counts and isinstance(due := answers.get(counts.corrected_by), date):
        return due - timedelta(days=counts.due_days)
    anchor = answers.get(programme.anchor) if programme.anchor else None
    return anchor if isinstance(anchor, date) else None


def counted(programme: Programme, anchor_on: date | None, on: date, stage: str = "") -> list[tuple[str, str]]:
    """Weeks on a day and the due day, each with its title; nothing for a ``stage`` that does not lie before the end of the count."""
    counts = programme.counts
    if counts is None or anchor_on is None or on < anchor_on:
        return []
    at = programme.stage(stage) if stage else None
    if at is not None and at.before != counts.until:
        return []
    found = [(_(counts.title), weeks((on - anchor_on).days))]
    if counts.due_title:
        found.append((_(counts.due_title), (anchor_on + timedelta(days=counts.due_days)).isoformat()))
    return found


def weeks(days: int) -> str:
    """Days as whole weeks and the days left over."""
    return _("%(weeks)s周+%(days)s天") % {"weeks": days // 7, "days": days % 7}
