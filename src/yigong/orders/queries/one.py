"""One order with its report, versions and critical values."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.urls import reverse

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.network import api as network
from yigong.orders.data import Clinical, CriticalData, ItemInput, OrderData, ReportData, VersionData
from yigong.orders.models import CriticalValue, Order, Report, ReportVersion
from yigong.orders.policies import visible
from yigong.orders.rules import CRITICAL, ORDER, REPORT, service
from yigong.residents import api as residents


def order(order_id: UUID, *, actor: Actor) -> OrderData:
    """One order; decided and logged. Raises NotFound, or Forbidden with the reason."""
    found = Order.objects.filter(pk=order_id).first()
    if found is None:
        raise NotFound()
    access.require(actor, "read_detail", Subject("order", order_id))
    return to_data(found)


def order_facts(order_id: UUID) -> OrderData:
    """One order without a decision, for a centre's own commands and handlers; pages ask ``order``. Raises NotFound."""
    found = Order.objects.select_related("report").filter(pk=order_id).first()
    if found is None:
        raise NotFound()
    return to_data(found)


def order_by_accession(accession: str) -> OrderData | None:
    """The order with this accession number; for the rooms that take messages from devices."""
    found = Order.objects.filter(accession=accession.strip().upper()).first()
    return to_data(found) if found else None


def report_of(order_id: UUID, *, actor: Actor) -> ReportData | None:
    """The report of an order that the actor may read; decided and logged. None before anything is at the centre."""
    found = Report.objects.select_related("order", "claimed_by").filter(order_id=order_id).first()
    if found is None:
        return None
    access.require(actor, "read_detail", Subject("order", order_id))
    return report_data(found)


def held_about(ids: Collection[UUID]) -> int:
    """How many orders are kept under these residents' keys."""
    return Order.objects.filter(resident_id__in=ids).count()


def under_way_about(ids: Collection[UUID]) -> int:
    """How many of them wait for something to be done or reported."""
    over = [code for code, state in ORDER.states.items() if state.final] + ["reported", "completed", "no_show"]
    return Order.objects.filter(resident_id__in=ids).exclude(state__in=over).count()


def earlier_orders(
    resident_id: UUID, *, service_code: str, but: UUID | None = None, limit: int = 20
) -> list[OrderData]:
    """Earlier orders of one service for a person, newest first: to compare, on a page about an order the actor may see."""
    rows = Order.objects.filter(resident_id__in=residents.identities(resident_id), service=service_code)
    rows = rows.exclude(state__in=["cancelled", "rejected", "refused"])
    if but:
        rows = rows.exclude(pk=but)
    return [to_data(row) for row in rows.order_by("-requested_at")[:limit]]


def open_criticals(actor: Actor, *, service_code: str = "", order_id: UUID | None = None) -> list[CriticalData]:
    """Critical values that are not closed, at the actor's institutions, longest open first; all those of one order."""
    rows = CriticalValue.objects.filter(order__in=visible(actor)).select_related("order")
    rows = rows.filter(order_id=order_id) if order_id else rows.exclude(state="closed")
    if service_code:
        rows = rows.filter(order__service=service_code)
    return [critical_data(row) for row in rows.order_by("found_at")[:100]]


def state_label(service_code: str, state: str) -> str:
    """What a service calls a state of its orders: its own word (``state_<code>``), else the mechanism's."""
    return service(service_code).word(f"state_{state}", ORDER.label(state))


def to_data(row: Order) -> OrderData:
    """The order as other rooms see it."""
    items = tuple(
        ItemInput(i.code, i.name, i.group, i.part, i.price, i.validity_days)
        for i in sorted(row.items.all(), key=lambda i: i.position)
    )
    return OrderData(
        id=row.pk, number=row.number, accession=row.accession, service=row.service, state=row.state,
        state_label=state_label(row.service, row.state), priority=row.priority, resident_id=row.resident_id,
        requesting_institution_id=row.requesting_institution_id,
        requesting_department_id=row.requesting_department_id, requesting_staff_id=row.requesting_staff_id,
        performing_institution_id=row.performing_institution_id,
        reporting_institution_id=row.reporting_institution_id, items=items,
        clinical=Clinical(row.symptoms, row.history, row.purpose, row.diagnosis, row.diagnosis_code),
        answers=row.answers, findings=tuple(row.findings), requested_at=row.requested_at,
        scheduled_at=row.scheduled_at, performed_at=row.performed_at, uploaded_at=row.uploaded_at,
        reported_at=row.reported_at, due_at=row.due_at, identity=row.identity,
        identity_differences=tuple(row.identity_differences), ended_reason=row.ended_reason,
        report_state=row.report.state if hasattr(row, "report") else "", version=row.version,
    )  # fmt: skip


def report_data(row: Report) -> ReportData:
    """The report with all its versions, oldest first."""
    versions = row.versions.prefetch_related("receipts").order_by("number")
    return ReportData(
        id=row.pk, order_id=row.order_id, state=row.state, state_label=REPORT.label(row.state),
        claimed_by=row.claimed_by.name if row.claimed_by else "", claimed_by_id=row.claimed_by_id,
        claimed_at=row.claimed_at, draft=row.draft, draft_version=row.draft_version, author_id=row.author_id,
        due_at=row.limit_at, first_reason=row.first_reason, versions=tuple(version_data(v) for v in versions),
    )  # fmt: skip


def critical_data(row: CriticalValue) -> CriticalData:
    """The critical value as other rooms see it."""
    items = service(row.order.service).critical_items
    return CriticalData(
        id=row.pk, order_id=row.order_id, resident_id=row.order.resident_id, state=row.state,
        state_label=CRITICAL.label(row.state), item=row.item, item_label=items.get(row.item, row.item),
        detail=row.detail, found_by=row.found_by_name, found_at=row.found_at, notified_at=row.notified_at, way=row.way,
        receiver=row.receiver, acknowledged_by=row.acknowledged_by_name, acknowledged_at=row.acknowledged_at,
        acted_at=row.acted_at, measure=row.measure, measure_text=row.measure_text, closed_at=row.closed_at, level=row.level,
        due_at=row.due_at,
    )  # fmt: skip


def signed_content(row: Order, version: ReportVersion) -> dict[str, Any]:
    """What the signature covers: whose report, of what, what it says, who wrote and who reviewed it, when."""
    return {
        "order": row.number, "accession": row.accession, "resident": str(row.resident_id),
        "items": [item.code for item in row.items.order_by("position")], "version": version.number,
        "kind": version.kind, "sections": version.sections, "impression": version.impression,
        "positive": version.positive, "grade": version.grade, "author": str(version.author_id),
        "reviewer": str(version.reviewer_id), "signed_at": version.signed_at.isoformat(), "reason": version.reason,
    }  # fmt: skip


def document_content(row: Order, version: ReportVersion) -> dict[str, Any]:
    """The report as the resident's record keeps it: readable without this room."""
    definition = service(row.service)
    return {
        "order_id": str(row.pk), "number": row.number, "accession": row.accession, "service": row.service,
        "items": [{"code": i.code, "name": i.name, "part": i.part} for i in row.items.order_by("position")],
        "sections": [
            *({"label": label, "text": "\n".join("  ".join(row) for row in rows)} for label, _heads, rows, _tones in definition.tables(version.sections)),
            *({"label": label, "text": text} for label, text in definition.shows(version.sections)),
        ],
        "impression": version.impression, "positive": version.positive, "grade": version.grade,
        "author": version.author_name, "reviewer": version.reviewer_name, "digest": version.digest,
        "signed_at": version.signed_at.isoformat(), "version": version.number, "kind": version.kind,
        "performed_at": row.performed_at.isoformat() if row.performed_at else None,
        "requesting_institution_id": str(row.requesting_institution_id),
        "performing_institution_id": str(row.performing_institution_id),
        "reporting_institution_id": str(row.reporting_institution_id),
        "reporting_institution": network.institution(row.reporting_institution_id).name, "reason": version.reason,
        "url": reverse("orders:detail", args=[row.pk]),
    }  # fmt: skip


def report_url(order_id: UUID) -> str:
    """Where the report of an order is written."""
    return reverse("orders:report", args=[order_id])


def version_data(row: ReportVersion) -> VersionData:
    return VersionData(
        id=row.pk, number=row.number, kind=row.kind, sections=row.sections, impression=row.impression,
        positive=row.positive, grade=row.grade, author=row.author_name, reviewer=row.reviewer_name,
        signed_at=row.signed_at, digest=row.digest, reason=row.reason,
        acknowledged=tuple((r.staff_name, r.at) for r in row.receipts.all()),
    )  # fmt: skip
