"""Two phones at once."""

import pytest

from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.programmes.models import Visit
from yigong.programmes.tests.world import make_world, visit
from yigong.villageday import commands
from yigong.villageday.models import Entry

from .world import back, entry, household, taken

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.race("villageday.receive")
@pytest.mark.race("villageday.accept_entry")
def test_the_same_visit_from_two_phones(transactional_db: None) -> None:
    """The same key twice at the same instant is one visit; a waiting one is accepted once."""
    world = make_world()
    one, two = household(world, 2)
    bundle = taken(world, days=14)
    sent = entry(one)
    first, second = race(*[lambda: back(world, bundle, sent)] * 2)
    assert [t.state for t in (*first, *second)] == ["accepted", "accepted"] and Visit.objects.count() == 1
    waiting = entry(two)
    visit(world, two, actor=world.colleague)
    back(world, bundle, waiting)
    Visit.objects.filter(enrolment_id=two.id).update(void_reason="录错")
    outcomes = race(*[lambda: commands.accept_entry(entry_id=waiting.id, reason="核实", actor=world.doctor)] * 2)
    assert (
        sum(isinstance(o, DomainError) for o in outcomes) == 1 and Entry.objects.get(pk=waiting.id).state == "accepted"
    )
