"""What past visits and stays cost, by bill, for a page that has decided about the person."""

from collections import defaultdict
from collections.abc import Collection
from typing import Any
from uuid import UUID

from django.db.models import Max, Min, Sum

from yigong.clinic.data import CATEGORIES, PastBillData
from yigong.clinic.models import PastCharge
from yigong.core.paging import Page, page_of
from yigong.network import api as network

_MOST_LINES = 2000


def past_bills(resident_ids: Collection[UUID], page: int = 1) -> Page[PastBillData]:
    """Past bills of a person's keys, latest first, each with its lines; two statements for a page."""
    rows = PastCharge.objects.filter(resident_id__in=resident_ids)
    bills = rows.values("encounter_id", "bill_number", "institution_id").annotate(
        since=Min("performed_at"), until=Max("performed_at"), sum=Sum("amount")
    )
    return page_of(bills.order_by("-until", "bill_number"), page=page, limit=10, convert=_with_lines)


def _with_lines(bills: list[dict[str, Any]]) -> list[PastBillData]:
    wanted = {
        "encounter_id__in": {one["encounter_id"] for one in bills},
        "bill_number__in": {one["bill_number"] for one in bills},
    }
    lines: dict[tuple[UUID, str], list[tuple[str, str, int]]] = defaultdict(list)
    for row in PastCharge.objects.filter(**wanted).order_by("performed_at", "id")[:_MOST_LINES]:
        label = str(CATEGORIES[row.category][1])
        lines[row.encounter_id, row.bill_number].append((row.item_name, label, row.amount))
    houses = network.institutions({one["institution_id"] for one in bills})
    return [
        PastBillData(
            one["bill_number"], houses[one["institution_id"]].name if one["institution_id"] in houses else "", one["since"], one["until"],
            one["sum"], tuple(lines[one["encounter_id"], one["bill_number"]]),
        )
        for one in bills
    ]  # fmt: skip
