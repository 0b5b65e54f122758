"""What institutions owe back for upheld findings."""

from datetime import date
from uuid import UUID

from django.db.models import Sum

from yigong.insurance.review.models import Deduction


def deducted(until: date) -> dict[UUID, int]:
    """Institution → fen of all deductions up to and with a month, those taken back subtracted. For the fund's statements."""
    rows = Deduction.objects.filter(month__lte=until.replace(day=1)).order_by()
    return {key: amount for key, amount in rows.values_list("institution_id").annotate(Sum("amount")) if amount}
