"""What can be worked out from the published figures (section 7 of the reference): each by the product's own arithmetic."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from yigong.indicators import made_county
from yigong.indicators.queries.registry import registry
from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import Amounts, change, possible_counts, rounded, shown, value
from yigong.indicators.tests.test_definitions import make
from yigong.insurance.benefits.api import Case, Split, plan_of, settle_in_order

PACKS = Path(__file__).parents[4] / "packs"


def told(definition: Definition, above: int, below: int, digits: int) -> Decimal:
    """A figure from its parts, rounded as people do."""
    found = value(definition, Amounts(above, below))
    assert found is not None
    return rounded(found, digits)


def grown(now: int, before: int) -> Decimal:
    """A growth as a report tells it."""
    found = change(Decimal(now), Decimal(before))
    assert found is not None
    return rounded(found, 1)


def pool_example() -> list[int]:
    """What an outpatient fund with 50 yuan a year to pay first, 60 % and 200 yuan at most pays of 120, 200 and 100 yuan."""
    import tomllib

    plan = tomllib.loads((PACKS / "demo" / "benefits" / "resident-2026.toml").read_text("utf-8"))
    pooling = next(one for one in plan["outpatient"] if one["code"] == "pooling")
    levels = [{"level": "1", "ratio": 0.60, "deductible": 50}]
    pooling |= {"deductible_per": "year", "ceiling": 200, "levels": levels}
    bills = [Case("pooling", Split(fen, 0, 0, 0, fen), level="1") for fen in (12_000, 20_000, 10_000)]
    return [one.added.get("paid:pooling", 0) for one in settle_in_order(plan_of(plan), bills)]


def checks() -> Iterator[tuple[str, bool]]:
    """Each check with whether it holds."""
    percent, permille, ratio = (make(unit=unit) for unit in ("percent", "permille", "ratio"))
    # The reference gives 692,293 as the lower end; that is 59.49998 %, which nobody rounds to 60.
    sixty = [n for n in (692_293, 692_294, 698_111, 703_928, 703_929) if told(percent, n, 1_163_518, 0) == 60]
    yield "清徐基层诊疗量的区间", sixty == [692_294, 698_111, 703_928]
    yield "清徐转诊强度", told(permille, 2_481, 1_163_518, 2) == Decimal("2.13") and 2_481 // 12 in (206, 207)
    size = made_county.Size()
    yield "造数的转诊是稀有事件", told(permille, size.referrals, size.visits, 2) == Decimal("2.13")
    yield "清徐人均就诊", told(ratio, size.visits, size.people, 1) == Decimal("3.3")
    yield (
        "清徐签约负担",
        told(ratio, size.contracts, 153, 0) == 1_795
        and told(percent, size.contracts, size.people, 2) == Decimal("78.45"),
    )
    yield "清徐村医资质", not possible_counts("71.47", 318) and possible_counts("71.47", 319) == [228]
    yield "口径页写明 228÷319", "228÷319" in registry()["licensed-village-doctors"].note
    outpatients = [n for n in (836_375, 836_376, 836_761, 837_147, 837_148) if grown(907_886, n) == Decimal("8.5")]
    yield "夹江上年门诊的区间", outpatients == [836_376, 836_761, 837_147]
    inpatients = [n for n in (43_166, 43_167, 43_190, 43_213, 43_214) if grown(39_951, n) == Decimal("-7.5")]
    yield "夹江上年住院的区间", inpatients == [43_167, 43_190, 43_213]
    yield "夹江每千门诊住院", told(permille, 39_951, 907_886, 1) == Decimal("44.0")
    yield "陈桥去年门诊均次", grown(6_372, 7_568) == Decimal("-15.8")
    each = [told(ratio, n, 35, 1) for n in (2_133, 136, 289)]
    yield "东港每人年产出", each == [Decimal("60.9"), Decimal("3.9"), Decimal("8.3")]
    year = [told(ratio, n * 12, 5, 0) for n in (1_106, 3_097)]
    yield "东港年化", year == [2_654, 7_433]
    yuan = make(unit="yuan")
    costs = [told(yuan, fen, n, 1) for fen, n in ((150_000_000, 2_052), (17_000_000, 7_613), (6_700_000, 634))]
    yield "004 区次均补偿", costs == [Decimal("731.0"), Decimal("22.3"), Decimal("105.7")]
    yield "广西编制系数", [told(permille, n, 30_000, 1) for n in (36, 60)] == [Decimal("1.2"), Decimal("2.0")]
    yield "门诊统筹算例", pool_example() == [4_200, 12_000, 3_800]
    yield (
        "40% 而不是 36.36%",
        [shown(percent, value(percent, Amounts(2_000, n))) for n in (5_000, 5_500)] == ["40.00%", "36.36%"],
    )
    both = [d.variants for d in registry().values() if d.is_counted and "at_primary_care" in str(d)]
    yield "凡问基层的指标都有 P1 与 P2", len(both) >= 5 and set(both) == {("P1", "P2")}


def test_every_derived_value() -> None:
    """The switch of P1 and P2, the reconciliation of groups and 40 % on real rows are in ``test_computing`` and ``test_pages``."""
    found = list(checks())
    wrong = [name for name, holds in found if not holds]
    print(f"\n{len(found) - len(wrong)} of {len(found)} derived values hold")
    assert not wrong and len(found) >= 18
