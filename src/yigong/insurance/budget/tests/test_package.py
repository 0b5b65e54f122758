"""The package and its use."""

from datetime import date
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.testing import race
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.commands import months
from yigong.insurance.budget.models import FundFact, FundMonth, Package
from yigong.insurance.budget.queries import use
from yigong.insurance.budget.rules import forecast
from yigong.insurance.budget.tests.world import REGION, SCHEME, make_world, package, put
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def test_a_package_is_the_rest(world: Any) -> None:
    """1,000 people x 1,070 = 1,070,000 less 5 % 53,500, 90 a head 90,000, 3 % 32,100 = 894,400 yuan; each step with its source."""
    key = api.make_package(scheme=SCHEME, year=2025, insured=1000, actor=world.clerk)
    row = Package.objects.get(pk=key)
    assert (row.financing, row.kept_back, row.amount) == (107_000_000, 17_560_000, 89_440_000)
    assert [step["amount"] for step in row.steps] == [107_000_000, -5_350_000, -9_000_000, -3_210_000]
    assert all(step["source"] and step["certainty"] for step in row.steps)
    with pytest.raises(errors.PackageExists):
        api.make_package(scheme=SCHEME, year=2025, insured=900, actor=world.clerk)


def test_draft_published_in_force(world: Any) -> None:
    """Who makes it does not publish it; adjustments need a reason and a published package, and count once per key."""
    key = api.make_package(scheme=SCHEME, year=2025, insured=1000, actor=world.clerk)
    with pytest.raises(Forbidden):
        api.move_package(package_id=key, action="publish", actor=world.clerk)
    with pytest.raises(Conflict):
        api.change_package(package_id=key, key=uuid4(), amount=100, reason="增补", actor=world.clerk)
    api.move_package(package_id=key, action="publish", actor=world.bureau)
    once = uuid4()
    for _click in range(2):
        api.change_package(package_id=key, key=once, amount=-440_000, reason="市级调减", actor=world.clerk)
    assert use.amount_of(Package.objects.get(pk=key)) == 89_000_000
    with pytest.raises(InvalidInput):
        api.change_package(package_id=key, key=uuid4(), amount=5, reason=" ", actor=world.clerk)


def test_package_is_used_and_left(world: Any) -> None:
    """Used and left make the package at every moment; the months show inside, outside and what is provisional."""
    key = package(world)
    put(date(2025, 1, 1), 300_000, institution_id=world.county)
    put(date(2025, 2, 1), 200_000, source="return", place="unregistered", provisional=True)
    put(date(2024, 12, 1), 999_999)
    seen = use.overview(SCHEME, 2025)
    assert (seen.used, seen.outside, seen.provisional) == (500_000, 200_000, 200_000)
    assert seen.left is not None and seen.used + seen.left == Package.objects.get(pk=key).amount


def test_the_database_holds_the_facts(world: Any) -> None:
    """A fact cannot be changed, deleted or be unequal to its parts; nothing is booked into a closed month."""
    row = put(date(2025, 1, 1), 300_000)
    for wrong in (lambda: FundFact.objects.update(pool=1), lambda: FundFact.objects.filter(pk=row.pk).delete()):
        with pytest.raises(Exception, match="Cannot"), transaction.atomic():
            wrong()
    with pytest.raises(IntegrityError, match="fact_payers"), transaction.atomic():
        put(date(2025, 1, 1), 100, person=5)
    api.close_month(region=REGION, scheme=SCHEME, month=date(2025, 1, 1), actor=world.clerk)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        put(date(2025, 1, 1), 100)
    put(date(2025, 1, 1), 100, booked=date(2025, 2, 1))
    with pytest.raises(errors.MonthClosed):
        api.close_month(region=REGION, scheme=SCHEME, month=date(2025, 1, 1), actor=world.clerk)
    with pytest.raises(errors.MonthsBefore):
        api.close_month(region=REGION, scheme=SCHEME, month=date(2025, 3, 1), actor=world.clerk)
    with pytest.raises(errors.MonthNotOver):
        api.close_month(region=REGION, scheme=SCHEME, month=date(2199, 3, 1), actor=world.clerk)


def test_a_year_that_will_be_overspent_is_told(world: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the month that closes, to the director, once; a year that is going well is not."""
    package(world)
    put(date(2025, 1, 1), 300_000, institution_id=world.county)
    amount = use.overview(SCHEME, 2025).amount
    assert amount is not None
    for month, expected in ((1, amount), (2, amount + 12_345)):
        said = SimpleNamespace(expected=expected)
        monkeypatch.setattr(months, "overview", lambda *_of, said=said: SimpleNamespace(forecast=said, amount=amount))
        api.close_month(region=REGION, scheme=SCHEME, month=date(2025, month, 1), actor=world.clerk)
    (task,) = Task.objects.filter(kind="budget.pace")
    assert "超 123.45 元" in task.title and task.role == "director"


def test_sums_are_the_facts(world: Any) -> None:
    """The months' sums, written statement by statement, are the same as those built anew."""
    for number in range(40):
        month = date(2025, number % 12 + 1, 1)
        put(
            month,
            1000 * number + 1,
            institution_id=world.county if number % 3 else None,
            place="inside" if number % 3 else "registered",
        )
    columns = [field.name for field in FundMonth._meta.fields if field.name != "id"]
    kept = sorted(FundMonth.objects.values_list(*columns), key=str)
    api.build_sums()
    assert sorted(FundMonth.objects.values_list(*columns), key=str) == kept
    print(f"\n{len(kept)} sums of {FundFact.objects.count()} facts are those built anew")


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.integers(1, 10**9), min_size=12, max_size=12),
    st.lists(st.integers(1, 10**9), min_size=12, max_size=12),
    st.integers(1, 11),
)
def test_forecast_of_a_year_like_the_last(year: list[int], other: list[int], until: int) -> None:
    """A year in the shape of the only past year is forecast to a ten-thousandth, whatever the shape; the band holds the expectation."""
    past = {(month + 1, 0): value for month, value in enumerate(year)}
    found = forecast.forecast({place: 2 * value for place, value in past.items()}, until, {2024: past})
    share = sum(year[:until]) / sum(year)
    if found is None:
        assert share < 0.0001
        return
    assert abs(found.expected / (2 * sum(year)) - 1) <= 0.0001 / min(share, 1) + 1e-6
    both = forecast.forecast(past, until, {2023: {(m + 1, 0): v for m, v in enumerate(other)}, 2024: past})
    assert both is None or both.low <= both.expected <= both.high


def test_late_returns_are_completed() -> None:
    """80 % known at once, 20 % a month later: the last month is divided by 0.8, those before are whole. By hand: 11 x 100 + 80/0.8 = 1,200."""
    past = {(month, late): value for month in range(1, 13) for late, value in ((0, 80), (1, 20))}
    found = forecast.forecast(past, 6, {2024: past})
    assert found is not None and [str(one) for one in found.factors] == ["0.8000", "1.0000", "1.0000", "1.0000"]
    assert (found.completed, found.expected, found.error) == (600, 1200, 0)
    print("\n" + "; ".join(f"{one.month}: {one.error:+.2%}" for one in forecast.backtest({2024: past})))


@pytest.mark.race("budget.make_package")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_make_one_package() -> None:
    """One wins, the other learns that there is one."""
    world = make_world()
    done = race(
        *[
            lambda actor=actor: api.make_package(scheme=SCHEME, year=2025, insured=1000, actor=actor)
            for actor in (world.clerk, world.clerk2)
        ]
    )
    assert sorted(type(one).__name__ for one in done) == ["PackageExists", "UUID"]


@pytest.mark.race("budget.change_package")
@pytest.mark.django_db(transaction=True)
def test_a_change_sent_twice_at_once() -> None:
    """The same key is one change."""
    world, key = make_world(), uuid4()
    made = package(world)
    done = race(
        *[lambda: api.change_package(package_id=made, key=key, amount=100, reason="增补", actor=world.clerk)] * 2
    )
    assert done[0] == done[1]
    assert use.amount_of(Package.objects.get(pk=made)) == 89_440_100


@pytest.mark.race("budget.close_month")
@pytest.mark.django_db(transaction=True)
def test_a_month_is_closed_once_while_somebody_books() -> None:
    """Of two clerks one closes; a fact that comes at the same moment is in the closed sums or refused, never in between."""
    for number in range(1, 5):
        world, month = make_world(), date(2025, number, 1)
        put(month, 100)
        done = race(
            lambda m=month, w=world: api.close_month(region=REGION, scheme=SCHEME, month=m, actor=w.clerk),
            lambda m=month, w=world: api.close_month(region=REGION, scheme=SCHEME, month=m, actor=w.clerk2),
            lambda m=month: put(m, 11),
        )
        assert sorted(type(one).__name__ for one in done[:2]) == ["MonthClosed", "UUID"]
        from yigong.insurance.budget.models import BudgetMonth

        sums = BudgetMonth.objects.get(month=month).sums
        assert sums["pool"] == use.sums_of(SCHEME, 2025).filter(booked=month).aggregate(s=use.Sum("pool"))["s"]
        assert sums["pool"] == (100 if isinstance(done[2], IntegrityError) else 111)
