"""Signed reports become documents of the resident's record."""

from uuid import UUID

from yigong.core.actor import system
from yigong.orders import queries
from yigong.orders.models import Order, ReportVersion
from yigong.orders.rules import service
from yigong.records import api as records
from yigong.records.data import Source


def file_version(order: Order, version: ReportVersion) -> UUID:
    """File a version; a correction supersedes the document of the version before it."""
    definition = service(order.service)
    before = ReportVersion.objects.filter(report__order=order, document_id__isnull=False).order_by("-number").first()
    items = "、".join(order.items.order_by("position").values_list("name", flat=True))
    content = queries.document_content(order, version)
    document = records.add_document(
        resident_id=order.resident_id,
        kind=definition.document_kind,
        title=f"{items}{definition.words.get('report', '')}"[:120],
        content=content,
        text=_as_read(content),
        source=Source(app="orders", id=order.pk, number=order.number),
        supersedes=before.document_id if before else None,
        reason=version.reason,
        author_name=version.author_name,
        staff_id=version.author_id,
        institution_id=order.reporting_institution_id,
        occurred_at=version.signed_at,
        actor=system("orders"),
    )
    return document.id


def _as_read(content: dict) -> str:
    parts = [f"{section['label']}：{section['text']}" for section in content["sections"]]
    # The conclusion first: it is what a list shows and what a doctor reads first.
    return "\n".join([content["impression"], *parts])
