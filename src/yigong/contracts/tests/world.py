"""The village of the programmes' tests with two teams, and short ways to sign."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from yigong.access import api as access
from yigong.access.models import Account
from yigong.contracts import api
from yigong.contracts.models import Contract, FeeShare, Service, Stint
from yigong.contracts.rules.counting import due_items
from yigong.contracts.rules.packs import package_of
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.events.relay import deliver_waiting
from yigong.core.ledger import api as ledger
from yigong.programmes.tests import world as village
from yigong.programmes.tests.world import BOSS, later

__all__ = ["BOSS", "World", "ago", "broken", "delivered", "later", "make_world", "sign", "signed_in"]


@dataclass
class World:
    """Places, people and two teams: of the village, and of its neighbour."""

    place: village.World
    team: UUID
    other: UUID

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["place"], name)


def make_world() -> World:
    """Two complete teams of one township."""
    place = village.make_world()
    place.people["leader"] = place.gp
    teams = []
    for name, doctor, where in (
        ("东河镇第一团队", place.doctor, place.village),
        ("东河镇第二团队", place.neighbour, place.other),
    ):
        team = api.create_team(name=name, institution_id=place.township.id, actor=place.manager)
        for role, actor in (
            ("leader", place.gp),
            ("village", doctor),
            ("nurse", place.nurse),
            ("specialist", place.specialist),
        ):
            api.add_member(team_id=team, staff_id=actor.staff_id, role=role, actor=place.manager)
        api.add_area(team_id=team, institution_id=where.id, actor=place.manager)
        teams.append(team)
    return World(place, *teams)


def sign(world: World, person: UUID | None = None, **more: Any) -> api.ContractData:
    """Somebody signs with the first team."""
    more.setdefault("packages", ["basic"])
    more.setdefault("team_id", world.team)
    more.setdefault("actor", world.doctor)
    return api.sign_contract(resident_id=person or world.person(50), **more)


def ago(days: int) -> date:
    """A day of the past in China."""
    return clock.today() - timedelta(days=days)


def delivered() -> None:
    """Hand out the events written so far."""
    deliver_waiting()


def signed_in(actor: Actor) -> Any:
    """A browser of this person."""
    from django.test import Client

    facts = {"username": f"c-{str(actor.staff_id)[-8:]}", "password": "Li-zhuang-2026", "must_change_password": False}
    account = access.create_account(staff_id=actor.staff_id, actor=BOSS, **facts)
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client


def broken() -> list[str]:
    """What must never be: two valid contracts on one day, more done than records or than due, money that does not add up, a stint outside its
    contract, a sharing that does not sum."""
    found = []
    rows = list(Contract.objects.filter(state__in=["valid", "ended", "expired"]).order_by("resident_id", "starts_on"))
    for one, two in pairwise(rows):
        if one.resident_id == two.resident_id and max(one.starts_on, two.starts_on) < min(one.ends_on, two.ends_on):
            found.append("two contracts on one day")
    for row in rows:
        services = list(Service.objects.filter(contract=row))
        if row.done_times != len(services) or len({(s.source_kind, s.source_id) for s in services}) != len(services):
            found.append("done is not the number of different records")
        for package, item in due_items([package_of(c, v) for c, v in row.packages.items()], row.groups):
            if sum((s.package, s.item) == (package.code, item.code) for s in services) > item.times:
                found.append("an item done more often than due")
        days = sum((s.ends_on - s.starts_on).days for s in Stint.objects.filter(contract=row))
        if days != (row.ends_on - row.starts_on).days:
            found.append("stints do not cover the contract")
        if sum(row.payers.values()) != row.fee_fen:
            found.append("payers do not add up")
    if any(sum(fen for _role, _staff, fen in share.lines) != share.paid_fen for share in FeeShare.objects.all()):
        found.append("a sharing does not add up")
    charged = sum(r.fee_fen - sum(r.returned.values()) for r in rows)
    shared = sum(s.paid_fen for s in FeeShare.objects.filter(reversed_because=""))
    teams = set(Contract.objects.values_list("team_id", flat=True)) | set(
        Stint.objects.values_list("team_id", flat=True)
    )
    if sum(a.balance for a in ledger.accounts_of(list(teams), "contracts.pool").values()) != charged - shared:
        found.append("pools are not what was charged less what was shared")
    return found
