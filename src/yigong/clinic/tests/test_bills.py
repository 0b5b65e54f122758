"""Bills: lines, presenting, settling, giving back, returning; what the database refuses by itself."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from yigong.clinic import api
from yigong.clinic.commands.errors import BillNotOpen, NothingToSettle, TooMuchReturned
from yigong.clinic.data import BillData, NewCharge
from yigong.clinic.models import Bill, ChargeLine
from yigong.clinic.tests.world import BOSS, World, make_actor, make_bill, make_world, ready
from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.states.api import ReasonMissing, WrongState
from yigong.core.testing import race
from yigong.residents import api as residents

ONE = Decimal(1)


def charged(world: World, **quantities: Any) -> BillData:
    """An open bill with these items (``-`` written ``_``), ready for the counter."""
    bill = ready(make_bill(world))
    lines = [NewCharge(code.replace("_", "-"), Decimal(str(n))) for code, n in quantities.items()]
    return api.charge(bill_id=bill.id, lines=lines, actor=world.doctor)


def settled(world: World, **quantities: Any) -> BillData:
    """The same, settled."""
    bill = charged(world, **quantities)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    return api.mark_settled(bill_id=bill.id, settlement_ref="JS1", actor=world.desk)


def line_of(bill: BillData, code: str) -> UUID:
    """The key of the line of an item."""
    return next(line.id for line in bill.lines if line.item_code == code)


def test_a_bill_from_charge_to_settlement(world: World) -> None:
    """Price of the institution's level, whole fen, totals, the list that waits, the states and their events."""
    bill = charged(world, HY_XCG=1, YP_AMLODIPINE=2)
    assert (bill.total, bill.institution_level, bill.kind) == (2000 + 924, "2", "outpatient")
    assert bill.by_category == {"laboratory": 2000, "drug": 924}
    assert [row.number for row in api.bills_waiting(world.county.id, "zgf").items] == [bill.number]
    assert not api.bills_waiting(world.county.id, "没有这个人").items
    assert api.present_bill(bill_id=bill.id, actor=world.desk).state == "presented"
    done = api.mark_settled(bill_id=bill.id, settlement_ref="JS1", actor=world.desk)
    assert (done.state, done.settlement_ref) == ("settled", "JS1")
    assert api.mark_settled(bill_id=bill.id, settlement_ref="JS1", actor=world.desk).version == done.version
    assert not api.bills_waiting(world.county.id).items
    names = OutboxEvent.objects.filter(name__startswith="clinic.").order_by("id").values_list("name", flat=True)
    assert list(names) == ["clinic.bill_presented", "clinic.bill_settled"]


def test_primary_care_has_its_own_prices(world: World) -> None:
    """The same item at the health centre costs what the list says for primary care."""
    assert {i.code: i.unit_price for i in api.charge_items("P")}["HY-XCG"] == Decimal(16)


@pytest.mark.parametrize(
    ("code", "quantity", "said"),
    [
        ("HY-XCG", "-1", "应大于 0"),
        ("HY-XCG", "0", "应大于 0"),
        ("HY-XCG", "NaN", "应大于 0"),
        ("HY-XCG", "1000000000", "一次最多 6 次"),
        ("HY-XCG", "1.005", "最多两位小数"),
        ("NO-SUCH", "1", "收费目录中没有"),
    ],
)
def test_implausible_lines_are_refused(world: World, code: str, quantity: str, said: str) -> None:
    """With the item, the limit and nothing half-written."""
    bill = make_bill(world)
    lines = [NewCharge("HY-GLU", ONE), NewCharge(code, Decimal(quantity))]
    with pytest.raises(InvalidInput) as refusal:
        api.charge(bill_id=bill.id, lines=lines, actor=world.doctor)
    assert said in refusal.value.errors["item"]
    assert not api.bill(bill.id).lines


def test_a_line_keeps_to_the_time_of_the_visit_and_the_life(world: World) -> None:
    """Neither tomorrow nor yesterday nor after death."""
    bill, now = make_bill(world), clock.now()
    for at, said in ((now + timedelta(days=1), "晚于现在"), (now - timedelta(days=1, hours=1), "早于挂号")):
        with pytest.raises(InvalidInput, match=said):
            api.charge(bill_id=bill.id, lines=[NewCharge("HY-GLU", ONE, performed_at=at)], actor=world.doctor)
    residents.close_resident(
        resident_id=world.resident, status="deceased", reason="死亡医学证明", on=clock.today() - timedelta(days=1), actor=BOSS
    )  # fmt: skip
    with pytest.raises(InvalidInput, match="死亡"):
        api.charge(bill_id=bill.id, lines=[NewCharge("HY-GLU", ONE)], actor=world.doctor)


def test_a_key_charges_once(world: World) -> None:
    """The same daily line twice is one line."""
    bill = make_bill(world)
    for _time in range(2):
        found = api.charge(bill_id=bill.id, lines=[NewCharge("HL-2", ONE, key="a-day")], actor=world.nurse)
    assert len(found.lines) == 1


def test_a_struck_line_no_longer_counts_but_stays(world: World) -> None:
    """With a reason; not once the bill was presented."""
    bill = charged(world, HY_XCG=1, HY_GLU=1)
    with pytest.raises(InvalidInput):
        api.strike_line(line_id=line_of(bill, "HY-GLU"), reason=" ", actor=world.doctor)
    after = api.strike_line(line_id=line_of(bill, "HY-GLU"), reason="重复", actor=world.doctor)
    assert (after.total, len(after.lines), ChargeLine.objects.count()) == (2000, 1, 2)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    with pytest.raises(BillNotOpen):
        api.strike_line(line_id=line_of(bill, "HY-XCG"), reason="重复", actor=world.doctor)
    with pytest.raises(BillNotOpen, match="结算中"):
        api.charge(bill_id=bill.id, lines=[NewCharge("HY-ALT", ONE)], actor=world.doctor)


def test_what_cannot_be_presented(world: World) -> None:
    """Nothing charged, not finished by the doctor, another institution's bill."""
    empty = ready(make_bill(world))
    with pytest.raises(NothingToSettle):
        api.present_bill(bill_id=empty.id, actor=world.desk)
    api.charge(bill_id=empty.id, lines=[NewCharge("HY-XCG", ONE)], actor=world.doctor)
    Bill.objects.update(ready_at=None)
    with pytest.raises(NothingToSettle, match="没有完成接诊"):
        api.present_bill(bill_id=empty.id, actor=world.desk)
    stranger = make_actor("stranger", "registrar", world.township)
    with pytest.raises(Forbidden, match="不属于"):
        api.present_bill(bill_id=empty.id, actor=stranger)
    with pytest.raises(Forbidden):
        api.present_bill(bill_id=empty.id, actor=world.nurse)


def test_given_back_with_a_reason(world: World) -> None:
    """Presented, given back, charged, presented again; also from settled, when the counter revoked it."""
    bill = charged(world, HY_XCG=1)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    with pytest.raises(ReasonMissing):
        api.reopen_bill(bill_id=bill.id, reason="", actor=world.desk)
    assert api.reopen_bill(bill_id=bill.id, reason="漏记费用", actor=world.desk).state == "open"
    api.charge(bill_id=bill.id, lines=[NewCharge("HY-GLU", ONE)], actor=world.doctor)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    api.mark_settled(bill_id=bill.id, settlement_ref="JS2", actor=world.desk)
    again = api.reopen_bill(bill_id=bill.id, reason="结算冲正", actor=world.desk)
    assert (again.state, again.settlement_ref, again.total) == ("open", "", 2600)


def test_returned_in_parts_and_the_rest_settled_again(world: World) -> None:
    """Counter-lines, never more than was charged; the rest is presented and settled; a whole return ends the bill."""
    bill = settled(world, YP_AMLODIPINE=3, HY_XCG=1)
    drug = line_of(bill, "YP-AMLODIPINE")
    with pytest.raises(TooMuchReturned, match="最多可退 3 盒"):
        api.return_lines(bill_id=bill.id, quantities={drug: Decimal(4)}, reason="不适", actor=world.desk)
    with pytest.raises(InvalidInput):
        api.return_lines(bill_id=bill.id, quantities={drug: Decimal(-1)}, reason="不适", actor=world.desk)
    with pytest.raises(ReasonMissing):
        api.return_lines(bill_id=bill.id, quantities={drug: ONE}, reason="", actor=world.desk)
    rest = api.return_lines(bill_id=bill.id, quantities={drug: ONE}, reason="不适", actor=world.desk)
    line = next(one for one in rest.lines if one.id == drug)
    assert (rest.state, rest.total) == ("partly_returned", 2000 + 924)
    assert (line.returned_quantity, line.returned_amount, line.net_amount, line.amount) == (1, 462, 924, 1386)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    assert api.reopen_bill(bill_id=bill.id, reason="患者未带卡", actor=world.desk).state == "partly_returned"
    api.present_bill(bill_id=bill.id, actor=world.desk)
    api.mark_settled(bill_id=bill.id, settlement_ref="JS3", actor=world.desk)
    left = {one.id: one.net_quantity for one in rest.lines}
    done = api.return_lines(bill_id=bill.id, quantities=left, reason="全退", actor=world.desk)
    assert (done.state, done.total) == ("returned", 0)
    with pytest.raises(WrongState):
        api.present_bill(bill_id=bill.id, actor=world.desk)


def test_the_database_holds_by_itself(world: World) -> None:
    """Past the commands: no charge on a presented bill, no return beyond it, no change, no deletion."""
    bill = settled(world, HY_XCG=2)
    row = ChargeLine.objects.get()
    copy = {f.attname: getattr(row, f.attname) for f in ChargeLine._meta.concrete_fields if f.attname != "id"}

    def beyond() -> None:
        ChargeLine.objects.create(**copy | {"reverses_id": row.id, "quantity": Decimal(-3), "amount": -6000})

    def late() -> None:
        ChargeLine.objects.create(**copy)

    def changed() -> None:
        ChargeLine.objects.filter(pk=row.pk).update(amount=1)

    for attempt in (beyond, late, changed):
        with pytest.raises(IntegrityError), transaction.atomic():
            attempt()
    with pytest.raises(ProgrammingError), transaction.atomic():
        row.delete()
    assert api.bill(bill.id).total == 4000


def told(outcomes: list[Any]) -> list[str]:
    """What two at the same instant got: ``ok`` or the refusal's name, in order of the alphabet."""
    return sorted(type(r).__name__ if isinstance(r, Exception) else "ok" for r in outcomes)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.present_bill")
def test_two_people_present_one_bill(world: World) -> None:
    """One has it, the other reads who was first."""
    bill = charged(world, HY_XCG=1)
    got = race(*[lambda: api.present_bill(bill_id=bill.id, actor=world.desk)] * 2)
    assert told(got) == ["WrongState", "ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.charge")
def test_a_line_while_the_bill_is_presented(world: World) -> None:
    """Either the line is on the bill that was presented, or it is refused; the total never differs from the lines."""
    bill = charged(world, HY_XCG=1)
    got = race(
        lambda: api.charge(bill_id=bill.id, lines=[NewCharge("HY-GLU", ONE)], actor=world.doctor),
        lambda: api.present_bill(bill_id=bill.id, actor=world.desk),
    )
    after = api.bill(bill.id)
    assert after.state == "presented"
    assert after.total == sum(line.net_amount for line in after.lines) == got[1].total
    assert isinstance(got[0], BillNotOpen) == (len(after.lines) == 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.mark_settled")
def test_two_settlements_of_one_bill(world: World) -> None:
    """One reference stands."""
    bill = charged(world, HY_XCG=1)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    got = race(
        *[lambda ref=ref: api.mark_settled(bill_id=bill.id, settlement_ref=ref, actor=world.desk) for ref in ("A", "B")]
    )
    assert told(got) == ["WrongState", "ok"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.reopen_bill")
def test_given_back_while_it_is_settled(world: World) -> None:
    """Both in some order leave a bill whose reference fits its state."""
    bill = charged(world, HY_XCG=1)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    race(
        lambda: api.mark_settled(bill_id=bill.id, settlement_ref="A", actor=world.desk),
        lambda: api.reopen_bill(bill_id=bill.id, reason="漏记", actor=world.desk),
    )
    after = api.bill(bill.id)
    assert (after.state, after.settlement_ref) == ("open", "")


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.return_lines")
def test_two_returns_of_the_same_boxes(world: World) -> None:
    """Of three boxes, two and two: one return stands."""
    bill = settled(world, YP_AMLODIPINE=3)
    drug, two = bill.lines[0].id, Decimal(2)
    got = race(
        *[lambda: api.return_lines(bill_id=bill.id, quantities={drug: two}, reason="不适", actor=world.desk)] * 2
    )
    assert told(got) == ["TooMuchReturned", "ok"]
    assert api.bill(bill.id).lines[0].returned_quantity == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.return_lines")
def test_the_same_return_sent_twice(world: World) -> None:
    """One key is one return."""
    bill, key = settled(world, YP_AMLODIPINE=3), uuid4()
    back = {bill.lines[0].id: ONE}
    send = lambda: api.return_lines(  # noqa: E731
        bill_id=bill.id, quantities=back, reason="不适", actor=world.desk, request_key=key
    )
    assert told(race(send, send)) == ["ok", "ok"]
    assert api.bill(bill.id).lines[0].returned_quantity == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("clinic.strike_line")
def test_struck_while_it_is_presented(world: World) -> None:
    """The bill that was presented has the total of its lines, whoever was first."""
    bill = charged(world, HY_XCG=1, HY_GLU=1)
    race(
        lambda: api.strike_line(line_id=line_of(bill, "HY-GLU"), reason="重复", actor=world.doctor),
        lambda: api.present_bill(bill_id=bill.id, actor=world.desk),
    )
    after = api.bill(bill.id)
    assert after.total == sum(line.net_amount for line in after.lines)


def test_a_bill_is_split_for_two_benefits(world: World) -> None:
    """The lines of the other benefit wait as a bill of their own, nothing is charged twice or lost, and each is settled by itself."""
    bill = charged(world, HY_XCG=1, YP_AMLODIPINE=2)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    drug = line_of(bill, "YP-AMLODIPINE")
    made = api.split_bill(bill_id=bill.id, line_ids=[drug], actor=world.desk)
    rest = api.bill(bill.id)
    assert (made.total, rest.total, made.state, rest.state) == (924, 2000, "presented", "presented")
    assert [line.item_code for line in made.lines if line.net_quantity] == ["YP-AMLODIPINE"]
    assert {row.number for row in api.bills_waiting(world.county.id).items} == {bill.number, made.number}
    for one in (made, rest):
        api.mark_settled(bill_id=one.id, settlement_ref=f"JS-{one.number}", actor=world.desk)
    assert not api.bills_waiting(world.county.id).items


def test_what_cannot_be_split(world: World) -> None:
    """All of the lines, none, those of another bill, a settled bill; nothing is changed by a refusal."""
    bill = charged(world, HY_XCG=1, YP_AMLODIPINE=2)
    keys = [line.id for line in bill.lines]
    for wrong in ([], keys, [uuid4()]):
        with pytest.raises(InvalidInput):
            api.split_bill(bill_id=bill.id, line_ids=wrong, actor=world.desk)
    api.present_bill(bill_id=bill.id, actor=world.desk)
    api.mark_settled(bill_id=bill.id, settlement_ref="JS1", actor=world.desk)
    with pytest.raises(Conflict):
        api.split_bill(bill_id=bill.id, line_ids=keys[:1], actor=world.desk)
    assert api.bill(bill.id).total == bill.total


@pytest.mark.race("clinic.split_bill")
@pytest.mark.django_db(transaction=True)
def test_two_clerks_split_one_bill() -> None:
    """Of two who split off the same line one makes the bill; the charges stay what they were."""
    world = make_world()
    bill = charged(world, HY_XCG=1, YP_AMLODIPINE=2)
    drug = line_of(bill, "YP-AMLODIPINE")
    done = race(*[lambda: api.split_bill(bill_id=bill.id, line_ids=[drug], actor=world.desk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["BillData", "InvalidInput"]
    assert sum(Bill.objects.values_list("total", flat=True)) == bill.total
