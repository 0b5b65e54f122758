"""What every read of the network asks: does a span hold today, and is the row there."""

from datetime import date
from typing import TypeVar
from uuid import UUID

from django.db.models import Model, Q

from yigong.core import clock
from yigong.core.errors import NotFound

M = TypeVar("M", bound=Model)


def holding(on: date | None = None, prefix: str = "") -> Q:
    """The condition that a half-open span contains the day (today when not given)."""
    on = on or clock.today()
    ends = f"{prefix}ends_on"
    return Q(**{f"{prefix}starts_on__lte": on}) & (Q(**{f"{ends}__isnull": True}) | Q(**{f"{ends}__gt": on}))


def get(model: type[M], key: UUID, *joined: str) -> M:
    """The row with what is joined to it, or NotFound with a sentence."""
    row = model._default_manager.select_related(*joined).filter(pk=key).first()
    if row is None:
        raise NotFound
    return row
