"""Every rule of the vocabulary, on both sides."""

import pytest

from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.tests.invented import GROUPER, case, newborn

BOTH_SIDES = {
    "px_main": [("AA19", case("D30", "P01")), ("BQY", case("D04", "P20 P01"))],
    "px_any and px_other": [
        ("AA21", case("D30", "P05 P05 P02", icu_hours=96)),
        ("0000", case("D30", "P05 P02", icu_hours=96)),
    ],
    "icu_hours": [("AA21", case("D30", "P02 P05", icu_hours=96)), ("0000", case("D30", "P02 P05", icu_hours=95.5))],
    "amount": [("AA23", case("D30", "P02 P05", amount=100001)), ("0000", case("D30", "P02 P05", amount=100000))],
    "missing number": [("0000", case("D30", "P02 P05"))],
    "next category": [("BQY", case("D01", "P02 P05", icu_hours=1, amount=1))],
    "age": [("PS29", newborn("N02")), ("0000", case("N02", age=1))],
    "age_days": [("PS29", newborn("N02", age_days=28)), ("0000", newborn("N02", age_days=29))],
    "weight": [("PS15", newborn("N02", birth_weight=1499)), ("PS29", newborn("N02", birth_weight=1500))],
    "weight zero is missing": [("0000", newborn("N02", birth_weight=0))],
    "mcc": [("PS11", newborn("N02 D22", birth_weight=900)), ("PS15", newborn("N02 D24", birth_weight=900))],
    "mcc excluded": [("PS15", newborn("N01 D22", birth_weight=900)), ("PS11", newborn("N01 D21", birth_weight=900))],
    "dx_tags": [("ZZ19", case("T01 T02")), ("0000", case("T01 T03"))],
    "leaving": [("ZZ11", case("T01 T02", leaving="5")), ("ZZ19", case("T01 T02", leaving="1"))],
    "sex": [("MR19", case("M01", sex=1)), ("0000", case("M01", sex=2))],
    "px_tags": [("BB15", case("D01", "P11 P12")), ("BB15", case("D01", "P13")), ("BQY", case("D01", "P11"))],
    "any of mcc and cc": [("BB11", case("D02 D21", "P13")), ("BB13", case("D02 D23", "P13"))],
    "cc excluded": [("BB13", case("D01 D24", "P13")), ("BB15", case("D01 D23", "P13"))],
    "cc and mcc": [("BB11", case("D02 D23 D22", "P13"))],
    "if_no_drg": [("BB20", case("D02", "P06", age=16)), ("BB2", case("D02", "P06", age=17))],
    "second entry": [("BB29", case("D02", "P07")), ("BQY", case("D02 D24", "P07")), ("BQY", case("D02", "P07", sex=1))],
    "not": [("BR15", case("D01", "P30")), ("BQY", case("D01", "P20"))],
    "los": [("BR11", case("D01", los=61)), ("BR15", case("D01", los=60))],
    "dept": [("BR13", case("D01", dept="ICU")), ("BR15", case("D01", dept="0301"))],
    "dx_other": [("BR29", case("D02 D20")), ("0000", case("D02"))],
    "dx_any inline": [("BR39", case("D03")), ("BR39", case("D02 D25")), ("0000", case("D02 D24"))],
}


@pytest.mark.parametrize(
    ("expected", "given"), [pytest.param(*side, id=name) for name, sides in BOTH_SIDES.items() for side in sides]
)
def test_each_rule_on_both_sides(expected: str, given: Case) -> None:
    """The case falls into the group that the invented scheme names, and its explanation ends there."""
    explained = GROUPER.explain(given)
    assert GROUPER.group(given).drg == explained.grouped.drg == expected


@pytest.mark.parametrize(
    ("reason", "given"),
    [
        ("sex", case("D01", sex=9)),
        ("sex", case("D01", sex=None)),
        ("age", case("D01", age=None)),
        ("age_days", newborn("N01", age_days=None)),
        ("birth_weight", newborn("N01", birth_weight=None)),
        ("no_diagnosis", case("")),
        ("unknown_principal", case("Ω99", "P01".lower())),
        ("no_mdc", case("D30")),
        ("no_adrg", case("D02", "X-unknown")),
        ("ambiguous", case("D02", "P20")),
    ],
)
def test_a_case_without_group_has_a_reason(reason: str, given: Case) -> None:
    """The reason is a stable code, the detail a sentence, and the explanation ends with that sentence."""
    grouped = GROUPER.group(given)
    assert grouped.reason == reason
    assert grouped.detail and grouped.detail in GROUPER.explain(given).steps[-1].text


def test_the_answer_carries_name_level_and_weight() -> None:
    """Name and weight come from the tables, the level from the other diagnoses."""
    grouped = GROUPER.group(case("D02 D21", "P13"))
    assert (grouped.mdc, grouped.adrg, grouped.name) == ("MDCB", "BB1", "组合颅脑手术伴严重并发症")
    assert (grouped.cc_level, str(grouped.weight)) == ("MCC", "3.1200")
    assert GROUPER.group(case("T01 T02")).weight is None
