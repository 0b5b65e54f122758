"""The referral order behind a stay, for the fund."""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from yigong.core import clock
from yigong.referrals.data import ReferralData
from yigong.referrals.models import Referral
from yigong.referrals.queries.reading import to_data

TAKEN = ("accepted", "arrived", "in_treatment", "completed", "followed_up", "closed")
_OLDEST = timedelta(days=60)


def referral_into(resident_ids: Collection[UUID], institution_id: UUID, on: date) -> ReferralData | None:
    """The newest up- or down-referral by which this institution took the person and that was valid on the day; None without one.

    No decision is asked for: for commands and rooms that have decided about the person.
    """
    begin, end = clock.span(on, on)
    rows = Referral.objects.filter(
        resident_id__in=resident_ids, to_institution_id=institution_id, direction__in=["up", "down"], state__in=TAKEN,
        accepted_at__lt=end, accepted_at__gt=begin - _OLDEST,
    ).exclude(valid_until__lt=begin)  # fmt: skip
    row = rows.order_by("-accepted_at").first()
    return to_data(row) if row else None
