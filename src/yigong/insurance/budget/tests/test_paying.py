"""Paying institutions: weights, cases, special requests, statements, deposit."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from yigong.core.errors import Conflict, Forbidden
from yigong.core.ledger import api as ledger
from yigong.core.testing import race
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.commands.paying import DEPOSIT, INSTITUTION, fund_account
from yigong.insurance.budget.models import AppraisalScore, CasePayment, SpecialRequest, Statement, WeightSet
from yigong.insurance.budget.queries import paying as read
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.tests.world import SCHEME, browser, frozen, make_world, put, put_case

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def weighed(world: Any) -> WeightSet:
    """V22 in small: A 10 x 9,000, B 5 x 15,000, C 2 x 36,000 yuan; forecast 248,850 yuan; adopted by the director."""
    for group, cases, cost in (("A", 10, 900_000), ("B", 5, 1_500_000), ("C", 2, 3_600_000)):
        for number in range(cases):
            put_case(
                world.county,
                group,
                cost,
                month=date(2024, 5, 1),
                discharged_on=date(2024, 5, 2),
                died=number == 0 and group == "C",
            )
    key = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=24_885_000, actor=world.clerk)
    api.move_weights(set_id=key, action="adopt", actor=world.director)
    return WeightSet.objects.get(pk=key)


def test_weights_and_rate_as_in_the_worked_example(world: Any) -> None:
    """V22: mean 13,941.18; weights 0.6456, 1.0759, 2.5823. With 17 cases the total weight is 17.00 and the rate 14,638.24."""
    row = weighed(world)
    told = {one.code: (str(one.weight), one.risk) for one in row.groups.all()}
    assert row.mean == 1_394_118 and row.cases == 17
    assert told == {"A": ("0.6456", "none"), "B": ("1.0759", "none"), "C": ("2.5823", "mid_high")}
    assert (row.total_weight, row.rate) == (Decimal("17.00"), 1_463_824)
    with pytest.raises(errors.SetInUse):
        other = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=100, actor=world.clerk)
        api.move_weights(set_id=other, action="adopt", actor=world.director)
    with pytest.raises(errors.NothingToWeigh):
        api.weigh_history(scheme=SCHEME, year=2025, history=[2019], predicted=100, actor=world.clerk)


def test_each_kind_of_case(world: Any) -> None:
    """Normal, low at cost, high above its limit, long stay by the day, no group at cost; the fund pays what is payable less the person's part."""
    row = weighed(world)
    standard = row.groups.get(code="A").standard
    made = {
        "normal": put_case(world.county, "A", standard), "low": put_case(world.county, "A", standard * 3 // 10),
        "high": put_case(world.county, "A", standard * 4), "bed_day": put_case(world.county, "A", 9_000_000, days=75),
        "ungrouped": put_case(world.county, "", 500_000, why_not="主要诊断未编码"),
    }  # fmt: skip
    api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk)
    paid = {kind: CasePayment.objects.get(case=case) for kind, case in made.items()}
    assert {kind: one.kind for kind, one in paid.items()} == {kind: kind for kind in made}
    assert paid["normal"].payable == standard and paid["low"].payable == standard * 3 // 10
    assert paid["high"].payable == standard + standard * 8 // 10  # 4 x less the limit 3 x, of which 0.8
    assert paid["bed_day"].payable == 1_590_000 and paid["ungrouped"].payable == 500_000
    assert all(one.fund == one.payable - one.case.person for one in paid.values())


def test_statement_prepaid_deposit_and_release(world: Any) -> None:
    """Cases + heads + visits, 95 % now, the deposit by the frozen score: 88 -> 98 % of it. The ledger's postings sum to nothing."""
    weighed(world)
    put(MARCH, 540_000, institution_id=world.county, home_id=world.township, resident_id=world.village)
    put(MARCH, 10_000, institution_id=world.township, kind="pooling", level="1")
    put(MARCH, 7_000, institution_id=world.township, kind="chronic", level="1")
    put_case(world.county, "A", 900_000)
    assert api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk) == 2
    assert api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk) == 2
    county, township = (Statement.objects.get(institution_id=key) for key in (world.county, world.township))
    assert (township.by_head, township.by_visits) == (700, 7_000)  # one person at home there: 84 yuan / 12
    assert county.by_cases == CasePayment.objects.get(case__month=MARCH).fund
    assert county.prepaid + county.withheld == county.by_cases
    with pytest.raises(Conflict):
        api.release_deposit(statement_id=county.id, scheme=SCHEME, score=Decimal(88), actor=world.clerk)
    api.pay_statement(statement_id=county.id, scheme=SCHEME, actor=world.clerk)
    account = {kind: ledger.accounts_of([world.county], kind)[world.county].balance for kind in (INSTITUTION, DEPOSIT)}
    assert account == {INSTITUTION: county.prepaid, DEPOSIT: county.withheld}
    earned = api.release_deposit(statement_id=county.id, scheme=SCHEME, score=Decimal(88), actor=world.clerk)
    assert earned == (county.withheld * 98 + 50) // 100
    assert ledger.accounts_of([world.county], DEPOSIT)[world.county].balance == 0
    assert fund_account(SCHEME).balance == -(county.prepaid + earned)
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Statement.objects.filter(pk=county.pk).update(prepaid=1, withheld=county.by_cases - 1)
    assert api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk) == 1


def test_refused_charges_are_deducted_once(world: Any) -> None:
    """An upheld finding of March comes off the statement of March; one decided after March was paid comes off April's; a decision that was taken
    back comes back; an institution without a settlement owes as well."""
    from yigong.insurance.review.models import Deduction
    from yigong.insurance.review.tests.world import finding_at

    weighed(world)
    april = date(2025, 4, 1)
    for month in (MARCH, april):
        put(month, 7_000, institution_id=world.township, kind="chronic", level="1")
    of = finding_at(world.township, amount=5_000)

    def deduct(month: date, amount: int, house: Any = world.township) -> None:
        Deduction.objects.create(
            of=of, institution_id=house, amount=amount, month=month, reason="重复收费", made_by="李"
        )

    def refused(month: date) -> dict[Any, int]:
        api.calculate_month(scheme=SCHEME, month=month, actor=world.clerk)
        return dict(Statement.objects.filter(month=month).values_list("institution_id", "refused"))

    deduct(MARCH, 1_200)
    assert refused(MARCH) == {world.township: 1_200} == refused(MARCH)
    march = Statement.objects.get(month=MARCH)
    assert march.prepaid + march.withheld == 7_000 - 1_200
    shown = browser(world.clerk).get(f"/budget/statements/{march.id}/").content.decode()
    figures = shown.split('class="y-figures"')[1].split("y-card")[0]
    assert "58.00" in figures and "70.00" not in figures.split("预付")[0], "what is due is after the deduction"
    api.pay_statement(statement_id=march.id, scheme=SCHEME, actor=world.clerk)
    deduct(MARCH, 300)
    deduct(april, 500, world.county)
    assert refused(april) == {world.township: 300, world.county: 500}
    deduct(april, -1_500)
    assert refused(april)[world.township] == -1_200


def test_special_requests(world: Any) -> None:
    """Asked by the institution with evidence, decided by somebody else, within the year's share; the month then pays what was granted."""
    weighed(world)
    mine, county = put_case(world.township, "A", 2_000_000), put_case(world.county, "B", 9_000_000)
    with pytest.raises(Forbidden):
        api.ask_special(case_id=county.id, asked=100, evidence="x", actor=world.manager)
    key = api.ask_special(case_id=mine.id, asked=1_900_000, evidence="合并感染性休克，见病程记录", actor=world.manager)
    with pytest.raises(errors.TooManySpecial):
        api.ask_special(case_id=put_case(world.township, "A", 5).id, asked=5, evidence="x", actor=world.manager)
    with pytest.raises(Forbidden):
        api.decide_special(request_id=key, granted=1, reason="同意", actor=world.manager)
    api.decide_special(request_id=key, granted=1_500_000, reason="材料齐全", actor=world.director)
    put(MARCH, 100, institution_id=world.township)
    api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk)
    assert CasePayment.objects.get(case=mine).payable == 1_500_000
    assert SpecialRequest.objects.get(pk=key).decided_by == "王院长"


def test_indicators_by_hospital_department_and_doctor(world: Any) -> None:
    """Two cases A and one B of 20 ungrouped ones: CMI (2 x 0.6456 + 1.0759) / 3; the cost index by hand; deaths only of low-risk groups."""
    row = weighed(world)
    department = world.village
    for group, cost in (("A", 900_000), ("A", 1_800_000), ("B", 1_500_000)):
        put_case(world.county, group, cost, department_id=department)
    put_case(world.county, "", 700_000)
    rows = read.cases_in(2025, None)
    (one,) = read.drg_figures(rows, "institution_id", row)
    assert one.figures is not None
    assert (one.discharged, one.grouped, str(one.figures.grouping_rate)) == (4, 3, "75.0000")
    assert str(one.figures.cmi) == "0.7890" and str(one.figures.cost_index) == "1.3333"
    by_department = {one.key: one.discharged for one in read.drg_figures(rows, "department_id", row)}
    assert by_department == {department: 3, None: 1}
    assert not read.drg_figures(read.cases_in(2025, {world.township}), "institution_id", row)


def test_all_methods_give_out_the_same_money(world: Any) -> None:
    """Points of normal cases at their group's mean are worth what the cases cost, to the rounding of a point's value."""
    row = weighed(world)
    for group, cost in (("A", 900_000), ("B", 1_500_000), ("C", 3_600_000)):
        put_case(world.county, group, cost)
    found, value, _score = read.by_methods(list(read.cases_in(2025, None)), row, None, terms_for(SCHEME, 2025))
    one = found[world.county]
    print(f"\nitem {one.item}, points {one.points} at {value}")
    assert abs(one.points - one.item) < 2000


@pytest.mark.race("budget.adopt_weights")
@pytest.mark.race("budget.calculate_month")
@pytest.mark.race("budget.pay_statement")
@pytest.mark.race("budget.release_deposit")
@pytest.mark.race("budget.ask_special")
@pytest.mark.race("budget.decide_special")
@pytest.mark.django_db(transaction=True)
def test_two_at_once() -> None:
    """Adopted, calculated, asked, decided, paid and released by two at once: each happens once, and the money is that of one."""
    world = make_world()
    weighed(world)
    sets = [
        api.weigh_history(scheme=SCHEME, year=2026, history=[2024], predicted=10**9, actor=world.clerk)
        for _ in range(2)
    ]
    done = race(*[lambda key=key: api.move_weights(set_id=key, action="adopt", actor=world.director) for key in sets])
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "SetInUse"]
    put(MARCH, 540_000, institution_id=world.county)
    case = put_case(world.county, "A", 900_000)
    done = race(*[lambda: api.ask_special(case_id=case.id, asked=1_000_000, evidence="见病程", actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) in (["AlreadyAsked", "UUID"], ["TooManySpecial", "UUID"])
    (key,) = [one for one in done if not isinstance(one, Exception)]
    done = race(
        lambda: api.decide_special(request_id=key, granted=950_000, reason="同意", actor=world.director),
        lambda: api.decide_special(request_id=key, granted=None, reason="不同意", actor=world.bureau),
    )
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "WrongState"]
    done = race(*[lambda: api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk)] * 2)
    assert done == [1, 1] and CasePayment.objects.filter(case=case).count() == 1
    row = Statement.objects.get()
    done = race(*[lambda: api.pay_statement(statement_id=row.id, scheme=SCHEME, actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["UUID", "WrongState"]
    assert ledger.accounts_of([world.county], INSTITUTION)[world.county].balance == row.prepaid
    done = race(
        *[lambda: api.release_deposit(statement_id=row.id, scheme=SCHEME, score=Decimal(95), actor=world.clerk)] * 2
    )
    assert sorted(type(one).__name__ for one in done) == ["WrongState", "int"]
    assert ledger.accounts_of([world.county], INSTITUTION)[world.county].balance == row.by_cases


def test_the_database_refuses_two_adopted_sets(world: Any) -> None:
    """Also to whoever goes around the commands; and a frozen appraisal's scores."""
    row = weighed(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        WeightSet.objects.filter(pk=row.pk).update(rate=0)
    key = frozen(world)
    with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
        AppraisalScore.objects.filter(appraisal_id=key).update(score=100)
