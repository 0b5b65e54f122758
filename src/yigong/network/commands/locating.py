"""Where institutions and places lie."""

from decimal import Decimal
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time
from yigong.core.errors import InvalidInput
from yigong.network import data, queries
from yigong.network.commands.shared import text
from yigong.network.models import Institution, Location, Place
from yigong.network.policies import check_may_manage
from yigong.network.queries.locations import location_data
from yigong.network.rules import EAST, NORTH, SOUTH, WEST

_FINEST = Decimal("0.000001")


@change
def locate(
    *,
    latitude: Decimal,
    longitude: Decimal,
    source: str,
    actor: Actor,
    institution_id: UUID | None = None,
    place_id: UUID | None = None,
) -> data.LocationData:
    """Write down where an institution or a place lies (degrees, WGS-84), or put it right. ``source``: how it was measured."""
    if (institution_id is None) == (place_id is None):
        raise TypeError("an institution or a place")
    check_may_manage(actor, institution_id)
    fault = {}
    if not SOUTH <= latitude <= NORTH:
        fault["latitude"] = _("纬度应在 %(a)s 到 %(b)s 之间，例如 32.904512。") % {"a": SOUTH, "b": NORTH}
    if not WEST <= longitude <= EAST:
        fault["longitude"] = _("经度应在 %(a)s 到 %(b)s 之间，例如 115.814233。") % {"a": WEST, "b": EAST}
    if fault:
        raise InvalidInput(errors=fault)
    if institution_id:
        queries.get(Institution, institution_id)
    elif place_id:
        queries.get(Place, place_id)
    one_at_a_time("network.locate", institution_id or place_id)
    known = Q(institution_id=institution_id) if institution_id else Q(place_id=place_id)
    row = Location.objects.filter(known).first() or Location(institution_id=institution_id, place_id=place_id)
    row.latitude, row.longitude = latitude.quantize(_FINEST), longitude.quantize(_FINEST)
    row.source = text(source, "source")[:100]
    row.save()
    return location_data(row)
