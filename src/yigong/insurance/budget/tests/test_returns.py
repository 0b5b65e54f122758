"""Settlements by file at the bulk door: corrected by revision, also in closed months, the same end whatever the order, one writer at a time."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.db.models import Sum

from yigong.core.testing import race
from yigong.insurance.budget.bulk import Filed, figures_of, load_settlements, withdraw_settlements
from yigong.insurance.budget.models import BudgetMonth, FundFact, FundMonth
from yigong.insurance.budget.tests.world import SCHEME, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def line(ref: str, revision: int = 1, pool: int = 60_000, *, final: bool = False) -> Filed:
    """A settlement of 1,000 yuan outside the county."""
    money = dict.fromkeys(
        ("own", "over", "first_self_pay", "large", "critical", "civil", "aid", "tilt", "other", "institution_part"), 0
    )
    figures = figures_of(money | {"total": 100_000, "pool": pool, "person": 100_000 - pool}) | {
        "scheme": SCHEME, "kind": "inpatient", "institution_name": "省人民医院", "level": "3", "settled_on": "2025-03-05", "month": "2025-03-01",
        "place": "registered", "provisional": not final, "resident_id": None,
    }  # fmt: skip
    return Filed(ref, revision, figures)


def standing() -> tuple[int, int, int]:
    """(count, fund, provisional fund) of the sums."""
    told = FundMonth.objects.filter(scheme=SCHEME).aggregate(n=Sum("cases", default=0), pool=Sum("pool", default=0))
    open_ = FundMonth.objects.filter(provisional=True).aggregate(pool=Sum("pool", default=0))["pool"]
    return told["n"], told["pool"], open_


def test_a_later_revision_makes_it_final_also_after_the_month_is_closed(world: Any) -> None:
    """The provisional fact is taken back and the final one booked; closed months keep their sums, the difference is in an open one."""
    load_settlements([line("A")], world.clerk)
    booked = FundFact.objects.get().booked
    BudgetMonth.objects.create(region="990100", scheme=SCHEME, month=booked, closed_by="x")
    load_settlements([line("A", 2, 55_000, final=True)], world.clerk)
    assert standing() == (1, 55_000, 0)
    assert FundMonth.objects.filter(booked=booked).aggregate(s=Sum("pool"))["s"] == 60_000
    assert FundMonth.objects.filter(booked__gt=booked).aggregate(s=Sum("pool"))["s"] == -5_000


def test_any_order_of_late_returns_gives_the_same(world: Any) -> None:
    """Four files with revisions of three settlements, one of them undone: all 24 orders end alike."""
    files = [
        [line("A"), line("B", 1, 10_000), line("C")], [line("A", 2, 70_000), line("B", 3, 30_000, final=True)],
        [line("A", 3, 65_000, final=True), line("B", 2, 20_000)], [line("C", 2, 1000)],
    ]  # fmt: skip
    ends, seen = set(), 0
    for order in permutations(range(4)):
        with transaction.atomic():
            made: dict[int, list[UUID]] = {
                place: list(load_settlements(files[place], world.clerk).values()) for place in order
            }
            withdraw_settlements(made[3], world.clerk)
            ends.add(standing())
            transaction.set_rollback(True)
        seen += 1
    print(f"\n{seen} orders of 4 files, {len(ends)} end")
    assert ends == {(3, 65_000 + 30_000 + 60_000, 60_000)} and seen == 24


@pytest.mark.race("budget.load_settlements")
@pytest.mark.race("budget.withdraw_settlements")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_with_one_file() -> None:
    """Taken once, taken back once: the other changes nothing and the sums are those of one."""
    world = make_world()
    done = race(*[lambda: load_settlements([line("A"), line("B")], world.clerk)] * 2)
    assert sorted(len(one) for one in done) == [0, 2]
    assert standing() == (2, 120_000, 120_000)
    keys = [key for one in done for key in one.values()]
    assert race(*[lambda: withdraw_settlements(keys, world.clerk)] * 2) == [None, None]
    assert standing() == (0, 0, 0) and FundFact.objects.count() == 4
