"""One posted settlement with all its sums and lines, for the rooms that declare it or look through it."""

from uuid import UUID

from yigong.insurance.settlement.data import SheetData
from yigong.insurance.settlement.models import FUNDS, MEANS, Settlement

_PLAIN = tuple(name for name in SheetData.__dataclass_fields__ if name not in {"funds", "paid", "lines"})


def sheet(settlement_id: UUID) -> SheetData | None:
    """A posted settlement; None when there is none. For rooms that have decided."""
    row = Settlement.objects.filter(pk=settlement_id, settled_on__isnull=False).first()
    return _data(row) if row else None


def sheet_of_bill(bill_id: UUID) -> SheetData | None:
    """The settlement of a bill that counts now: posted and not taken back. For rooms that have decided."""
    row = Settlement.objects.filter(bill_id=bill_id, state="settled", reverses__isnull=True).order_by("-id").first()
    return _data(row) if row else None


def _data(row: Settlement) -> SheetData:
    return SheetData(
        funds={name: getattr(row, name) for name in FUNDS}, paid={name: getattr(row, f"paid_{name}") for name in MEANS},
        lines=tuple(row.lines), **{name: getattr(row, name) for name in _PLAIN},
    )  # fmt: skip
