"""Where every tube is, on one line."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.centres.laboratory.data import TubeData
from yigong.centres.laboratory.models import OutsideLaboratory, Tube
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import SPECIMEN, TUBE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import Page, page_of
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.network import api as network
from yigong.orders import api as orders

VIEWS: dict[str, tuple[str, ...]] = {
    "to_collect": ("to_collect", "labelled"),
    "collected": ("collected", "packed"),
    "under_way": ("in_transit", "arrived"),
    "at_laboratory": ("accepted", "conditional", "sent_out"),
    "stored": ("stored",),
    "ended": ("rejected", "lost", "cancelled", "disposed"),
}
"""The tabs of the list of tubes and the states each shows."""


def mine(actor: Actor) -> QuerySet[Tube]:
    """Tubes of the actor's institutions, on either side."""
    if actor.is_system:
        return Tube.objects.all()
    here = actor.places
    return Tube.objects.filter(Q(collector_id__in=here) | Q(centre_id__in=here))


def tube_list(actor: Actor, *, view: str, text: str = "", bench: str = "", page: int = 1) -> Page[TubeData]:
    """Tubes by station: urgent and longest waiting first; found by bar code, order number, name or initials."""
    rows = mine(actor)
    if text := text.strip()[:40]:
        name = Q(order__resident__name__startswith=text) | Q(order__resident__initials__startswith=text.lower())
        rows = rows.filter(Q(number=text) | Q(order__number=text.upper()) | name)
    if view in VIEWS:
        rows = rows.filter(state__in=VIEWS[view])
    if bench:
        rows = rows.filter(bench=bench)
    order = ("-state_since",) if view in {"ended", "stored"} else ("-order__priority", "state_since")
    return page_of(_joined(rows).order_by(*order, "id"), page=page, convert=tubes_data)


def tube_totals(actor: Actor) -> dict[str, int]:
    """How many tubes each tab holds, in one question."""
    return mine(actor).aggregate(**{name: Count("id", filter=Q(state__in=states)) for name, states in VIEWS.items()})


def home_card(actor: Actor) -> dict[str, Any]:
    """What waits at the centre today; three questions."""
    from yigong.centres.laboratory.queries.quality import open_holds

    totals = orders.worklist_totals("laboratory", actor)
    return {"totals": totals, "tubes": tube_totals(actor), "holds": open_holds(actor)}


def of_order(order_id: UUID) -> list[TubeData]:
    """The tubes of an order, rejected ones included, oldest first."""
    return tubes_data(list(_joined(Tube.objects.filter(order_id=order_id)).order_by("number")))


def one(tube_id: UUID, actor: Actor) -> tuple[Tube, TubeData]:
    """One tube of the actor's institutions."""
    row = _joined(Tube.objects.filter(pk=tube_id)).first()
    if row is None:
        raise NotFound()
    if not mine(actor).filter(pk=tube_id).exists():
        raise Forbidden(_("您所在的机构不是这支标本的采集机构或检验中心。"))
    return row, tubes_data([row])[0]


def find(number: str, actor: Actor) -> Tube | None:
    """The tube of a scanned bar code, among the actor's."""
    return mine(actor).filter(number="".join(number.split())[:40]).first()


def received_today(actor: Actor) -> list[TubeData]:
    """What was received or rejected last, newest first."""
    rows = Tube.objects.filter(centre_id__in=actor.places, state__in=["accepted", "conditional", "rejected"])
    rows = rows.filter(Q(received_at__date=clock.today()) | Q(ended_at__date=clock.today()))
    return tubes_data(list(_joined(rows).order_by("-state_since")[:12]))


def box_list(actor: Actor, *, view: str, page: int = 1) -> Page[ConsignmentData]:
    """Boxes of the actor's institutions, by where they are."""
    return logistics.consignment_list(actor, view=view, kind=SPECIMEN, page=page)


def in_box(box_id: UUID) -> list[TubeData]:
    """The tubes of a box."""
    return tubes_data(list(_joined(Tube.objects.filter(box_id=box_id)).order_by("number")))


def to_destroy(actor: Actor, until: date) -> int:
    """How many stored tubes are past their days."""
    return Tube.objects.filter(centre_id__in=actor.places, state="stored", keep_until__lt=until).count()


def outside() -> list[OutsideLaboratory]:
    """Laboratories that take tubes."""
    return list(OutsideLaboratory.objects.filter(is_active=True).order_by("name"))


def panel(order_id: UUID) -> tuple[str, dict[str, Any]] | None:
    """The tubes of an order, each on one line, for the order's page."""
    rows = of_order(order_id)
    if not rows:
        return None
    items = catalogue.items()
    names = {code: items[code].name for row in rows for code in row.items if code in items}
    return "laboratory/panel.html", {"tubes": rows, "items": names, "facts": []}


def draft_panel(codes: Sequence[str]) -> tuple[str, dict[str, Any]] | None:
    """Which containers these items need, while they are chosen."""
    needs = catalogue.needs(codes)
    if not needs:
        return None
    known, tubes = catalogue.items(), catalogue.tubes()
    rows = [(tubes[n.tube], n.specimen, "、".join(known[code].name for code in n.items)) for n in needs]
    notes = [known[code].note for code in codes if code in known and known[code].note]
    return "laboratory/needs.html", {"rows": rows, "notes": list(dict.fromkeys(notes))}


def held_about(ids: Iterable[UUID]) -> int:
    """How many tubes are kept under these residents' keys."""
    return Tube.objects.filter(order__resident_id__in=list(ids)).count()


def under_way_about(ids: Iterable[UUID]) -> int:
    """How many of them are not at an end."""
    over = [code for code, state in TUBE.states.items() if state.final] + ["stored"]
    return Tube.objects.filter(order__resident_id__in=list(ids)).exclude(state__in=over).count()


def tubes_data(rows: list[Tube]) -> list[TubeData]:
    """The rows with names of places; two questions however many."""
    names = network.institutions({key for row in rows for key in (row.collector_id, row.centre_id)})
    kinds = catalogue.tubes()
    return [
        TubeData(
            id=row.pk, number=row.number, order_id=row.order_id, order_number=row.order.number, resident_id=row.order.resident_id,
            state=row.state, state_label=_(TUBE.states[row.state].label), tube=row.tube, tube_name=kinds[row.tube].name,
            colour=kinds[row.tube].colour, bench=row.bench, specimen=row.specimen, items=tuple(row.items),
            urgent=row.order.priority == "urgent", collector_id=row.collector_id, since=row.state_since, reason=row.remark,
            where=_where(row, names), box_number=row.box.number if row.box else "",
            replaced_by=row.replacement.number if hasattr(row, "replacement") else "",
        )
        for row in rows
    ]  # fmt: skip


def _where(row: Tube, names: dict[UUID, Any]) -> str:
    here, centre = names[row.collector_id].short_name, names[row.centre_id].short_name
    if row.state in {"to_collect", "labelled", "collected"}:
        return here
    if row.state == "packed":
        return f"{here} {row.box.number if row.box else ''}"
    if row.state == "in_transit":
        courier = row.box.courier if row.box else ""
        return f"{here} → {centre} {courier}"
    if row.state == "sent_out":
        return row.outside.name if row.outside else ""
    if row.state == "stored":
        return f"{centre} {row.rack}"
    return centre if row.state in {"arrived", "accepted", "conditional"} else "—"


def _joined(rows: QuerySet[Tube]) -> QuerySet[Tube]:
    return rows.select_related("order", "box", "outside", "replacement")


def handled(order_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The tubes of some orders, by order: their steps tell who drew and who received them."""
    found: dict[UUID, list[UUID]] = {}
    for order, tube in Tube.objects.filter(order_id__in=order_ids).values_list("order_id", "pk"):
        found.setdefault(order, []).append(tube)
    return found
