"""Roll-ups: what is counted, that both ways of counting agree, and that two counts at once leave one result."""

from collections import Counter
from typing import Any

import pytest
from django.db import connection

from yigong.core.testing import race
from yigong.indicators import handlers
from yigong.indicators.commands import computing
from yigong.indicators.data import Span
from yigong.indicators.facts import facts
from yigong.indicators.models import Cell, Change
from yigong.indicators.queries import figures
from yigong.indicators.queries.registry import counted
from yigong.indicators.tests.world import full_county, make_world, noon, settle, this_month, visit
from yigong.records.events import EncounterOpened

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Any:
    """The small county."""
    return make_world()


def cells() -> set[tuple[Any, ...]]:
    """Everything that is rolled up."""
    return set(
        Cell.objects.values_list(
            "code", "variant", "month", "institution_id", "numerator", "denominator", "provisional"
        )
    )


def share(code: str, variant: str = "", back: int = 0) -> tuple[int, int]:
    """Numerator and denominator of the whole county."""
    rows = Cell.objects.filter(code=code, variant=variant, month=this_month(back)).values_list(
        "numerator", "denominator"
    )
    return sum(a for a, _b in rows), sum(b for _a, b in rows)


def test_every_view_keeps_its_contract() -> None:
    """Each documented column is in its view, and nothing in a view is undocumented."""
    looked = 0
    for fact in facts().values():
        with connection.cursor() as cursor:
            cursor.execute(f"select * from {fact.table} limit 0")
            found = [column.name for column in cursor.description]
        assert found == ["id", "at", "month", *(column.name for column in fact.columns)], fact.name
        looked += len(found)
    print(f"\n{looked} columns of {len(facts())} views")
    assert looked > 100


def test_both_definitions_of_primary_care(world: Any) -> None:
    """The same visits give two different shares; the private clinic is primary care by P2 only."""
    full_county(world)
    assert share("primary-visit-share", "P1") == (45, 80)
    assert share("primary-visit-share", "P2") == (50, 80)


def test_admissions_are_no_visits(world: Any) -> None:
    """2000 of 5000 is 40 %, not 2000 of 5500 = 36.36 %: what the system writes at an admission is not a visit, nor is a mistake."""
    visit(world, world.township, this_month(), 20)
    visit(world, world.county, this_month(), 30)
    visit(world, world.county, this_month(), 5, is_automatic=True)
    visit(world, world.county, this_month(), 3, status="cancelled")
    computing.compute_all(since=this_month())
    assert share("primary-visit-share", "P1") == (20, 50)


def test_place_insured_is_not_place_treated(world: Any) -> None:
    """Care outside stands in the denominator of the place where people are insured, and is provisional until all has come back."""
    full_county(world)
    assert share("fund-in-county-share") == (360_000, 760_000)
    assert share("inpatient-in-county-share") == (1, 2)
    outside = Cell.objects.get(code="fund-in-county-share", month=this_month(), institution_id=world.township)
    assert (outside.numerator, outside.denominator, outside.provisional) == (360_000, 760_000, 1)


def test_nothing_from_outside_is_no_figure(world: Any) -> None:
    """A month of which no settlement came back from outside has no share, not 100 %; the months around it keep theirs."""
    full_county(world)
    settle(world, this_month(3), 50_000, institution_id=world.county)
    computing.compute_all(since=this_month(3))
    share_of = counted()["fund-in-county-share"]
    months = figures.months_of([share_of], Span(this_month(3), this_month()), None)[share_of.code]
    assert [month.amounts is None for month in months.values()] == [True, False, False, False]
    assert figures.by_place(share_of, Span(this_month(3), this_month(3)), None) == []
    whole = figures.figures_of([share_of], Span(this_month(3), this_month()), None)[share_of.code].amounts
    assert whole and (whole.numerator, whole.denominator) == (3 * 360_000, 3 * 760_000)


def test_counting_after_events_and_in_full_agree(world: Any) -> None:
    """After words of change the months are the same as after a full count."""
    full_county(world)
    for back in range(3):
        visit(world, world.village, this_month(back), 4)
        handlers.contact_begun(
            EncounterOpened(
                world.resident, world.resident, world.village, "outpatient", "AMB", False, noon(this_month(back))
            )
        )
    assert computing.count_stale().months >= 3
    assert not Change.objects.exists()
    after_events = cells()
    computing.compute_all(since=this_month(3))
    both = after_events & cells()
    print(f"\n{len(both)} of {len(after_events)} cells agree")
    assert both == after_events == cells() and len(both) > 100
    assert Cell.objects.get(code="visits", month=this_month(), institution_id=world.village).numerator == 29


@pytest.mark.race("indicators.compute")
@pytest.mark.django_db(transaction=True)
def test_two_counts_at_once() -> None:
    """Two workers with the same month leave each cell once."""
    world = make_world()
    visit(world, world.county, this_month(), 7)
    fact, month = facts()["visit"], this_month()
    outcomes = race(*[lambda: computing.compute(fact=fact, first=month, last=month).cells] * 2)
    assert outcomes[0] == outcomes[1] and Cell.objects.get(code="visits").numerator == 7


def test_every_counted_indicator_has_cells(world: Any) -> None:
    """Each definition runs; how many of them found something in the small county is said."""
    full_county(world)
    found = set(Cell.objects.values_list("code", flat=True))
    print(f"\n{len(found)} of {len(counted())} indicators found something")
    assert found <= set(counted()) and len(found) > 15


def test_a_changed_house_is_told_in_one_statement(django_assert_num_queries: Any) -> None:
    """Every fact is looked at again, the months before too, and whoever changed the house waits for one statement, not for hundreds."""
    with django_assert_num_queries(1):
        handlers.houses_changed(object())
    told = Counter(Change.objects.values_list("fact", flat=True))
    assert told == {name: 1 if fact.lasting else computing.HISTORY for name, fact in facts().items()}
    assert Change.objects.filter(month=this_month(0)).count() == len(facts())
