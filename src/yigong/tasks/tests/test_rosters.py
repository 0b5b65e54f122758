"""Rosters on the to-do list: an offered shift, and shifts that nobody has."""

from datetime import timedelta
from uuid import uuid4

import pytest

from yigong.access.tests.factories import make_person
from yigong.core import clock
from yigong.network.events import DutySwapMoved, RosterGapsFound
from yigong.tasks import api, handlers
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_an_offer_waits_for_the_colleague_and_then_for_the_keeper() -> None:
    """Each has one thing to do, in turn; told twice it is still one; decided, nobody has any."""
    manager = make_person("township_manager")
    wang, li = (make_person("gp", at=manager.institution) for _n in range(2))
    swap, house = uuid4(), manager.institution.id
    for state, waiting in (("offered", (1, 0)), ("offered", (1, 0)), ("agreed", (0, 1)), ("done", (0, 0))):
        handlers.pass_on_swap(DutySwapMoved(swap, house, state, wang.staff_id, li.staff_id, "李 12-01 18:00 全科医生"))
        assert tuple(api.tasks_for(p.actor).total for p in (wang, manager)) == waiting
        assert api.tasks_for(li.actor).total == 0
    assert Task.objects.count() == 2


def test_gaps_are_one_thing_to_do_until_all_are_staffed() -> None:
    """The keeper reads how many and the first; when none are left it is done."""
    manager = make_person("township_manager")
    house, today = manager.institution.id, clock.today()
    handlers.tell_of_gaps(RosterGapsFound(house, today, 3, "12-01 18:00 全科医生"))
    handlers.tell_of_gaps(RosterGapsFound(house, today + timedelta(days=1), 2, "12-03 18:00 全科医生"))
    (task,) = api.tasks_for(manager.actor).items
    assert "人手不够" in task.title and str(house) in task.url
    handlers.tell_of_gaps(RosterGapsFound(house, today + timedelta(days=2), 0, ""))
    assert api.tasks_for(manager.actor).total == 0


def test_a_house_that_nobody_keeps_is_told_nothing() -> None:
    """Without a keeper there is nobody to tell, and nothing breaks."""
    doctor = make_person("gp")
    handlers.tell_of_gaps(RosterGapsFound(doctor.institution.id, clock.today(), 3, "12-01 18:00 全科医生"))
    handlers.pass_on_swap(DutySwapMoved(uuid4(), doctor.institution.id, "agreed", doctor.staff_id, None, "李"))
    assert not Task.objects.exists()
