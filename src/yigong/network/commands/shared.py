"""Steps that the changes of the network share."""

from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import InvalidInput
from yigong.network import errors


def text(value: str, field: str) -> str:
    """What was filled in, trimmed; nothing in it is refused at its field."""
    value = value.strip()
    if not value:
        raise InvalidInput(errors={field: _("请填写这一项。")})
    return value


def set_fields(row: Any, changes: dict[str, Any], allowed: set[str]) -> None:
    """Take these changes into the row; a name outside ``allowed`` is a caller's mistake."""
    if unknown := set(changes) - allowed:
        raise TypeError(f"not a field that may change: {sorted(unknown)}")
    for name, value in changes.items():
        setattr(row, name, value)


def lock(model: Any, key: UUID) -> Any:
    """The row, locked until the transaction ends, or NotFound."""
    row = model.objects.select_for_update(of=("self",)).filter(pk=key).first()
    if row is None:
        raise errors.NotFound
    return row


def check_span(starts_on: date, ends_on: date | None) -> None:
    """A span does not end before it begins."""
    if ends_on is not None and ends_on < starts_on:
        raise InvalidInput(errors={"ends_on": _("结束日期不能早于开始日期。")})


def end(row: Any, ends_on: date, reason: str) -> Any:
    """Give the row its last day with a reason; what has ended already is refused."""
    if row.ends_on is not None and row.ends_on <= clock.today():
        raise errors.AlreadyEnded(ends_on=row.ends_on)
    check_span(row.starts_on, ends_on)
    row.ends_on, row.end_reason = ends_on, text(reason, "reason")
    row.save(update_fields=["ends_on", "end_reason"])
    return row
