"""The small county of the indicators with three frozen months: last month, the one before, the same month of the year before."""

from typing import Any
from unittest import mock

from yigong.core.jobs import worker
from yigong.indicators.commands import freezing
from yigong.indicators.models import Cell, Roll
from yigong.indicators.tests.world import full_county, make_world, this_month
from yigong.workreport.commands import making
from yigong.workreport.models import Edition

LAST, BEFORE, YEAR_AGO = this_month(1), this_month(2), this_month(13)


def make_reporting(freeze: tuple[Any, ...] = (LAST, BEFORE, YEAR_AGO)) -> Any:
    """The county, counted; the given months frozen."""
    world = make_world()
    full_county(world)
    _like_last_month(YEAR_AGO)
    for month in freeze:
        frozen(world, month)
    return world


def frozen(world: Any, month: Any) -> Any:
    """A month signed by the quality manager and frozen by the director; the checks of a period are the indicators' own to test."""
    with mock.patch("yigong.indicators.queries.frozen.looks_at", return_value=[]):
        key = freezing.open_period(kind="month", first=month, actor=world.quality)
        freezing.sign_period(period_id=key, actor=world.quality, reason="测试")
        freezing.freeze_period(period_id=key, actor=world.director)
    return key


def _like_last_month(month: Any) -> None:
    """A month a year ago with twice last month's counts, without counting fourteen months for it."""
    cells = list(Cell.objects.filter(month=LAST))
    for one in cells:
        one.pk, one.month, one.numerator = None, month, one.numerator * 2
        one.denominator = one.denominator and one.denominator * 3
    Cell.objects.bulk_create(cells)
    rolls = list(Roll.objects.filter(month=LAST))
    for roll in rolls:
        roll.pk, roll.month = None, month
    Roll.objects.bulk_create(rolls)


def asked(world: Any, **more: Any) -> Edition:
    """A report of last month asked for, not built."""
    given = {
        "template": "community-progress",
        "kind": "month",
        "first": LAST,
        "scope": "county",
        "provisional": False,
        "actor": world.director,
    }
    return making.ask_edition(**given | more)


def built(world: Any, **more: Any) -> Edition:
    """A report of last month, built by its job."""
    row = asked(world, **more)
    worker.run_job(row.job_id)
    row.refresh_from_db()
    assert row.state == "draft"
    return row
