"""The what-if on a year of facts."""

import io
from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from yigong.core.actor import system
from yigong.core.errors import InvalidInput
from yigong.core.jobs import worker
from yigong.core.jobs.api import cancel_job, job
from yigong.insurance.benefits.api import plan_documents
from yigong.insurance.budget import api
from yigong.insurance.budget.models import WhatIf
from yigong.insurance.budget.rules import whatif as rules
from yigong.insurance.budget.tests.world import SCHEME, close_year, frozen, make_world, package, put

pytestmark = pytest.mark.django_db
PLAN = "resident-demo/2026.1"
BETTER = {"kind": "inpatient", "level": "2", "deductible": "", "ratio": "0.80"}


@pytest.fixture
def world(db: None) -> Any:
    """Three people: one stay of 12,000 yuan each at the county hospital; the third has pooling besides that no plan changes."""
    found = make_world()
    people = [uuid4() for _ in range(3)]
    for person in people:
        put(date(2025, 5, 1), 500_000, total=1_200_000, institution_id=found.county, resident_id=person)
    put(
        date(2025, 6, 1),
        2_000,
        total=10_000,
        institution_id=found.township,
        resident_id=people[2],
        kind="pooling",
        level="1",
    )
    put(
        date(2025, 6, 1),
        2_000,
        total=10_000,
        institution_id=found.township,
        resident_id=people[2],
        kind="self",
        level="1",
    )
    return found


def test_a_better_ratio_by_hand(world: Any) -> None:
    """(12,000 - 450) x 78 % = 9,009 against x 80 % = 9,240: each of three pays 231 less; nothing was published, the clearing is computed anew."""
    package(world)
    frozen(world)
    close_year()
    before = plan_documents(SCHEME)
    key = api.ask_what_if(
        title="县级提高 2 点",
        scheme=SCHEME,
        year=2025,
        plan=PLAN,
        changes=[BETTER],
        sharing={"kept": "1"},
        actor=world.clerk,
    )
    row = WhatIf.objects.get(pk=key)
    assert row.result is None and row.job_id
    worker.run_job(row.job_id)
    done = job(row.job_id)
    assert (done.state, done.error) == ("done", "")
    row.refresh_from_db()
    result = row.result
    assert (result["settled"], result["unsettled"], result["people"]) == (4, 1, 3)
    assert result["pool"][1] - result["pool"][0] == 3 * 23_100
    assert (result["winners"], result["losers"], result["sample"]) == (3, 0, 3)
    assert dict(map(tuple, result["spread"]))["少付 200–1000 元"] == 3
    assert result["clearing"]["surplus"][0] - result["clearing"]["surplus"][1] == 3 * 23_100
    assert plan_documents(SCHEME) == before
    from openpyxl import load_workbook

    from yigong.core.jobs.api import result_file

    book = load_workbook(io.BytesIO(result_file(row.job_id).read_bytes()))
    assert book.sheetnames == ["机构", "抽样居民"] and book["抽样居民"].max_row == 4


def test_bad_changes_are_refused_before_the_job(world: Any) -> None:
    """An unknown level, nothing changed, an unknown plan."""
    for changes, plan in (([BETTER | {"level": "9"}], PLAN), ([], PLAN), ([BETTER], "none/1")):
        with pytest.raises(InvalidInput):
            api.ask_what_if(
                title="", scheme=SCHEME, year=2025, plan=plan, changes=changes, sharing={}, actor=world.clerk
            )
    assert not WhatIf.objects.exists()


def test_a_cancelled_one_has_no_result(world: Any) -> None:
    """The wish to cancel ends it."""
    key = api.ask_what_if(
        title="x", scheme=SCHEME, year=2025, plan=PLAN, changes=[BETTER], sharing={}, actor=world.clerk
    )
    row = WhatIf.objects.get(pk=key)
    cancel_job(row.job_id, system("tests"))
    worker.run_job(row.job_id)
    row.refresh_from_db()
    assert job(row.job_id).state == "cancelled" and row.result is None


def test_everybody_is_in_a_bar() -> None:
    """The bars hold each change once."""
    changes = [0, 1, -1, 5_000, 5_001, -20_001, 100_001, -100_001, 20_000]
    assert [count for _word, count in rules.spread(changes)] == [1, 1, 0, 1, 1, 2, 2, 0, 1]
