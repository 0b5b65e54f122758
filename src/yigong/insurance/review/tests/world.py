"""Settled bills as facts, and people who answer for them."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.clock import SHANGHAI
from yigong.core.ids import new_id
from yigong.core.states.api import start
from yigong.insurance.review.models import BillFact, LineFact, Suspicion
from yigong.insurance.review.rules.workflow import SUSPICION
from yigong.network import api as network
from yigong.network.models import Institution
from yigong.residents.tests.factories import make_actor, make_institution, make_resident

BOSS = system("test")
DAY = clock.today() - timedelta(days=30)


def at(days: int = 0, hour: int = 10, day: date = DAY) -> datetime:
    """A moment so many days after the day of the tests."""
    return datetime(day.year, day.month, day.day, hour, tzinfo=SHANGHAI) + timedelta(days=days)


@dataclass
class County:
    """Places, people, and one resident."""

    hospital: Institution
    centre: Institution
    officer: Actor
    second: Actor
    coder: Actor
    manager: Actor
    resident: UUID

    def bill(self, *lines: tuple[Any, ...], **values: Any) -> BillFact:
        """An outpatient bill of one day; lines are (item, days after, quantity, fen, hour)."""
        given: dict[str, Any] = {
            "id": new_id(), "number": f"ZD{uuid4().hex[:8]}", "resident_id": self.resident, "patient_name": "张桂芳", "sex": "2",
            "birth_date": date(1958, 3, 4), "institution_id": self.hospital.id, "kind": "outpatient", "began_at": at(), "codes": ["J18.900"],
            "settled_on": DAY,
        }  # fmt: skip
        rows = [(*line, *(("HY-XCG", 0, 1, 1000, 10)[len(line) :])) for line in lines]
        row = BillFact.objects.create(**({"total": sum(line[3] for line in rows)} | given | values))
        LineFact.objects.bulk_create(
            LineFact(
                id=new_id(),
                bill=row,
                item_code=item,
                item_name=item,
                quantity=quantity,
                amount=fen,
                performed_at=at(days, hour),
            )
            for item, days, quantity, fen, hour in rows
        )
        return row

    def stay(self, *lines: tuple[Any, ...], days: int = 7, since: int = 0, **values: Any) -> BillFact:
        """A stay of so many days."""
        given = {"kind": "inpatient", "began_at": at(since), "ended_at": at(since + days)}
        return self.bill(*lines, **(given | values))

    def finding(self, **values: Any) -> Suspicion:
        """A finding of a bill with a repeated charge."""
        from yigong.insurance.review.api import run_rules

        self.bill(("ZC-PT", 0, 1, 800), ("ZC-PT", 0, 1, 800), **values)
        run_rules(actor=BOSS)
        return Suspicion.objects.filter(state="found").latest("found_at")


def finding_at(institution_id: UUID, resident_id: UUID | None = None, amount: int = 800) -> Suspicion:
    """A finding of an institution, just found."""
    row = Suspicion(
        id=new_id(), rule="R02", rule_version="1", title="重复收费", sentence="同一天重复收取。", clause="一日一次。", key="x", bill_id=new_id(),
        bill_number="ZD1", resident_id=resident_id or new_id(), patient_name="张桂芳", institution_id=institution_id,
        settled_on=date(2026, 1, 5), amount=amount, evidence=[{"text": "诊察费 ×1", "on": "2026-01-05", "amount": 800}], found_at=clock.now(),
    )  # fmt: skip
    start(SUSPICION, row, "found", actor=BOSS)
    return row


def make_county() -> County:
    """A fresh county."""
    hospital = make_institution("清溪县人民医院", "county")
    centre = make_institution("石桥镇卫生院", "township", parent=hospital)
    return County(
        hospital, centre, _person("insurance_clerk", hospital), _person("insurance_clerk", hospital), _person("quality_manager", hospital),
        _person("township_manager", centre), make_resident(make_actor("all", hospital), "张桂芳").id,
    )  # fmt: skip


def _person(role: str, place: Institution) -> Actor:
    staff = network.create_staff(
        code=f"D{new_id().hex[-9:]}", name=f"试{new_id().hex[-4:]}", sex="1", title="3", actor=BOSS
    )
    network.assign_post(staff_id=staff.id, institution_id=place.id, role=role, actor=BOSS, starts_on=date(2020, 1, 1))
    return make_actor(role, place, staff_id=staff.id)


def sign_in(actor: Actor) -> Client:
    """The browser of one of the county's people."""
    assert actor.staff_id is not None
    known = Account.objects.filter(staff_id=actor.staff_id).first()
    if known is None:
        name = f"u{actor.staff_id.hex[-10:]}"
        made = access.create_account(
            staff_id=actor.staff_id, username=name, password="Liu-shu-cun-7", must_change_password=False, actor=BOSS
        )
        known = Account.objects.get(pk=made.id)
    client = Client()
    client.force_login(known)
    return client
