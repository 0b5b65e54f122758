"""The counter in local mode: what is paid by whom, once, and how it is taken back."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.statements import Asked
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement import errors
from yigong.insurance.settlement.commands.reversing import reverse_here
from yigong.insurance.settlement.commands.settling import settle_here
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import ClosedMonth, PersonYear, Settlement
from yigong.insurance.settlement.money import ACCOUNT
from yigong.insurance.settlement.queries.preview import Choice, look
from yigong.insurance.settlement.tests.world import (
    BOSS,
    Counter,
    _items,
    bill,
    charge,
    enrol,
    give_account,
    make_counter,
    money,
    settled,
)
from yigong.residents.tests.factories import make_actor, make_resident

pytestmark = pytest.mark.django_db
assert _items


@pytest.fixture
def counter() -> Counter:
    """A counter."""
    return make_counter()


def test_a_visit_is_settled(counter: Counter) -> None:
    """Class A whole, class B with its first self-pay, class C and the unmatched code the person's own: 58 % of what is in scope."""
    person = counter.person()
    of = bill(
        counter,
        person,
        charge("A-EXAM", "60.00"),
        charge("B-DRUG", "20.00"),
        charge("C-ITEM", "6.50"),
        charge("??", "3.50"),
    )
    seen = look(of)
    assert any("按丙类自费" in warning for warning in seen.warnings)
    row = settled(counter, of)
    assert (row.total, row.own, row.first_self_pay, row.in_scope) == (9000, 1000, 200, 7800)
    assert (row.kind, row.pool, row.person, row.paid_cash) == ("pooling", 4524, 4476, 4476)
    balances = money()
    assert balances["settle.charges", counter.place] == -9000
    assert balances["settle.receivable.pool", counter.place] == 4524
    assert balances["settle.till", counter.clerk.staff_id] == 4476
    assert sum(balances.values()) == 0
    assert PersonYear.objects.get(resident_id=person).sums == {"paid:pooling": 4524}


def test_the_same_submission_is_one_settlement(counter: Counter) -> None:
    """Sent again with its key it is the same; another key for the bill is refused with the number."""
    of, key = bill(counter, counter.person()), uuid4()
    pay = {"bill": of, "payment": Payment(cash=4200, tendered=5000), "actor": counter.clerk}
    first = settle_here(choice=Choice(), key=key, **pay)
    assert settle_here(choice=Choice(), key=key, **pay) == first
    with pytest.raises(errors.AlreadySettled, match=first.number):
        settle_here(choice=Choice(), key=uuid4(), **pay)
    assert first.tendered == 5000 and Settlement.objects.count() == 1


def test_taking_back_restores_everything(counter: Counter) -> None:
    """Sums of the year and every account are as before; the correction carries the opposite; a second one is refused."""
    person = counter.person()
    settled(counter, bill(counter, person))
    before, sums = money(), PersonYear.objects.get(resident_id=person).sums
    row = settled(counter, bill(counter, person, charge("A-DRUG", "80.00")))
    key = uuid4()
    correction = reverse_here(settlement_id=row.id, reason="开错", key=key, actor=counter.clerk)
    assert (correction.total, correction.pool, correction.paid_cash) == (-row.total, -row.pool, -row.paid_cash)
    assert money() == before and PersonYear.objects.get(resident_id=person).sums == sums
    assert reverse_here(settlement_id=row.id, reason="开错", key=key, actor=counter.clerk) == correction
    with pytest.raises(errors.Conflict, match="已冲正"):
        reverse_here(settlement_id=row.id, reason="再退", key=uuid4(), actor=counter.clerk)
    again = settled(counter, bill(counter, person, id=row.bill_id))
    assert again.bill_id == row.bill_id


def test_last_in_first_out_where_it_matters(counter: Counter) -> None:
    """A visit whose year ceiling rests on an earlier one holds that one; where nothing depends, the order does not matter."""
    person = counter.person()
    small = settled(counter, bill(counter, person, charge("A-EXAM", "50.00")))
    settled(counter, bill(counter, person, charge("A-EXAM", "60.00")))
    reverse_here(settlement_id=small.id, reason="换", key=uuid4(), actor=counter.clerk)
    first = settled(counter, bill(counter, person, charge("A-EXAM", "100.00")))
    last = settled(counter, bill(counter, person, charge("A-EXAM", "400.00")))
    assert last.pool == 26000 - 3480 - 5800
    with pytest.raises(errors.LaterFirst, match=last.number):
        reverse_here(settlement_id=first.id, reason="换", key=uuid4(), actor=counter.clerk)
    reverse_here(settlement_id=last.id, reason="换", key=uuid4(), actor=counter.clerk)
    reverse_here(settlement_id=first.id, reason="换", key=uuid4(), actor=counter.clerk)


def test_a_stay_of_a_poor_person(counter: Counter) -> None:
    """Relief comes off before the insurance shares the bill and stands on it; assistance follows; every layer has its account."""
    person = counter.person(categories=("dibao",))
    of = bill(
        counter,
        person,
        charge("A-DRUG", "60000.00"),
        charge("B-CT", "300.00"),
        kind="inpatient",
        institution_id=counter.county,
    )
    clerk = replace(counter.clerk, institution_ids=frozenset({counter.county}), institution_id=counter.county)
    row = settled(counter, of, actor=clerk)
    assert row.kind == "inpatient" and row.relief == 200_000 and row.total == 6030000 - 200_000
    assert row.critical > 0 and row.aid > 0 and row.over > 0
    balances = money()
    assert balances["settle.relief", counter.county] == 200_000
    assert balances["settle.charges", counter.county] == -6030000
    assert balances["settle.receivable.aid", counter.county] == row.aid


def test_personal_accounts_of_self_and_family(counter: Counter) -> None:
    """The own account first, then the family's, the rest by card; a reversal gives each its own back; the county's books stay."""
    person, spouse = counter.person(scheme="310", type="1101"), make_resident(make_actor("all"), "配偶").id
    give_account(person, 3000)
    give_account(spouse, 5000)
    from yigong.insurance.settlement.models import FamilyShare

    FamilyShare.objects.create(giver_id=spouse, user_id=person, starts_on=clock.today() - timedelta(days=1))
    of = bill(counter, person, charge("A-EXAM", "120.00"))
    row = settled(counter, of, None, None, card=4000)
    assert (row.account, row.family, row.paid_card) == (3000, 5000, 4000)
    assert (ACCOUNT, person) not in money() and (ACCOUNT, spouse) not in money()
    reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.clerk)
    assert money()[ACCOUNT, person] == 3000 and money()[ACCOUNT, spouse] == 5000
    without = look(of, Choice(use_account=False))
    assert without.figures.account == 0 and without.figures.cash == 12000


def test_who_is_not_insured_pays_all(counter: Counter) -> None:
    """Without coverage, or where no benefit applies, the bill is settled all the same and says why."""
    stranger = make_resident(make_actor("all"), "外来").id
    row = settled(counter, bill(counter, stranger))
    assert (row.scheme, row.kind, row.own, row.person) == ("", "self", 10000, 10000)
    elsewhere = counter.person("别处签约", contracted=False)
    seen = look(bill(counter, elsewhere))
    assert seen.option.kind == "self" and "签约" in seen.uninsured
    with pytest.raises(errors.KindNotOpen, match="签约"):
        look(bill(counter, elsewhere), Choice(kind="pooling"))


def test_two_diseases_take_drugs_only(counter: Counter) -> None:
    """The registered disease claims before ordinary pooling; lines that are no drugs stay the person's own with a warning."""
    person = counter.person(diseases=(("two_diseases", "I10"),))
    of = bill(counter, person, charge("A-DRUG", "100.00"), charge("A-EXAM", "30.00"), diseases=("I10.x00",))
    seen = look(of)
    assert (seen.option.kind, seen.figures.pool, seen.figures.own) == ("two-diseases", 6500, 3000)
    assert any("费用范围" in text for text in seen.warnings)
    assert look(replace(of, diseases=("J06",))).option.kind == "pooling"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"quantity": -10_000, "amount": -10000}, "部分退费"),
        ({"quantity": 0}, "数量是 0"),
        ({"quantity": 10**13}, "10 万"),
        ({"price": 10**15}, "100 万"),
        ({"amount": 10**11}, "金额不合理"),
        ({"amount": 0, "price": 0}, "没有可结算"),
    ],
)
def test_lines_that_cannot_be(counter: Counter, change: dict[str, Any], words: str) -> None:
    """Each is refused with the line and the remedy; nothing is written."""
    of = bill(counter, counter.person(), replace(charge(), **change))
    with pytest.raises(InvalidInput, match=words):
        settle_here(bill=of, choice=Choice(), payment=Payment(), key=uuid4(), actor=counter.clerk)
    assert not Settlement.objects.exists() and not money()


def test_payments_that_do_not_fit(counter: Counter) -> None:
    """Means that do not make the sum, too little cash, a sum that is not what the page showed, and deposits that are not there."""
    of = bill(counter, counter.person())
    pay = {"bill": of, "choice": Choice(), "actor": counter.clerk}
    for payment, kind in [
        (Payment(cash=4199), errors.WrongPayment),
        (Payment(cash=-100, card=4300), errors.WrongPayment),
        (Payment(cash=4200, tendered=4000), errors.TooLittle),
        (Payment(deposit=4200), errors.DepositShort),
    ]:
        with pytest.raises(kind):
            settle_here(payment=payment, key=uuid4(), **pay)
    with pytest.raises(errors.FiguresChanged, match=r"40\.00"):
        settle_here(payment=Payment(cash=4200), key=uuid4(), shown=4000, **pay)
    assert not Settlement.objects.exists() and not money()


def test_death_ends_settling(counter: Counter) -> None:
    """Charges up to the day are settled by the family without the account; a later bill is refused."""
    from yigong.residents import api as residents

    person = counter.person(scheme="310", type="1101")
    give_account(person, 9000)
    day = clock.today() - timedelta(days=2)
    boss = replace(counter.clerk, permissions=make_actor("all").permissions)
    residents.close_resident(resident_id=person, status="deceased", on=day, reason="死亡", actor=boss)
    with pytest.raises(errors.AfterDeath, match=str(day)):
        look(bill(counter, person))
    seen = look(bill(counter, person, began_on=day, ended_on=day))
    assert seen.figures.account == 0 and any("死亡" in text for text in seen.notices)


def test_two_coverages_need_a_choice(counter: Counter) -> None:
    """Two linked registrations, each insured: refused until one is chosen, and the benefit is given once."""
    from yigong.insurance.settlement.queries import preview

    person = counter.person()
    both = [coverage.coverage_on(person, clock.today())]
    both.append(replace(both[0], insurance="310", person_type="1101"))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(preview.coverage, "ask_coverages", lambda *_: Asked("select 1", {}, lambda _rows: both))
        with pytest.raises(errors.TwoCoverages, match="城乡居民、城镇职工"):
            look(bill(counter, person))
        assert look(bill(counter, person), Choice(scheme="390")).scheme == "390"


def test_a_closed_month_is_corrected_in_the_open_one(counter: Counter) -> None:
    """The counter is sent to the office; the office's correction counts in the month in which it is made."""
    person = counter.person()
    with clock.travel(-timedelta(days=35)):
        row = settled(counter, bill(counter, person))
    ClosedMonth.objects.create(institution_id=counter.place, month=row.month, closed_by="王")
    with pytest.raises(errors.OnlyTheOffice):
        reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.clerk)
    settled(counter, bill(counter, person), actor=counter.officer)
    correction = reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.officer)
    assert correction.month == clock.today().replace(day=1) != row.month
    ClosedMonth.objects.create(institution_id=counter.place, month=correction.month, closed_by="王")
    with pytest.raises(errors.MonthClosed):
        settled(counter, bill(counter, person))


def test_refunds_come_from_a_till_that_has_them(counter: Counter) -> None:
    """Another cashier whose till is empty cannot give cash back; by card it goes the way it came."""
    person = counter.person()
    row = settled(counter, bill(counter, person))
    with pytest.raises(errors.TillShort, match=r"42\.00"):
        reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.second)
    other = settled(counter, bill(counter, person), None, None, card=4200)
    reverse_here(settlement_id=other.id, reason="退", key=uuid4(), actor=counter.second)


def test_a_bill_of_another_house(counter: Counter) -> None:
    """Is settled there; nobody without the right settles at all."""
    of = bill(counter, counter.person())
    with pytest.raises(errors.NotHere):
        settle_here(bill=of, choice=Choice(), payment=Payment(cash=4200), key=uuid4(), actor=make_actor("registrar"))
    with pytest.raises(Forbidden):
        settle_here(
            bill=of,
            choice=Choice(),
            payment=Payment(cash=4200),
            key=uuid4(),
            actor=replace(counter.clerk, permissions=frozenset()),
        )


def test_the_year_of_a_stay_across_the_turn(counter: Counter) -> None:
    """A stay counts to the year of discharge as the parameters say; a visit of December settled in January to the old year."""
    person = counter.person()
    with clock.travel(clock.now().replace(year=2027, month=1, day=8) - clock.now()):
        today = clock.today()
        stay = bill(counter, person, kind="inpatient", began_on=today - timedelta(days=12), ended_on=today)
        visit = bill(counter, person, began_on=today - timedelta(days=10), ended_on=today - timedelta(days=10))
        assert (look(stay).year, look(visit).year) == (2027, 2026)


assert BOSS and enrol


def test_who_paid_late_waits_and_is_told(counter: Counter) -> None:
    """Within the waiting period all is the person's own, with the sentence that says so; on the first day after it the benefit holds."""
    person, paid = counter.person(), date(2026, 5, 20)
    earlier = coverage.coverage_on(person, clock.today()).enrolment_id
    coverage.call_off(what="enrolment", row_id=earlier, reason="逾期缴费，重新登记", actor=BOSS)
    given = coverage.NewEnrolment(
        "390", "990100", "1501", date(2026, 1, 1), date(2027, 1, 1), paid_on=paid, missed_years=1
    )
    coverage.enrol(resident_id=person, given=given, actor=BOSS)
    with clock.travel(date(2026, 9, 19) - clock.today()):
        seen = look(bill(counter, person))
        assert (seen.scheme, seen.figures.funds, seen.figures.person) == ("", 0, 10000)
        assert "待遇等待期 4 个月（固定 3 个月，断保增加 1 个月），自 2026-09-20 起" in seen.uninsured
    with clock.travel(date(2026, 9, 20) - clock.today()):
        assert look(bill(counter, person)).figures.funds > 0
