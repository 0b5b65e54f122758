"""Checks of a period before it is signed: pure, over what was counted. Each says which indicator, what does not fit, and how much."""

# texts: data (kept with the period as it was said then)

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from yigong.indicators.rules.definition import Definition
from yigong.indicators.rules.figures import Amounts, change, rounded, total, value

_JUMP = Decimal(50)  # percent against the year before that somebody should look at


@dataclass(frozen=True, slots=True)
class Finding:
    """``level``: bad asks for a reason before signing, warn wants to be read, info is to know."""

    level: str
    code: str
    name: str
    text: str
    nothing: bool = False  # nothing was counted: no figure, which is not zero


@dataclass(frozen=True)
class Look:
    """What is looked at of one indicator: the county's figure and its parts, by group as well, and the same months a year ago."""

    definition: Definition
    variant: str
    county: Amounts | None
    places: tuple[Amounts, ...]
    groups: tuple[Amounts, ...]
    before: Amounts | None
    never: tuple[date, ...] = ()
    stale: bool = False


def findings(looks: Iterable[Look]) -> list[Finding]:
    """All findings, the worst first."""
    every = list(looks)
    found = [finding for look in every for finding in _of_one(look)]
    found += _both_definitions({(look.definition.code, look.variant): look for look in every})
    return sorted(found, key=lambda finding: ("bad", "warn", "info").index(finding.level))


def _of_one(look: Look) -> Iterator[Finding]:
    def said(level: str, text: str, nothing: bool = False) -> Finding:
        name = f"{look.definition.name}（{look.variant}）" if look.variant else look.definition.name
        return Finding(level, look.definition.code, name, text, nothing)

    if look.never:
        yield said("bad", "没有计算的月份：" + "、".join(f"{month:%Y-%m}" for month in look.never))
    if look.stale:
        yield said("bad", "有业务变动还没有重新计算，请稍候再核对")
    if look.county is None:
        yield said("warn", "没有数据：月份没有计算，或县外结算尚未回流", True)
        return
    yield from _of_amounts(look, look.county, said)


def _of_amounts(look: Look, county: Amounts, said: object) -> Iterator[Finding]:
    assert callable(said)
    is_share = look.definition.is_share
    for parts, word in ((look.places, "各机构"), (look.groups, "各组加未入组")):
        whole = total(parts, is_share)
        if (whole.numerator, whole.denominator) != (county.numerator, county.denominator):
            yield said(
                "bad",
                f"{word}之和 {whole.numerator}/{whole.denominator} 与全县 {county.numerator}/{county.denominator} 不一致",
            )
    if county.denominator == 0:
        yield said("warn", "分母为零，没有数值")
    if (
        look.definition.unit in ("percent", "permille")
        and county.denominator is not None
        and county.numerator > county.denominator
    ):
        yield said("bad", f"分子 {county.numerator} 大于分母 {county.denominator}")
    if county.denominator is not None and 0 < county.denominator < look.definition.small:
        yield said("info", f"分母只有 {county.denominator}，不宜比较")
    if county.provisional:
        yield said("warn", f"含初步结算 {county.provisional} 人次，冻结后的变动须写更正")
    grown = change(value(look.definition, county), value(look.definition, look.before))
    if grown is not None and abs(grown) > _JUMP:
        yield said("warn", f"比上年同期变动 {rounded(grown, 1):+}%，请说明")


def _both_definitions(looks: Mapping[tuple[str, str], Look]) -> Iterator[Finding]:
    """P2 holds all of P1: its numerator may not be smaller; where both are equal no private clinic reports."""
    for (code, variant), look in looks.items():
        wide = looks.get((code, "P2"))
        if variant != "P1" or wide is None or look.county is None or wide.county is None:
            continue
        if look.county.numerator > wide.county.numerator:
            yield Finding(
                "bad",
                code,
                look.definition.name,
                f"P1 的分子 {look.county.numerator} 大于 P2 的 {wide.county.numerator}",
            )
        elif look.county.numerator == wide.county.numerator:
            yield Finding("info", code, look.definition.name, "P1 与 P2 相同：没有门诊部、诊所的数据，对外须注明口径")
