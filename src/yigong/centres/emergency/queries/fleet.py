"""Stations, vehicles and resources with what they are doing now."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch

from yigong.centres.emergency.models import Resource, Run, Station, Vehicle
from yigong.centres.emergency.models.runs import OVER
from yigong.core.actor import Actor
from yigong.core.ledger import api as ledger
from yigong.network import api as network

TONES = {"free": "good", "busy": "warn", "stopped": "muted"}


def centres(actor: Actor) -> list[UUID]:
    """The institutions whose emergency centre the actor works at."""
    return list(actor.institution_ids)


def vehicles(actor: Actor) -> list[dict[str, Any]]:
    """Every vehicle of the actor's centre: free, on which run, or out of use."""
    busy = Run.objects.exclude(state__in=OVER).select_related("case")
    rows = Vehicle.objects.filter(station__centre_id__in=centres(actor), station__closed_at__isnull=True)
    rows = rows.select_related("station").prefetch_related(Prefetch("runs", busy, to_attr="now"))
    found = []
    for row in rows.order_by("station__name", "name"):
        run = row.now[0] if row.now else None
        found.append({"row": row, "run": run, "state": "busy" if run else "stopped" if row.stopped_at else "free"})
    return found


def stations(actor: Actor) -> list[Station]:
    """The stations of the actor's centre."""
    rows = Station.objects.filter(centre_id__in=centres(actor), closed_at__isnull=True).select_related("institution")
    return list(rows.order_by("name"))


def places_for(kind: str) -> list[dict[str, Any]]:
    """Where a kind of resource is kept in the county, with what is free now: the places able to treat."""
    found = Resource.objects.filter(kind=kind).values_list("institution_id", flat=True)
    rows = [one for one in resources_of(list(found)) if one["row"].kind == kind]
    names = network.institutions([one["row"].institution_id for one in rows])
    return [{**one, "place": names[one["row"].institution_id]} for one in rows]


def resources_of(institution_ids: Any) -> list[dict[str, Any]]:
    """Resources of some institutions with what is free now."""
    rows = list(Resource.objects.filter(institution_id__in=institution_ids).order_by("kind", "name"))
    free: dict[UUID, Any] = {}
    for kind in {row.kind for row in rows}:
        free |= ledger.accounts_of([row.pk for row in rows if row.kind == kind], f"emergency.{kind}")
    return [{"row": row, "free": free[row.pk].balance if row.pk in free else 0} for row in rows]
