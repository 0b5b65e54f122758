"""Visits counted for figures: 总诊疗人次 as outpatient, emergency, home and remote contacts that were not declared a mistake."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core.figures import Cell, FigureRow, FigureSource, Places
from yigong.core.paging import Page, page_of
from yigong.records.events import EncounterClosed, EncounterOpened
from yigong.records.models import Encounter

_VISITS = ("outpatient", "emergency", "home", "remote")
_COUNT = """
    select institution_id, date_trunc('month', occurred_at at time zone 'Asia/Shanghai')::date as month, count(*)
    from records_encounter
    where occurred_at >= %(begin)s and occurred_at < %(end)s and kind = any(%(kinds)s)
      and not is_automatic and status <> 'cancelled' and (%(everywhere)s or institution_id = any(%(places)s))
    group by 1, 2
"""


def visit_counts(begin: datetime, end: datetime, places: Places) -> list[Cell]:
    """Visits per institution and month."""
    values: dict[str, Any] = {
        "begin": begin,
        "end": end,
        "kinds": list(_VISITS),
        "everywhere": places is None,
        "places": list(places or ()),
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        return [Cell(institution, month, count) for institution, month, count in cursor.fetchall()]


def visit_rows(begin: datetime, end: datetime, places: Places, page: int) -> Page[FigureRow]:
    """The visits themselves, newest first, without the person."""
    rows = Encounter.objects.filter(occurred_at__gte=begin, occurred_at__lt=end, kind__in=_VISITS, is_automatic=False)
    rows = rows.exclude(status=Encounter.Status.CANCELLED)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    return page_of(rows.order_by("-occurred_at", "-id"), page=page, limit=50, convert=_rows)


def _rows(rows: list[Encounter]) -> list[FigureRow]:
    return [FigureRow(e.occurred_at, _(e.get_kind_display()), e.institution_id, e.complaint[:60]) for e in rows]


def _closed(event: EncounterClosed) -> tuple[UUID, datetime | None]:
    found = Encounter.objects.filter(pk=event.encounter_id, status=Encounter.Status.CANCELLED).first()
    return event.institution_id, found.occurred_at if found else None


def _opened(event: EncounterOpened) -> tuple[UUID, datetime | None]:
    return event.institution_id, None if event.is_automatic or event.kind not in _VISITS else event.occurred_at


VISITS = FigureSource(
    "visits", gettext_lazy("诊疗人次"), visit_counts, visit_rows, {EncounterOpened: _opened, EncounterClosed: _closed}
)
