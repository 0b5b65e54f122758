"""A figure beside the year before: only what can be compared, and in the steps of the work report."""

from datetime import date
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.months import add_months
from yigong.indicators.data import Span
from yigong.indicators.models import Cell, Roll
from yigong.indicators.queries.comparing import with_year_before
from yigong.indicators.queries.figures import figures_of
from yigong.indicators.queries.registry import definition

pytestmark = pytest.mark.django_db
COUNT, SHARE = "visits", "primary-visit-share"
PLACE = uuid4()


def this_month() -> date:
    """The month under way."""
    return clock.today().replace(day=1)


def counted(month: date, visits: int, primary: int) -> None:
    """One month of both indicators, as if it had been counted."""
    for code, above, below in ((COUNT, visits, None), (SHARE, primary, visits)):
        d = definition(code)
        Cell.objects.create(
            code=code,
            variant=d.variants[0],
            month=month,
            institution_id=PLACE,
            version=d.version,
            numerator=above,
            denominator=below,
        )
        Roll.objects.get_or_create(fact=d.fact, month=month, defaults={"computed_at": clock.now(), "took_ms": 1})


def told(month: date) -> tuple[str, str]:
    """What the pages say about both indicators in a month."""
    span = Span(month, month)
    now = figures_of([definition(COUNT), definition(SHARE)], span, None)
    beside = with_year_before(now, span, None, "P1")
    return beside[COUNT].text, beside[SHARE].text


def test_a_share_by_points_and_a_count_by_percent() -> None:
    """50 % to 60 % of the visits is ten points, not twenty percent."""
    month = add_months(this_month(), -1)
    counted(add_months(month, -13), 80, 40)
    counted(add_months(month, -12), 100, 50)
    counted(month, 120, 72)
    assert told(month) == ("同比 +20.00%", "同比 +10.00 个百分点")


def test_a_month_in_which_collecting_began_is_no_year_before() -> None:
    """Two days of November against a whole one would be a growth of a thousand percent."""
    month = add_months(this_month(), -1)
    counted(add_months(month, -12), 10, 5)
    counted(month, 120, 72)
    assert set(told(month)) == {"上年同期的数据不完整，不作同比"}


def test_a_count_is_not_compared_before_its_month_is_over() -> None:
    """A share may be."""
    month = this_month()
    counted(add_months(month, -13), 80, 40)
    counted(add_months(month, -12), 100, 50)
    counted(month, 60, 36)
    assert told(month) == ("本月未完，不作同比", "同比 +10.00 个百分点")


def test_nothing_to_compare_with_is_said() -> None:
    """Where the year before was never counted."""
    month = add_months(this_month(), -1)
    counted(month, 120, 72)
    assert set(told(month)) == {"上年同期没有可比数"}
