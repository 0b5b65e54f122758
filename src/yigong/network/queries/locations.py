"""Where things lie, for rooms that reckon with distances."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q

from yigong.core import clock
from yigong.network import data
from yigong.network.models import Location


def location_data(row: Location) -> data.LocationData:
    """The row as other rooms see it; ``institution`` and ``place`` should be joined."""
    house = row.institution
    name = (house.short_name or house.name) if house else row.place.name if row.place else ""
    return data.LocationData(
        row.institution_id, row.place_id, name, float(row.latitude), float(row.longitude), row.source
    )


def locations() -> list[data.LocationData]:
    """Everything in the network whose place is known: institutions at work, areas in force. One question; a county has some hundred."""
    day = clock.today()
    at_work = Q(institution__isnull=False) & (Q(institution__closed_on=None) | Q(institution__closed_on__gt=day))
    in_force = Q(place__isnull=False) & (Q(place__ends_on=None) | Q(place__ends_on__gt=day))
    rows = Location.objects.filter(at_work | in_force).select_related("institution", "place")
    return [location_data(row) for row in rows.order_by("id")]


def locations_of(institution_ids: Iterable[UUID]) -> dict[UUID, data.LocationData]:
    """Those of some institutions; the ones not known are left out."""
    rows = Location.objects.filter(institution_id__in=set(institution_ids)).select_related("institution", "place")
    return {row.institution_id: location_data(row) for row in rows if row.institution_id}
