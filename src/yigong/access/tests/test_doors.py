"""The doors other rooms stand on."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import ReadLog
from yigong.core import clock
from yigong.core.actor import system
from yigong.network import api as network

pytestmark = pytest.mark.django_db
BOSS = system("test")


def make_person(role: str, name: str = "王秀英", place: str = "QHW"):
    """A staff member with one post and an account."""
    site = network.search_institutions(place)
    site = (
        site[0]
        if site
        else network.create_institution(code=place, name="清河村卫生室", level="village", category="D600", actor=BOSS)
    )
    staff = network.create_staff(code=f"{place}{role}", name=name, sex="2", actor=BOSS)
    post = network.assign_post(staff_id=staff.id, institution_id=site.id, role=role, actor=BOSS)
    account = access.create_account(
        username=f"{role}-{place}", password="Qinghe-2026-xx", staff_id=staff.id, actor=BOSS, must_change_password=False
    )
    return account, post, site


def test_decide_by_relationship_and_log() -> None:
    """A contract opens the record, ending it closes it, and each answer is logged."""
    account, _post, site = make_person("village_doctor")
    actor = access.actor_of(account.id)
    resident, source = uuid4(), uuid4()
    refused = access.decide(actor, "read_detail", access.Subject("resident", resident))
    assert not refused.allowed and "没有" in refused.explanation
    access.open_relationship(resident_id=resident, institution_id=site.id, basis="contract", source=source)
    assert access.decide(actor, "read_detail", access.Subject("resident", resident)).basis == "contract"
    access.close_relationships(source=source)
    with clock.travel(timedelta(seconds=1)):
        assert not access.decide(actor, "read_detail", access.Subject("resident", resident)).allowed
    assert [row.allowed for row in ReadLog.objects.filter(resident_id=resident).order_by("at", "id")] == [
        False,
        True,
        False,
    ]


def test_sign_in_and_rights_change_at_once(client: Client) -> None:
    """Signing in works, and a post that ends takes the rights with it on the next request."""
    _account, post, _site = make_person("gp")
    assert client.post("/access/login/", {"username": "gp-QHW", "password": "wrong"}).status_code == 401
    assert client.post("/access/login/", {"username": "gp-QHW", "password": "Qinghe-2026-xx"}).status_code == 302
    assert client.get("/access/post/").status_code == 200
    network.end_post(post_id=post.id, reason="调离", actor=BOSS)
    assert client.get("/access/post/").status_code == 403
