"""Payment by disease score: diseases from history, the way of each case to its score, the value of a point by month and by year."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from yigong.core.ledger import api as ledger
from yigong.core.testing import race
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.commands.paying import INSTITUTION
from yigong.insurance.budget.models import CasePayment, FundCase, Statement, WeightSet, YearClose, YearCloseLine
from yigong.insurance.budget.queries import paying as read
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.year_end import year_end
from yigong.insurance.budget.rules import dip
from yigong.insurance.budget.rules.cases import FundCase as Case
from yigong.insurance.budget.rules.cases import Weight
from yigong.insurance.budget.tests.world import SCHEME, close_year, make_world, put, put_case

pytestmark = pytest.mark.django_db
MARCH = date(2025, 3, 1)
_NAMES = {"J18.9": "肺炎", "K80.2": "胆囊结石", "S72.0": "股骨颈骨折", "J18.1": "大叶性肺炎"}


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def coded(house: Any, diagnosis: str, cost: int, operation: str = "", **more: Any) -> FundCase:
    """A case with its front page."""
    return put_case(
        house, "A", cost, diagnosis=diagnosis, diagnosis_name=_NAMES.get(diagnosis, diagnosis), operation=operation,
        operation_name="手术" if operation else "", **{"age": 50} | more,
    )  # fmt: skip


def scored(world: Any, year: int = 2025, predicted: int = 24_000_000) -> WeightSet:
    """2024: ten pneumonias of 6,000, five gallbladders operated of 12,000, two rare ones of category J18 of 9,000 yuan; adopted for the year."""
    for diagnosis, operation, cases, cost in (
        ("J18.9", "", 10, 600_000), ("K80.2", "51.2300", 5, 1_200_000), ("J18.1", "", 2, 900_000),
    ):  # fmt: skip
        for _number in range(cases):
            coded(world.county, diagnosis, cost, operation, month=date(2024, 5, 1), discharged_on=date(2024, 5, 9))
    key = api.weigh_history(
        scheme=SCHEME, year=year, history=[2024], predicted=predicted, method="dip", actor=world.clerk
    )
    api.move_weights(set_id=key, action="adopt", actor=world.director)
    return WeightSet.objects.get(pk=key)


def test_scores_from_history(world: Any) -> None:
    """Mean of all (60,000 + 60,000 + 18,000) / 17 = 8,117.65; scores mean / that × 1,000; what is too rare stands under its category."""
    row = scored(world)
    told = {one.code: (one.cases, one.mean, str(one.weight)) for one in row.groups.all()}
    assert row.mean == 811_765 and row.cases == 17 and row.method == "dip"
    assert told == {
        "J18.9:0": (10, 600_000, "739.1300"), "K80.2:51.23": (5, 1_200_000, "1478.2600"), "*J18:0": (2, 900_000, "1108.7000"),
    }  # fmt: skip
    # 10 × 739.13 + 5 × 1,478.26 + 2 × 1,108.70 = 17,000.00 points for 240,000 yuan
    assert (row.total_weight, row.point_value) == (Decimal("17000.00"), Decimal("14.1176"))
    assert row.groups.get(code="J18.9:0").name == "肺炎 · 保守治疗"
    assert row.groups.get(code="*J18:0").name == "J18 类综合病种 · 保守治疗"
    with pytest.raises(errors.SetInUse):
        scored(world)
    drg = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=10**7, actor=world.clerk)
    api.move_weights(set_id=drg, action="adopt", actor=world.director)  # each method has its own
    with pytest.raises(errors.NothingToWeigh):
        api.weigh_history(scheme=SCHEME, year=2026, history=[2019], predicted=1, method="dip", actor=world.clerk)


def test_the_reference_example_with_words() -> None:
    """V28: mean 12,600 of 10,000 is 1,260 points; coefficient 0.9, value 7: 7,938.00; 30,000 yuan is high: 1,740 → 1,566 → 10,962.00; 5,000 is low."""
    terms = terms_for(SCHEME, 2026)
    weights = {"J18.9:0": Weight(Decimal(1260), 1_260_000)}
    for cost, kind, base, settled, payable in (
        (1_260_000, "normal", "1260.00", "1134.00", 793_800), (3_000_000, "high", "1740.00", "1566.00", 1_096_200),
        (500_000, "low", "500.00", "450.00", 315_000),
    ):  # fmt: skip
        case = Case("", "1", 8, cost, 0, 0, 0, 0, 0, 0, 0, 100_000, None, "J18.900", "", 40)
        found = dip.score_of(case, weights, 1_000_000, terms)
        assert found and (found.paid.kind, str(found.paid.score), str(found.score)) == (kind, base, settled)
        worth = dip.worth(case, found, Decimal(7), terms)
        assert (worth.payable, worth.fund) == (payable, payable - 100_000)
        told = dip.steps(case, found, "肺炎 · 保守治疗", Decimal(7), worth)
        assert told[0] == ("病种", "肺炎 · 保守治疗", "J18.9:0") and told[-3][2] == settled
        assert told[-1][2] == f"{(payable - 100_000) / 100:,.2f}"


@pytest.mark.parametrize(
    ("more", "factor", "level"),
    [
        ({}, "1", "2"), ({"age": 80}, "1.05", "2"), ({"age": 80, "other_diagnoses": 5}, "1.08", "2"), ({"days": 2}, "0.9", "2"),
        ({"days": 2, "died": True}, "1", "2"), ({"age": None}, "1", "2"), ({"diagnosis": "J20.9"}, "1", "1"),
    ],
)  # fmt: skip
def test_what_multiplies_a_score(more: dict[str, Any], factor: str, level: str) -> None:
    """Age, further diagnoses and short stays by the terms, the highest alone; a basic disease is worth the same at every level."""
    terms = terms_for(SCHEME, 2026)
    given = {"diagnosis": "J18.9", "age": 50, "days": 8, "died": False, "other_diagnoses": 0} | more
    case = Case(
        "", level, given["days"], 500_000, 0, 0, 0, 0, 0, 0, 0, 0, None, given["diagnosis"], "", given["age"],
        given["other_diagnoses"], given["died"],
    )  # fmt: skip
    weights = {"J18.9:0": Weight(Decimal(1000), 500_000), "J20.9:0": Weight(Decimal(1000), 500_000)}
    found = dip.score_of(case, weights, 500_000, terms)
    assert found and found.group.auxiliary == Decimal(factor) and found.group.coefficient == 1
    assert found.score == 1000 * Decimal(factor)


def test_a_month_by_score(world: Any) -> None:
    """The month's money less what has no score is shared by all scores; the statement and each case say how; a part that is paid keeps the value."""
    row = scored(world, predicted=2_400_000)  # 2,000 yuan a month
    cases = [coded(world.county, "J18.9", 600_000), coded(world.township, "J18.9", 600_000, level="1")]
    nothing = coded(world.county, "A09.0", 50_000)
    put(MARCH, 100, institution_id=world.county)
    put(MARCH, 100, institution_id=world.township)
    assert api.calculate_month(scheme=SCHEME, month=MARCH, method="dip", actor=world.clerk) == 2
    county, township = (Statement.objects.get(institution_id=key) for key in (world.county, world.township))
    # 2,000 − 500 without a score = 1,500; scores 739.13 + 739.13 × 0.9 = 665.22; 1,500 ÷ 1,404.35
    assert county.point_value == township.point_value == Decimal("1.0681")
    first, second, third = (CasePayment.objects.get(case=one) for one in (*cases, nothing))
    assert (first.score, second.score, third.score) == (Decimal("739.13"), Decimal("665.22"), None)
    assert (first.payable, third.payable, third.kind) == (78_946, 50_000, "ungrouped")
    assert first.fund == first.payable - cases[0].person and first.disease == "J18.9:0"
    assert "没有分值" in third.steps[0][1] and first.steps[-2][1] == "结算分值 × 每分 1.0681 元"
    assert county.by_cases == first.fund + third.fund and "每分 1.0681 元" in county.steps[0][1]
    api.pay_statement(statement_id=township.id, scheme=SCHEME, actor=world.clerk)
    coded(world.county, "K80.2", 1_200_000, "51.2300")
    api.calculate_month(scheme=SCHEME, month=MARCH, method="dip", actor=world.clerk)
    assert Statement.objects.get(pk=county.pk).point_value == Decimal("1.0681")
    drg = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=10**7, actor=world.clerk)
    api.move_weights(set_id=drg, action="adopt", actor=world.director)
    with pytest.raises(errors.AnotherMethod, match="按病种分值"):
        api.calculate_month(scheme=SCHEME, month=MARCH, actor=world.clerk)
    assert row.point_value == Decimal("1.4118")


def test_a_quiet_month_is_worth_no_more_than_the_terms_say(world: Any) -> None:
    """Few cases do not empty the year: 1.1 times the forecast value at most."""
    row = scored(world)
    coded(world.county, "J18.9", 600_000)
    put(MARCH, 100, institution_id=world.county)
    api.calculate_month(scheme=SCHEME, month=MARCH, method="dip", actor=world.clerk)
    assert row.point_value is not None
    assert Statement.objects.get().point_value == (row.point_value * Decimal("1.1")).quantize(row.point_value)


def test_by_group_and_by_score_side_by_side(world: Any) -> None:
    """The same cases, the same money: at their disease's mean they are worth by score what they cost, to the rounding of a point's value."""
    scores = scored(world)
    drg = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=10**7, actor=world.clerk)
    for diagnosis, operation, cost in (("J18.9", "", 600_000), ("K80.2", "51.2300", 1_200_000), ("J18.1", "", 900_000)):
        coded(world.county, diagnosis, cost, operation)
    rows = list(read.cases_in(2025, None))
    found, _points, value = read.by_methods(rows, WeightSet.objects.get(pk=drg), scores, terms_for(SCHEME, 2025))
    one = found[world.county]
    assert one.cases == 3 and one.item == 2_700_000 and one.dip is not None and value is not None
    assert abs(one.dip - one.item) < 300
    assert (
        read.by_methods(rows, WeightSet.objects.get(pk=drg), None, terms_for(SCHEME, 2025))[0][world.county].dip is None
    )


def paid_year(world: Any) -> None:
    """Every month of 2025 by score and paid; March has two cases, the others one."""
    for month in range(1, 13):
        day = date(2025, month, 1)
        coded(world.county, "J18.9", 600_000, month=day, discharged_on=day)
        if month == 3:
            coded(world.township, "J18.9", 600_000, level="1", month=day, discharged_on=day)
            put(day, 100, institution_id=world.township)
        put(day, 100, institution_id=world.county)
        api.calculate_month(scheme=SCHEME, month=day, method="dip", actor=world.clerk)
        for row in Statement.objects.filter(month=day):
            api.pay_statement(statement_id=row.id, scheme=SCHEME, actor=world.clerk)
    close_year()


def test_the_years_value(world: Any) -> None:
    """All scores of the year share the year's money; what the months paid is made up for, to the fen; a closed year refuses another calculation."""
    scored(world, predicted=6_000_000)
    assert "没有按病种分值" in year_end(SCHEME, 2025, "dip").why_not[-1]
    paid_year(world)
    made = year_end(SCHEME, 2025, "dip")
    scores = 12 * Decimal("739.13") + Decimal("665.22")
    assert not made.why_not and made.value == (Decimal(60_000) / scores).quantize(Decimal("0.0001"))
    key = api.close_year(scheme=SCHEME, year=2025, kind="dip", actor=world.clerk)
    close = YearClose.objects.get(pk=key)
    lines = {one.institution_id: one for one in YearCloseLine.objects.filter(close=close)}
    for house, line in lines.items():
        paid = CasePayment.objects.filter(institution_id=house)
        due = sum(
            int((one.score * made.value).quantize(Decimal("0.01")) * 100) - one.case.person for one in paid if one.score
        )
        assert line.due == due and line.paid == sum(one.fund for one in paid)
        prepaid = sum(one.prepaid for one in Statement.objects.filter(institution_id=house))
        assert ledger.accounts_of([house], INSTITUTION)[house].balance == prepaid + line.balance
    with pytest.raises(errors.YearIsClosed, match=close.number):
        api.calculate_month(scheme=SCHEME, month=MARCH, method="dip", actor=world.clerk)
    with pytest.raises(IntegrityError, match="closed"), transaction.atomic():
        Statement.objects.create(number="X", institution_id=world.village, month=MARCH, state="calculated")
    with pytest.raises(errors.AlreadyCleared):
        api.close_year(scheme=SCHEME, year=2025, kind="dip", actor=world.clerk)
    api.reopen_year(close_id=key, reason="总额有误", actor=world.clerk)
    assert ledger.accounts_of([world.county], INSTITUTION)[world.county].balance == sum(
        one.prepaid for one in Statement.objects.filter(institution_id=world.county)
    )
    assert api.close_year(scheme=SCHEME, year=2025, kind="dip", actor=world.clerk) != key


def test_a_year_whose_scores_were_adopted_anew(world: Any) -> None:
    """From July on another edition of the scores: the cases of the first half share the year's money too."""
    first = scored(world, predicted=6_000_000)
    for month in range(1, 13):
        if month == 7:
            api.move_weights(set_id=first.pk, action="replace", reason="年中调整", actor=world.director)
            second = api.weigh_history(
                scheme=SCHEME, year=2025, history=[2024], predicted=6_000_000, method="dip", actor=world.clerk
            )
            api.move_weights(set_id=second, action="adopt", actor=world.director)
        day = date(2025, month, 1)
        coded(world.county, "J18.9", 600_000, month=day, discharged_on=day)
        put(day, 100, institution_id=world.county)
        api.calculate_month(scheme=SCHEME, month=day, method="dip", actor=world.clerk)
        for key in api.statements_to_pay(day, [world.county]):
            api.pay_statement(statement_id=key, scheme=SCHEME, actor=world.clerk)
    close_year()
    made = year_end(SCHEME, 2025, "dip")
    assert not made.why_not and made.value == (Decimal(60_000) / (12 * Decimal("739.13"))).quantize(Decimal("0.0001"))
    assert made.paid == sum(one.by_cases for one in Statement.objects.all())


@pytest.mark.race("budget.close_year")
@pytest.mark.race("budget.reopen_year")
@pytest.mark.django_db(transaction=True)
def test_two_close_a_year_at_once() -> None:
    """One closes it, the other reads who; one takes it back."""
    world = make_world()
    scored(world, predicted=6_000_000)
    paid_year(world)
    done = race(*[lambda: api.close_year(scheme=SCHEME, year=2025, kind="dip", actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["AlreadyCleared", "UUID"]
    (key,) = [one for one in done if not isinstance(one, Exception)]
    done = race(*[lambda: api.reopen_year(close_id=key, reason="有误", actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "WrongState"]
    assert YearClose.objects.get().state == "reversed"
