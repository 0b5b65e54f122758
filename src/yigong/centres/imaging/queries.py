"""What the shared pages show of imaging."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.centres.imaging.models import ImagingDetail


def panel(order_id: UUID) -> tuple[str, dict[str, Any]] | None:
    """The execution card of an order's page, or None before it was performed."""
    row = ImagingDetail.objects.filter(order_id=order_id).first()
    if row is None:
        return None
    facts = [
        (_("技师"), row.technician), (_("设备"), row.device), (_("体位/序列"), row.view), (_("图像数"), row.images),
        (_("图像质量"), row.get_quality_display() + (f"（{row.quality_note}）" if row.quality_note else "")),
        (_("CTDIvol(mGy)"), row.ctdi_vol), (_("DLP(mGy·cm)"), row.dlp), (_("DAP(µGy·m²)"), row.dap),
        (_("对比剂"), _contrast(row)), (_("不良反应"), row.reaction),
    ]  # fmt: skip
    return "imaging/panel.html", {"facts": [(label, value) for label, value in facts if value not in (None, "")]}


def _contrast(row: ImagingDetail) -> str:
    parts = [row.contrast_drug, row.contrast_batch, f"{row.contrast_ml} mL" if row.contrast_ml else ""]
    return " ".join(part for part in parts if part)
