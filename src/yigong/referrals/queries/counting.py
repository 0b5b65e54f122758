"""Referrals counted for figures: submitted in the month (withdrawn before an answer left out), and how many are complete by now.

Complete is an up- or lateral referral whose result went back to the sender, and a down-referral whose first visit took place.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.urls import reverse
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.figures import Cell, FigureRow, FigureSource, Places
from yigong.core.paging import Page, page_of
from yigong.core.states.api import tables
from yigong.network import api as network
from yigong.referrals import events
from yigong.referrals.models import Referral

_COMPLETE = Q(feedback_at__isnull=False) & ~Q(direction="down") | Q(first_contact_at__isnull=False, direction="down")


def referral_counts(begin: datetime, end: datetime, places: Places) -> list[Cell]:
    """Complete referrals of those submitted, per sending institution and month."""
    month = TruncMonth("submitted_at", tzinfo=clock.SHANGHAI)
    rows = _counted(begin, end, places).annotate(month=month).values("from_institution_id", "month").order_by()
    found = rows.annotate(complete=Count("id", filter=_COMPLETE), every=Count("id"))
    return [Cell(r["from_institution_id"], r["month"].date(), r["complete"], r["every"]) for r in found]


def referral_rows(begin: datetime, end: datetime, places: Places, page: int) -> Page[FigureRow]:
    """The submitted referrals, those not complete first, without the person."""
    rows = _counted(begin, end, places).annotate(complete=Count("id", filter=_COMPLETE))
    return page_of(rows.order_by("complete", "-submitted_at"), page=page, limit=50, convert=_rows)


def _counted(begin: datetime, end: datetime, places: Places) -> QuerySet[Referral]:
    rows = Referral.objects.filter(submitted_at__gte=begin, submitted_at__lt=end)
    rows = rows.exclude(state="cancelled", answered_at=None)
    return rows if places is None else rows.filter(from_institution_id__in=places)


def _rows(rows: list[Any]) -> list[FigureRow]:
    names = network.institutions({row.to_institution_id for row in rows})
    return [
        FigureRow(
            row.submitted_at,
            f"{row.number} → {names[row.to_institution_id].name}",
            row.from_institution_id,
            tables()["referral"].label(row.state),
            reverse("referrals:detail", args=[row.pk]),
            counted=bool(row.complete),
        )
        for row in rows
    ]


def _place(event: Any) -> tuple[UUID, datetime | None]:
    found = Referral.objects.filter(pk=event.referral_id).first()
    return event.from_institution_id, found.submitted_at if found else None


_CHANGES = (
    events.ReferralSubmitted,
    events.ReferralCompleted,
    events.FirstVisitDone,
    events.ReferralArrived,
    events.ReferralClosed,
    events.ReferralCancelled,
)
_LISTENS: dict[type, Callable[[Any], tuple[UUID, datetime | None]]] = dict.fromkeys(_CHANGES, _place)
REFERRALS = FigureSource("referrals", gettext_lazy("转诊完成"), referral_counts, referral_rows, _LISTENS)
