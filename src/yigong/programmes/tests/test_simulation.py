"""Three years of some people under every programme on the engine; `./yigong bench programmes --simulate` does the same for a thousand."""

import pytest
from django.db import connection, transaction

from yigong.core import clock
from yigong.programmes import simulation
from yigong.programmes.rules.packs import programmes

from .world import BOSS, World

PEOPLE = 20


@pytest.mark.django_db
def test_three_years_of_every_definition(world: World) -> None:
    """Never two open managements, never a due row without a task, ended means no tasks, lists agree with the rows."""
    people, today, every = [world.person() for _n in range(PEOPLE)], clock.today(), programmes()
    lived = []
    for code, programme in every.items():
        born = {person: simulation.born_for(programme, today, n) for n, person in enumerate(people)}
        with transaction.atomic():
            with connection.cursor() as cursor:
                for person, day in born.items():
                    cursor.execute("update residents_resident set birth_date = %s where id = %s", [day, person])
            newcomers = [(person, world.village.id, day, "2") for person, day in born.items()]
            tally = simulation.run(code, newcomers, actor=BOSS, days=3 * 365, step=91)
            transaction.set_rollback(True)
        print(
            f"\n{code}: {tally.steps} steps, {tally.visits} visits, {tally.commands} commands ({tally.refusals} refused)"
        )
        assert tally.steps >= 13 and tally.visits and not tally.broken, (code, tally.broken)
        lived.append(code)
    print(f"\n{len(lived)} of {len(every)} definitions lived through")
    assert lived == list(every) and len(lived) >= 14
