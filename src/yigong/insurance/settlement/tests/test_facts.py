"""The database holds what a settlement must keep; facts are what was posted."""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from yigong.core import clock
from yigong.insurance.settlement import api
from yigong.insurance.settlement.models import ClosedMonth, Settlement

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 14)


def stored(**values: Any) -> Settlement:
    """A posted row: 100.00 in scope, 60.00 from the pool, 40.00 in cash."""
    given = {
        "number": uuid4().hex[:20], "key": uuid4(), "resident_id": uuid4(), "institution_id": uuid4(), "scheme": "390",
        "kind": "pooling", "settled_on": DAY, "month": DAY.replace(day=1), "settled_at": clock.now(), "state": "settled",
        "total": 10000, "in_scope": 10000, "pool": 6000, "person": 4000, "paid_cash": 4000,
    }  # fmt: skip
    return Settlement.objects.create(**(given | values))


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"own": 1}, "parts_make_the_total"),
        ({"critical": 1}, "payers_make_the_total"),
        ({"paid_cash": 3999}, "paid_is_the_persons_part"),
        ({"pool": 10001, "person": -1, "paid_cash": -1}, "has_one_sign"),
        ({"month": None}, "posted_wholly"),
        ({"institution_id": None}, "says_where"),
    ],
)
def test_the_identities_are_the_databases(values: dict[str, Any], constraint: str) -> None:
    """Each of the identities is refused when one figure is off by a fen."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        stored(**values)


def test_posted_figures_stay() -> None:
    """Nobody changes a figure of a posted settlement, nor deletes it; a grouping is written beside it."""
    row = stored()
    for change in ({"total": 10001, "in_scope": 10001, "pool": 6001}, {"settled_on": date(2026, 4, 1)}):
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            Settlement.objects.filter(pk=row.pk).update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        row.delete()


def test_a_closed_month_takes_nothing() -> None:
    """The next month does."""
    place = uuid4()
    ClosedMonth.objects.create(institution_id=place, month=date(2026, 3, 1), closed_by="王")
    with pytest.raises(IntegrityError, match="month is closed"), transaction.atomic():
        stored(institution_id=place)
    stored(institution_id=place, settled_on=date(2026, 4, 1), month=date(2026, 4, 1))


def test_facts_are_net() -> None:
    """A correction carries the opposite sums in its own month."""
    place, other = uuid4(), uuid4()
    first = stored(institution_id=place)
    stored(institution_id=other)
    april = date(2026, 4, 2)
    names = ("total", "in_scope", "pool", "person", "paid_cash")
    opposite = {name: -getattr(first, name) for name in names}
    stored(
        institution_id=place,
        settled_on=april,
        month=april.replace(day=1),
        reverses=first,
        state="correction",
        **opposite,
    )
    span = {"since": date(2026, 3, 1), "until": date(2026, 5, 1), "institution_ids": [place]}
    rows = api.settled_sums(**span)
    assert [(row["month"].month, row["count"], row["pool"]) for row in rows] == [(3, 1, 6000), (4, -1, -6000)]
    facts = list(api.settled_facts(**span))
    assert [fact.funds for fact in facts] == [6000, -6000] and facts[1].reverses == first.pk
