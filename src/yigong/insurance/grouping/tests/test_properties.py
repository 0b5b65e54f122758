"""What holds for any case, however strange."""

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.insurance.grouping.bench import Plain, main
from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.tests.invented import FOLDER, GROUPER

SCHEME = GROUPER.scheme
DIAGNOSES = st.sampled_from([*sorted(SCHEME.known_diagnoses), "X1", ""])
MAIN = st.sampled_from("D01 D02 D03 D04 N01 N02 T01 M01".split())
PROCEDURES = st.sampled_from([*sorted(SCHEME.known_procedures), "Y1"])
CASES = st.builds(
    Case,
    sex=st.sampled_from([*[1, 2] * 5, 9, None]),
    age=st.sampled_from([*[0, 1, 16, 17, 90] * 3, None]),
    diagnoses=st.lists(DIAGNOSES, max_size=6).map(tuple) | st.tuples(MAIN, DIAGNOSES, DIAGNOSES) | st.tuples(MAIN),
    procedures=st.lists(PROCEDURES, max_size=4).map(tuple) | st.tuples(PROCEDURES),
    age_days=st.sampled_from([0, 28, 29, None]),
    birth_weight=st.sampled_from([0, 1499, 1500, 3000.5, None]),
    los=st.sampled_from([0, 60, 61, None]),
    leaving=st.sampled_from(["", "1", "5"]),
    dept=st.sampled_from(["", "ICU"]),
    icu_hours=st.sampled_from([None, 95.9, 96]),
    amount=st.sampled_from([None, 100000, 100000.01]),
)
PLAIN = Plain(FOLDER, frozenset, lambda codes: codes)


@settings(max_examples=600, deadline=None)
@given(CASES)
def test_engine_explanation_and_plain_rules_agree(case: Case) -> None:
    """The compiled engine, its explanation and an interpreter that shares no code with it give the same group."""
    grouped = GROUPER.group(case)
    explanation = GROUPER.explain(case)
    assert explanation.grouped == grouped
    assert grouped.drg in explanation.text or grouped.detail in explanation.text
    assert grouped.drg == (PLAIN.group(case) if case.diagnoses else "0000")


@settings(max_examples=200, deadline=None)
@given(CASES, st.randoms(use_true_random=False))
def test_the_order_of_other_diagnoses_does_not_matter(case: Case, dice: object) -> None:
    """Only the first diagnosis has a place; the others are a heap."""
    others = list(case.diagnoses[1:])
    dice.shuffle(others)  # type: ignore[attr-defined]
    assert GROUPER.group(replace(case, diagnoses=(*case.diagnoses[:1], *others))) == GROUPER.group(case)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text(max_size=8), max_size=4), st.lists(st.text(max_size=8), max_size=3))
def test_unknown_codes_give_a_reason_not_a_fault(diagnoses: list[str], procedures: list[str]) -> None:
    """Any text for a code is answered; without a known principal diagnosis there is no group but a reason."""
    strange = Case(1, 40, tuple("?" + code for code in diagnoses), tuple("?" + code for code in procedures))
    grouped = GROUPER.group(strange)
    assert (grouped.drg, grouped.reason) == ("0000", "unknown_principal" if diagnoses else "no_diagnosis")
    assert grouped.detail in GROUPER.explain(strange).text


@settings(max_examples=50, deadline=None)
@given(st.lists(CASES, max_size=8))
def test_a_batch_is_its_cases_one_by_one(cases: list[Case]) -> None:
    """The batch keeps the order and never ends early."""
    assert list(GROUPER.group_many(cases)) == [GROUPER.group(case) for case in cases]


def test_the_bench_runs_and_its_yardsticks_agree() -> None:
    """The measurement itself works on the invented scheme."""
    assert main(["--scheme", str(FOLDER), "--records", "200"]) == 0
