"""Places of the administrative division."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from yigong.core import clock
from yigong.network import data
from yigong.network.models import (
    Place,
)
from yigong.network.queries.basis import get


def place_data(row: Place) -> data.PlaceData:
    """The row as other rooms see it."""
    return data.PlaceData(row.id, row.code, row.name, row.level, row.parent_id)


def place(place_id: UUID) -> data.PlaceData:
    """One place."""
    return place_data(get(Place, place_id))


def place_by_code(code: str, on: date | None = None) -> data.PlaceData | None:
    """The place that carries this area code on that day."""
    return next((place_data(row) for row in _places_on(on).filter(code=code)[:1]), None)


def places_by_code(codes: Iterable[str], on: date | None = None) -> dict[str, data.PlaceData]:
    """The places that carry these area codes on that day, by code; one question however many."""
    return {row.code: place_data(row) for row in _places_on(on).filter(code__in=set(codes))}


def places_below(code: str, level: str | None = None, on: date | None = None) -> list[data.PlaceData]:
    """All places inside an area code, itself included, in code order."""
    prefix = code.rstrip("0") if len(code) == 6 else code
    prefix = prefix + "0" * (len(prefix) % 2) if len(code) == 6 else prefix
    rows = _places_on(on).filter(code__startswith=prefix)
    return [place_data(row) for row in (rows.filter(level=level) if level else rows).order_by("code")]


def search_places(text: str, limit: int = 20) -> list[data.PlaceData]:
    """Places valid today by part of the name, initials or code."""
    rows = _places_on(None).filter(
        Q(name__contains=text) | Q(initials__startswith=text.lower()) | Q(code__startswith=text)
    )
    return [place_data(row) for row in rows.order_by("code")[:limit]]


def _places_on(on: date | None) -> QuerySet[Place]:
    on = on or clock.today()
    return Place.objects.filter(
        Q(starts_on__isnull=True) | Q(starts_on__lte=on), Q(ends_on__isnull=True) | Q(ends_on__gt=on)
    )
