"""Pure rules: curves, A0, release, expiry, indicators that must go in."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.readings import judge, judge_curve, read_curve
from yigong.centres.sterile.rules.release import judge_load, missing_pieces, takes_biological
from yigong.core.errors import InvalidInput

STEAM = "时间,温度,压力\n23:57:00,120.0,101\n23:58:00,134.1,206\n23:59:00,134.4,207\n00:00:00,134.3,207\n00:01:00,134.2,206\n00:02:30,134.0,205\n00:04:00,99,0\n"


def test_a_curve_over_midnight_is_read_and_judged() -> None:
    """Heading passed over, minutes run on, the longest stretch at temperature counts."""
    points = read_curve(STEAM)
    assert [round(p.minute, 1) for p in points] == [0, 1, 2, 3, 4, 5.5, 7]
    found = judge_curve(points, definitions.programme("steam134"))
    assert (found.minutes, found.temperature, found.pressure, found.faults) == (4.5, 134.0, 205, ())


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("08:00:00,134", "没有读到曲线"), ("08:00:00,134\n08:00:00,135", "第 2 行的时间没有往后走"), ("08:00:00,134\n08:01,x", "第 2 行无法识别"),
        ("08:00:00,134\n08:01:00,900", "第 2 行的温度或压力不合常理"), ("08:00:00,134\n08:01:00,nan", "第 2 行的温度或压力不合常理"),
        ("", "没有读到曲线"), ("abc", "没有读到曲线"), ("\n".join(["08:00:00"] * 3), "第 1 行无法识别"),
    ],
)  # fmt: skip
def test_a_broken_record_names_its_line(text: str, where: str) -> None:
    """What is wrong, on which line."""
    with pytest.raises(InvalidInput) as refusal:
        read_curve(text)
    assert where in refusal.value.errors["curve"]


@pytest.mark.parametrize(
    ("temperature", "minutes", "pressure", "fault"),
    [(134.2, 5, 206, ""), (131.9, 5, 206, "温度最低"), (134.2, 3.9, 206, "维持"), (138, 5, 206, "温度最高"), (134.2, 5, None, "没有压力"), (134.2, 5, 180, "压力")],
)  # fmt: skip
def test_values_are_judged_by_the_programme(
    temperature: float, minutes: float, pressure: float | None, fault: str
) -> None:
    """Each limit speaks for itself."""
    found = judge(temperature, minutes, pressure, definitions.programme("steam134"))
    assert found.is_good == (not fault) and fault in " ".join(found.faults)


@pytest.mark.parametrize(("temperature", "minutes", "a0"), [(80, 10, 600), (90, 1, 600), (90, 5, 3000), (93, 2.5, 2992), (60, 60, 0)])  # fmt: skip
def test_a0_of_known_pairs(temperature: float, minutes: float, a0: int) -> None:
    """80 ℃ 10 min and 90 ℃ 1 min are 600, 90 ℃ 5 min is 3000; below 65 ℃ nothing counts."""
    step = minutes * 60 / 10
    lines = [
        f"{8 + int(n * step) // 3600:02d}:{int(n * step) % 3600 // 60:02d}:{int(n * step) % 60:02d},{temperature}"
        for n in range(11)
    ]
    assert judge_curve(read_curve("\n".join(lines)), definitions.programme("wash")).a0 == pytest.approx(a0, abs=3)


@given(st.lists(st.tuples(st.sampled_from(["physical", "chemical", "biological"]), st.booleans()), max_size=6), st.booleans())  # fmt: skip
def test_no_load_leaves_without_its_results(results: list[tuple[str, bool]], waits: bool) -> None:
    """Releasable exactly when every required kind is there and nothing is bad."""
    wanted = {"physical", "chemical"} | ({"biological"} if waits else set())
    expected = wanted <= {name for name, _good in results} and all(good for _name, good in results)
    assert judge_load("sterilise", waits, results).is_good == expected


NOW = datetime(2026, 11, 28, 8, tzinfo=UTC)


@pytest.mark.parametrize(
    ("programme", "implants", "days", "expected"),
    [("steam134", False, 6, False), ("steam134", False, 7, True), ("steam134", False, None, True), ("steam134", True, 0, True),
     ("plasma", False, 1, True), ("plasma", False, 0, False), ("eo", False, 0, True), ("wash", True, None, False)],
)  # fmt: skip
def test_when_an_indicator_goes_in(programme: str, implants: bool, days: int | None, expected: bool) -> None:
    """Weekly, daily, each load, always with implants."""
    last = None if days is None else NOW - timedelta(days=days)
    found = takes_biological(
        definitions.programme(programme), implants=implants, last_good=last, now=NOW, weekly_days=7
    )
    assert found == expected


def test_expiry_by_material() -> None:
    """Textile 14 days, paper 30, non-woven 180."""
    day = date(2026, 3, 1)
    found = [(definitions.expires(code, day) - day).days for code in ("textile", "paper_bag", "nonwoven")]
    assert found == [14, 30, 180]


def test_what_is_short() -> None:
    """Only what was counted and is less."""
    assert missing_pieces({"a": 2, "b": 1}, {"a": 1}) == {"a": (2, 1)}
    assert missing_pieces({"a": 2}, {"a": 2}) == {}


def test_every_set_of_the_pack_can_be_made() -> None:
    """Its material is known and some programme suits it; prints how many were looked at."""
    found = definitions.sets()
    for one in found.values():
        assert definitions.material(one.material) and any(definitions.programmes(m) for m in one.methods), one.code
    print(f"\n{len(found)} sets, {sum(definitions.price_of(code) is not None for code in found)} with a price")
    assert found
