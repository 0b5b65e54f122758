"""Issued reports counted for figures: in the month of their first final report, for the institution that asked."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core.figures import Cell, FigureRow, FigureSource, Places
from yigong.core.paging import Page, page_of
from yigong.orders.events import ReportSigned
from yigong.orders.models import Order

_COUNT = """
    select requesting_institution_id, date_trunc('month', reported_at at time zone 'Asia/Shanghai')::date, count(*),
      array_agg(greatest(0, extract(epoch from reported_at - coalesce(uploaded_at, performed_at, requested_at)) / 60)::int)
    from orders_order
    where reported_at >= %(begin)s and reported_at < %(end)s
      and (%(everywhere)s or requesting_institution_id = any(%(places)s))
    group by 1, 2
"""


def report_counts(begin: datetime, end: datetime, places: Places) -> list[Cell]:
    """Reports per requesting institution and month, with the minutes from material to report of each."""
    values: dict[str, Any] = {"begin": begin, "end": end, "everywhere": places is None, "places": list(places or ())}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return [Cell(place, month, count, minutes=tuple(took)) for place, month, count, took in cursor.fetchall()]


def report_rows(begin: datetime, end: datetime, places: Places, page: int) -> Page[FigureRow]:
    """The reports themselves, newest first, without the person."""
    rows: QuerySet = Order.objects.filter(reported_at__gte=begin, reported_at__lt=end)
    if places is not None:
        rows = rows.filter(requesting_institution_id__in=places)
    rows = rows.annotate(
        since=Coalesce("uploaded_at", "performed_at", "requested_at"), took=F("reported_at") - F("since")
    )
    return page_of(rows.order_by("-reported_at", "-id").prefetch_related("items"), page=page, limit=50, convert=_rows)


def _rows(rows: list) -> list[FigureRow]:
    return [
        FigureRow(
            row.reported_at,
            f"{row.number} {'、'.join(item.name for item in row.items.all())}",
            row.requesting_institution_id,
            _("用时 %(n)s 分钟") % {"n": max(0, int(row.took.total_seconds() // 60))},
            _page(row.pk),
        )
        for row in rows
    ]


def _page(order_id: UUID) -> str:
    try:
        return reverse("orders:detail", args=[order_id])
    except NoReverseMatch:
        return ""


def _signed(event: ReportSigned) -> tuple[UUID, datetime | None]:
    order = Order.objects.get(pk=event.order_id)
    return order.requesting_institution_id, order.reported_at


REPORTS = FigureSource("reports", gettext_lazy("签发报告"), report_counts, report_rows, {ReportSigned: _signed})
