"""Sums for the end of the day and of the month."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, Sum

from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement.models import FUNDS, MEANS, DepositMovement, Settlement

_COLUMNS = (
    "total",
    "relief",
    *FUNDS,
    "institution_part",
    "person",
    "account",
    "family",
    *(f"paid_{means}" for means in MEANS),
)


def open_sums(cashier_id: UUID) -> dict[str, Any]:
    """What a cashier took and gave back since the last closing: by means, by fund, numbers of invoices run by run, deposits apart. All that went
    through the till counts, also what the insurance office took back for another institution."""
    mine: dict[str, Any] = {"cashier_id": cashier_id, "closing__isnull": True}
    rows = Settlement.objects.filter(settled_on__isnull=False, **mine)
    sums = rows.aggregate(
        settled=Count("id", filter=Q(reverses__isnull=True)), taken_back=Count("id", filter=Q(reverses__isnull=False)),
        refunded=Sum("person", filter=Q(reverses__isnull=False)), **{f"{name}_sum": Sum(name) for name in _COLUMNS},
    )  # fmt: skip
    moved = DepositMovement.objects.filter(**mine)
    deposits = {f"{what}_{means}": 0 for what in ("take", "return") for means in ("cash", "card", "online")}
    for what, means, amount, _count in moved.values_list("what", "means").annotate(Sum("amount"), Count("id")):
        deposits[f"{what}_{means}"] = amount
    found = {name: sums[f"{name}_sum"] or 0 for name in _COLUMNS}
    return {
        **found, "settled": sums["settled"], "taken_back": sums["taken_back"], "refunded": sums["refunded"] or 0, "deposits": deposits,
        "invoices": [asdict(one) for one in invoices.uses(cashier_id)],
        "count": sums["settled"] + sums["taken_back"] + moved.count(),
    }  # fmt: skip


def month_sums(institution_id: UUID, month: date) -> dict[str, int]:
    """The net sums of a month of one institution."""
    rows = Settlement.objects.filter(institution_id=institution_id, month=month)
    sums = rows.aggregate(count=Count("id"), **{f"{name}_sum": Sum(name) for name in _COLUMNS})
    return {"count": sums["count"], **{name: sums[f"{name}_sum"] or 0 for name in _COLUMNS}}
