"""A small county for the tests: hospital with the imaging centre, township, village, one resident."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from django.test import Client

from yigong.access.api import create_account, open_relationship, permissions_of
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData, ReportData
from yigong.residents import api as residents

BOOT = system("tests")
SINCE = date(2020, 1, 1)
_serial = count(1)
FINDINGS = {
    "sections": {"findings": "左侧胸腔见无肺纹理区。"},
    "impression": "左侧气胸。",
    "positive": True,
    "grade": "A",
}


def institution(name: str, level: str, parent: UUID | None = None) -> UUID:
    """A place of work."""
    made = network.create_institution(
        code=f"{next(_serial):022d}", name=name, level=level, category="A100", parent_id=parent, actor=BOOT
    )
    return made.id


def person(name: str, place: UUID, role: str) -> Actor:
    """A staff member at a post."""
    staff = network.create_staff(code=f"S{next(_serial)}", name=name, sex="2", actor=BOOT, institution_id=place)
    post = network.assign_post(staff_id=staff.id, institution_id=place, role=role, actor=BOOT, starts_on=SINCE)
    return Actor(
        name=name, role=role, staff_id=staff.id, post_id=post.id, institution_id=place,
        institution_name=network.institution(place).name, institution_ids=frozenset({place}),
        permissions=permissions_of(role),
    )  # fmt: skip


def account_of(actor: Actor) -> Account:
    """An account for the staff member."""
    facts = {"username": f"u{next(_serial)}", "password": "Liu-shu-cun-7", "must_change_password": False}
    made = create_account(staff_id=actor.staff_id, actor=BOOT, **facts)
    return Account.objects.get(pk=made.id)


def browser_of(actor: Actor) -> Client:
    """A signed-in browser; server errors are raised."""
    client = Client()
    client.force_login(account_of(actor))
    return client


@dataclass(frozen=True)
class World:
    """Everybody an imaging order needs."""

    county: UUID
    township: UUID
    village: UUID
    other: UUID
    gp: Actor
    technician: Actor
    reader: Actor
    second_reader: Actor
    reviewer: Actor
    resident_id: UUID

    def place(self, **more: Any) -> OrderData:
        """A chest film at the township, ordered by its GP."""
        given = {
            "service_code": "imaging", "resident_id": self.resident_id, "items": [CHEST],
            "performing_institution_id": self.township, "actor": self.gp,
            "clinical": orders.Clinical(symptoms="胸痛 2 小时", purpose="排除气胸", diagnosis="胸痛待查"),
            "answers": {"pregnancy": "no"},
        }  # fmt: skip
        return orders.place_order(**{**given, **more})

    def uploaded(self, uid: str = "", **more: Any) -> OrderData:
        """An order whose images are at the centre."""
        order = self.place(**more)
        return orders.study_received(
            order_id=order.id, study_uid=uid or f"1.2.3.{next(_serial)}", modality="DX", images=1, actor=BOOT
        )

    def submitted(self, **more: Any) -> OrderData:
        """An order whose report waits for review."""
        order = self.uploaded(**more)
        orders.claim(order_id=order.id, actor=self.reader)
        orders.submit_report(order_id=order.id, draft=FINDINGS, actor=self.reader)
        return order

    def signed(self, **more: Any) -> tuple[OrderData, ReportData]:
        """An order with a final report."""
        order = self.submitted(**more)
        return order, orders.sign_report(order_id=order.id, actor=self.reviewer)


CHEST = orders.ItemInput("DR-CHEST-PA", "胸部正位", "DR", "胸部", 6000, 14)


def make_world() -> World:
    """Build it through the rooms' own commands."""
    county = institution("县人民医院", "county")
    township = institution("河口镇卫生院", "township", county)
    village = institution("柳树村卫生室", "village", township)
    other = institution("青山镇卫生院", "township", county)
    centre = network.create_centre(
        kind="imaging", name="县影像诊断中心", institution_id=county, actor=BOOT, starts_on=SINCE
    )
    for place in (county, township, village, other):
        network.serve(centre_id=centre.id, institution_id=place, starts_on=SINCE, actor=BOOT)
    gp = person("王敏", township, "gp")
    resident = _resident(gp)
    return World(
        county, township, village, other, gp, person("赵技师", township, "technician"),
        person("周医师", county, "radiologist"), person("吴医师", county, "radiologist"),
        person("郑主任", county, "senior_radiologist"), resident,
    )  # fmt: skip


def _resident(gp: Actor) -> UUID:
    given = residents.NewResident(name="李秀英", sex="2", birth_date=clock.today() - timedelta(days=40 * 365))
    made = residents.register_resident(given=given, actor=BOOT)
    open_relationship(resident_id=made.resident.id, institution_id=gp.institution_id, basis="registration")
    return made.resident.id
