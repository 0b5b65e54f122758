"""A small county for the guards: a house of each level, one signed-in person per role, and whatever rooms add as samples.

A room adds objects with ``tests/guard_samples.py`` in its app::

    def samples(world: World) -> dict[str, Sample]:
        order = make_order(resident_id=world.things["resident"], …)
        world.things["order"] = order.id                 # later rooms may build on it
        return {"orders:detail": Sample({"order_id": order.id}), "orders:list": Sample(query="?q=胸片")}

Rooms are asked in the order of INSTALLED_APPS. An address without a sample gets made-up keys and must refuse them politely.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from importlib.util import find_spec
from typing import Any
from uuid import UUID

from django.conf import settings
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.core.actor import Actor, system
from yigong.core.rights import ROLES
from yigong.network import api as network

BOSS = system("guards")
_HOMES = {
    "village_doctor": "village",
    "gp": "township",
    "township_manager": "township",
    "nurse": "township",
    "technician": "township",
    "bureau": "authority",
}


@dataclass(frozen=True)
class Sample:
    """How one address is asked for: keys of its path, a query, and for one that only takes posts what is posted."""

    kwargs: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    post: dict[str, str] | None = None


@dataclass
class World:
    """Houses by level, people by role, and objects that rooms have made."""

    institutions: dict[str, UUID] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)
    samples: dict[str, Sample] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    # Names of the residents in the samples: where one is shown, somebody was read about.
    people: list[str] = field(default_factory=list)
    # What a room remembers in its process and must forget before an address is asked as if for the first time.
    afresh: list[Callable[[], object]] = field(default_factory=list)

    def actor(self, role: str) -> Actor:
        """The role's person, built anew."""
        return access.actor_of(self.accounts[role].id)

    def client(self, role: str) -> Client:
        """The signed-in browser of the role's person; server errors come back as answers."""
        if role not in self.clients:
            self.clients[role] = Client(raise_request_exception=False)
            self.clients[role].force_login(self.accounts[role])
        return self.clients[role]


def build() -> World:
    """The county, its people, and every room's samples."""
    world = World()
    _houses(world)
    for role in ROLES:
        _person(world, role)
    for app in settings.INSTALLED_APPS:
        if app.startswith("yigong.") and find_spec(f"{app}.tests") and find_spec(f"{app}.tests.guard_samples"):
            world.samples |= import_module(f"{app}.tests.guard_samples").samples(world)
    return world


def _houses(world: World) -> None:
    above: UUID | None = None
    for level, category, name in [
        ("county", "A100", "清溪县人民医院"),
        ("township", "C220", "石桥镇卫生院"),
        ("village", "D600", "柳树村卫生室"),
    ]:
        facts = {"level": level, "category": category, "name": name, "parent_id": above}
        above = network.create_institution(code=f"GUARD-{level.upper()}", actor=BOSS, **facts).id
        world.institutions[level] = above
    bureau = {"level": "authority", "category": "P100", "name": "清溪县卫生健康局"}
    world.institutions["authority"] = network.create_institution(code="GUARD-BUREAU", actor=BOSS, **bureau).id
    facts = {"kind": "community", "name": "清溪县医共体", "starts_on": date(2026, 1, 1)}
    alliance = network.create_alliance(actor=BOSS, **facts)
    for level in ("county", "township"):
        network.join_alliance(
            alliance_id=alliance.id,
            institution_id=world.institutions[level],
            role="lead" if level == "county" else "member",
            starts_on=date(2026, 1, 1),
            reason="组建",
            actor=BOSS,
        )
    world.things["alliance"] = alliance.id


def _person(world: World, role: str) -> None:
    staff = network.create_staff(code=f"G-{role}"[:20], name=f"试{ROLES[role][:6]}", sex="1", actor=BOSS)
    home = world.institutions[_HOMES.get(role, "county")]
    network.assign_post(staff_id=staff.id, institution_id=home, role=role, actor=BOSS, starts_on=date(2026, 1, 1))
    facts = {"username": f"guard-{role}", "password": "Liu-shu-cun-7", "must_change_password": False}
    account = access.create_account(staff_id=staff.id, actor=BOSS, **facts)
    world.accounts[role] = Account.objects.get(pk=account.id)
