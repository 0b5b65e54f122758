"""Short ways to take along, to write on a phone and to come back."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from yigong.access import api as access
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.programmes.tests.test_vaccines import SHEET
from yigong.programmes.tests.world import ANSWERS, BOSS, World, enrolled
from yigong.residents import api as residents
from yigong.villageday import commands
from yigong.villageday.commands.bundles import Taken
from yigong.villageday.data import EntryIn, Told
from yigong.villageday.models import Bundle

__all__ = ["ANSWERS", "BOSS", "World", "back", "dose_entry", "entry", "household", "signed_in", "take", "taken"]

TYPED = {k: v if isinstance(v, list) else str(v) for k, v in ANSWERS["hypertension"].items()}


def household(world: World, people: int, address: str = "12号") -> list[Any]:
    """People of one household under management, each with a visit due."""
    house = residents.create_household(number=f"H{address}", address=address, division_code="", actor=world.doctor)
    rows = []
    for n in range(people):
        person = world.person(55 + n)
        residents.move_in(household_id=house, resident_id=person, relation="70", reason="同住", actor=world.doctor)
        rows.append(enrolled(world, resident_id=person))
    return rows


def take(world: World, ahead: timedelta = timedelta(0), **more: Any) -> Taken:
    """A bundle of the doctor with what goes onto the phone."""
    return commands.take_bundle(actor=more.pop("actor", world.doctor), device_at=clock.now() + ahead, **more)


def taken(world: World, ahead: timedelta = timedelta(0), **more: Any) -> Bundle:
    """A bundle of the doctor, with a phone whose clock is ahead."""
    return take(world, ahead, **more).bundle


def dose_entry(row: Any) -> EntryIn:
    """A first dose as the phone writes it now."""
    at = clock.now()
    return EntryIn(
        id=uuid4(), enrolment=row.id, stage="hepb1", at=at, on=at.astimezone(clock.SHANGHAI).date(), answers=dict(SHEET), version=row.version,
        last_on=row.last_on,
    )  # fmt: skip


def entry(
    row: Any, *, ahead: timedelta = timedelta(0), on: date | None = None, key: UUID | None = None, **answers: Any
) -> EntryIn:
    """A visit as the phone writes it now."""
    at = clock.now() + ahead
    day = on or at.astimezone(clock.SHANGHAI).date()
    return EntryIn(
        id=key or uuid4(), enrolment=row.id, stage="followup", at=at, on=day, answers=TYPED | {k: str(v) for k, v in answers.items()},
        version=row.version, last_on=row.last_on,
    )  # fmt: skip


def back(
    world: World, bundle: Bundle, *entries: EntryIn, ahead: timedelta = timedelta(0), actor: Actor | None = None
) -> list[Told]:
    """On line again."""
    at: datetime = clock.now() + ahead
    return commands.receive(bundle_id=bundle.id, entries=list(entries), device_at=at, actor=actor or world.doctor)


def signed_in(actor: Actor) -> Any:
    """A browser of this person."""
    from django.test import Client

    facts = {"username": f"v-{str(actor.staff_id)[-8:]}", "password": "Li-zhuang-2026", "must_change_password": False}
    account = access.create_account(staff_id=actor.staff_id, actor=BOSS, **facts)
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client
