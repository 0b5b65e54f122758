"""A draw of visits for the check can be repeated by anybody."""

from typing import Any

import pytest

from yigong.core import clock, draws
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.models import Check, SampleDraw, Visit
from yigong.programmes.queries.draws import drawn_again, unpacked

from .test_pages import signed_in
from .world import World, enrolled, make_world, visit


def visits(world: World, n: int) -> list[Any]:
    """Visits of today."""
    return [visit(world, enrolled(world)).visit for _n in range(n)]


def test_one_more_moves_no_other() -> None:
    """The same whatever the order; a key that comes or goes changes nothing about the others; strata get what they are due."""
    keys = list(range(200))
    chosen = draws.take({"a": keys}, {"a": 20}, "seed")
    assert chosen == draws.take({"a": reversed(keys)}, {"a": 20}, "seed") != draws.take({"a": keys}, {"a": 20}, "other")
    assert set(draws.take({"a": [*keys, 999]}, {"a": 20}, "seed")) - {999} <= set(chosen)
    both = draws.take({"a": keys[:100], "b": keys[100:]}, {"a": 3, "b": 7}, "seed")
    assert (sum(k < 100 for k in both), len(both)) == (3, 10)


@pytest.mark.django_db
def test_seed_and_population_are_kept(world: World) -> None:
    """Drawn again later, when visits were added, made void and drawn by others, the same comes out; a list that was tampered with shows."""
    made = visits(world, 9)
    assert api.draw_sample(since=clock.today(), until=clock.today(), actor=world.manager) == 5
    row = SampleDraw.objects.get()
    assert (row.eligible, row.drawn) == (9, 5) and {k for keys in unpacked(row)[0].values() for k in keys} == {
        v.id for v in made
    }
    page = f"/programmes/sample/draws/{row.id}/"
    api.void_visit(visit_id=made[0].id, reason="录错", actor=world.doctor)
    visits(world, 3)
    assert api.draw_sample(since=clock.today(), until=clock.today(), actor=world.quality) in {0, 1}
    manager = signed_in(world.manager)
    assert drawn_again(row).good and "与名单一致" in manager.get(page).content.decode()
    assert row.seed in signed_in(world.quality).get(page).content.decode()
    Check.objects.filter(draw=row).first().delete()
    assert not drawn_again(row).same and "不一致" in manager.get(page).content.decode()


@pytest.mark.race("programmes.draw_sample")
@pytest.mark.django_db(transaction=True)
def test_a_township_and_the_county_at_once(transactional_db: None) -> None:
    """Never one visit in two draws, and each draw still comes out the same."""
    world = make_world()
    visits(world, 8)
    day = clock.today()
    counts = race(
        *[lambda a=actor: api.draw_sample(since=day, until=day, actor=a) for actor in (world.manager, world.quality)]
    )
    assert sorted(counts) == [0, 5] and Check.objects.count() == 5 and Visit.objects.count() == 8
    assert all(drawn_again(row).good for row in SampleDraw.objects.all())
