"""Two at once: two telephones of one vehicle switched on, one report sent twice."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from yigong.access.tests.factories import Person, make_person
from yigong.core import clock
from yigong.core.testing import race
from yigong.whereabouts import api as whereabouts
from yigong.whereabouts import missions
from yigong.whereabouts.data import PointIn
from yigong.whereabouts.models import Point, Trail

pytestmark = pytest.mark.django_db(transaction=True)
KIND = "test_race"


@pytest.fixture
def people(transactional_db: None) -> Iterator[tuple[UUID, Person, Person]]:
    """A mission with two aboard, seen by other connections."""
    missions.declare_mission(missions.Mission(KIND, lambda key: True, lambda key, actor: True))
    yield uuid4(), make_person("driver"), make_person("driver")
    missions._missions.pop(KIND)


@pytest.mark.race("whereabouts.switch_on")
def test_one_telephone_a_mission(people: tuple[UUID, Person, Person]) -> None:
    """whereabouts.switch_on: both are told that they report; the later one does."""
    subject, one, two = people
    done = race(*(lambda a=p.actor: whereabouts.switch_on(kind=KIND, subject=subject, actor=a) for p in (one, two)))
    assert all(isinstance(trail, Trail) for trail in done), done
    assert Trail.objects.count() == 2 and Trail.objects.filter(ended_at=None).count() == 1


@pytest.mark.race("whereabouts.report")
def test_a_report_sent_twice(people: tuple[UUID, Person, Person]) -> None:
    """whereabouts.report: the same points from one telephone at once are kept once."""
    subject, one, _two = people
    driver = one.actor
    with clock.travel(-timedelta(hours=1)):
        whereabouts.switch_on(kind=KIND, subject=subject, actor=driver)
    points = [PointIn(clock.now() - timedelta(minutes=n), 33.0 + n / 100, 115.8, 10) for n in range(5)]
    given = {"kind": KIND, "subject": subject, "points": points, "actor": driver}
    assert sorted(race(*[lambda: whereabouts.report(**given, device_at=clock.now())] * 2)) == [0, 5]
    assert Point.objects.count() == 5
