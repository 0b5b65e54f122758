"""The to-do list through its pages."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client

from yigong.access.api import create_account
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.residents.tests.factories import make_actor as registrar
from yigong.residents.tests.factories import make_resident
from yigong.tasks import api
from yigong.tasks.tests.factories import make_actor, make_institution

pytestmark = pytest.mark.django_db


def browser(actor: Actor) -> Client:
    """A signed-in browser."""
    facts = {"username": str(actor.staff_id)[-12:], "password": "Liu-shu-cun-7", "must_change_password": False}
    made = create_account(staff_id=actor.staff_id, actor=system("tests"), **facts)
    client = Client()
    client.force_login(Account.objects.get(pk=made.id))
    return client


@pytest.fixture
def place() -> UUID:
    """One township health centre."""
    return make_institution()


def opened(home: UUID, key: str, **more: object) -> api.TaskData:
    """A task for the GPs of a place."""
    given = {"kind": "test", "title": f"复诊电话 {key}", "role": "gp", "url": "/tasks/", **more}
    return api.open_task(key=key, institution_id=home, **given)  # type: ignore[arg-type]


def test_the_list_claims_snoozes_and_finishes(place: UUID) -> None:
    """Overdue first with words, claim goes on to the work, snooze and finish ask for their reasons."""
    gp = make_actor(place)
    opened(place, "后", place="柳树村")
    task = opened(place, "先", due_at=clock.now() - timedelta(hours=1))
    client = browser(gp)
    text = client.get("/tasks/").content.decode()
    assert text.index("先") < text.index("后") and "超时" in text and "柳树村" in text
    assert client.post(f"/tasks/{task.id}/claim/", {"go": "1"})["Location"] == "/tasks/"
    assert "释放" in client.get("/tasks/?place=").content.decode()
    refused = client.post(f"/tasks/{task.id}/", {"which": "finish", "note": ""})
    assert refused.status_code == 422 and "请写明处理结果" in refused.content.decode()
    assert client.post(f"/tasks/{task.id}/", {"which": "finish", "note": "已随访"}).status_code == 302
    assert "已随访" in client.get("/tasks/done/").content.decode()
    assert "复诊电话 后" in client.get("/").content.decode()


def test_the_director_sees_to_it_without_opening_the_patient(place: UUID) -> None:
    """What is about a patient leads the director, who is called last, to the task itself; a task about a thing leads on."""
    director = make_actor(place, "director")
    about = {"role": "director", "url": "/orders/", "about_resident_id": make_resident(registrar()).id}
    of_patient, of_thing = opened(place, "患者", **about), opened(place, "设备", role="director", url="/sterile/")
    client = browser(director)
    text = client.get("/tasks/").content.decode()
    assert 'href="/orders/"' not in text and f'href="/tasks/{of_patient.id}/"' in text and 'href="/sterile/"' in text
    assert "去办理" not in client.get(f"/tasks/{of_patient.id}/").content.decode()
    assert "去办理" in client.get(f"/tasks/{of_thing.id}/").content.decode()
    assert client.post(f"/tasks/{of_patient.id}/claim/", {"go": "1"})["Location"] == "/tasks/"


def test_a_manager_moves_tasks_after_a_preview(place: UUID) -> None:
    """First the list, then the doing; a GP without the right is refused."""
    leaver, heir, manager = make_actor(place), make_actor(place, name="孙丽"), make_actor(place, "township_manager")
    opened(place, "甲", staff_id=leaver.staff_id, role="")
    client = browser(manager)
    values = {"from_staff": str(leaver.staff_id), "to_staff": str(heir.staff_id), "reason": "调离"}
    assert "将移交 1 项" in client.post("/tasks/move/", values).content.decode()
    assert client.post("/tasks/move/", {**values, "confirmed": "1"}).status_code == 302
    assert api.tasks_for(heir).total == 1 and api.tasks_for(leaver).total == 0
    assert browser(leaver).get("/tasks/move/").status_code == 403
