"""Where every container, block and slide is, on one line."""

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from yigong.centres.pathology.data import CaseData, SpecimenData
from yigong.centres.pathology.models import Case, Specimen
from yigong.centres.pathology.rules import catalogue
from yigong.centres.pathology.rules.fixation import Fixation, judge
from yigong.centres.pathology.rules.specimens import SPECIMEN, STATIONS
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import Page, page_of
from yigong.logistics.api import CONSIGNMENT
from yigong.network import api as network
from yigong.orders import api as orders

VIEWS: dict[str, tuple[str, ...]] = {
    "sending": ("to_send", "ready", "rejected"),
    "at_bench": ("received", "cut", "decalcifying", "processing", "ordered", "sectioned"),
    "ready": ("grossed", "embedded", "stained", "in_use"),
    "filed": ("filed",),
    "lent": ("lent",),
    "ended": ("lost", "returned", "disposed", "cancelled"),
}
"""The tabs of the list and the states each shows."""
_OVER = [code for code, state in SPECIMEN.states.items() if state.final]


def mine(actor: Actor) -> QuerySet[Specimen]:
    """Specimens of the actor's institutions, on either side."""
    if actor.is_system:
        return Specimen.objects.all()
    return Specimen.objects.filter(Q(sender_id__in=actor.places) | Q(centre_id__in=actor.places))


def listed(actor: Actor, *, view: str, text: str = "", kind: str = "", page: int = 1) -> Page[SpecimenData]:
    """Specimens by where they are; found by bar code, pathology number, order number, name or initials."""
    rows = mine(actor)
    if text := text.strip()[:40]:
        name = Q(order__resident__name__startswith=text) | Q(order__resident__initials__startswith=text.lower())
        rows = rows.filter(Q(code__startswith=text.upper()) | Q(order__number=text.upper()) | name)
    if view in VIEWS:
        rows = rows.filter(state__in=VIEWS[view])
    if kind in Specimen.Kind.values:
        rows = rows.filter(kind=kind)
    order = ("-order__priority", "state_since") if view in {"sending", "at_bench"} else ("-state_since",)
    return page_of(_joined(rows).order_by(*order, "id"), page=page, convert=to_data)


def totals(actor: Actor) -> dict[str, int]:
    """How many specimens each tab holds, in one question."""
    return mine(actor).aggregate(**{name: Count("id", filter=Q(state__in=states)) for name, states in VIEWS.items()})


def waiting(actor: Actor, station: str, *, page: int = 1) -> Page[SpecimenData]:
    """What waits at a station of the actor's centre: urgent orders and what has waited longest first."""
    states = STATIONS[station][1] if station in STATIONS else ("received",)
    rows = Specimen.objects.filter(centre_id__in=actor.places, state__in=states)
    return page_of(_joined(rows).order_by("-order__priority", "state_since", "id"), page=page, convert=to_data)


def waiting_totals(actor: Actor) -> dict[str, int]:
    """How much waits: to be received, to be cut, and at each station."""
    rows = Specimen.objects.filter(centre_id__in=actor.places)
    places = {
        "receive": ("ready",),
        "gross": ("received",),
        **{name: states for name, (_step, states) in STATIONS.items()},
    }
    return rows.aggregate(**{name: Count("id", filter=Q(state__in=states)) for name, states in places.items()})


def find(code: str, actor: Actor) -> Specimen | None:
    """The specimen of a scanned bar code, among the actor's."""
    return mine(actor).filter(code="".join(code.split())[:40].upper()).first()


def order_of(text: str, actor: Actor) -> UUID | None:
    """The order that a scanned request, container or pathology number belongs to, among those of the actor's centre."""
    clean = "".join(text.split())[:40].upper()
    rows = Specimen.objects.filter(centre_id__in=actor.places)
    found = rows.filter(Q(code=clean) | Q(order__number=clean) | Q(order__accession=clean)).first()
    if found is not None:
        return found.order_id
    case = Case.objects.filter(number=clean, order__reporting_institution_id__in=actor.places).first()
    return case.order_id if case else None


def one(specimen_id: UUID, actor: Actor) -> tuple[Specimen, SpecimenData]:
    """One specimen of the actor's institutions."""
    row = _joined(Specimen.objects.filter(pk=specimen_id)).first()
    if row is None:
        raise NotFound()
    if not mine(actor).filter(pk=specimen_id).exists():
        raise Forbidden(_("您所在的机构不是这份标本的送检机构或病理中心。"))
    return row, to_data([row])[0]


def case_of(order_id: UUID) -> CaseData:
    """Everything of an order, also before it has a pathology number; for pages that have decided about the order."""
    rows = to_data(list(_joined(Specimen.objects.filter(order_id=order_id)).order_by("code")))
    case = Case.objects.filter(pk=order_id).first()
    if case is None:
        return CaseData(order_id, "", "", "", "", tuple(rows))
    label = case.get_agreement_display() if case.agreement else ""
    return CaseData(order_id, case.number, case.agreement, label, case.agreement_note, tuple(rows))


def received_today(actor: Actor) -> list[SpecimenData]:
    """What was received or refused last, newest first."""
    rows = Specimen.objects.filter(centre_id__in=actor.places, kind="container")
    rows = rows.filter(Q(received_at__date=clock.today()) | Q(state="rejected", state_since__date=clock.today()))
    return to_data(list(_joined(rows).order_by("-state_since")[:12]))


def in_box(box_id: UUID) -> list[SpecimenData]:
    """The containers of a box."""
    return to_data(list(_joined(Specimen.objects.filter(consignment=box_id)).order_by("code")))


def held_about(ids: Iterable[UUID]) -> int:
    """How many specimens are kept under these residents' keys."""
    return Specimen.objects.filter(order__resident_id__in=list(ids)).count()


def under_way_about(ids: Iterable[UUID]) -> int:
    """How many of them are neither filed nor at an end."""
    return Specimen.objects.filter(order__resident_id__in=list(ids)).exclude(state__in=[*_OVER, "filed"]).count()


def to_data(rows: list[Specimen]) -> list[SpecimenData]:
    """The rows with names of places and their judgement; a fixed number of questions however many."""
    names = network.institutions({key for row in rows for key in (row.sender_id, row.centre_id)})
    numbers = dict(Case.objects.filter(pk__in={row.order_id for row in rows}).values_list("order_id", "number"))
    fixatives, now = catalogue.rules().fixatives, clock.now()
    judged = {row.pk: _fixation(row, now) for row in rows}
    return [
        SpecimenData(
            id=row.pk, kind=row.kind, kind_label=row.get_kind_display(), code=row.code, order_id=row.order_id,
            order_number=row.order.number, case_number=numbers.get(row.order_id, ""), resident_id=row.order.resident_id,
            parent_id=row.parent_id, letter=row.letter, label=row.label, site=row.site, pieces=row.pieces, stain=row.stain,
            result=row.result, consignment_id=row.consignment_id, state=row.state, state_label=SPECIMEN.label(row.state), where=_where(row, names),
            since=row.state_since, due_at=row.due_at, urgent=row.order.priority == "urgent", reason=row.remark,
            removed_at=row.removed_at, fixed_at=row.fixed_at, fixative=_label(fixatives, row.fixative),
            received_at=row.received_at, gross=row.gross, grossed_at=row.grossed_at, grossed_by=row.grossed_by,
            recorder=row.recorder, is_additional=row.is_additional, fixation=judged[row.pk], cold=cold_words(judged[row.pk]), fixed=duration_words(judged[row.pk]),
        )
        for row in rows
    ]  # fmt: skip


def cold_words(found: Fixation | None) -> str:
    """Cold ischaemia in words."""
    if found is None:
        return "—"
    if found.cold_minutes is None:
        return _("未记录")
    return _("%(n)s 分钟") % {"n": found.cold_minutes} + (_("（超时）") if found.cold == "late" else "")


def duration_words(found: Fixation | None) -> str:
    """Time in the fixative in words."""
    if found is None:
        return "—"
    if found.hours is None:
        return _("未记录")
    note = {"short": _("（不足）"), "long": _("（过长）"), "running": _("（固定中）")}.get(found.duration, "")
    return _("%(n)s 小时") % {"n": found.hours} + note


def _label(fixatives: dict[str, catalogue.Fixative], code: str) -> str:
    return fixatives[code].label if code in fixatives else ""


def _fixation(row: Specimen, now: Any) -> Fixation | None:
    """The judgement of a container of tissue that is to be fixed; None for anything else and while nothing is written down."""
    fixative = catalogue.rules().fixatives.get(row.fixative)
    if row.kind != "container" or fixative is None or not fixative.fixes:
        return None
    item = _item(row)
    return judge(removed=row.removed_at, fixed=row.fixed_at, cut=row.grossed_at, now=now, limits=catalogue.limits(item))


def _item(row: Specimen) -> catalogue.Item:
    known = catalogue.items()
    codes = [item.code for item in sorted(row.order.items.all(), key=lambda i: i.position)]
    return next((known[code] for code in codes if code in known), next(iter(known.values())))


def _where(row: Specimen, names: dict[UUID, Any]) -> str:
    here, centre = names[row.sender_id].short_name, names[row.centre_id].short_name
    if row.state == "ready" and row.consignment is not None:
        return consignment_where(row.consignment, here, centre)
    if row.state in {"to_send", "ready", "rejected"}:
        return here
    if row.state == "filed":
        return f"{centre} {row.place}"
    if row.state == "lent":
        out = next((item for item in row.loans.all() if item.returned_at is None and item.lost_at is None), None)
        return f"{out.loan.borrower} → {out.loan.destination}" if out else ""
    if row.state in _OVER:
        return row.remark if row.state == "returned" else "—"
    return centre


def consignment_where(box: Any, here: str, centre: str) -> str:
    """Where a container is while its box travels."""
    state = CONSIGNMENT.label(box.state)
    if box.state in {"packing", "waiting"}:
        return f"{here} {box.number} {state}"
    return f"{here} → {centre} {box.courier} {state}"


def _joined(rows: QuerySet[Specimen]) -> QuerySet[Specimen]:
    return rows.select_related("order", "consignment").prefetch_related("order__items", "loans__loan")


def with_orders(codes: Iterable[str]) -> list[Specimen]:
    """The specimens of these bar codes."""
    return list(Specimen.objects.filter(code__in=[c.strip().upper() for c in codes]).order_by("code"))


def center_label() -> str:
    """What the centre is called on its pages."""
    return orders.service("pathology").word("center", _("病理中心"))


def handled(order_ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """The containers, blocks and slides of some orders, by order: their steps tell who cut and stained them."""
    found: dict[UUID, list[UUID]] = {}
    for order, specimen in Specimen.objects.filter(order_id__in=order_ids).values_list("order_id", "pk"):
        found.setdefault(order, []).append(specimen)
    return found
