"""Periods: checked, signed, frozen by another, corrected; readers of frozen figures get frozen ones."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from yigong.core.errors import Conflict, DomainError, Forbidden, InvalidInput
from yigong.core.states.api import WrongState
from yigong.core.testing import race
from yigong.indicators.commands import computing, freezing
from yigong.indicators.data import Span
from yigong.indicators.models import Cell, FrozenFigure, Period
from yigong.indicators.queries import frozen
from yigong.indicators.rules.consistency import Look, findings
from yigong.indicators.rules.figures import Amounts
from yigong.indicators.tests.test_definitions import make
from yigong.indicators.tests.world import full_county, make_world, settle, this_month, visit

pytestmark = pytest.mark.django_db
LAST = this_month(1)


@pytest.fixture
def world() -> Any:
    """The small county with three counted months."""
    made = make_world()
    full_county(made)
    return made


def signed(world: Any) -> Any:
    """Last month, signed."""
    key = freezing.open_period(kind="month", first=LAST, actor=world.quality)
    freezing.sign_period(period_id=key, actor=world.quality, reason="")
    return key


def figure(code: str) -> tuple[int, int]:
    """The frozen county figure with its corrections."""
    found = frozen.frozen_of(code, "", Span(LAST, LAST), None)
    assert found and found.corrected.amounts
    return found.corrected.amounts.numerator, found.corrected.amounts.denominator


def test_frozen_stays_frozen(world: Any) -> None:
    """A late return changes what is counted, not what was frozen; a correction stands beside it with its reason."""
    key = signed(world)
    freezing.freeze_period(period_id=key, actor=world.director)
    assert figure("fund-in-county-share") == (360_000, 760_000)
    settle(world, LAST, 90_000, institution_id=None, place="registered", institution_name="省中医院", source="return")
    computing.compute_all(since=LAST)
    assert figure("fund-in-county-share") == (360_000, 760_000)
    changed = {one.definition.code for one in frozen.differences(frozen.period(key)) if one.differs}
    assert "fund-in-county-share" in changed and "visits" not in changed
    freezing.correct_figure(period_id=key, code="fund-in-county-share", reason="县外回流补到 1 例", actor=world.quality)
    found = frozen.frozen_of("fund-in-county-share", "", Span(LAST, LAST), None)
    assert found and found.original.amounts.denominator == 760_000 and found.corrected.amounts.denominator == 850_000
    assert [one.reason for one in found.corrections] == ["县外回流补到 1 例"]
    with pytest.raises(Conflict):
        freezing.correct_figure(period_id=key, code="fund-in-county-share", reason="再来一次", actor=world.quality)


def test_frozen_rows_cannot_be_rewritten(world: Any) -> None:
    """The database refuses."""
    freezing.freeze_period(period_id=signed(world), actor=world.director)
    for change in (lambda: FrozenFigure.objects.update(numerator=1), lambda: FrozenFigure.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


def test_what_was_signed_is_what_is_frozen(world: Any) -> None:
    """Figures that changed after the signature are not frozen; the signer does not freeze; a signature can be taken back."""
    key = signed(world)
    visit(world, world.county, LAST, 3)
    computing.compute_all(since=LAST)
    with pytest.raises(freezing.ChangedSinceSigned):
        freezing.freeze_period(period_id=key, actor=world.director)
    freezing.move_period(period_id=key, action="return", actor=world.director, reason="数字变了")
    freezing.sign_period(period_id=key, actor=world.quality, reason="")
    freezing.freeze_period(period_id=key, actor=world.bureau)
    assert Period.objects.get().frozen_by == "陈局长"


def test_nobody_freezes_without_the_right(world: Any) -> None:
    """Rights, unfinished months, months twice, a quarter from the wrong month, a correction of an open period."""
    with pytest.raises(Forbidden):
        freezing.open_period(kind="month", first=LAST, actor=world.manager)
    for kind, first in (("month", this_month()), ("quarter", LAST.replace(month=2)), ("week", LAST)):
        with pytest.raises(InvalidInput):
            freezing.open_period(kind=kind, first=first, actor=world.quality)
    key = signed(world)
    with pytest.raises(freezing.PeriodTaken), transaction.atomic():
        freezing.open_period(kind="month", first=LAST, actor=world.quality)
    with pytest.raises(Forbidden):
        freezing.freeze_period(period_id=key, actor=world.manager)
    with pytest.raises(Conflict):
        freezing.correct_figure(period_id=key, code="visits", reason="x", actor=world.quality)


def test_a_missing_month_asks_for_a_reason(world: Any) -> None:
    """A year of which months were never counted is signed only with a reason."""
    Cell.objects.all().delete()
    computing.Roll.objects.filter(month=LAST).delete()
    key = freezing.open_period(kind="month", first=LAST, actor=world.quality)
    with pytest.raises(InvalidInput):
        freezing.sign_period(period_id=key, actor=world.quality)
    freezing.sign_period(period_id=key, actor=world.quality, reason="历史数据未接入")


@pytest.mark.race("indicators.freeze")
@pytest.mark.django_db(transaction=True)
def test_two_people_freeze_at_once() -> None:
    """One freezes, the other is told; the figures are there once."""
    world = make_world()
    full_county(world)
    key = signed(world)
    outcomes = race(
        *[lambda who=who: freezing.freeze_period(period_id=key, actor=who) for who in (world.director, world.bureau)]
    )
    assert sorted(isinstance(one, WrongState) for one in outcomes) == [False, True]
    assert FrozenFigure.objects.filter(code="visits").count() == Cell.objects.filter(code="visits", month=LAST).count()


@pytest.mark.race("indicators.correct")
@pytest.mark.django_db(transaction=True)
def test_two_people_correct_at_once() -> None:
    """One correction is written, the other learns that nothing differs any more."""
    world = make_world()
    full_county(world)
    key = signed(world)
    freezing.freeze_period(period_id=key, actor=world.director)
    visit(world, world.county, LAST, 3)
    computing.compute_all(since=LAST)
    two = (world.quality, world.quality2)
    outcomes = race(
        *[
            lambda who=who: freezing.correct_figure(period_id=key, code="visits", reason="补录", actor=who)
            for who in two
        ]
    )
    assert sorted(isinstance(one, DomainError) for one in outcomes) == [False, True]
    assert FrozenFigure.objects.filter(code="visits", revision=1).count() == 1


def test_the_checks_of_a_period() -> None:
    """Each inconsistency is found, and a sound figure is left alone."""
    parts = (Amounts(45, 75), Amounts(0, 5))
    sound = {
        "definition": make(),
        "variant": "P1",
        "county": Amounts(45, 80),
        "places": parts,
        "groups": parts,
        "before": Amounts(44, 80),
    }
    assert findings([Look(**sound)]) == []
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"places": parts[:1]}, "bad", "各机构之和 45/75"),
        ({"groups": parts[:1]}, "bad", "各组加未入组之和"),
        ({"never": (LAST,)}, "bad", "没有计算的月份"),
        ({"stale": True}, "bad", "重新计算"),
        (
            {"county": Amounts(90, 80), "places": (Amounts(90, 80),), "groups": (Amounts(90, 80),), "before": None},
            "bad",
            "大于分母",
        ),
        ({"county": Amounts(0, 0), "places": (), "groups": (), "before": None}, "warn", "分母为零"),
        ({"county": Amounts(5, 10), "places": (Amounts(5, 10),), "groups": (Amounts(5, 10),)}, "info", "不宜比较"),
        ({"before": Amounts(20, 80)}, "warn", "上年同期"),
    ]
    for change, level, word in cases:
        found = findings([Look(**sound | change)])
        assert [one.level for one in found] == [level] and word in found[0].text, word
    wide = Look(
        **sound
        | {
            "variant": "P2",
            "county": Amounts(40, 80),
            "places": (Amounts(40, 80),),
            "groups": (Amounts(40, 80),),
            "before": None,
        }
    )
    assert "P1 的分子 45 大于 P2" in findings([Look(**sound), wide])[0].text
