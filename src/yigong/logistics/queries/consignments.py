"""Where every consignment is."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import Page, page_of
from yigong.logistics.data import ConsignmentData, ReadingData
from yigong.logistics.models import Consignment
from yigong.logistics.policies import DISPATCH, DRIVE
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import CONSIGNMENT

VIEWS: dict[str, tuple[str, ...]] = {
    "to_send": ("packing", "waiting"),
    "aboard": ("aboard",),
    "arrived": ("arrived",),
    "received": ("received",),
    "failed": ("damaged", "lost", "withdrawn"),
}
"""The tabs of the list and the states each shows."""


def mine(actor: Actor) -> QuerySet[Consignment]:
    """Those that begin or end at one of the actor's institutions; those of a driver's runs; for a dispatcher all that go from, to or past
    an institution on his routes."""
    if actor.is_system:
        return Consignment.objects.all()
    here = Q(sender_id__in=actor.places) | Q(receiver_id__in=actor.places)
    if actor.has(DRIVE):
        here |= Q(run__driver_id=actor.staff_id)
    if actor.has(DISPATCH):
        here |= Q(run__base_id__in=actor.places) | Q(run__isnull=True, sender_id__in=_served(actor))
    return Consignment.objects.filter(here)


def listed(
    actor: Actor, *, view: str, kind: str = "", text: str = "", page: int = 1, only: Iterable[UUID] | None = None
) -> Page[ConsignmentData]:
    """One tab, newest last step first; found by number."""
    rows = mine(actor)
    if only is not None:
        rows = rows.filter(pk__in=list(only))
    if view in VIEWS:
        rows = rows.filter(state__in=VIEWS[view])
    if kind:
        rows = rows.filter(kind=kind)
    if text := text.strip()[:32].upper():
        rows = rows.filter(Q(number__startswith=text) | Q(seal=text))
    order = ("-state_since", "id") if view in {"received", "failed"} else ("state_since", "id")
    return page_of(measured(rows).order_by(*order), page=page, convert=consignments_data)


def by_code(actor: Actor, text: str) -> UUID | None:
    """The key of the one that carries this number."""
    return mine(actor).filter(number="".join(text.split()).upper()[:32]).values_list("pk", flat=True).first()


def totals(actor: Actor) -> dict[str, int]:
    """How many each tab holds, in one question."""
    found: dict[str, int] = mine(actor).aggregate(
        **{name: Count("id", filter=Q(state__in=states)) for name, states in VIEWS.items()}
    )
    return found


def visible(consignment_id: UUID, actor: Actor) -> Consignment:
    """One that the actor may look at."""
    row = Consignment.objects.select_related("sender", "receiver", "run", "signature").filter(pk=consignment_id).first()
    if row is None:
        raise NotFound()
    if not actor.is_system and not mine(actor).filter(pk=consignment_id).exists():
        raise Forbidden(_("您所在的机构不是这件物品的寄出方、接收方或运送方。"))
    return row


def access(consignment_id: UUID, *, actor: Actor) -> ConsignmentData:
    """One that the actor may look at, for the owning room's page."""
    return one(visible(consignment_id, actor).pk)


def steps(consignment_id: UUID, *, actor: Actor) -> set[str]:
    """What the actor may do with it now."""
    return {step.action for step in CONSIGNMENT.actions_for(visible(consignment_id, actor), actor)}


def one(consignment_id: UUID) -> ConsignmentData:
    """One, for who has decided."""
    row = measured(Consignment.objects.filter(pk=consignment_id)).first()
    if row is None:
        raise NotFound()
    return consignments_data([row])[0]


def many(ids: Iterable[UUID]) -> dict[UUID, ConsignmentData]:
    """Several by key, in one question; for who has decided."""
    return {row.id: row for row in consignments_data(list(measured(Consignment.objects.filter(pk__in=list(ids)))))}


def readings(consignment_id: UUID) -> list[ReadingData]:
    """The last fifty temperatures, newest first."""
    row = Consignment.objects.get(pk=consignment_id)
    return [
        ReadingData(row.pk, one.celsius, one.is_within, one.at, one.recorded_by, one.is_late)
        for one in row.readings.order_by("-at")[:50]
    ]


def measured(rows: QuerySet[Consignment]) -> QuerySet[Any]:
    """With both ends, the run and what was measured."""
    return rows.select_related("sender", "receiver", "run").annotate(
        coldest=Min("readings__celsius"), warmest=Max("readings__celsius"),
        excursions=Count("readings", filter=Q(readings__is_within=False)),
    )  # fmt: skip


def consignments_data(rows: Iterable[Any]) -> list[ConsignmentData]:
    """Rows of ``measured`` with their words."""
    kinds, bands = definitions.goods(), definitions.bands()
    return [
        ConsignmentData(
            id=row.pk, number=row.number, kind=row.kind, kind_label=kinds[row.kind].label if row.kind in kinds else row.kind,
            state=row.state, state_label=CONSIGNMENT.label(row.state), sender_id=row.sender_id, sender=row.sender.short_name,
            receiver_id=row.receiver_id, receiver=row.receiver.short_name, band=row.band,
            band_label=bands[row.band].label if row.band in bands else row.band, note=row.note, pieces_out=row.pieces_out,
            pieces_in=row.pieces_in, packed_by=row.packed_by, seal=row.seal, run_id=row.run_id,
            run_number=row.run.number if row.run else "", box=row.box, courier=row.courier, since=row.state_since,
            loaded_at=row.loaded_at, arrived_at=row.arrived_at, received_at=row.received_at, received_by=row.received_by,
            difference=row.difference, coldest=row.coldest, warmest=row.warmest, excursions=row.excursions, is_signed=row.signature_id is not None,
        )
        for row in rows
    ]  # fmt: skip


def _served(actor: Actor) -> QuerySet[Any]:
    from yigong.logistics.models import RouteStop

    return RouteStop.objects.filter(route__base_id__in=actor.places).values("institution_id")
