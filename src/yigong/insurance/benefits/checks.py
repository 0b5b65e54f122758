"""Mistakes of a plan that types cannot see: each as (dotted path, sentence), so that the reader of packs can name file and line."""

# texts: data (words for whoever writes plans)

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

import msgspec

from yigong.insurance.benefits.data import HERE, INPATIENT
from yigong.insurance.benefits.plan import Band, BenefitPlan, Critical, Elsewhere, Inpatient, Level, Outpatient

Mistake = tuple[str, str]
_SHARES = {"ratio", "factor", "factors", "points", "retired_plus"}


def mistakes(plan: BenefitPlan) -> Iterator[Mistake]:
    """Everything wrong with a plan."""
    yield from _numbers(plan, "")
    yield from _inpatient(plan.inpatient)
    yield from _places(plan.elsewhere)
    yield from _outpatient(plan.outpatient)
    if plan.critical:
        yield from _critical(plan.critical)
    yield from _parts(plan)
    yield from _identities(plan)
    yield from _counts(plan)
    yield from _waiting(plan)
    if plan.ends_on and plan.ends_on <= plan.effective_from:
        yield "ends_on", f"止期 {plan.ends_on} 不晚于起期 {plan.effective_from}"
    if plan.effective_from.year != plan.year:
        yield "year", f"年度 {plan.year} 与生效日期 {plan.effective_from} 不一致"


def _waiting(plan: BenefitPlan) -> Iterator[Mistake]:
    if (rule := plan.waiting) is None:
        return
    for name in ("months", "months_per_missed_year", "long_from_years", "long_months"):
        if not 0 <= getattr(rule, name) <= 60:
            yield f"waiting.{name}", f"{getattr(rule, name)} 应在 0 与 60 之间"
    for code in sorted(rule.not_identities - {one.code for one in plan.identities}):
        yield "waiting.not_identities", f"方案没有人员身份 {code}"


def _numbers(value: Any, path: str) -> Iterator[Mistake]:
    """Every share between 0 and 1 with four decimals, every amount not negative with two."""
    for name, place, found in _members(value, path):
        if isinstance(found, Decimal):
            yield from _share(found, place) if name in _SHARES else _money(found, place)
        elif isinstance(found, tuple | msgspec.Struct):
            yield from _numbers(found, place)


def _members(value: Any, path: str) -> Iterator[tuple[str, str, Any]]:
    if isinstance(value, tuple):
        name = path.rpartition(".")[2]
        yield from ((name, f"{path}[{place}]", one) for place, one in enumerate(value))
    else:
        for known in msgspec.structs.fields(value):
            yield known.name, f"{path}.{known.encode_name}".lstrip("."), getattr(value, known.name)


def _share(found: Decimal, place: str) -> Iterator[Mistake]:
    if not 0 <= found <= 1:
        yield place, f"比例 {found} 应在 0 与 1 之间（85% 写成 0.85）"
    elif _decimals(found) > 4:
        yield place, f"比例 {found} 最多四位小数"


def _money(found: Decimal, place: str) -> Iterator[Mistake]:
    if found < 0:
        yield place, f"金额 {found} 不能为负"
    elif _decimals(found) > 2:
        yield place, f"金额 {found} 最多两位小数"


def _decimals(found: Decimal) -> int:
    return max(0, -int(found.normalize().as_tuple().exponent))


def _inpatient(inpatient: Inpatient) -> Iterator[Mistake]:
    if not inpatient.levels:
        yield "inpatient", "没有任何级别的住院待遇"
    yield from _twice((level.level for level in inpatient.levels), "inpatient.levels", "level", "级别")
    for place, level in enumerate(inpatient.levels):
        yield from _level(level, f"inpatient.levels[{place}]")
    repeat = inpatient.repeat
    for place, factors in enumerate((repeat.factors, *(one.factors for one in repeat.exceptions))):
        if not factors:
            yield "inpatient.repeat" + (f".exceptions[{place - 1}]" if place else ".factors"), "至少写一个系数"
    if repeat.rule != "factors" and repeat.factors != (Decimal(1),):
        yield "inpatient.repeat.factors", f"规则为 {repeat.rule} 时系数不起作用"


def _level(level: Level, path: str) -> Iterator[Mistake]:
    if (level.ratio is None) == (not level.bands):
        yield path, f"级别 {level.level} 应写 ratio 或 bands，二者取一"
    yield from _bands(level.bands, f"{path}.bands", Decimal(0))
    highest = max([level.ratio or Decimal(0), *(band.ratio for band in level.bands)])
    if highest + level.retired_plus > 1:
        yield f"{path}.retired_plus", f"退休人员比例 {highest + level.retired_plus} 超过 1"


def _bands(bands: tuple[Band, ...], path: str, begin: Decimal) -> Iterator[Mistake]:
    """Bands that follow on each other without gap or overlap, from ``begin`` to no limit."""
    for place, band in enumerate(bands):
        at = f"{path}[{place}]"
        if band.begin > begin:
            yield at, f"{begin} 至 {band.begin} 元之间没有档次（缺口）"
        elif band.begin < begin:
            yield at, f"{band.begin} 至 {begin} 元之间档次重叠"
        if band.end is None:
            if place < len(bands) - 1:
                yield at, "没有上限的档次后面还有档次（重叠）"
            return
        if band.end <= band.begin:
            yield at, f"上限 {band.end} 不高于下限 {band.begin}"
        begin = band.end
    if bands:
        yield f"{path}[{len(bands) - 1}]", f"{begin} 元以上没有档次（缺口）：最后一档不写 to"


def _places(places: tuple[Elsewhere, ...]) -> Iterator[Mistake]:
    yield from _twice((one.place for one in places), "elsewhere", "place", "就医地类别")
    for number, one in enumerate(places):
        if one.place == HERE:
            yield f"elsewhere[{number}].place", "就医地类别不能为空"
        if one.points and one.factor != 1:
            yield f"elsewhere[{number}]", "降低百分点(points)与乘系数(factor)二者取一"


def _outpatient(benefits: tuple[Outpatient, ...]) -> Iterator[Mistake]:
    yield from _twice((one.code for one in benefits), "outpatient", "code", "门诊待遇")
    yield from _twice((one.order for one in benefits), "outpatient", "order", "先后顺序")
    for number, one in enumerate(benefits):
        path = f"outpatient[{number}]"
        if one.code == INPATIENT:
            yield f"{path}.code", f"“{INPATIENT}”是住院待遇的名称"
        if bool(one.levels) == (one.like == INPATIENT):
            yield path, '应写 levels，或写 like = "inpatient" 按住院计算，二者取一'
        if one.kind != "pooling" and not one.diseases:
            yield path, "应列出病种(diseases)"
        yield from _twice((level.level for level in one.levels), f"{path}.levels", "level", "级别")
        yield from _twice((disease.code for disease in one.diseases), f"{path}.diseases", "code", "病种")
        for place, level in enumerate(one.levels):
            if level.ratio + one.retired_plus > 1:
                yield f"{path}.levels[{place}].ratio", f"退休人员比例 {level.ratio + one.retired_plus} 超过 1"


def _critical(critical: Critical) -> Iterator[Mistake]:
    if sum(not tier.identities for tier in critical.tiers) != 1:
        yield "critical", "应有且只有一组不写 identities，作为普通人员的待遇"
    seen: set[str] = set()
    for number, tier in enumerate(critical.tiers):
        path = f"critical.tiers[{number}]"
        if not tier.bands:
            yield path, f"{tier.title} 没有档次"
        yield from _bands(tier.bands, f"{path}.bands", tier.threshold if critical.bands_on == "sum" else Decimal(0))
        for identity in sorted(tier.identities & seen):
            yield f"{path}.identities", f"人员类别 {identity} 出现在两组中（重叠）"
        seen |= tier.identities


def _parts(plan: BenefitPlan) -> Iterator[Mistake]:
    yield from _twice((one.category for one in plan.items.first_self_pay), "items.first_self_pay", "category", "类别")
    yield from _twice((one.code for one in plan.identities), "identities", "code", "人员类别")
    yield from _twice((one.code for one in plan.supplements), "supplements", "code", "补充基金")
    if plan.assistance:
        yield from _twice((one.identity for one in plan.assistance.groups), "assistance.groups", "identity", "人员类别")
    if plan.relief:
        yield from _twice((one.category for one in plan.relief.reductions), "relief.reductions", "category", "类别")
        if plan.relief.when == "after" and [one.category for one in plan.relief.reductions] != [""]:
            yield "relief.reductions", "医保之后减免的，只写一个不分类别（category 为空）的比例"
    if plan.large and not plan.inpatient.ceiling:
        yield "large", "没有统筹封顶线(inpatient.ceiling)就没有大额补助的起点"


def _identities(plan: BenefitPlan) -> Iterator[Mistake]:
    known = {one.code for one in plan.identities}
    for path, used in _identities_used(plan):
        for one in sorted(set(used) - known):
            yield path, f"没有定义人员类别“{one}”"


def _identities_used(plan: BenefitPlan) -> Iterator[tuple[str, Iterable[str]]]:
    yield from ((f"inpatient.waivers[{n}]", one.identities) for n, one in enumerate(plan.inpatient.waivers))
    yield from (
        (f"critical.tiers[{n}]", one.identities) for n, one in enumerate(plan.critical.tiers if plan.critical else ())
    )
    yield from ((f"supplements[{n}]", one.identities) for n, one in enumerate(plan.supplements))
    if plan.assistance:
        yield from ((f"assistance.groups[{n}]", (one.identity,)) for n, one in enumerate(plan.assistance.groups))
    if plan.relief:
        yield "relief.identities", plan.relief.identities


def _counts(plan: BenefitPlan) -> Iterator[Mistake]:
    kinds = {INPATIENT, *(one.code for one in plan.outpatient)}
    for path, part in (("critical", plan.critical), ("civil", plan.civil), ("assistance", plan.assistance)):
        for one in sorted((part.counts if part else frozenset()) - kinds):
            yield f"{path}.counts", f"没有名为“{one}”的待遇"
    for number, supplement in enumerate(plan.supplements):
        for one in sorted(supplement.counts - kinds):
            yield f"supplements[{number}].counts", f"没有名为“{one}”的待遇"


def _twice(keys: Iterable[object], path: str, key: str, what: str) -> Iterator[Mistake]:
    listed = list(keys)
    for one, times in Counter(listed).items():
        if times > 1:
            place = len(listed) - 1 - listed[::-1].index(one)
            yield f"{path}[{place}].{key}", f"{what}“{one}”重复"
