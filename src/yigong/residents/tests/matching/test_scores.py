"""The weight, its cut-offs and its vetoes."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import DamerauLevenshtein

from yigong.residents.matching import scoring
from yigong.residents.matching.api import PersonFields, blocking_keys, national, prepare, prepare_late, score
from yigong.residents.matching.conditions import Row
from yigong.residents.matching.definition import Comparison
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


# What the words of a condition say, spelled out for one pair at a time.
_WORDS = {
    "equal": lambda a, b, c: a[c] == b[c] != "",
    "differ": lambda a, b, c: "" not in (a[c], b[c]) and a[c] != b[c],
    "cross": lambda a, b, c, d: a[c] == b[d] != "" or a[d] == b[c] != "",
    "within": lambda a, b, c, most: "" not in (a[c], b[c]) and DamerauLevenshtein.distance(a[c], b[c]) <= int(most),
    "begins": lambda a, b, c, least: (
        min(len(a[c]), len(b[c])) >= int(least) and (a[c].startswith(b[c]) or b[c].startswith(a[c]))
    ),
    "near": lambda a, b, c, most: "" not in (a[c], b[c]) and abs(int(a[c]) - int(b[c])) <= int(most),
    "either": lambda a, b, c, value: value in (a[c], b[c]),
    "both": lambda a, b, c, value: a[c] == b[c] == value,
    "missing": lambda a, b, c: "" in (a[c], b[c]),
}


def _spelled_out(comparison: Comparison, left: Row, right: Row) -> str:
    """The level of a comparison, word by word."""

    def hold(conditions: tuple[str, ...]) -> bool:
        every = ([part.split() for part in text.split("|")] for text in conditions)
        return all(any(_WORDS[word](left, right, *rest) for word, *rest in ways) for ways in every)

    if hold(comparison.missing):
        return "missing"
    return next(level.code for level in comparison.level if hold(level.when))


@settings(max_examples=300, deadline=None)
@given(_PEOPLE, _PEOPLE)
def test_the_compiled_definition_weighs_as_it_is_written(left: PersonFields, right: PersonFields) -> None:
    """Levels word by word, the sum step by step, every veto: and the same for a record that is made as it is looked at."""
    ours, theirs, definition = prepare(left), prepare(right), national()
    weighed = scoring.weigh(definition, ours, theirs)
    weight = definition.prior_bits
    for compiled in definition.compiled:
        comparison = compiled.comparison
        code = _spelled_out(comparison, ours, theirs)
        assert weighed.places[comparison.code] == compiled.places[code]
        for ready in (r for r in compiled.levels if r.level.code == code):
            weight += ready.bits + scoring.frequency_bits(
                ready, scoring.share_of(ready, ours, theirs, scoring.no_shares)
            )
    assert weighed.weight == weight
    every = tuple(hit.verdict for hit in scoring.hits(definition, weighed.places))
    assert scoring.verdict_of(definition, weight, weighed.places) == scoring.verdict(definition, weight, every)
    assert scoring.weigh(definition, ours, prepare_late(definition, right.as_texts().__getitem__)) == weighed


def test_what_no_comparison_asks_for_stays_sealed() -> None:
    """Somebody sought without number and phone: those of a candidate with birth date and sex are not opened."""
    told = PersonFields("王建国", "1", date(1965, 8, 9), address="永定镇大营村3组15号").as_texts()
    asked: list[str] = []

    def field(name: str) -> str:
        asked.append(name)
        return told[name]

    for name in ("王建国", "王芳"):
        sought = prepare(PersonFields(name, "1", date(1965, 8, 9), address="永定镇"))
        scoring.weigh(national(), sought, prepare_late(national(), field))
    assert "name" in asked and not {"id_number", "phone"} & set(asked)


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
