"""Lists: reading list of a centre, workbench of a performing institution, orders of an institution."""

from datetime import datetime, time
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.paging import Page, page_of
from yigong.orders.data import OrderData, WorklistFilters, WorklistRow
from yigong.orders.models import CriticalValue, Order, Report
from yigong.orders.policies import visible
from yigong.orders.queries.one import to_data
from yigong.orders.rules import REPORT

VIEWS: dict[str, tuple[str, ...]] = {
    "waiting": ("unclaimed",),
    "mine": ("claimed", "returned", "preliminary", "amending"),
    "review": ("submitted", "amend_submitted"),
    "open": ("unclaimed", "claimed", "returned", "preliminary", "submitted", "amending", "amend_submitted"),
    "sent_back": ("images_rejected",),
    "done": ("final", "amended", "withdrawn"),
}
"""The tabs of the reading list and the report states each shows."""

WORKBENCH: dict[str, tuple[str, ...]] = {
    "incoming": ("requested",),
    "to_do": ("accepted", "scheduled", "checked_in", "in_progress", "repeat", "no_show"),
    "sent": ("acquired", "uploaded"),
    "done": ("reported", "completed"),
    "ended": ("cancelled", "rejected", "refused", "stopped"),
}
"""The tabs of the performing workbench and the order states each shows."""


def worklist(
    service_code: str, actor: Actor, filters: WorklistFilters | None = None, *, page: int = 1, limit: int = 20
) -> Page[WorklistRow]:
    """The reading list of the actor's centre: urgent and longest waiting first (finished ones newest first), with the total."""
    wanted = filters or WorklistFilters()
    rows = _filtered(_reports(service_code, actor), wanted, actor)
    order = ("-state_since", "id") if wanted.view == "done" else ("rank", "waiting_since", "id")
    rows = rows.order_by(*order).select_related("order", "claimed_by").prefetch_related("order__items")
    flagged = CriticalValue.objects.filter(order=OuterRef("order_id"))
    return page_of(rows.annotate(critical=Exists(flagged)), page=page, limit=limit, convert=_rows)


def worklist_totals(service_code: str, actor: Actor) -> dict[str, int]:
    """How many reports each tab holds, and how many open ones are late (``late``) or urgent (``urgent``), in one query."""
    open_states = Q(state__in=VIEWS["open"])
    counts = {name: Count("id", filter=Q(state__in=states)) for name, states in VIEWS.items()}
    counts["mine"] = Count("id", filter=Q(state__in=VIEWS["mine"], claimed_by_id=actor.staff_id))
    counts["late"] = Count("id", filter=open_states & Q(limit_at__lte=clock.now()))
    counts["urgent"] = Count("id", filter=open_states & Q(rank__lte=0))
    return _reports(service_code, actor).aggregate(**counts)


def waiting_reports(service_code: str, actor: Actor, filters: WorklistFilters) -> QuerySet[Report]:
    """Unclaimed reports of the actor's centre in reading order; for taking the next one."""
    wanted = WorklistFilters(view="waiting", group=filters.group, priority=filters.priority)
    return _filtered(_reports(service_code, actor), wanted, actor).order_by("rank", "waiting_since", "id")


def performing_list(
    service_code: str, actor: Actor, *, view: str = "to_do", text: str = "", page: int = 1, limit: int = 20
) -> Page[OrderData]:
    """Orders that the actor's institutions perform: urgent and earliest first, finished ones newest first."""
    rows = Order.objects.filter(service=service_code, performing_institution_id__in=actor.places)
    if view != "all":
        rows = rows.filter(state__in=WORKBENCH.get(view, WORKBENCH["to_do"]))
    rows = _named(rows, text, "")
    waiting: list[Any] = ["-priority", F("scheduled_at").asc(nulls_last=True), "requested_at"]
    rows = rows.order_by(*(["-state_since"] if view in {"done", "ended", "sent"} else waiting))
    return page_of(rows.select_related("report").prefetch_related("items"), page=page, limit=limit, convert=_orders)


def performing_totals(service_code: str, actor: Actor) -> dict[str, int]:
    """How many orders each tab of the workbench holds."""
    rows = Order.objects.filter(service=service_code, performing_institution_id__in=actor.places)
    return rows.aggregate(**{name: Count("id", filter=Q(state__in=states)) for name, states in WORKBENCH.items()})


def order_list(
    actor: Actor, *, service_code: str = "", view: str = "open", text: str = "", page: int = 1, limit: int = 20
) -> Page[OrderData]:
    """Orders that the actor's institutions asked for. ``view``: open, reported (not yet read), done or all."""
    rows = visible(actor).filter(requesting_institution_id__in=actor.places)
    if service_code:
        rows = rows.filter(service=service_code)
    ended = ["completed", "cancelled", "rejected", "refused", "stopped"]
    if view == "open":
        rows = rows.exclude(state__in=[*ended, "reported"])
    elif view == "reported":
        rows = rows.filter(state="reported")
    elif view == "done":
        rows = rows.filter(state__in=ended)
    rows = _named(rows, text, "").order_by("-requested_at").select_related("report").prefetch_related("items")
    return page_of(rows, page=page, limit=limit, convert=_orders)


def _reports(service_code: str, actor: Actor) -> QuerySet[Report]:
    return Report.objects.filter(service=service_code, reporting_institution_id__in=actor.places)


def _filtered(rows: QuerySet[Report], wanted: WorklistFilters, actor: Actor) -> QuerySet[Report]:
    if wanted.view in VIEWS:
        rows = rows.filter(state__in=VIEWS[wanted.view])
    if wanted.view == "mine":
        rows = rows.filter(claimed_by_id=actor.staff_id)
    if wanted.group:
        rows = rows.filter(group=wanted.group)
    if wanted.priority:
        rows = rows.filter(rank__lte=0) if wanted.priority == Order.Priority.URGENT else rows.filter(rank=1)
    if wanted.requesting_institution_id:
        rows = rows.filter(order__requesting_institution_id=wanted.requesting_institution_id)
    if wanted.since:
        rows = rows.filter(waiting_since__gte=datetime.combine(wanted.since, time.min, clock.SHANGHAI))
    if wanted.until:
        rows = rows.filter(waiting_since__lte=datetime.combine(wanted.until, time.max, clock.SHANGHAI))
    return _named(rows, wanted.text, "order__")


def _named(rows: QuerySet, text: str, path: str) -> QuerySet:
    """Narrow by a number, or by the beginning of a name or of its initials."""
    text = text.strip()[:60]
    if not text:
        return rows
    number = Q(**{f"{path}number": text.upper()}) | Q(**{f"{path}accession": text.upper()})
    name = Q(**{f"{path}resident__name__startswith": text})
    return rows.filter(number | name | Q(**{f"{path}resident__initials__startswith": text.lower()}))


def _row(row: Report) -> WorklistRow:
    order = row.order
    return WorklistRow(
        order_id=row.order_id, number=order.number, accession=order.accession, resident_id=order.resident_id,
        items="、".join(i.name for i in sorted(order.items.all(), key=lambda i: i.position)), group=row.group,
        priority=order.priority, requesting_institution_id=order.requesting_institution_id,
        performing_institution_id=order.performing_institution_id, state=row.state,
        state_label=REPORT.label(row.state), waiting_since=row.waiting_since, due_at=row.limit_at,
        claimed_by=row.claimed_by.name if row.claimed_by else "", claimed_by_id=row.claimed_by_id,
        claimed_at=row.claimed_at, identity=order.identity, first_reason=row.first_reason,
        critical=row.critical,  # type: ignore[attr-defined]
    )  # fmt: skip


def _rows(rows: list[Report]) -> list[WorklistRow]:
    return [_row(row) for row in rows]


def _orders(rows: list[Order]) -> list[OrderData]:
    return [to_data(row) for row in rows]
