"""The to-do list through its commands."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from uuid import UUID, uuid4

import pytest

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.network import api as network
from yigong.tasks import api, queries
from yigong.tasks.commands import TaskClosed, TaskTaken
from yigong.tasks.models import Task
from yigong.tasks.tests.factories import make_actor, make_institution, make_staff

pytestmark = pytest.mark.django_db
ALARM = api.declare_kind("test.alarm", "危急", pressing=True)


def opened(place: UUID, key: str = "k1", **more: object) -> api.TaskData:
    """A task for the GPs of a place."""
    given = {"kind": "test", "title": "复诊电话", "role": "gp", "url": "/x/", **more}
    return api.open_task(key=key, institution_id=place, **given)  # type: ignore[arg-type]


@pytest.fixture
def place() -> UUID:
    """One township health centre."""
    return make_institution()


@pytest.fixture
def gp(place: UUID) -> Actor:
    """Its GP."""
    return make_actor(place)


def test_the_same_key_is_the_same_task_until_it_ends(place: UUID, gp: Actor) -> None:
    """Opening twice gives one task and one event; after the end the key opens a new one."""
    first, second = opened(place), opened(place)
    assert first.id == second.id
    assert OutboxEvent.objects.filter(name="task.opened").count() == 1
    assert api.resolve_task(key="k1", actor=gp, note="已电话") == 1
    assert opened(place).id != first.id


def test_a_list_shows_alarms_then_overdue_then_soon_then_urgent(place: UUID, gp: Actor) -> None:
    """Somebody's life before a visit that is months late: the order of the list, the figures of the bell and the page's total."""
    now = clock.now()
    opened(place, "later", due_at=now + timedelta(days=3))
    opened(place, "urgent", urgent=True)
    opened(place, "soon", due_at=now + timedelta(hours=1), warn_at=now - timedelta(minutes=1))
    opened(place, "over", due_at=now - timedelta(hours=1))
    opened(place, "alarm", kind=ALARM, due_at=now + timedelta(minutes=5))
    page = api.tasks_for(gp, limit=4)
    assert [t.key for t in page.items] == ["alarm", "over", "soon", "urgent"] and page.total == 5
    assert [t.urgency for t in page.items] == ["normal", "overdue", "soon", "urgent"]
    assert api.count_for(gp) == api.TaskCounts(waiting=5, overdue=1, soon=1, pressing=1)


def test_the_home_page_asks_as_the_list_does(place: UUID, gp: Actor) -> None:
    """The prepared statement gives the list's rows: by post, by person, escalated, claimed, snoozed, of others, of a department."""
    now, colleague = clock.now(), make_actor(place, "nurse", name="李强")
    opened(place, "post", due_at=now + timedelta(days=3))
    opened(place, "person", role="", staff_id=gp.staff_id, due_at=now - timedelta(hours=1))
    opened(place, "colleague", role="nurse", urgent=True)
    opened(place, "escalated", role="nurse", urgent=True)
    later = opened(place, "later", due_at=now + timedelta(days=3))
    api.claim_task(task_id=opened(place, "claimed").id, actor=gp)
    api.snooze_task(task_id=later.id, until=now + timedelta(hours=2), reason="等家属", actor=gp)
    opened(place, "alarm", kind=ALARM)
    Task.objects.filter(key="escalated").update(escalated_institution=place, escalated_role="gp", overdue_at=now)
    for actor in (gp, colleague, replace(gp, department_id=uuid4()), replace(gp, staff_id=None)):
        listed = api.tasks_for(actor, limit=8)
        assert queries.first_for(actor, 8) == list(listed.items) and api.count_for(actor).waiting == listed.total
        assert queries.home_card(actor)["page"] == listed
    assert [t.key for t in queries.first_for(gp, 8)] == ["alarm", "person", "escalated", "post", "claimed"]


def test_only_the_named_post_or_person_sees_a_task(place: UUID, gp: Actor) -> None:
    """Another institution's GP and another role see nothing and are refused."""
    task = opened(place)
    for stranger in (make_actor(make_institution("县医院")), make_actor(place, "nurse")):
        assert api.tasks_for(stranger).total == 0
        with pytest.raises(Forbidden):
            api.claim_task(task_id=task.id, actor=stranger)
    assert api.tasks_for(gp).total == 1


def test_a_claim_names_the_colleague_who_was_first(place: UUID, gp: Actor) -> None:
    """The second who claims learns who; after a release he may."""
    task, colleague = opened(place), make_actor(place, name="李强")
    api.claim_task(task_id=task.id, actor=gp)
    with pytest.raises(TaskTaken, match="王敏"):
        api.claim_task(task_id=task.id, actor=colleague)
    api.release_task(task_id=task.id, actor=gp)
    assert api.claim_task(task_id=task.id, actor=colleague).claimed_by == "李强"


def test_ticking_off_needs_words_and_happens_once(place: UUID, gp: Actor) -> None:
    """Without a note it is refused; a second time says who did it."""
    task = opened(place)
    with pytest.raises(InvalidInput):
        api.finish_task(task_id=task.id, note=" ", actor=gp)
    api.finish_task(task_id=task.id, note="已随访", actor=gp)
    with pytest.raises(TaskClosed, match="王敏"):
        api.finish_task(task_id=task.id, note="再来", actor=gp)
    assert [t.note for t in api.done_by(gp).items] == ["已随访"]


def test_a_snoozed_task_hides_but_still_escalates(place: UUID, gp: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Snoozing past the due time is refused; the clock brings a snoozed task back, marked, with a copy for the duty person."""
    now = clock.now()
    task = opened(place, due_at=now + timedelta(hours=2), escalate_to=api.Escalation(role="duty_chief"))
    with pytest.raises(InvalidInput):
        api.snooze_task(task_id=task.id, until=now + timedelta(hours=3), reason="等家属", actor=gp)
    api.snooze_task(task_id=task.id, until=now + timedelta(hours=2), reason="等家属", actor=gp)
    assert api.tasks_for(gp).total == 0 and api.tasks_for(gp, snoozed=True).total == 1
    chief = make_actor(place, "duty_chief", name="赵总值班")
    monkeypatch.setattr(network, "duty_staff", lambda *a, **k: SimpleNamespace(id=chief.staff_id))
    with clock.travel(timedelta(hours=2, minutes=1)):
        assert api.escalate_due() == 1
        assert api.escalate_due() == 0
        assert [t.escalated for t in api.tasks_for(chief).items] == [True]
        assert api.tasks_for(gp).total == 1
    assert OutboxEvent.objects.filter(name="task.overdue").count() == 1


def test_tasks_move_with_a_reason_and_leave_a_trace(place: UUID, gp: Actor) -> None:
    """A manager moves a leaver's tasks; the old rows end as moved, the new owner has them with the same clock."""
    due = clock.now() + timedelta(days=1)
    opened(place, "a", staff_id=gp.staff_id, role="", due_at=due)
    manager, heir = make_actor(place, "township_manager"), make_staff("孙丽")
    assert [m.title for m in api.moves_of(gp.staff_id)] == ["复诊电话"]
    with pytest.raises(InvalidInput):
        api.move_tasks(from_staff=gp.staff_id, to_staff=heir, reason="", actor=manager)
    assert api.move_tasks(from_staff=gp.staff_id, to_staff=heir, reason="调离", actor=manager) == 1
    new = Task.objects.get(key="a", state="open")
    assert (new.staff_id, new.due_at) == (heir, due)
    assert Task.objects.get(key="a", state="moved").note == "调离"


def test_cancelling_keeps_the_reason(place: UUID) -> None:
    """A cancelled need stays in the history; cancelling nothing is no error."""
    opened(place)
    assert api.cancel_task(key="k1", reason="申请已撤销", actor=system("test")) == 1
    assert api.cancel_task(key="k1", reason="申请已撤销", actor=system("test")) == 0
    assert Task.objects.get().note == "申请已撤销"


@pytest.mark.race("tasks.claim_task")
@pytest.mark.django_db(transaction=True)
def test_two_colleagues_claim_at_once() -> None:
    """One wins, the other is told who."""
    place = make_institution()
    actors = [make_actor(place, name="甲"), make_actor(place, name="乙")]
    task = opened(place)
    results = race(*(lambda a=a: api.claim_task(task_id=task.id, actor=a) for a in actors))
    assert sorted(type(r).__name__ for r in results) == ["TaskData", "TaskTaken"]


@pytest.mark.race("tasks.open_task")
@pytest.mark.django_db(transaction=True)
def test_two_openings_of_one_key_at_once() -> None:
    """Both get the same task."""
    place = make_institution()
    first, second = race(lambda: opened(place), lambda: opened(place))
    assert first.id == second.id and Task.objects.count() == 1
