"""Pure rules of the to-do list."""

from datetime import datetime, timedelta

from django.utils.translation import gettext_lazy as _

WARN_SHARE = 0.25
"""A task counts as due soon in the last quarter of its time when the opener names no warning time."""

KINDS: dict[str, object] = {}
"""Labels of task kinds, filled by ``declare_kind`` of the rooms that open them."""

PRESSING: set[str] = set()
"""Kinds where minutes count for a life: they stand above everything else and every page says that they wait."""

STATE_LABELS = {"open": _("待办"), "done": _("已完成"), "cancelled": _("已撤销"), "moved": _("已移交")}
URGENCY_LABELS = {"overdue": _("已超时"), "soon": _("即将到期"), "urgent": _("紧急"), "normal": ""}


def warn_time(opened_at: datetime, due_at: datetime | None) -> datetime | None:
    """When a task with this clock begins to count as due soon."""
    if due_at is None:
        return None
    return due_at - max(due_at - opened_at, timedelta()) * WARN_SHARE


def urgency(*, due_at: datetime | None, warn_at: datetime | None, urgent: bool, now: datetime) -> str:
    """``overdue``, ``soon``, ``urgent`` or ``normal``, the first that holds."""
    if due_at is not None and due_at <= now:
        return "overdue"
    if warn_at is not None and warn_at <= now:
        return "soon"
    return "urgent" if urgent else "normal"
