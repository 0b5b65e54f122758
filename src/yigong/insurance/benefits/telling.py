"""A settlement in words: why the person pays what they pay. Each figure is one sentence with its numbers; a doubtful number says so.

Sentences are msgids; pages pass ``gettext`` as ``translate``, programs read the Chinese as it is. They are made when somebody reads them,
because a year of the county has a million settlements that nobody opens.
"""

from collections.abc import Callable, Iterator

from django.utils.translation.trans_null import gettext_noop as N_  # needs no settings

from yigong.insurance.benefits.data import HERE, INPATIENT, Settlement, Step, Told
from yigong.insurance.benefits.money import percent, yuan
from yigong.insurance.benefits.plan import BenefitPlan, Certainty, Part
from yigong.insurance.benefits.rules import Rules

Translate = Callable[[str], str]

DOUBTS: dict[Certainty, str] = {
    "published": "",
    "secondary": N_("转引数字，未核对原文"),
    "general": N_("通行做法，未核对本地文件"),
    "demo": N_("演示参数"),
}

# figure: label, sentence, how its places are read (y amount, p share, t text, l level, w place), the part of the plan behind it
FIGURES: dict[str, tuple[str, str, str, str]] = {
    "split": (N_("费用"), N_("总费用 {0} 元 = 自费 {1} + 超限价 {2} + 先行自付 {3} + 政策范围内 {4} 元。"), "yyyyy", ""),
    "relieved": (N_("济困减免"), N_("医疗机构先减免 {0} 元，以下按减免后的费用计算。"), "y", "relief"),
    "standard": (N_("起付线标准"), N_("{2}{1}的起付线标准为 {0} 元。"), "ylw", "inpatient"),
    "waived": (N_("起付线减免"), N_("符合减免条件，起付线 {1} 元按 {2} 计，为 {0} 元。"), "yyp", "inpatient"),
    "deductible": (N_("起付线"), N_("本年度第 {2} 次住院，起付线 {1} 元乘以 {3}，为 {0} 元。"), "yytp", "inpatient"),
    "deductible_minus": (N_("起付线"), N_("本年度第 {2} 次住院，起付线 {1} 元每次递减 {3} 元，为 {0} 元。"), "yyty", "inpatient"),
    "deductible_once": (N_("起付线"), N_("全年只付一次起付线：标准 {1} 元，本年已付 {2} 元，还应付 {0} 元。"), "yyy", "inpatient"),
    "deductible_up": (N_("起付线（上转）"), N_("经转诊上转，起付线连续计算：{1} 元减去已计的 {2} 元，只补 {0} 元。"), "yyy", "referral"),
    "deductible_down": (N_("起付线（下转）"), N_("经转诊下转，不再另收起付线。"), "yy", "referral"),
    "deductible_visit": (N_("起付线"), N_("本次门诊起付线 {0} 元。"), "y", "outpatient"),
    "deductible_year": (N_("起付线"), N_("年度起付线 {1} 元，本年已付 {2} 元，还应付 {0} 元。"), "yyy", "outpatient"),
    "base": (N_("可报费用"), N_("政策范围内 {1} 元减去起付线 {2} 元，可报费用为 {0} 元。"), "yyy", ""),
    "covered": (N_("封顶线内费用"), N_("可报费用 {1} 元，本年封顶线还剩 {2} 元，计入 {0} 元。"), "yyy", "inpatient"),
    "ratio_elsewhere": (N_("报销比例"), N_("{2}，报销比例由 {1} 调整为 {0}。"), "ppw", "elsewhere"),
    "gross": (N_("按比例计算"), N_("可报费用 {1} 元 × {2} = {0} 元。"), "yyp", "ratio"),
    "gross_bands": (N_("分段计算"), N_("可报费用 {1} 元按分段比例计算，得 {0} 元。"), "yy", "ratio"),
    "minimum": (N_("保底"), N_("计算结果 {1} 元低于保底（费用 {2} 元的 {3}），按保底 {0} 元支付。"), "yyyp", "inpatient"),
    "pool": (N_("统筹基金支付"), N_("统筹基金支付 {0} 元。"), "y", ""),
    "pool_ceiling": (N_("统筹基金支付"), N_("应付 {1} 元，年度封顶线 {2} 元、本年已付 {3} 元，只能支付 {0} 元。"), "yyyy", "inpatient"),
    "outpatient_ceiling": (N_("门诊年度限额"), N_("应付 {1} 元，年度限额 {2} 元、本年已付 {3} 元，只能支付 {0} 元。"), "yyyy", "outpatient"),
    "disease_ceiling": (N_("病种年度限额"), N_("应付 {1} 元，病种限额 {2} 元、本年已付 {3} 元，只能支付 {0} 元。"), "yyyy", "outpatient"),
    "covered_used": (N_("封顶线内已用费用"), N_("统筹支付的 {1} 元按 {2} 折回费用 {0} 元。"), "yyp", ""),
    "covered_above": (N_("封顶线以上费用"), N_("可报费用 {1} 元减去封顶线内 {2} 元，余 {0} 元进入大额补助。"), "yyy", "large"),
    "large": (N_("大额医疗补助"), N_("封顶线以上 {1} 元 × {2}，大额补助支付 {0} 元。"), "yyp", "large"),
    "burden": (N_("合规自付"), N_("政策范围内 {1} 元减去统筹 {2} 元、大额 {3} 元，合规自付 {0} 元。"), "yyyy", ""),
    "critical_below": (N_("大病保险"), N_("本年合规自付累计 {1} 元，未超过起付标准 {2} 元，大病保险支付 {0} 元。"), "yyy", "critical"),
    "critical": (N_("大病保险"), N_("本年合规自付累计 {1} 元，超过起付标准 {2} 元，全年应付 {3} 元，已付 {4} 元，本次支付 {0} 元。"), "yyyyy", "critical"),
    "critical_limited": (N_("大病保险"), N_("大病保险不超过本次合规自付 {1} 元。"), "yy", ""),
    "civil": (N_("公务员补助"), N_("余下 {1} 元减去 {2} 元后 × {3}，支付 {0} 元。"), "yyyp", "civil"),
    "aid": (N_("医疗救助"), N_("余下 {1} 元减去救助起付 {2} 元后 × {3}，支付 {0} 元。"), "yyyp", "assistance"),
    "aid_ceiling": (N_("救助封顶"), N_("救助应付 {1} 元，年度限额 {2} 元、本年已付 {3} 元，只能支付 {0} 元。"), "yyyy", "assistance"),
    "tilt": (N_("倾斜救助"), N_("余下 {1} 元减去 {2} 元后 × {3}，再支付 {0} 元。"), "yyyp", "assistance"),
    "other": (N_("其他基金"), N_("{4}：余下 {1} 元减去 {2} 元后 × {3}，支付 {0} 元。"), "yyypt", "supplements"),
    "institution_over": (N_("医院承担"), N_("超过限价的 {0} 元由医疗机构承担。"), "y", "items"),
    "relief": (N_("济困减免"), N_("个人部分 {1} 元 × {2}，医疗机构减免 {0} 元。"), "yyp", "relief"),
    "person": (N_("个人负担"), N_("个人负担 {0} 元：自费 {1}、超限价 {2}、先行自付 {3}、政策范围内余下 {4} 元。"), "yyyyy", ""),
    "cash": (N_("现金支付"), N_("个人负担 {1} 元，个人账户支付 {2} 元，家庭共济 {3} 元，现金支付 {0} 元。"), "yyyy", "account"),
}  # fmt: skip


def tell(rules: Rules, settlement: Settlement, translate: Translate = str) -> list[Told]:
    """Every figure of a settlement in order, in words."""
    return [_told(rules, settlement, step, translate) for step in (*_bill(settlement), *settlement.steps)]


def why(rules: Rules, settlement: Settlement, translate: Translate = str) -> str:
    """The answer to "why do I pay this much": a heading and the numbered sentences."""
    told = tell(rules, settlement, translate)
    heading = translate(WHY).format(yuan(settlement.person))
    lines = (f"{number}. {one.text}{_bracketed(one.doubt)}" for number, one in enumerate(told, 1))
    return "\n".join((heading, *lines))


WHY = N_("为什么我付 {0} 元？")


def doubt(rules: Rules, settlement: Settlement, figure: str) -> Certainty:
    """How certain the plan's numbers behind a figure are."""
    return _part(rules.plan, settlement, FIGURES[figure][3]).certainty or rules.plan.certainty


def _bill(settlement: Settlement) -> Iterator[Step]:
    fee = settlement.case.fee
    if fee.relief:
        yield "relieved", fee.relief, ()
    yield "split", fee.total, (fee.own, fee.over, fee.first, fee.in_scope)


def _told(rules: Rules, settlement: Settlement, step: Step, translate: Translate) -> Told:
    figure, *values = step[0], step[1], *step[2]
    label, sentence, ways, part = FIGURES[figure]
    read = [_read(rules, way, value, translate) for way, value in zip(ways, values, strict=True)]
    unsure = translate(DOUBTS[doubt(rules, settlement, figure)]) if part else ""
    return Told(figure, translate(label), read[0], translate(sentence).format(*read), unsure)


def _read(rules: Rules, way: str, value: int | str, translate: Translate) -> str:
    if way == "y":
        return yuan(int(value))
    if way == "p":
        return percent(int(value))
    if way == "l":
        return next((one.title for one in rules.plan.inpatient.levels if one.level == value), str(value))
    if way == "w":
        return next((one.title for one in rules.plan.elsewhere if one.place == value), "") if value != HERE else ""
    return str(value)


def _part(plan: BenefitPlan, settlement: Settlement, name: str) -> Part:
    if name == "ratio":
        name = "inpatient" if settlement.case.kind == INPATIENT else "outpatient"
    if name == "outpatient":
        return next(one for one in plan.outpatient if one.code == settlement.case.kind)
    if name == "elsewhere":
        return next(one for one in plan.elsewhere if one.place == settlement.case.place)
    found = getattr(plan, name) if name and name != "supplements" else None
    return found if isinstance(found, Part) else _NO_PART


_NO_PART = Part()


def _bracketed(text: str) -> str:
    return f"（{text}）" if text else ""
