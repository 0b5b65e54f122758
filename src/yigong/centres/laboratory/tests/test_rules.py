"""Pure rules by tables: units, references, flags, changes, containers, Westgard."""

from datetime import datetime, timedelta
from decimal import Decimal as D

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.centres.laboratory.rules import catalogue, judging, westgard
from yigong.core.clock import SHANGHAI
from yigong.core.packs import api as packs
from yigong.logistics.rules import definitions

NOW = datetime(2026, 11, 1, 8, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("code", "value", "unit", "expected"),
    [
        ("K", "4.2", "mmol/L", "4.20"), ("K", "4.2", "mEq/L", "4.20"), ("GLU", "100", "mg/dL", "5.55"), ("CREA", "1.0", "mg/dl", "88"),
        ("HGB", "14.2", "g/dL", "142"), ("CREA", "80", "μmol/L", "80"), ("WBC", "6.1", "10^9/L", "6.10"), ("CTNI", "52", "ng/L", "0.052"),
        ("INR", "1.02", "", "1.02"), ("ALT", "35", "IU/L", "35"),
    ],
)  # fmt: skip
def test_units_that_are_declared(code: str, value: str, unit: str, expected: str) -> None:
    """Equal spellings and declared factors give the analyte's own unit."""
    analyte = catalogue.analytes()[code]
    assert judging.converted(D(value), unit, analyte, packs.rows(catalogue.UNITS).values()) == D(expected)


@pytest.mark.parametrize(
    ("code", "unit"), [("K", "mg/dL"), ("K", ""), ("GLU", "g/L"), ("HGB", "mmol/L"), ("ALT", "ukat/L")]
)
def test_units_that_are_not_declared_are_refused(code: str, unit: str) -> None:
    """Never guessed, not even when no unit is named."""
    with pytest.raises(judging.UnknownUnit):
        judging.converted(D(1), unit, catalogue.analytes()[code], packs.rows(catalogue.UNITS).values())


@pytest.mark.parametrize("text", ["abc", "", "NaN", "Infinity", "1e12", "4,2,1"])
def test_what_is_no_number(text: str) -> None:
    """Words, nothing, infinities and absurd sizes."""
    with pytest.raises(judging.NotANumber):
        judging.number(text)


@pytest.mark.parametrize(
    ("code", "sex", "age", "expected"),
    [
        ("HGB", "1", 40, ("130", "175")), ("HGB", "2", 40, ("115", "150")), ("HGB", "2", 9, ("112", "149")), ("CREA", "1", 45, ("57", "97")),
        ("CREA", "1", 70, ("57", "111")), ("CREA", "2", 59, ("41", "73")), ("CREA", "2", 60, ("41", "81")), ("CREA", "2", 90, None),
        ("K", "1", None, None), ("GLU", "9", None, ("3.9", "6.1")), ("ALT", "9", 40, None),
    ],
)  # fmt: skip
def test_reference_by_sex_and_age(code: str, sex: str, age: int | None, expected: tuple[str, str] | None) -> None:
    """The most specific interval that fits; none is none, not a wide one."""
    found = judging.reference(catalogue.analytes()[code], packs.rows(catalogue.RANGES).values(), sex=sex, age=age)
    assert (found and (found.low, found.high)) == (expected and (D(expected[0]), D(expected[1])))


def test_reference_by_method() -> None:
    """An interval of another method is not taken."""
    alt, ranges = catalogue.analytes()["ALT"], packs.rows(catalogue.RANGES).values()
    assert judging.reference(alt, ranges, sex="1", age=40, method="速率法") is not None
    assert judging.reference(alt, ranges, sex="1", age=40, method="IFCC 含磷酸吡哆醛") is None


@pytest.mark.parametrize(
    ("value", "flag"),
    [
        ("2.79", "LL"),
        ("2.8", "L"),
        ("3.49", "L"),
        ("3.5", "N"),
        ("5.3", "N"),
        ("5.31", "H"),
        ("6.2", "H"),
        ("6.21", "HH"),
    ],
)
def test_flags_at_their_borders(value: str, flag: str) -> None:
    """Limits themselves are inside."""
    potassium = catalogue.analytes()["K"]
    fit = judging.reference(potassium, packs.rows(catalogue.RANGES).values(), sex="1", age=50)
    assert judging.judge(potassium, D(value), fit).flag == flag


@pytest.mark.parametrize(
    ("before", "days", "value", "expected"),
    [("4.0", 1, "5.0", "25.0"), ("4.0", 1, "4.8", None), ("4.0", 4, "6.0", None), ("4.0", 3, "3.0", "-25.0"), ("0", 1, "4", None)],
)  # fmt: skip
def test_change_against_the_last_value(before: str, days: int, value: str, expected: str | None) -> None:
    """More than 20 per cent within three days for potassium; exactly 20 is allowed."""
    potassium = catalogue.analytes()["K"]
    found = judging.change(potassium, D(value), NOW, D(before), NOW - timedelta(days=days))
    assert found == (D(expected) if expected else None)


def test_containers_in_the_order_of_draw() -> None:
    """One container for each kind and bench; panels share where they may."""
    needs = catalogue.needs(["LAB-LIVER", "LAB-CBC", "LAB-COAG", "K", "HBA1C", "BCULT"])
    found = [(need.tube, need.bench, need.items) for need in needs]
    assert found == [
        ("culture", "MIC", ("BCULT",)), ("blue", "COAG", ("LAB-COAG",)), ("yellow", "BIO", ("LAB-LIVER", "K")),
        ("purple", "BIO", ("HBA1C",)), ("purple", "HEM", ("LAB-CBC",)),
    ]  # fmt: skip


def test_the_definitions_hold_together() -> None:
    """Every item measures known analytes in known containers; every limit and factor belongs to one; each says where it comes from."""
    analytes, tubes = catalogue.analytes(), catalogue.tubes()
    for item in catalogue.items().values():
        assert set(item.analyte_codes) <= set(analytes), item.code
        assert item.temperature in definitions.goods()["specimen"].bands, item.code
    assert {a.tube for a in analytes.values()} <= set(tubes)
    sources = [*packs.rows(catalogue.RANGES).values(), *packs.rows(catalogue.UNITS).values()]
    assert {one.analyte for one in sources} <= set(analytes)
    every = [*sources, *analytes.values(), *tubes.values(), *catalogue.items().values()]
    assert all(one.source and one.certainty for one in every)
    print(f"\n{len(every)} definitions name source and certainty")


def zs(text: str) -> list[D]:
    """Scores from a line."""
    return [D(word) for word in text.split()]


@pytest.mark.parametrize(
    ("own", "other", "expected"),
    [
        ("0.5", None, ()), ("2.0", None, ()), ("2.1", None, ("1-2s",)), ("3.0", None, ("1-2s",)), ("-3.1", None, ("1-3s", "1-2s")),
        ("2.1 2.2", None, ("2-2s", "1-2s")), ("2.1 -2.2", None, ("1-2s",)), ("2.1", "2.3", ("2-2s", "1-2s")), ("2.1", "-2.3", ("R-4s", "1-2s")),
        ("1.9", "-2.3", ()), ("1.1 1.2 1.3 1.4", None, ("4-1s",)), ("1.1 1.2 1.0 1.4", None, ()), ("-1.1 -1.2 -1.3 -1.4", None, ("4-1s",)),
        ("0.1 " * 10, None, ("10x",)), ("0.1 " * 9, None, ()), ("0.1 " * 9 + "0", None, ()), ("", None, ()),
    ],
)  # fmt: skip
def test_westgard(own: str, other: str | None, expected: tuple[str, ...]) -> None:
    """Each rule at its border."""
    assert westgard.violated(zs(own), D(other) if other else None) == expected


@given(
    st.lists(st.decimals(min_value=-2, max_value=2, places=2), min_size=1, max_size=3),
    st.decimals(min_value=-2, max_value=2, places=2),
)
def test_few_points_within_two_deviations_break_nothing(own: list[D], other: D) -> None:
    """Up to three points within two deviations never hold results back."""
    assert westgard.violated(own, other) == ()


@pytest.mark.parametrize(
    ("rules", "expected"), [((), "ok"), (("1-2s",), "warn"), (("1-3s", "1-2s"), "reject"), (("10x",), "reject")]
)
def test_what_the_house_does(rules: tuple[str, ...], expected: str) -> None:
    """The pack says which rule warns and which rejects."""
    assert westgard.verdict(rules, catalogue.rules().westgard) == expected
