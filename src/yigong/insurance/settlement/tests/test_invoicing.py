"""The invoice of a settlement: numbered with the payment, printed, voided, taken back by a red one, accounted for in the closing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from django.db import connections
from django.test import Client

from yigong.clinic import api as clinic
from yigong.core.actor import Actor
from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.insurance.invoices import api as invoices
from yigong.insurance.invoices.models import Invoice
from yigong.insurance.settlement import api
from yigong.insurance.settlement.commands.closing import close_day
from yigong.insurance.settlement.commands.invoicing import issue_invoice
from yigong.insurance.settlement.models import DayClosing, Settlement
from yigong.insurance.settlement.money import CHARGES, TILL, book, till_of
from yigong.insurance.settlement.tests.test_office import leads
from yigong.insurance.settlement.tests.test_pages import Desk
from yigong.residents.tests.factories import make_actor


@pytest.fixture
def desk(db: None) -> Desk:
    """A counter."""
    return Desk()


def received(desk: Desk, first: str, last: str) -> Client:
    """A block from the bureau, written down by page."""
    officer = desk.sign_in("insurance_clerk")
    form = {
        "institution": desk.place,
        "kind": "outpatient",
        "code": "35060126",
        "first": first,
        "last": last,
        "source": "领用单 7",
    }
    answer = officer.post("/invoices/blocks/", form | {"idempotency_key": str(uuid4())})
    assert answer.status_code == 302, answer.content.decode()
    return officer


def states() -> list[tuple[str, str]]:
    """Every number with what became of it."""
    return list(Invoice.objects.order_by("serial").values_list("number", "state"))


def posted(client: Client, address: str, **given: Any) -> str:
    """A form sent; where it leads, or what it says."""
    answer = client.post(address, given | {"idempotency_key": str(uuid4())})
    return answer.headers["Location"] if answer.status_code == 302 else answer.content.decode()


def test_with_the_payment_and_back_again(desk: Desk) -> None:
    """The number in the printer is on the page; the parts make the sum; a copy is marked; before the closing it is voided with the settlement,
    after it a red one takes it back, part of it returned gets a new one."""
    officer = received(desk, "0000000101", "0000000120")
    bill = desk.bill()
    assert "0000000101" in desk.client.get(f"/settlement/bills/{bill}/").content.decode()
    row = desk.pay(bill, invoice="1")
    one = Invoice.objects.get()
    assert (one.amount, one.pool, one.cash, one.source_id) == (row.total, row.pool, row.paid_cash, row.id)
    assert sum(one.groups.values()) == row.total
    assert one.number in desk.client.get(f"/settlement/{row.id}/").content.decode()
    assert desk.client.get(f"/invoices/{one.id}/print/").content[:4] == b"%PDF"
    assert one.number in desk.client.get("/invoices/?text=" + row.number).content.decode()
    posted(desk.client, f"/settlement/{row.id}/reverse/", reason="开错")
    assert states() == [("0000000101", "voided")]
    again = desk.pay(bill, invoice="1")
    due = sum(Settlement.objects.values_list("paid_cash", flat=True))
    posted(desk.client, "/settlement/closing/", counted_cash=f"{due / 100:.2f}")
    (run,) = DayClosing.objects.get().sums["invoices"]
    assert (run["first"], run["last"], run["count"], run["voided"]) == ("0000000101", "0000000102", 2, 1)
    posted(desk.client, "/settlement/closing/", float="1", amount=f"{due / 100:.2f}")
    drug = next(line for line in clinic.bill(bill).lines if line.item_code == "YP-AMLODIPINE")
    posted(desk.client, f"/settlement/{again.id}/return/", reason="未取药", **{f"quantity_{drug.id}": "1"})
    fresh = Settlement.objects.get(bill_id=bill, state="settled")
    posted(desk.client, f"/settlement/{fresh.id}/invoice/")
    assert states()[1:] == [("0000000102", "reversed"), ("0000000103", "red"), ("0000000104", "issued")]
    assert sum(Invoice.objects.exclude(state="voided").values_list("amount", flat=True)) == fresh.total
    page = officer.get("/invoices/blocks/").content.decode()
    assert "已冲红 1" in page and "缺" not in page


def test_no_number_is_in_the_way_of_money(desk: Desk) -> None:
    """Without a block the bill is paid and says why there is no invoice; a refund after the closing waits for its red one, which follows."""
    row = desk.pay(desk.bill(), invoice="1")
    assert row.state == "settled" and not Invoice.objects.exists()
    received(desk, "7", "7")
    posted(desk.client, f"/settlement/{row.id}/invoice/")
    posted(desk.client, "/settlement/closing/", counted_cash=f"{row.paid_cash / 100:.2f}")
    posted(desk.client, "/settlement/closing/", float="1", amount=f"{row.paid_cash / 100:.2f}")
    posted(desk.client, f"/settlement/{row.id}/reverse/", reason="退")
    one = Invoice.objects.get()
    assert one.state == "awaiting" and "补开红票" in desk.client.get(f"/invoices/{one.id}/").content.decode()
    received(desk, "8", "9")
    posted(desk.client, f"/invoices/{one.id}/")
    assert states() == [("7", "reversed"), ("8", "red")]


def test_a_damaged_sheet_and_a_wrong_name(desk: Desk) -> None:
    """A spoiled sheet must be the next number; an invoice voided alone leaves the settlement and is issued anew; a block stopped gives none."""
    officer = received(desk, "0001", "0009")
    assert "下一个号是 0001" in posted(desk.client, "/invoices/spoil/", kind="outpatient", number="0002", reason="卡纸")
    assert (
        posted(desk.client, "/invoices/spoil/", kind="outpatient", number="0001", reason="卡纸") == "/invoices/spoil/"
    )
    row = desk.pay(desk.bill(), invoice="1")
    one = Invoice.objects.get(state="issued")
    assert "请写明原因" in posted(desk.client, f"/invoices/{one.id}/")
    posted(desk.client, f"/invoices/{one.id}/", reason="抬头写错")
    posted(desk.client, f"/settlement/{row.id}/invoice/")
    assert states() == [("0001", "spoiled"), ("0002", "voided"), ("0003", "issued")]
    posted(officer, f"/invoices/blocks/{one.block_id}/close/", institution=desk.place, reason="余号交回财政")
    other = desk.pay(desk.bill(), invoice="1")
    assert not invoices.of_source(other.id) and len(states()) == 3


def test_the_office_takes_back_for_another_institution(desk: Desk) -> None:
    """The correction and its red invoice, made at the office of the county for a township, are part of the day that the office's clerk closes."""
    received(desk, "0000000201", "0000000209")
    row = desk.pay(desk.bill(), invoice="1")
    posted(desk.client, "/settlement/closing/", counted_cash=f"{row.paid_cash / 100:.2f}")
    office = make_actor("insurance_clerk", staff_id=uuid4())
    leads(office.institution_id, desk.place)
    book(
        [(CHARGES, office.institution_id, -row.paid_cash), (TILL, till_of(office), row.paid_cash)],
        key="t",
        actor=office,
        reason="",
        about=row.id,
    )
    api.reverse(settlement_id=row.id, reason="多收", key=uuid4(), actor=office)
    assert states() == [("0000000201", "reversed"), ("0000000202", "red")]
    red, correction = Invoice.objects.get(state="red"), Settlement.objects.get(reverses=row)
    assert (
        (red.institution_id, correction.institution_id)
        == (row.institution_id, row.institution_id)
        != office.institution_id
    )
    closed = close_day(counted_cash=0, key=uuid4(), actor=office)
    assert closed.sums["taken_back"] == 1 and [one["red"] for one in closed.sums["invoices"]] == [1]
    assert {Invoice.objects.get(pk=red.pk).closed_in, Settlement.objects.get(pk=correction.pk).closing_id} == {
        closed.id
    }


@pytest.fixture
def paid(transactional_db: None) -> Iterator[tuple[Settlement, Actor]]:
    """A settlement that other connections see, and its cashier."""
    desk = Desk()
    received(desk, "1", "9")
    row = desk.pay(desk.bill())
    clerk = make_actor("registrar", staff_id=uuid4())
    yield row, clerk
    connections["default"].close()


def _or_refused(act: Any) -> Any:
    try:
        return act()
    except DomainError as refusal:
        return refusal


@pytest.mark.race("invoices.issue")
@pytest.mark.race("invoices.cancel")
def test_issued_and_taken_back_at_once(paid: tuple[Settlement, Actor]) -> None:
    """Three windows ask for the invoice of one settlement: one number. Taken back and issued in the same instant: none is left that counts."""
    row, someone = paid
    clerk = replace(
        someone,
        institution_id=row.institution_id,
        institution_ids=frozenset({row.institution_id}),
        staff_id=row.cashier_id,
    )
    made = race(*[lambda: issue_invoice(settlement_id=row.id, actor=clerk)] * 3)
    assert len({one.id for one in made}) == 1 and len(states()) == 1
    gone = race(*[lambda: _or_refused(lambda: invoices.cancel(invoice_id=made[0].id, reason="错", actor=clerk))] * 3)
    assert sum(isinstance(one, DomainError) for one in gone) == 2 and states() == [("1", "voided")]
    back = {"settlement_id": row.id, "reason": "退", "key": uuid4(), "actor": clerk}
    race(
        lambda: _or_refused(lambda: issue_invoice(settlement_id=row.id, actor=clerk)),
        lambda: _or_refused(lambda: api.reverse(**back)),
    )
    assert Settlement.objects.get(pk=row.pk).state == "reversed" and not Invoice.objects.filter(state="issued").exists()
