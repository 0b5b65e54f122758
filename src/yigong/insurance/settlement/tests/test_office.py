"""The insurance office of the leading house clears up what is open between the platform and any member; others only their own."""

from uuid import UUID, uuid4

import pytest
from django.test import Client

from yigong.access import api as access
from yigong.access.models import Account
from yigong.core import clock
from yigong.core.actor import system
from yigong.insurance.settlement.commands.differences import open_difference
from yigong.insurance.settlement.tests.test_pages import Desk
from yigong.network import api as network

pytestmark = pytest.mark.django_db
BOSS = system("test")


def clerk_at(place: UUID) -> Client:
    """The browser of an insurance clerk."""
    staff = network.create_staff(code=uuid4().hex[:10], name="赵医保", sex="2", actor=BOSS)
    network.assign_post(staff_id=staff.id, institution_id=place, role="insurance_clerk", actor=BOSS)
    account = access.create_account(
        staff_id=staff.id, actor=BOSS, username=uuid4().hex[:12], password="Liu-shu-cun-7", must_change_password=False
    )
    client = Client()
    client.force_login(Account.objects.get(pk=account.id))
    return client


def leads(lead: UUID, *members: UUID) -> None:
    """From today on the house leads a community of these members."""
    day = clock.today()
    community = network.create_alliance(kind="community", name="清溪县医共体", actor=BOSS, starts_on=day)
    for place in (lead, *members):
        role = "lead" if place == lead else "member"
        network.join_alliance(
            alliance_id=community.id, institution_id=place, role=role, starts_on=day, reason="组建", actor=BOSS
        )


def test_the_leading_house_sees_a_members_difference() -> None:
    """On its desk with the member's name, opened with its settlement; not at another hospital of the community, not before joining."""
    desk = Desk()
    county, other = (
        network.create_institution(code=code, name=name, level="county", category="A100", parent_id=None, actor=BOSS).id
        for code, name in (("QLXYY", "清溪县人民医院"), ("QLZYY", "清溪县中医院"))
    )
    row = desk.pay(desk.bill())
    found = open_difference(row, "only_here", theirs=None)
    pages = (f"/settlement/differences/{found.id}/", f"/settlement/{row.id}/")
    office = clerk_at(county)
    assert row.number not in office.get("/settlement/differences/").content.decode()
    assert [office.get(page).status_code for page in pages] == [404, 403]
    leads(county, other, desk.place)
    listed = office.get("/settlement/differences/").content.decode()
    assert row.number in listed and "石桥镇卫生院" in listed
    assert [office.get(page).status_code for page in pages] == [200, 200]
    neighbour = clerk_at(other)
    assert row.number not in neighbour.get("/settlement/differences/").content.decode()
    assert [neighbour.get(page).status_code for page in pages] == [404, 403]
