"""A plan in words and tables, as an insurance officer reads it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from yigong.insurance.benefits.data import INPATIENT
from yigong.insurance.benefits.money import percent, share
from yigong.insurance.benefits.plan import Band, BenefitPlan, Certainty, Money, Outpatient, Part
from yigong.insurance.benefits.telling import DOUBTS


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a plan: a table, sentences below it, the doubt and the source of its numbers."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    doubt: str = ""
    source: str = ""


def describe(plan: BenefitPlan) -> list[Section]:
    """All parts that the plan has, in the order of calculation."""
    parts = (
        _waiting,
        _items,
        _inpatient,
        _referral,
        _elsewhere,
        _outpatient,
        _large,
        _critical,
        _civil,
        _assistance,
        _others,
        _relief,
    )
    return [section for part in parts for section in part(plan)]


def doubt_in_words(certainty: Certainty) -> str:
    """How sure the numbers are; empty when they are published."""
    return _(DOUBTS[certainty]) if DOUBTS[certainty] else ""


def _section(
    plan: BenefitPlan, part: Part, title: str, heads: tuple[str, ...], rows: Sequence[tuple[str, ...]], *notes: str
) -> Section:
    return Section(
        title, heads, tuple(rows), tuple(note for note in notes if note), doubt_in_words(part.certainty or plan.certainty),
        part.source or plan.source,
    )  # fmt: skip


def _waiting(plan: BenefitPlan) -> Iterator[Section]:
    if (rule := plan.waiting) is None:
        return
    rows = [
        (_("集中缴费期截至"), str(rule.season_ends)),
        (_("逾期缴费的固定等待期"), _("%(n)s 个月") % {"n": rule.months}),
        (_("每多断保一年增加"), _("%(n)s 个月，补缴一年抵一年") % {"n": rule.months_per_missed_year}),
    ]
    if rule.long_from_years:
        rows.append(
            (
                _("断保 %(n)s 年及以上") % {"n": rule.long_from_years},
                _("合计不少于 %(n)s 个月") % {"n": rule.long_months},
            )
        )
    free = "、".join(identity_name(plan, code) for code in sorted(rule.not_identities))
    note = _("不设等待期：新生儿等特定人员类别和%(who)s。") % {"who": free} if free else ""
    yield _section(plan, rule, _("参保缴费与待遇等待期"), (_("项目"), _("规则")), rows, note)


def _items(plan: BenefitPlan) -> Iterator[Section]:
    rows = [(category_name(one.category), ratio(one.ratio)) for one in plan.items.first_self_pay]
    bears = (
        _("超过限价的部分由医疗机构承担。")
        if plan.items.over_ceiling == "institution"
        else _("超过限价的部分由个人承担。")
    )
    if rows:
        note = _("目录写明比例的，以目录为准。")
        yield _section(plan, plan.items, _("乙类先行自付"), (_("费用类别"), _("先行自付")), rows, note, bears)


def _inpatient(plan: BenefitPlan) -> Iterator[Section]:
    inpatient = plan.inpatient
    rows = [
        (one.title, amount(one.deductible), ratio(one.ratio) if one.ratio is not None else bands(one.bands),
         "+" + ratio(one.retired_plus) if one.retired_plus else "—")
        for one in inpatient.levels
    ]  # fmt: skip
    heads = (_("医疗机构"), _("起付线（元）"), _("支付比例"), _("退休人员"))
    yield _section(
        plan, inpatient, _("住院"), heads, rows, _repeat(plan), *_waivers(plan), _minimum(plan), _ceiling(plan)
    )


def _repeat(plan: BenefitPlan) -> str:
    repeat = plan.inpatient.repeat
    if repeat.rule == "once":
        return _("一年只付一次起付线，按最高级别。")
    if repeat.rule == "minus":
        return _("年内再次住院，起付线每次递减 %(minus)s 元，最低 %(floor)s 元。") % {
            "minus": amount(repeat.minus), "floor": amount(repeat.floor),
        }  # fmt: skip
    if repeat.factors == (Decimal(1),):
        return _("每次住院都付起付线。")
    return _("年内各次住院的起付线按 %(factors)s 计（之后同最后一次），最低 %(floor)s 元。") % {
        "factors": "、".join(map(ratio, repeat.factors)), "floor": amount(repeat.floor),
    }  # fmt: skip


def _waivers(plan: BenefitPlan) -> Iterator[str]:
    for one in plan.inpatient.waivers:
        who = [identity_name(plan, code) for code in sorted(one.identities)]
        who += [_("%(age)s 周岁以下") % {"age": one.under_age}] if one.under_age else []
        who += [_("中医医院")] if one.tcm else []
        yield _("%(who)s：起付线按 %(factor)s 计。") % {"who": "、".join(who), "factor": ratio(one.factor)}


def _minimum(plan: BenefitPlan) -> str:
    minimum = plan.inpatient.minimum
    if minimum is None:
        return ""
    of = _("政策范围内费用") if minimum.of == "in_scope" else _("总费用")
    return _("保底：不低于%(of)s的 %(ratio)s。") % {"of": of, "ratio": ratio(minimum.ratio)}


def _ceiling(plan: BenefitPlan) -> str:
    ceiling = plan.inpatient.ceiling
    if ceiling is None:
        return ""
    on = _("按统筹基金支付额") if ceiling.on == "fund" else _("按可报费用")
    return _("年度封顶线 %(amount)s 元（%(on)s）。") % {"amount": amount(ceiling.amount), "on": on}


def _referral(plan: BenefitPlan) -> Iterator[Section]:
    up = {
        "paid": _("起付线连续计算，只补与本次已付起付线的差额"),
        "standard": _("起付线连续计算，只补两级标准的差额"),
        "full": _("按再次住院计"),
    }[plan.referral.up]
    down = _("不再另收起付线") if plan.referral.down == "none" else _("按再次住院计")
    cheaper = _("按再次住院计更低的，取低者。") if plan.referral.cheaper else ""
    rows = [(_("上转"), up), (_("下转"), down)]
    yield _section(plan, plan.referral, _("转诊后的起付线"), (_("方向"), _("规则")), rows, cheaper)


def _elsewhere(plan: BenefitPlan) -> Iterator[Section]:
    for number, one in enumerate(plan.elsewhere):
        if number == 0:
            rows = [
                (place.title, amount(place.deductible) if place.deductible is not None else _("同市内"),
                 _("降 %(points)s") % {"points": ratio(place.points)} if place.points else _("乘 %(factor)s") % {"factor": ratio(place.factor)},
                 _("可以") if place.assistance else _("不可以"))
                for place in plan.elsewhere
            ]  # fmt: skip
            heads = (_("就医地"), _("起付线（元）"), _("支付比例"), _("医疗救助"))
            yield _section(plan, one, _("异地就医"), heads, rows)


def _outpatient(plan: BenefitPlan) -> Iterator[Section]:
    for one in sorted(plan.outpatient, key=lambda benefit: benefit.order):
        yield _section(
            plan,
            one,
            one.title,
            (_("医疗机构或病种"), _("支付比例"), _("起付线（元）"), _("年度限额（元）")),
            _outpatient_rows(plan, one),
            *_outpatient_notes(one),
        )


def _outpatient_rows(plan: BenefitPlan, one: Outpatient) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        (level_name(plan, level.level), ratio(level.ratio), amount(level.deductible), "—") for level in one.levels
    ]
    return rows + [
        (disease.title, ratio(disease.ratio) if disease.ratio is not None else "—", "—", limit(disease.ceiling))
        for disease in one.diseases
    ]


def _outpatient_notes(one: Outpatient) -> Iterator[str]:
    if one.like == INPATIENT:
        yield _("比例和封顶线同住院，不设起付线。")
    if one.deductible_per == "year":
        yield _("起付线一年只计一次，各病种合并。")
    if one.ceiling is not None:
        yield _("全年合计限额 %(amount)s 元。") % {"amount": amount(one.ceiling)}
    if one.retired_plus:
        yield _("退休人员比例加 %(plus)s。") % {"plus": ratio(one.retired_plus)}
    if one.categories:
        yield _("只限：%(what)s。") % {"what": "、".join(category_name(code) for code in sorted(one.categories))}
    if one.contracted_only:
        yield _("只在选定的签约机构享受。")


def _large(plan: BenefitPlan) -> Iterator[Section]:
    if plan.large:
        rows = [(ratio(plan.large.ratio), limit(plan.large.ceiling))]
        yield _section(plan, plan.large, _("大额医疗补助（封顶线以上）"), (_("支付比例"), _("年度限额（元）")), rows)


def _critical(plan: BenefitPlan) -> Iterator[Section]:
    if plan.critical:
        rows = [(one.title, amount(one.threshold), bands(one.bands), limit(one.ceiling)) for one in plan.critical.tiers]
        heads = (_("人员"), _("起付标准（元）"), _("分段比例"), _("年度限额（元）"))
        base = _("按全年合规自付累计计算，一年付一次起付标准。")
        first = _("先行自付计入。") if plan.critical.with_first_self_pay else _("先行自付不计入。")
        yield _section(plan, plan.critical, _("大病保险"), heads, rows, base, first)


def _civil(plan: BenefitPlan) -> Iterator[Section]:
    if plan.civil:
        rows = [(amount(plan.civil.threshold), ratio(plan.civil.ratio), limit(plan.civil.ceiling))]
        note = _("起付标准一年计一次。") if plan.civil.threshold_per == "year" else _("起付标准每次计算。")
        yield _section(
            plan, plan.civil, _("公务员医疗补助"), (_("起付标准（元）"), _("支付比例"), _("年度限额（元）")), rows, note
        )


def _assistance(plan: BenefitPlan) -> Iterator[Section]:
    aid = plan.assistance
    if aid is None:
        return
    rows = [(one.title, amount(one.threshold), ratio(one.ratio)) for one in aid.groups]
    notes = [_("全年合计限额 %(amount)s 元。") % {"amount": amount(aid.ceiling)}] if aid.ceiling is not None else []
    if aid.tilt:
        notes.append(
            _("倾斜救助：三重保障后余下超过 %(threshold)s 元的部分再付 %(ratio)s，年度限额 %(ceiling)s 元。")
            % {
                "threshold": amount(aid.tilt.threshold),
                "ratio": ratio(aid.tilt.ratio),
                "ceiling": limit(aid.tilt.ceiling),
            }
        )
    yield _section(plan, aid, _("医疗救助"), (_("人员"), _("年度起付（元）"), _("救助比例")), rows, *notes)


def _others(plan: BenefitPlan) -> Iterator[Section]:
    for one in plan.supplements:
        rows = [(amount(one.threshold), ratio(one.ratio), limit(one.ceiling))]
        yield _section(plan, one, one.title, (_("起付标准（元）"), _("支付比例"), _("年度限额（元）")), rows)


def _relief(plan: BenefitPlan) -> Iterator[Section]:
    relief = plan.relief
    if relief is None:
        return
    rows = [(category_name(one.category), ratio(one.ratio)) for one in relief.reductions]
    who = _("对象：%(who)s。") % {"who": "、".join(identity_name(plan, code) for code in sorted(relief.identities))}
    when = _("先减免，再按医保分担。") if relief.when == "before" else _("医保分担之后，从个人部分减免。")
    most = _("全年合计限额 %(amount)s 元。") % {"amount": amount(relief.ceiling)} if relief.ceiling is not None else ""
    yield _section(plan, relief, relief.title, (_("费用类别"), _("减免比例")), rows, who, when, most)


def amount(found: Money) -> str:
    """An amount as an officer reads it: thousands apart, no needless decimals."""
    return f"{found:,.2f}".removesuffix(".00")


def limit(found: Money | None) -> str:
    """A yearly limit, or that there is none."""
    return _("不封顶") if found is None else amount(found)


def ratio(found: Decimal) -> str:
    """A share in percent."""
    return percent(share(found))


def bands(found: tuple[Band, ...]) -> str:
    """Bands in one line."""
    ends = [
        f"{amount(one.begin)}–{amount(one.end)}"
        if one.end is not None
        else _("%(from)s 以上") % {"from": amount(one.begin)}
        for one in found
    ]
    return "；".join(f"{end}：{ratio(one.ratio)}" for end, one in zip(ends, found, strict=True))


def category_name(code: str) -> str:
    """A category of charges in words."""
    names = {
        "": _("其他"), "drug": _("药品"), "large_equipment_exam": _("大型设备检查"), "material": _("材料"),
        "registration": _("挂号诊察"), "service": _("服务项目"),
    }  # fmt: skip
    return names.get(code, code)


def identity_name(plan: BenefitPlan, code: str) -> str:
    """A category of person in words."""
    return next((one.title for one in plan.identities if one.code == code), code)


def level_name(plan: BenefitPlan, code: str) -> str:
    """A level of institution in words."""
    return next((one.title for one in plan.inpatient.levels if one.level == code), _("各级") if code == "*" else code)
