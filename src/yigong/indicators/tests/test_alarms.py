"""Alarms: a missed target, a sudden change, old data; shown with the reason, leading to the rows, told as a task."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from yigong.core import clock
from yigong.core.months import add_months
from yigong.indicators.commands.alarming import KIND, tell_alarms
from yigong.indicators.facts import facts
from yigong.indicators.models import Cell, Roll
from yigong.indicators.queries.registry import definition
from yigong.indicators.rules.alarms import jumped
from yigong.indicators.rules.definition import Alarms
from yigong.indicators.tests.test_pages import client_of
from yigong.indicators.tests.world import make_world, this_month
from yigong.tasks.models import Task

LAST = this_month(1)


def counted(code: str, month: date, above: int, below: int | None, house: object) -> None:
    """A month of an indicator, as if it had been counted."""
    Cell.objects.create(code=code, month=month, institution_id=house, version="1", numerator=above, denominator=below)


@pytest.mark.django_db
def test_an_alarm_is_shown_and_told() -> None:
    """Completion falls from 92 to 50 of 100: below the target, and sudden; when it is counted better the task ends."""
    world = make_world()
    for month in (add_months(LAST, -back) for back in range(8)):
        counted("referral-completion", month, 50 if month == LAST else 92, 100, world.township)
        counted("visits", month, 200, None, world.township)
        Roll.objects.bulk_create([Roll(fact=name, month=month, computed_at=clock.now(), took_ms=1) for name in facts()])
    address = f"/indicators/?month={LAST:%Y-%m}"
    bureau = client_of("bureau", world.county)
    page = bureau.get(address).content.decode()
    assert "未达目标 90，差 40.00 个百分点" in page and "与前 6 个月的中位数相比变动 -42.0 个百分点" in page
    assert "/indicators/referral-completion/rows/rest/" in page and "预警" in page
    quiet = bureau.get(f"/indicators/?month={add_months(LAST, -2):%Y-%m}").content.decode()
    assert "未达目标" not in quiet and "中位数" not in quiet
    assert tell_alarms() == tell_alarms() >= 2
    titles = set(
        Task.objects.filter(kind=KIND, state="open", institution_id=world.county).values_list("title", flat=True)
    )
    assert any("转诊完成率" in title and "未达目标 90" in title for title in titles)
    own = Task.objects.filter(kind=KIND, state="open", role="township_manager", title__contains="转诊完成率")
    assert {one.institution_id for one in own} == {world.township}, "a township is told its own, not its neighbour's"
    assert "50.00%" in client_of("township_manager", world.township).get(own[0].url).content.decode()
    Cell.objects.filter(code="referral-completion", month=LAST).update(numerator=93)
    tell_alarms()
    assert not Task.objects.filter(kind=KIND, state="open", title__contains="转诊完成率").exists()
    Roll.objects.filter(fact="visit", month=LAST).update(computed_at=clock.now() - timedelta(hours=40))
    assert "数据已 40 小时没有重新计算" in bureau.get(address).content.decode()
    Roll.objects.filter(fact="visit", month=LAST).delete()
    assert "这个月份还没有计算" in bureau.get(address).content.decode()


def test_what_is_sudden() -> None:
    """A count by percent, a share by points, against the middle of the months before; too few of them, and nothing is said."""
    visits, share, limits = definition("visits"), definition("primary-visit-share"), Alarms()
    usual = [Decimal(n) for n in (100, 104, 900)]
    assert jumped(visits, Decimal(130), usual, limits) is None
    assert "+44.2 %" in str(jumped(visits, Decimal(150), usual, limits))
    assert jumped(visits, Decimal(150), usual[:2], limits) is None
    assert jumped(visits, Decimal(12), [Decimal(4)] * 3, limits) is None, "few cases are no alarm"
    points = [Decimal(60)] * 4
    assert jumped(definition("seen-this-year"), Decimal(90), points, limits) is None, "it rises by itself"
    assert jumped(share, Decimal("69.9"), points, limits) is None
    assert "-11.0 个百分点" in str(jumped(share, Decimal(49), points, limits))
