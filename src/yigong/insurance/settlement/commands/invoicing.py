"""The fiscal invoice of a settlement: what it says, and that only a settlement that counts has one."""

from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement.commands.reversing import get
from yigong.insurance.settlement.errors import NothingToInvoice
from yigong.insurance.settlement.models import FUNDS, MEANS, Settlement
from yigong.residents import api as residents


@transaction.atomic
def issue_invoice(*, settlement_id: UUID, actor: Actor) -> invoices.InvoiceData:
    """The invoice of a settlement that was paid and not taken back. The row is locked: whoever takes it back meanwhile comes before or after."""
    Settlement.objects.select_for_update().filter(pk=settlement_id).values_list("id").first()
    row = get(settlement_id)
    if row.state != "settled" or row.reverses_id is not None or row.institution_id is None or row.bill_id is None:
        raise NothingToInvoice(number=row.number)
    return invoices.issue(given=_written(row, row.institution_id), actor=actor)


def _written(row: Settlement, place: UUID) -> invoices.NewInvoice:
    others = sum(getattr(row, fund) for fund in FUNDS if fund != "pool") + row.institution_part
    return invoices.NewInvoice(
        source_id=row.id, source_number=row.number, kind="inpatient" if row.kind == "inpatient" else "outpatient", institution_id=place,
        institution_name=row.institution_name, resident_id=row.resident_id, payer=residents.identity(row.resident_id).name[:80],
        amount=row.total, pool=row.pool, other=others, account=row.account + row.family,
        cash=sum(getattr(row, f"paid_{means}") for means in MEANS), self_pay=max(0, row.person - row.own), own=row.own, groups=_groups(row),
    )  # fmt: skip


def _groups(row: Settlement) -> dict[str, int]:
    """Sums by fee type; what no line explains (nothing, unless a platform says so) stands under other fees."""
    sums: dict[str, int] = {}
    for line in row.lines:
        kind = line.get("category") or "14"
        sums[kind] = sums.get(kind, 0) + line["total"]
    if rest := row.total - sum(sums.values()):
        sums["14"] = sums.get("14", 0) + rest
    return sums
