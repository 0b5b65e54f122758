"""Three years of a few people per programme on the engine; `./yigong bench programmes` does the same for a thousand."""

from datetime import timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.programmes import simulation

from .world import BOSS, World, months_ago

AGES = {"child": 1, "tcm_child": 1, "vaccination": 1, "elderly": 70 * 12, "pregnancy": 28 * 12}


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["hypertension", "elderly", "child", "pregnancy"])
def test_three_years(world: World, code: str) -> None:
    """Never two open managements, never a due row without a task, ended means no tasks, lists agree with the rows."""
    people: list[Any] = []
    for n in range(15):
        months = AGES.get(code, 50 * 12) + n % 3
        person = world.person(months=months)
        people.append((person, world.village.id, months_ago(clock.today(), months) - timedelta(days=n), "2"))
    tally = simulation.run(code, people, actor=BOSS, days=3 * 365, step=73)
    print(f"\n{code}: {tally.steps} steps, {tally.visits} visits, {tally.commands} commands ({tally.refusals} refused)")
    assert tally.steps == 15 and tally.visits > 20 and tally.commands and not tally.broken, tally.broken
