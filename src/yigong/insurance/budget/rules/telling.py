"""How a case came to its payment, in words: by its group, or apart from any."""

from django.utils.translation import gettext as _

from yigong.insurance.budget.rules.cases import FundCase, Weight, Worth, coefficient_of, upper_of
from yigong.insurance.budget.rules.clearing import Line, percent
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.terms import Paying


def by_group(case: FundCase, known: Weight, name: str, rate: int, paying: Paying, found: Worth) -> list[Line]:
    """Weight, standard, how the cost compares, what is payable, the fund's part; ``rate`` in fen."""
    upper = upper_of(paying, known.weight)
    words = {
        "cost": yuan(case.cost), "ratio": found.multiple, "lower": paying.lower, "upper": upper,
        "factor": percent(paying.factor), "standard": yuan(found.standard),
    }  # fmt: skip
    how = {
        "low": _("费用 %(cost)s 是支付标准的 %(ratio)s 倍，低于 %(lower)s 倍：按实际费用"),
        "high": _("费用 %(cost)s 是支付标准的 %(ratio)s 倍，高于 %(upper)s 倍：支付标准加超出部分的 %(factor)s"),
        "normal": _("费用 %(cost)s 是支付标准的 %(ratio)s 倍，在 %(lower)s 与 %(upper)s 倍之间：按支付标准"),
    }[found.kind]
    return [
        (_("病组"), name, case.group),
        (_("权重"), _("病组次均费用 ÷ 全部病例次均费用"), str(known.weight)),
        (
            _("支付标准"),
            _("权重 × 费率 %(rate)s × 机构系数 %(coefficient)s")
            % {"rate": yuan(rate), "coefficient": coefficient_of(paying, case.level)},
            yuan(found.standard),
        ),
        (_("应付"), how % words, yuan(found.payable)),
        rest(case, found),
    ]


def apart(case: FundCase, found: Worth, why_not: str) -> list[Line]:
    """A special request, a long stay by the day, or a case without a group."""
    how = {
        "special": _("特例单议同意的金额"),
        "bed_day": _("住院 %(days)s 日，按床日付费") % {"days": case.days},
    }.get(found.kind, _("%(why)s，按实际费用") % {"why": why_not or _("没有相应的病组或病种")})
    return [(_("应付"), how, yuan(found.payable)), rest(case, found)]


def rest(case: FundCase, found: Worth) -> Line:
    """The fund's part: what the person's bill, which no grouping changes, and the other funds leave."""
    return (
        _("其中统筹基金"),
        _("应付 − 个人 %(person)s − 其他基金 %(others)s（个人的账单不因支付方式改变）")
        % {"person": yuan(case.person), "others": yuan(case.other_funds)},
        yuan(found.fund),
    )
