"""What imaging writes besides the order: how the pictures were taken."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yigong.centres.imaging.models import ImagingDetail
from yigong.core.actor import Actor


def record_detail(*, order_id: UUID, detail: Mapping[str, Any], actor: Actor) -> None:
    """Write or correct the execution of an order; called inside ``orders.finish_performing``."""
    known = {f.name for f in ImagingDetail._meta.fields} - {"order", "recorded_at", "technician"}
    values = {name: value for name, value in detail.items() if name in known}
    ImagingDetail.objects.update_or_create(order_id=order_id, defaults={**values, "technician": actor.name})
