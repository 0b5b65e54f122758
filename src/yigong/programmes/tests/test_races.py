"""Two people at once."""

from uuid import uuid4

import pytest

from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.programmes import api
from yigong.programmes.errors import AlreadyEnrolled
from yigong.programmes.models import Enrolment, Visit

from .world import World, broken_invariants, enrolled, make_world, visit

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village(transactional_db: None) -> World:
    """A village that other connections see."""
    return make_world()


@pytest.mark.race("programmes.enrol")
def test_taken_in_by_two_at_once(village: World) -> None:
    """One has the person, the other learns it; a double click is one management."""
    person = village.person(60)
    outcomes = race(
        *[
            lambda a=actor: api.enrol(resident_id=person, programme="hypertension", actor=a)
            for actor in (village.doctor, village.colleague)
        ]
    )
    assert [type(o) for o in outcomes if isinstance(o, Exception)] == [AlreadyEnrolled]
    key, other = uuid4(), village.person(61)
    one, two = race(
        *[lambda: api.enrol(resident_id=other, programme="hypertension", actor=village.doctor, request_key=key)] * 2
    )
    assert one.id == two.id and Enrolment.objects.count() == 2 and broken_invariants() == []


@pytest.mark.race("programmes.record_visit")
def test_one_visit_by_a_double_click(village: World) -> None:
    """The same key from two connections is one visit; two people on one day: one is told."""
    row, key = enrolled(village), uuid4()
    one, two = race(*[lambda: visit(village, row, idempotency_key=key)] * 2)
    assert one.visit.id == two.visit.id and Visit.objects.count() == 1
    other = enrolled(village)
    outcomes = race(lambda: visit(village, other), lambda: visit(village, other, actor=village.colleague))
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1 and Visit.objects.count() == 2
    assert broken_invariants() == []


@pytest.mark.race("programmes.end")
@pytest.mark.race("programmes.reopen")
def test_ended_and_resumed_by_two(village: World) -> None:
    """Each step happens once; whoever is late learns it."""
    row = enrolled(village)
    outcomes = race(
        *[
            lambda a=actor: api.end(enrolment_id=row.id, ending="refused", reason="本人不愿意", actor=a)
            for actor in (village.doctor, village.colleague)
        ]
    )
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1
    outcomes = race(*[lambda: api.reopen(enrolment_id=row.id, reason="又同意了", actor=village.doctor)] * 2)
    assert sum(isinstance(o, DomainError) for o in outcomes) == 1
    assert Enrolment.objects.get(pk=row.id).state == "active" and broken_invariants() == []
