"""Storage commitment (PS3.4, annex J): which of the named objects are safely here, reported on an association of our own."""

import logging
from typing import Any
from uuid import UUID

from django.db import transaction
from pydicom.dataset import Dataset
from pynetdicom.events import Event
from pynetdicom.sop_class import StorageCommitmentPushModel  # type: ignore[attr-defined]

from yigong.core import clock
from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.models import Commitment, Instance, Node
from yigong.exchange.dicom.scp.client import entity
from yigong.exchange.dicom.scp.find import NOT_AUTHORISED, caller_of
from yigong.exchange.dicom.scp.nodes import Directory

log = logging.getLogger("yigong.dicom")
_WELL_KNOWN = "1.2.840.10008.1.20.1.1"
_MOST_ATTEMPTS = 8
_NO_SUCH_OBJECT = 0x0112


def take_request(event: Event, directory: Directory) -> tuple[int, Dataset | None]:
    """N-ACTION: remember the request; it is answered with N-EVENT-REPORT a moment later."""
    node = caller_of(event, directory)
    if node is None or not node.may_store:
        return NOT_AUTHORISED, None
    asked = event.action_information
    items = [
        {"class": str(item.ReferencedSOPClassUID), "uid": str(item.ReferencedSOPInstanceUID)}
        for item in asked.get("ReferencedSOPSequence", [])
    ]
    Commitment.objects.update_or_create(
        transaction_uid=str(asked.TransactionUID),
        sender=node.title,
        defaults={"items": items, "reported_at": None, "attempts": 0},
    )
    return 0x0000, None


def report_waiting(limit: int = 20) -> int:
    """Report what was asked for; a node that cannot be reached is called again later. Returns how many reports arrived."""
    waiting = Commitment.objects.filter(reported_at__isnull=True, attempts__lt=_MOST_ATTEMPTS)
    return sum(_report(pk) for pk in list(waiting.order_by("requested_at").values_list("pk", flat=True)[:limit]))


@transaction.atomic
def _report(commitment_id: UUID) -> bool:
    asked = (
        Commitment.objects.select_for_update(skip_locked=True)
        .filter(pk=commitment_id, reported_at__isnull=True)
        .first()
    )
    if asked is None:
        return False
    asked.held, asked.missing = _look(asked.items)
    asked.attempts += 1
    asked.last_error = _tell(asked)
    if not asked.last_error:
        asked.reported_at = clock.now()
    asked.save()
    return not asked.last_error


def _look(items: list[dict[str, str]]) -> tuple[list[dict], list[dict]]:
    """Which objects are indexed with their file in place."""
    rows = Instance.objects.filter(uid__in=[item["uid"] for item in items]).values_list("uid", "digest", "size")
    safe = {uid for uid, digest, size in rows if _whole(bytes(digest), size)}
    return [item for item in items if item["uid"] in safe], [item for item in items if item["uid"] not in safe]


def _whole(digest: bytes, size: int) -> bool:
    place = files.path_of(digest)
    return place.exists() and place.stat().st_size == size


def _tell(asked: Commitment) -> str:
    """Send the report; returns what went wrong, or nothing."""
    node = Node.objects.filter(title=asked.sender, is_active=True).first()
    if node is None or not node.host or not node.port:
        return "no address"
    caller = entity()
    caller.add_requested_context(StorageCommitmentPushModel)
    role = _scp_role()
    link = caller.associate(node.host, node.port, ae_title=node.title, ext_neg=[role])
    if not link.is_established:
        log.warning("存储确认无法送达 %s：连不上 %s:%s", node.title, node.host, node.port)
        return "unreachable"
    try:
        status, _ = link.send_n_event_report(
            _report_of(asked), 2 if asked.missing else 1, StorageCommitmentPushModel, _WELL_KNOWN
        )
    finally:
        link.release()
    return "" if getattr(status, "Status", None) == 0 else "refused"


def _scp_role() -> Any:
    from pynetdicom import build_role

    return build_role(StorageCommitmentPushModel, scp_role=True)


def _report_of(asked: Commitment) -> Dataset:
    report = Dataset()
    report.TransactionUID = asked.transaction_uid
    report.RetrieveAETitle = "YIGONG"
    if asked.held:
        report.ReferencedSOPSequence = [_item(item) for item in asked.held]
    if asked.missing:
        report.FailedSOPSequence = [_item(item, _NO_SUCH_OBJECT) for item in asked.missing]
    return report


def _item(item: dict[str, str], failure: int | None = None) -> Dataset:
    found = Dataset()
    found.ReferencedSOPClassUID, found.ReferencedSOPInstanceUID = item["class"], item["uid"]
    if failure is not None:
        found.FailureReason = failure
    return found
