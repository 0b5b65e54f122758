"""Assistance: never overdrawn, the right day, withdrawal, the roll."""

from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ledger.api import NotEnough
from yigong.core.testing import race
from yigong.insurance.assistance import api
from yigong.insurance.assistance.accounts import account
from yigong.insurance.assistance.models import Difference, Payment, Roll
from yigong.insurance.budget.tests.world import browser
from yigong.insurance.coverage import api as coverage
from yigong.residents.tests.factories import citizen_number, make_resident
from yigong.tasks.tests.factories import make_actor, make_institution

pytestmark = pytest.mark.django_db
JANUARY = date(2026, 1, 1)


def made() -> tuple[Actor, Actor, UUID]:
    """Clerk, bureau, and a resident with minimum living allowance from January until July."""
    from yigong.residents.tests.factories import make_actor as anybody

    house = make_institution("清溪县人民医院", "county")
    clerk, bureau = make_actor(house, "insurance_clerk", "李医保"), make_actor(house, "bureau", "陈局长")
    person = make_resident(anybody("all")).id
    coverage.grant_category(resident_id=person, code="dibao", starts_on=JANUARY, ends_on=date(2026, 7, 1), actor=clerk)
    api.fund_in(fund="aid", amount=100_000, reason="县财政〔2026〕3号", key=uuid4(), actor=bureau)
    return clerk, bureau, person


def paid(clerk: Actor, person: UUID, amount: int = 60_000, **more: Any) -> UUID:
    """A payment of 600 yuan on a day in March."""
    given = {"fund": "aid", "category": "dibao", "right_on": date(2026, 3, 5), "why": "住院救助", "key": uuid4()} | more
    return api.pay(resident_id=person, amount=amount, actor=clerk, **given)


def test_never_overdrawn_and_taken_back() -> None:
    """1,000 yuan: 600 paid, the next 600 refused by the ledger; taken back once, the fund is whole again."""
    clerk, bureau, person = made()
    key = uuid4()
    first = paid(clerk, person, key=key)
    assert paid(clerk, person, key=key) == first and account("aid").balance == 40_000
    with pytest.raises(NotEnough), transaction.atomic():
        paid(clerk, person)
    assert Payment.objects.count() == 1
    with pytest.raises(InvalidInput):
        api.withdraw(payment_id=first, reason=" ", actor=clerk)
    with pytest.raises(Forbidden):
        api.withdraw(payment_id=first, reason="重复", actor=bureau)
    api.withdraw(payment_id=first, reason="重复支付", actor=clerk)
    assert account("aid").balance == 100_000
    with pytest.raises(Conflict):
        api.withdraw(payment_id=first, reason="再来", actor=clerk)


def test_the_right_day_counts() -> None:
    """Paid for March, also after the category ended; not for a day on which it did not hold, nor another category."""
    clerk, _bureau, person = made()
    paid(clerk, person, 1)
    for wrong in ({"right_on": date(2026, 7, 1)}, {"right_on": date(2025, 12, 31)}, {"category": "tekun"}):
        with pytest.raises(api.NotEligible):
            paid(clerk, person, 1, **wrong)
    with pytest.raises(InvalidInput):
        paid(clerk, person, 0)


def roll(*lines: str) -> bytes:
    """A roll as a file."""
    return ("证件号码,姓名,类别,起始日期\n" + "\n".join(lines) + "\n").encode()


def test_a_long_roll_asks_no_more_than_a_short_one() -> None:
    """People are matched all at once, not line by line."""
    clerk, _bureau, _person = made()
    day, asked = date(2026, 4, 1), []
    for n in (1, 2, 40):  # the first one also begins the year's numbers
        lines = (f"{citizen_number()},无名,特困人员,2026-02-01" for _one in range(n))
        content = roll(*lines)
        with CaptureQueriesContext(connection) as seen:
            api.check_roll(name=f"名册{n}.csv", content=content, as_of=day, actor=clerk)
        asked.append(len(seen))
    assert asked[1] == asked[2], asked


def test_the_roll_is_held_against_ours() -> None:
    """One missing with us, one extra, one unknown, one the same; each decided once, with effect on coverage; the number is not kept."""
    from yigong.residents.api import GivenNumber, NewResident, register_resident
    from yigong.residents.tests.factories import make_actor as anybody

    clerk, bureau, person = made()
    register_resident(
        given=NewResident(name="李秀英", sex="1", birth_date=date(1990, 3, 7), numbers=(GivenNumber("01", "149921199003070014"),)),
        actor=anybody("all"),
    )  # fmt: skip
    content = roll(
        "149921199003070014,李秀英,特困人员,2026-02-01", "149921199003070099,无名,低保边缘家庭成员,2026-02-01"
    )
    key = api.check_roll(name="名册.csv", content=content, as_of=date(2026, 4, 1), actor=clerk)
    told = {one.what: one for one in Difference.objects.filter(roll_id=key)}
    assert set(told) == {"missing", "extra", "unknown"} and told["extra"].resident_id == person
    assert "149921199003070014" not in str(list(Difference.objects.values()))
    with pytest.raises(Conflict):
        api.check_roll(name="名册.csv", content=content, as_of=date(2026, 4, 1), actor=clerk)
    with pytest.raises(InvalidInput):
        api.decide(difference_id=told["missing"].id, decision="grant", reason="", actor=clerk)
    with pytest.raises(Forbidden):
        api.decide(difference_id=told["missing"].id, decision="grant", reason="在册", actor=bureau)
    api.decide(difference_id=told["missing"].id, decision="grant", reason="民政在册", actor=clerk)
    api.decide(difference_id=told["extra"].id, decision="end", reason="已退出", actor=clerk)
    api.decide(difference_id=told["unknown"].id, decision="leave", reason="待建档", actor=clerk)
    held = {(one.resident_id, one.code) for one in coverage.categories_held(date(2026, 4, 1))}
    assert held == {(told["missing"].resident_id, "tekun")}
    with pytest.raises(Conflict, match="李医保"):
        api.decide(difference_id=told["extra"].id, decision="leave", reason="改主意", actor=clerk)
    bad = api.check_roll(
        name="b.csv",
        content=roll("1,a,亿万富翁,2026-01-01", ",b,特困人员,2026-01-01"),
        as_of=date(2026, 4, 1),
        actor=clerk,
    )
    assert (
        len(Roll.objects.get(pk=bad).faults) == 2 and not Difference.objects.filter(roll_id=bad, what="extra").exists()
    )


def test_through_pages() -> None:
    """Money in by the bureau, paid and taken back by the clerk, a roll decided."""
    clerk, bureau, person = made()
    at_clerk, at_bureau = browser(clerk), browser(bureau)
    given = {"fund": "aid", "amount": "500", "reason": "县财政〔2026〕9号", "idempotency_key": str(uuid4())}
    assert at_bureau.post("/assistance/fund/", given).status_code == 302
    assert "1,500.00" in at_clerk.get("/assistance/").content.decode()
    given = {
        "fund": "aid", "resident": str(person), "category": "dibao", "right_on": "2026-03-05", "amount": "2000", "why": "住院救助",
        "idempotency_key": str(uuid4()),
    }  # fmt: skip
    assert "余量不足" in at_clerk.post("/assistance/pay/", given).content.decode()
    page = at_clerk.post("/assistance/pay/", given | {"amount": "200", "idempotency_key": str(uuid4())})["Location"]
    assert at_clerk.post(page, {"reason": ""}).status_code == 422
    assert at_clerk.post(page, {"reason": "身份有误"}).status_code == 302
    sent = at_clerk.post(
        "/assistance/rolls/",
        {
            "as_of": "2026-04-01",
            "file": SimpleUploadedFile("名册.csv", roll("149921199003070022,甲,特困人员,2026-01-01")),
        },
    )
    shown = at_clerk.get(sent["Location"]).content.decode()
    assert "我们有，名册上没有" in shown
    extra = Difference.objects.get(what="extra")
    answer = at_clerk.post(
        sent["Location"] + "decide/", {"difference": str(extra.id), "decision": "leave", "reason": "核实仍在保"}
    )
    assert answer.status_code == 302 and Difference.objects.get(pk=extra.pk).by == "李医保"


@pytest.mark.race("assistance.pay")
@pytest.mark.race("assistance.withdraw")
@pytest.mark.race("assistance.check_roll")
@pytest.mark.race("assistance.decide")
@pytest.mark.django_db(transaction=True)
def test_two_at_once() -> None:
    """The last money is paid once, taken back once; a roll is read once, a difference decided once."""
    clerk, _bureau, person = made()
    done = race(*[lambda: paid(clerk, person)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["NotEnough", "UUID"] and account("aid").balance == 40_000
    (key,) = [one for one in done if not isinstance(one, Exception)]
    done = race(*[lambda: api.withdraw(payment_id=key, reason="重复", actor=clerk)] * 2)
    assert sum(one is None for one in done) == 1 and account("aid").balance == 100_000
    content = roll("149921199003070022,甲,特困人员,2026-01-01")
    done = race(*[lambda: api.check_roll(name="a", content=content, as_of=date(2026, 4, 1), actor=clerk)] * 2)
    assert sum(isinstance(one, UUID) for one in done) == 1 and Roll.objects.count() == 1
    extra = Difference.objects.get(what="extra")
    done = race(
        lambda: api.decide(difference_id=extra.id, decision="end", reason="退出", actor=clerk),
        lambda: api.decide(difference_id=extra.id, decision="leave", reason="仍在", actor=clerk),
    )
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "NoneType"]


def test_what_the_counter_gives_comes_out_of_the_same_fund(monkeypatch: pytest.MonkeyPatch) -> None:
    """A poor person's stay: the fund is empty, so the settlement stands and the payment is owed; money comes in and pays it; nobody takes it
    back by hand; reversed, the fund is whole again. The same event twice changes nothing."""
    from yigong.insurance.assistance import counter
    from yigong.insurance.settlement import calculation
    from yigong.insurance.settlement.commands.reversing import reverse_here
    from yigong.insurance.settlement.events import BillSettled, SettlementReversed
    from yigong.insurance.settlement.tests.world import BOSS, ITEMS, bill, charge, make_counter, settled

    monkeypatch.setattr(calculation, "catalogued", ITEMS.get)
    desk = make_counter()
    person = desk.person(categories=("dibao",))
    clerk, bureau = (
        make_actor(make_institution("清溪县人民医院", "county"), role, "李") for role in ("insurance_clerk", "bureau")
    )
    of = bill(desk, person, charge("A-DRUG", "40000.00"), kind="inpatient", institution_id=desk.county)
    row = settled(desk, of, actor=BOSS)
    aid = row.aid + row.tilt
    assert aid > 0 and row.relief > 0 and row.month is not None
    told = BillSettled(row.id, row.bill_id, person, desk.county, row.month)
    for _turn in range(2):
        counter.on_settled(told)
    payment = Payment.objects.get(settlement_id=row.id, fund="aid")
    assert Payment.objects.get(settlement_id=row.id, fund="relief").amount == row.relief == counter.owed("relief")
    assert (payment.state, payment.amount, payment.category, payment.fund) == ("owed", aid, "dibao", "aid")
    assert counter.owed("aid") == aid and account("aid").balance == 0
    api.fund_in(fund="aid", amount=aid - 1, reason="县财政〔2026〕3号", key=uuid4(), actor=bureau)
    assert account("aid").balance == aid - 1
    api.fund_in(fund="aid", amount=1_001, reason="县财政〔2026〕4号", key=uuid4(), actor=bureau)
    assert account("aid").balance == 1_000 and Payment.objects.get(fund="aid").state == "paid"
    with pytest.raises(Conflict, match="收费处冲正"), transaction.atomic():
        api.withdraw(payment_id=payment.id, reason="重复", actor=clerk)
    correction = reverse_here(settlement_id=row.id, reason="费用有误", key=uuid4(), actor=BOSS)
    counter.on_reversed(SettlementReversed(row.id, correction.id, person, desk.county, row.month))
    assert set(Payment.objects.values_list("state", flat=True)) == {"withdrawn"}
    assert account("aid").balance == 1_000 + aid and counter.owed("relief") == 0


def test_people_in_hardship_are_a_key_population() -> None:
    """The contracts' group of low-income people is read from the categories: in it while one is held, not after."""
    from yigong.contracts.queries.groups import groups_of, has_roll
    from yigong.contracts.rules.packs import groups

    _clerk, _bureau, person = made()
    assert has_roll(groups(JANUARY)["low_income"])
    assert groups_of([person], date(2026, 3, 5))[person] >= {"low_income"}
    assert "low_income" not in groups_of([person], date(2026, 7, 1))[person]
