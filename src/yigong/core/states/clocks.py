"""Clocks: rows whose time is up are handed to their table's ``on_due``, once each.

The relay process calls ``sweep`` every few seconds. A failing ``on_due`` rolls back only itself, is remembered as a
ClockFailure and tried again later; the other clocks go on.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from yigong.core import clock
from yigong.core.states import api
from yigong.core.states.models import ClockFailure, Stateful

log = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(hours=1)
_others: list[Callable[[], int]] = []


def also(work: Callable[[], int]) -> None:
    """Have ``sweep`` call ``work`` as well: clocks that are not a state's (register it in ``apps.ready``). It returns how many it handled."""
    if work not in _others:
        _others.append(work)


def sweep(limit: int = 200) -> int:
    """Handle at most ``limit`` due rows of each table; returns how many clocks were handled. Safe in several processes."""
    rung = sum(_sweep_table(table, limit) for table in api.tables().values() if table.on_due and table.model)
    return rung + sum(_run(work) for work in _others)


def _run(work: Callable[[], int]) -> int:
    try:
        return work()
    except Exception:
        log.exception("clock work %s failed", work)
        return 0


def failures() -> list[ClockFailure]:
    """Clocks that could not be handled so far, worst first."""
    return list(ClockFailure.objects.order_by("-attempts", "next_try_at"))


def _sweep_table(table: api.StateTable, limit: int) -> int:
    handled = 0
    waiting = ClockFailure.objects.filter(table=table.name, next_try_at__gt=clock.now()).values_list(
        "object_id", flat=True
    )
    skipped = set(waiting)
    for pk in list(_due_rows(table).exclude(pk__in=skipped).order_by("due_at").values_list("pk", flat=True)[:limit]):
        handled += _ring(table, pk)
    return handled


def _due_rows(table: api.StateTable) -> QuerySet[Stateful]:
    assert table.model is not None
    return table.model._default_manager.filter(due_at__lte=clock.now(), escalated_at__isnull=True)


def _ring(table: api.StateTable, pk: Any) -> int:
    try:
        with transaction.atomic():
            row = _due_rows(table).select_for_update(of=("self",), skip_locked=True).filter(pk=pk).first()
            if row is None:
                return 0
            _call(table, row)
            ClockFailure.objects.filter(table=table.name, object_id=pk).delete()
            return 1
    except Exception as failure:
        log.exception("clock of %s %s failed", table.name, pk)
        _remember(table, pk, failure)
        return 0


def _call(table: api.StateTable, row: Stateful) -> None:
    assert table.on_due is not None and table.model is not None
    again = table.on_due(row)
    # A step taken inside on_due has set a new version and a new clock; its receipt is not ours to write.
    same = table.model._default_manager.filter(pk=row.pk, version=row.version, state=row.state, due_at=row.due_at)
    if again is None:
        same.update(escalated_at=clock.now())
    else:
        same.update(due_at=clock.now() + again)


def _remember(table: api.StateTable, pk: Any, failure: Exception) -> None:
    text = f"{type(failure).__name__}: {failure}"[:2000]
    row, new = ClockFailure.objects.get_or_create(
        table=table.name,
        object_id=pk,
        defaults={"next_try_at": clock.now() + timedelta(seconds=30), "last_error": text},
    )
    if not new:
        row.attempts = min(row.attempts + 1, 1000)
        row.last_error = text
        row.next_try_at = clock.now() + min(timedelta(seconds=30) * 2 ** min(row.attempts, 10), _LONGEST_WAIT)
        row.save()
