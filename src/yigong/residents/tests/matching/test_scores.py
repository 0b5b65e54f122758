"""The weight, its cut-offs and its vetoes."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.residents.matching.api import PersonFields, blocking_keys, national, score
from yigong.residents.rules.numbers import check_character

_NAMES = st.sampled_from("张伟 张玮 張偉 李芳 王建国 王建军 欧阳锋 买买提·吐尔逊 李红之女 杨晴 杨睛 伟张".split())
_NUMBERS = st.sampled_from(
    ["", "330102199003071230", "330102900307123", "330102199003071231", "11010519491231002X", "E12345678", "不详"]
)
_PEOPLE = st.builds(
    PersonFields,
    name=_NAMES,
    sex=st.sampled_from("0129"),
    birth_date=st.none() | st.dates(date(1930, 1, 1), date(2026, 1, 1)) | st.just(date(1990, 3, 7)),
    birth_precision=st.sampled_from(["day", "month", "year", "estimated"]),
    id_type=st.sampled_from(["01", "03"]),
    id_number=_NUMBERS,
    phone=st.sampled_from(["", "13812345678", "13812345687", "0871-68600000"]),
    address=st.sampled_from(["", "永定镇大营村3组15号", "永定镇大营村三组", "罗免镇高仓村8组"]),
    mother_name=st.sampled_from(["", "李红", "李洪"]),
    household=st.sampled_from(["", "H1", "H2"]),
)


@settings(max_examples=300, deadline=None)
@given(_PEOPLE, _PEOPLE)
def test_the_order_of_two_records_does_not_matter(left: PersonFields, right: PersonFields) -> None:
    """Weight, verdict and every level are the same both ways."""
    one, other = score(left, right), score(right, left)
    assert one.weight == other.weight and one.verdict == other.verdict and one.vetoes == other.vetoes
    assert [s.level for s in one.steps] == [s.level for s in other.steps]


@settings(max_examples=200, deadline=None)
@given(_PEOPLE)
def test_missing_values_are_neutral(person: PersonFields) -> None:
    """Beside a record that says nothing every comparison counts zero: the weight stays at the prior."""
    scored = score(person, PersonFields())
    assert all(s.is_missing and s.bits == 0 for s in scored.steps)
    assert scored.weight == national().prior_bits and scored.verdict == "distinct"


@settings(max_examples=200, deadline=None)
@given(_PEOPLE, _PEOPLE)
def test_the_waterfall_adds_up(left: PersonFields, right: PersonFields) -> None:
    """Prior and steps make the weight; the weight makes the probability."""
    scored = score(left, right)
    assert abs(scored.prior_bits + sum(s.bits for s in scored.steps) - scored.weight) < 1e-9
    assert abs(scored.probability - 1 / (1 + 2**-scored.weight)) < 1e-12


def _number(body: str) -> str:
    return body + check_character(body)


BORN = date(2015, 5, 20)
HOME = {"phone": "13812345678", "address": "永定镇大营村3组15号", "mother_name": "李红", "household": "H1"}
TWIN = PersonFields(name="王子轩", sex="1", birth_date=BORN, **HOME)
ADULT = PersonFields(name="王建国", sex="1", birth_date=date(1965, 8, 9), id_number=_number("33010219650809123"))


def _changed(person: PersonFields, **changes: object) -> PersonFields:
    from dataclasses import replace

    return replace(person, **changes)  # type: ignore[arg-type]


def test_twins_are_never_linked_by_themselves() -> None:
    """Same day, household, phone, mother: with or without numbers, no automatic link."""
    other = _changed(TWIN, name="王子涵")
    assert score(TWIN, other).verdict == "review"
    assert "twins" in {v.code for v in score(TWIN, other).vetoes}
    numbered = [_changed(t, id_number=_number(f"330102201505201{n}")) for t, n in ((TWIN, "23"), (other, "43"))]
    assert score(*numbered).verdict != "link"


def test_a_family_phone_links_nobody() -> None:
    """Father and son with one phone and one address are two people."""
    son = _changed(TWIN, name="王小军", birth_date=date(1990, 1, 5))
    assert score(_changed(ADULT, **HOME, id_number=""), son).verdict == "distinct"


def test_a_same_name_neighbour_is_not_linked() -> None:
    """Same name and village, other birth: no automatic link without a number."""
    here = PersonFields(name="李秀英", sex="2", birth_date=date(1950, 1, 20), address="永定镇大营村3组15号")
    there = _changed(here, birth_date=here.birth_date + timedelta(days=900), address="永定镇大营村5组2号")
    assert score(here, there).verdict != "link"


def test_a_borrowed_card_is_asked_about() -> None:
    """Same number, other name, birth and sex: always a person decides."""
    bearer = PersonFields(name="刘芳", sex="2", birth_date=date(1988, 2, 3), id_number=ADULT.id_number)
    assert score(ADULT, bearer).verdict == "review"


def test_two_valid_numbers_are_two_people() -> None:
    """Everything alike but two valid numbers: distinct; one digit wrong is linked; neighbouring numbers are asked about."""
    other = _changed(ADULT, id_number=_number("33010219650809577"))
    assert score(ADULT, other).verdict == "distinct"
    typo = ADULT.id_number[:16] + str((int(ADULT.id_number[16]) + 2) % 10) + ADULT.id_number[17]
    assert score(ADULT, _changed(ADULT, id_number=typo)).verdict in {"link", "review"}
    near = _changed(ADULT, id_number=_number("33010219650809125"))
    assert score(ADULT, near).verdict == "review"


NEWBORN = PersonFields(
    name="李红之女",
    sex="2",
    birth_date=date(2026, 3, 2),
    mother_name="李红",
    **{k: HOME[k] for k in ("phone", "address")},
)
OLD = PersonFields(
    name="王建国", sex="1", birth_date=date(1962, 8, 9), id_number="330102620809123", address="永定镇大营村3组15号"
)
UYGHUR = PersonFields(name="买买提·吐尔逊", sex="1", birth_date=date(1975, 4, 6), address="永定镇大营村3组15号")
ALIKE = [
    (NEWBORN, {"name": "李红之次女"}, "a newborn with a rank and one without"),
    (_changed(NEWBORN, name="李红之长子", sex="1"), {"name": "李红之次子"}, "newborn twins"),
    (NEWBORN, {"birth_date": date(2024, 1, 5)}, "two children of one mother, registered without names"),
    (
        NEWBORN,
        {"name": "李红", "birth_date": date(1996, 7, 1), "mother_name": ""},
        "a newborn and the mother whose name stands in",
    ),
    (OLD, {"id_number": "330102620809125"}, "two 15-digit numbers one apart"),
    (OLD, {"name": "王建军", "id_number": "330102620809141"}, "brothers with 15-digit numbers of one day"),
    (UYGHUR, {"name": "买买提·艾合买提"}, "one given name, two fathers"),
    (UYGHUR, {"name": "吐尔逊·买买提", "birth_date": date(1999, 4, 6)}, "father and son, each with the other's name"),
    (UYGHUR, {"name": "買買提·吐爾遜", "birth_date": date(1971, 9, 30)}, "a namesake in traditional characters"),
    (
        PersonFields(name="刘秀兰", sex="2", birth_date=date(1950, 2, 17), address="永定镇大营村3组15号"),
        {"name": "劉秀蘭", "birth_date": date(1950, 1, 1), "address": "罗免镇高仓村8组"},
        "a namesake whose birth date is the lunar reading of the other's, in another township",
    ),
    (
        TWIN,
        {"name": "王子涵", "birth_date": date(2015, 7, 5)},
        "children of one family, one with the other's lunar birthday",
    ),
]


@pytest.mark.parametrize(("one", "changes", "case"), ALIKE, ids=[case for _one, _changes, case in ALIKE])
def test_alike_and_not_linked_by_itself(one: PersonFields, changes: dict[str, object], case: str) -> None:
    """People who resemble each other as families and namesakes do are never linked without a person's look."""
    assert score(one, _changed(one, **changes)).verdict != "link", case


def test_one_person_written_in_two_ways_is_linked() -> None:
    """Traditional characters, a dot of another kind, the lunar birthday, the old form of the number: the same person still."""
    assert score(OLD, _changed(OLD, id_number="", birth_date=OLD.birth_date)).verdict == "link"
    raised = _changed(OLD, name="王建國", id_number=_number("33010219620809123"))
    assert score(OLD, raised).verdict == "link"
    assert score(UYGHUR, _changed(UYGHUR, name="買買提•吐爾遜")).verdict == "link"
    lunar = _changed(OLD, id_number="", birth_date=date(1962, 7, 10))
    assert score(_changed(OLD, id_number=""), lunar).verdict == "link"


def test_candidates_share_a_key() -> None:
    """A record with a mistyped name and one with a mistyped number are still found."""
    keys = blocking_keys(ADULT)
    assert keys & blocking_keys(_changed(ADULT, name="王健国", id_number=""))
    assert keys & blocking_keys(_changed(ADULT, birth_date=date(1965, 9, 8)))
    assert not keys & blocking_keys(TWIN)
