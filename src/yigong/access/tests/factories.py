"""People with accounts for tests."""

from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client

from yigong.access import api as access
from yigong.access.data import AccountData
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.network.data import InstitutionData, PostData
from yigong.network.tests.factories import BOSS, make_institution, make_staff

PASSWORD = "Qinghe-2026-xx"
_serial = count(1)


@dataclass(frozen=True)
class Person:
    """A staff member with a post and a login."""

    account: AccountData
    staff_id: UUID
    post: PostData
    institution: InstitutionData

    @property
    def actor(self) -> Actor:
        """Built anew, as a request would."""
        return access.actor_of(self.account.id)

    def client(self) -> Client:
        """A signed-in browser."""
        client = Client()
        answer = client.post("/access/login/", {"username": self.account.username, "password": PASSWORD})
        assert answer.status_code == 302, answer.content.decode()
        return client


def make_person(role: str = "gp", at: InstitutionData | None = None, **facts: Any) -> Person:
    """A person in this role, at a new institution when none is named."""
    site = at or make_institution("township")
    staff = make_staff()
    post = network.assign_post(staff_id=staff.id, institution_id=site.id, role=role, actor=BOSS)
    name = f"{role}-{next(_serial)}"
    facts = {"password": PASSWORD, "must_change_password": False} | facts
    account = access.create_account(username=name, staff_id=staff.id, actor=BOSS, **facts)
    return Person(account, staff.id, post, site)
