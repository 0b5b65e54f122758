"""How many statements the five measured pages cost: exact numbers, so that a page cannot grow dearer unnoticed.

A change that needs one more says so here.
"""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from yigong.access.api import create_account
from yigong.orders.tests import world as imaging
from yigong.records.tests.test_pages import TYPED
from yigong.referrals.tests import world as referrals
from yigong.tasks.api import open_task

pytestmark = pytest.mark.django_db
_COUNTED = ("select", "insert", "update", "delete", "with")


def statements(client: Client, method: str, path: str, data: dict[str, Any] | None = None, expected: int = 200) -> int:
    """Statements of one request, without those that only begin and end transactions and savepoints."""
    with CaptureQueriesContext(connection) as captured:
        answer = getattr(client, method)(path, data or {})
    assert answer.status_code == expected
    said = [query["sql"].lstrip().lower() for query in captured.captured_queries]
    return sum(text.startswith(_COUNTED) for text in said)


@pytest.fixture
def doctor(db: None) -> tuple[imaging.World, Client]:
    """A GP with a resident whose record holds two visits."""
    world = imaging.make_world()
    client = imaging.browser_of(world.gp)
    for _visit in range(2):
        visit = TYPED | {"idempotency_key": str(uuid4())}
        assert client.post(f"/records/{world.resident_id}/visit/", visit).status_code == 302
    world.place()
    open_task(key="test", kind="test", title="复诊电话", institution_id=world.township, role="gp", url="/")
    client.get("/")
    return world, client


def test_reading_costs_what_it_did(doctor: tuple[imaging.World, Client]) -> None:
    """Home with to-do list, own invitations (one), the cards of programmes (three) and contracts (four), search, timeline with what is due (one), the
    report cards asked for (one) and the contract (three)."""
    world, client = doctor
    found = {
        "home": statements(client, "get", "/"),
        "search": statements(client, "get", "/residents/?q=李秀英"),
        "timeline": statements(client, "get", f"/records/{world.resident_id}/"),
    }
    assert found == {"home": 12, "search": 5, "timeline": 28}


def test_placing_an_order_costs_what_it_did(doctor: tuple[imaging.World, Client]) -> None:
    """One chest film at the own institution."""
    world, client = doctor
    given = {
        "items": "DR-CHEST-PA", "performing": str(world.township), "priority": "routine", "diagnosis": "咳嗽", "purpose": "排除肺炎",
        "pregnancy": "no", "idempotency_key": str(uuid4()), "override_reason": "复查",
    }  # fmt: skip
    assert statements(client, "post", f"/orders/imaging/new/{world.resident_id}/", given, expected=302) == 37


def test_accepting_a_referral_costs_what_it_did(db: None) -> None:
    """Straight to the emergency department; a repeat of the same form costs a look at its receipt."""
    world = referrals.make_world()
    row, office, client = referrals.sent(world), world.office, Client()
    create_account(
        username="office",
        password="Qinghe-2026-xx",
        staff_id=office.staff_id,
        actor=referrals.BOSS,
        must_change_password=False,
    )
    client.post("/access/login/", {"username": "office", "password": "Qinghe-2026-xx"})
    client.get("/")
    given = {"direct_to_emergency": "on", "idempotency_key": str(uuid4())}
    path = f"/referrals/{row.id}/accept/"
    first = statements(client, "post", path, given, expected=302)
    assert (first, statements(client, "post", path, given, expected=302)) == (21, 8)
