"""The year's clearing, every figure with how it was made."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.terms import Clearing, Layer
from yigong.insurance.payment.api import (
    Shares,
    from_fen,
    quotient,
    rate,
    share_overspend,
    share_surplus,
    split_by_appraisal,
    to_fen,
)

Line: TypeAlias = tuple[str, str, str]  # what, how, amount


@dataclass(frozen=True, slots=True)
class Member:
    """A member with its base weight and score."""

    institution_id: UUID
    base: Decimal
    score: Decimal


@dataclass(frozen=True, slots=True)
class Cleared:
    """Fen. ``surplus`` = ``kept`` + ``returned`` - ``fund_bears`` - ``community_bears``; ``shares`` add up to kept or to -community_bears."""

    amount: int
    used: int
    surplus: int
    unreasonable: int
    kept: int
    returned: int
    fund_bears: int
    community_bears: int
    shares: tuple[tuple[Member, Decimal, int, bool], ...]
    steps: tuple[Line, ...] = field(default=())

    @property
    def split(self) -> int:
        """What is split among the members: what they keep, or (negative) what they bear."""
        return self.kept - self.community_bears


def clear(
    amount: int, used: int, unreasonable: int, score: Decimal, terms: Clearing, members: Sequence[Member]
) -> Cleared:
    """Surplus kept by score, overspend in bands, and what the community keeps or bears split by base weight × score."""
    surplus = amount - used
    steps: list[Line] = [
        (_("年度打包总额"), _("发布的总额加历次调整"), yuan(amount)),
        (_("年度基金使用"), _("县内、县外全部月份，含已定案的回流"), yuan(used)),
        (_("结余（负数为超支）"), f"{yuan(amount)} − {yuan(used)}", yuan(surplus)),
    ]
    kept = returned = fund = community = 0
    if surplus >= 0:
        found = share_surplus(from_fen(amount), from_fen(used), score, [(s.score, s.share) for s in terms.retention])
        kept, returned = to_fen(found.kept), to_fen(found.returned)
        share = max((s.score, s.share) for s in terms.retention if score >= s.score)[1]
        steps += [
            (_("结余率"), f"{yuan(surplus)} ÷ {yuan(amount)}", percent(found.rate)),
            (
                _("留用"),
                _("医共体得分 %(score)s，留用比例 %(share)s") % {"score": score, "share": percent(share)},
                yuan(kept),
            ),
            (_("退回基金"), f"{yuan(surplus)} − {yuan(kept)}", yuan(returned)),
        ]
    else:
        fund, community = _overspend(amount, used, unreasonable, terms, steps)
    shares = _split(kept - community, members, steps)
    return Cleared(amount, used, surplus, unreasonable, kept, returned, fund, community, shares, tuple(steps))


def _overspend(amount: int, used: int, unreasonable: int, terms: Clearing, steps: list[Line]) -> tuple[int, int]:
    bands = [(band.upto, band.share) for band in terms.bands]
    found = share_overspend(from_fen(amount), from_fen(used), from_fen(unreasonable), bands)
    steps += [
        (_("超支率"), f"{yuan(used - amount)} ÷ {yuan(amount)}", percent(found.rate)),
        (_("不合理部分"), _("由人逐条认定，全部由医共体承担"), yuan(unreasonable)),
        (_("合理超支"), f"{yuan(used - amount)} − {yuan(unreasonable)}", yuan(to_fen(found.reasonable))),
    ]
    for inside, (upto, share) in zip(found.in_bands, bands, strict=True):
        if inside:
            how = _("其中 %(part)s 元落在%(band)s，基金分担 %(share)s") % {
                "part": yuan(to_fen(inside)), "share": percent(share),
                "band": _("总额的 %(upto)s 以内一档") % {"upto": percent(upto)} if upto is not None else _("最高一档"),
            }  # fmt: skip
            steps.append((_("分档分担"), how, yuan(to_fen(inside * share))))
    fund, community = to_fen(found.fund), to_fen(found.community)
    steps += [
        (_("基金分担合计"), _("各档之和"), yuan(fund)),
        (_("医共体承担"), f"{yuan(used - amount)} − {yuan(fund)}", yuan(community)),
    ]
    return fund, community


def _split(amount: int, members: Sequence[Member], steps: list[Line]) -> tuple[tuple[Member, Decimal, int, bool], ...]:
    """A burden is split like a gain: its opposite by the same weights."""
    if not amount:
        return tuple((one, rate(one.base * one.score), 0, False) for one in members)
    found: Shares = split_by_appraisal(from_fen(abs(amount)), [(one.base, one.score) for one in members])
    sign = 1 if amount > 0 else -1
    whole = sum(found.factors, Decimal(0))
    steps.append(
        (
            _("分配系数之和"),
            _("各成员基础权重 × 得分之和，%(n)s 个成员，尾差 %(fen)s 分按最大余数给出")
            % {"n": len(members), "fen": len(found.favoured)},
            str(whole),
        )
    )
    return tuple(
        (one, factor, sign * to_fen(part), place in found.favoured)
        for place, (one, factor, part) in enumerate(zip(members, found.factors, found.parts, strict=True))
    )


def base_weights(levels: Mapping[UUID, str], layers: Sequence[Layer]) -> dict[UUID, Decimal]:
    """Each layer's weight (in percent, so that a village's part is no crumb) shared equally by its institutions; an institution of no named
    layer has none. Four decimals, and all of a layer is given out."""
    found: dict[UUID, Decimal] = {}
    for layer in layers:
        mine = sorted(key for key, level in levels.items() if level == layer.level)
        for place, key in enumerate(mine):
            upto = rate(quotient(100 * layer.weight * (place + 1), Decimal(len(mine))))
            found[key] = upto - rate(quotient(100 * layer.weight * place, Decimal(len(mine))))
    return found


def percent(share: Decimal | None) -> str:
    """A share as it is read: ``3.67%``."""
    return "—" if share is None else f"{(share * 100).normalize():f}%"


def as_json(steps: Sequence[Line]) -> list[Any]:
    """For the table's JSON."""
    return [list(step) for step in steps]
