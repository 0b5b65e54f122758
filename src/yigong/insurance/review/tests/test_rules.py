"""Every rule on both sides, over stored bills."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yigong.core.clock import today
from yigong.core.packs.source import PackError
from yigong.insurance.review.data import Hit
from yigong.insurance.review.models import BillFact, Suspicion
from yigong.insurance.review.queries.checking import check_stored
from yigong.insurance.review.rules.definitions import KINDS, RULES, rule_set
from yigong.insurance.review.tests.world import BOSS, DAY, County

pytestmark = pytest.mark.django_db
Make = Callable[[County], object]


def twice(county: County, gap: int, code: str = "J18.900") -> None:
    """Two stays so many days apart."""
    county.stay(days=5, total=100_000)
    county.stay(days=5, since=5 + gap, codes=[code], total=90_000)


# rule → (what it finds, with the doubtful fen), what is right beside it
CASES: dict[str, tuple[Make, int, Make]] = {
    "R01": (lambda c: twice(c, 14), 90_000, lambda c: (twice(c, 15), twice(c, 3, "I10.x00"))[:0]),
    "R02": (lambda c: c.bill(("ZC-PT", 0, 1, 800), ("ZC-PT", 0, 1, 800)), 800, lambda c: c.bill(("ZC-PT", 0, 1, 800), ("ZC-PT", 1, 1, 800))),
    "R03": (lambda c: c.stay(days=61, total=5), 5, lambda c: c.stay(days=60, total=5)),
    "R04": (lambda c: c.bill(("YX-US-GYN", 0, 1, 8000), sex="1"), 8000, lambda c: c.bill(("YX-US-GYN", 0, 1, 8000), sex="2")),
    "R05": (lambda c: c.bill(("HY-PSA", 0, 1, 6000), sex="2"), 6000, lambda c: c.bill(("HY-PSA", 0, 1, 6000), sex="1")),
    "R06": (lambda c: c.bill(("HY-XCG",), sex="1", codes=["J18.900", "N80.900"]), 0, lambda c: c.bill(("HY-XCG",), codes=["N80.900"])),
    "R07": (lambda c: c.bill(("HY-XCG",), sex="2", codes=["N40.x00"]), 0, lambda c: c.bill(("HY-XCG",), sex="1", codes=["N40.x00"])),
    "R08": (lambda c: c.bill(("HL-XSE", 0, 1, 3600)), 3600, lambda c: c.bill(("HL-XSE", 0, 1, 3600), birth_date=DAY - timedelta(days=3))),
    "R09": (lambda c: c.stay(("ZL-XY", 0, 20, 6000), ("ZL-XY", 0, 10, 3000)), 1800, lambda c: c.stay(("ZL-XY", 0, 24, 7200), ("ZL-XY", 1, 24, 7200))),
    "R10": (lambda c: c.stay(("ZL-JMZS", 0, 7, 8400)), 1200, lambda c: c.stay(("ZL-JMZS", 0, 6, 7200))),
    "R11": (lambda c: c.stay(("HY-XCG", 8, 1, 2000)), 2000, lambda c: c.stay(("HY-XCG", 7, 1, 2000, 23))),
    "R12": (lambda c: c.stay(("HY-XCG", 3, 1, 2000), died_on=DAY + timedelta(days=2)), 2000, lambda c: c.stay(("HY-XCG", 2, 1, 2000), died_on=DAY + timedelta(days=2))),
    "R13": (lambda c: c.bill(("ZY-AJ", 0, 1, 2500, 22)), 2500, lambda c: c.bill(("ZY-AJ", 0, 1, 2500, 21), ("HY-XCG", 0, 1, 1, 23))),
    "R14": (lambda c: (c.stay(), c.bill(("HY-XCG", 2, 1, 1000), institution_id=c.centre.id)), 1000, lambda c: (c.stay(), c.bill(("HY-XCG", 0, 1, 1000), institution_id=c.centre.id), c.bill(("HY-XCG", 2, 1, 1000)))),
    "R15": (lambda c: c.bill(("YP-METFORMIN", 0, 2, 656)), 656, lambda c: c.bill(("YP-METFORMIN", 0, 2, 656), codes=["J18.900", "E11.900"])),
    "R16": (lambda c: c.bill(("HY-LFT", 0, 1, 6000), ("HY-ALT", 0, 1, 600)), 600, lambda c: c.bill(("HY-LFT", 0, 1, 6000), ("HY-ALT", 1, 1, 600))),
    "R17": (lambda c: c.stay(("HL-T", 0, 1, 12000), ("HL-1", 0, 1, 3600)), 3600, lambda c: c.stay(("HL-T", 0, 1, 12000), ("HL-1", 1, 1, 3600))),
}  # fmt: skip


def found(rule: str) -> list[Hit]:
    """What one rule finds now."""
    return [hit for hit in check_stored(rule_set()) if hit.rule == rule]


@pytest.mark.parametrize("rule", sorted(CASES))
def test_each_rule_on_both_sides(county: County, rule: str) -> None:
    """Found once with its amount and its evidence; what is right beside it is not."""
    wrong, amount, right = CASES[rule]
    wrong(county)
    hits = found(rule)
    assert [hit.amount for hit in hits] == [amount]
    assert all(hit.evidence and all(set(row) == {"text", "on", "amount"} for row in hit.evidence) for hit in hits)
    BillFact.objects.all().delete()
    right(county)
    assert not found(rule)


def test_the_same_days_apart_but_another_disease(county: County) -> None:
    """Split admission asks for the same kind of disease, and counts the days exactly."""
    twice(county, 3, "I10.x00")
    assert not found("R01")
    BillFact.objects.all().delete()
    twice(county, 15)
    assert not found("R01")


def test_every_rule_has_its_case_and_its_clause() -> None:
    """No rule without a test, none without the clause that it rests on."""
    rules = rule_set().rules
    assert {rule.code for rule in rules} == set(CASES)
    assert all(rule.clause and rule.sentence for rule in rules)
    assert {rule.kind for rule in rules} == set(KINDS)


def test_a_wrong_definition_is_refused() -> None:
    """A parameter too much, an unknown kind, a code twice: told by place."""
    from yigong.insurance.review.rules.definitions import Rule, RuleSet

    def rule(code: str, kind: str, **values: Any) -> Rule:
        return Rule(code=code, title="x", kind=kind, sentence="x", clause="x", **values)

    wrong = [rule("A", "long_stay"), rule("A", "nonsense"), rule("B", "after_death", days=3)]
    made = RuleSet(
        code="x", version="1", effective_from=date(2026, 1, 1), title="x", source="x", certainty="x", rules=wrong
    )
    assert RULES.check is not None
    assert [place for place, _text in RULES.check(made)] == ["rules[0]", "rules[1]", "rules[1].kind", "rules[2]"]
    assert issubclass(PackError, Exception)


LINES = st.lists(
    st.tuples(
        st.sampled_from(["ZC-PT", "HL-T", "HL-1", "ZL-JMZS", "HY-LFT", "HY-ALT", "YP-METFORMIN", "ZY-AJ", "HY-PSA"]),
        st.integers(0, 9), st.integers(1, 30), st.integers(1, 10_000), st.sampled_from([3, 10, 22]),
    ),
    min_size=1, max_size=12,
)  # fmt: skip


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bills=st.lists(st.tuples(LINES, st.booleans(), st.integers(0, 20)), min_size=1, max_size=4))
def test_no_rule_reports_twice_for_the_same_evidence(county: County, bills: list[Any]) -> None:
    """Whatever the bills: each (rule, key) once, an amount within the bill, and running again adds nothing."""
    from yigong.insurance.review.api import run_rules

    BillFact.objects.all().delete()
    for lines, inpatient, since in bills:
        (county.stay if inpatient else county.bill)(*lines, **({"since": since} if inpatient else {}))
    hits = check_stored(rule_set())
    totals = dict(BillFact.objects.values_list("id", "total"))
    assert len({(hit.rule, hit.key) for hit in hits}) == len(hits)
    assert all(0 <= hit.amount <= totals[hit.bill_id] for hit in hits)
    run_rules(actor=BOSS)
    before = Suspicion.objects.count()
    again = run_rules(actor=BOSS)
    assert (again.fresh, Suspicion.objects.count()) == (0, before)


def test_old_bills_are_not_looked_at(county: County) -> None:
    """Beyond the look-back time of the pack."""
    county.bill(("ZC-PT",), ("ZC-PT",), settled_on=today() - timedelta(days=401))
    assert not check_stored(rule_set())
