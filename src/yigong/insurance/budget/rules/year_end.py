"""The year's end of the payments that were provisional: by head (what is left kept by score, what is over borne by bands), and by disease score
(the year's value of a point instead of the months')."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.insurance.benefits.api import largest_remainder
from yigong.insurance.budget.rules.clearing import Line, percent
from yigong.insurance.budget.rules.money import yuan
from yigong.insurance.budget.rules.terms import Heads
from yigong.insurance.payment.api import from_fen, share_overspend, share_surplus, to_fen

_SCALE = 10_000


@dataclass(frozen=True, slots=True)
class HeadYear:
    """A year of one institution paid by head, in fen: what was prepaid, what it served itself, what its people used anywhere, its score, and
    what each village clinic below it served of the same benefits."""

    institution_id: UUID
    people: int
    months: int
    paid: int
    served: int
    used: int
    score: Decimal
    villages: tuple[tuple[UUID, int], ...] = ()


@dataclass(frozen=True, slots=True)
class YearLine:
    """One institution's year. ``balance`` = ``due`` - ``paid``: more from the fund, or (negative) back to it. By head: ``paid`` - ``used`` =
    ``kept`` + ``returned`` - ``fund_bears`` - ``borne``; of ``kept`` the ``parts`` go to village clinics, beside the balance."""

    institution_id: UUID
    paid: int
    due: int
    steps: tuple[Line, ...]
    people: int | None = None
    score: Decimal | None = None
    scores: Decimal | None = None
    served: int = 0
    used: int = 0
    kept: int = 0
    returned: int = 0
    fund_bears: int = 0
    borne: int = 0
    parts: tuple[tuple[UUID, int, bool], ...] = ()

    @property
    def balance(self) -> int:
        """What is still to be paid, or comes back."""
        return self.due - self.paid


def close_heads(year: HeadYear, terms: Heads) -> YearLine:
    """What one institution keeps or bears of its heads, and what that makes due.

    Its own service was never paid by item, so it is due; its people's use elsewhere was paid there and is taken off the heads.
    """
    left = year.paid - year.used
    told: list[Line] = [
        (_("全年人头预付"), _("%(n)s 人，%(months)s 个月已预付之和") % {"n": year.people, "months": year.months}, yuan(year.paid)),
        (_("本机构提供的服务"), _("按人头付费的待遇在本机构就医的统筹基金，没有另行支付"), yuan(year.served)),
        (_("服务居民的使用"), _("在本机构、村卫生室及其他机构合计（其他机构的已按项目付给它们）"), yuan(year.used)),
        (_("结余（负数为超支）"), f"{yuan(year.paid)} − {yuan(year.used)}", yuan(left)),
    ]  # fmt: skip
    kept = returned = fund = borne = 0
    if left >= 0:
        steps = [(one.score, one.share) for one in terms.retention]
        found = share_surplus(from_fen(year.paid), from_fen(year.used), year.score, steps)
        kept, returned = to_fen(found.kept), to_fen(found.returned)
        share = max(one for one in steps if year.score >= one[0])[1]
        told += [
            (_("留用"), _("考核得分 %(score)s，留用 %(share)s") % {"score": year.score, "share": percent(share)}, yuan(kept)),
            (_("退回基金"), f"{yuan(left)} − {yuan(kept)}", yuan(returned)),
        ]  # fmt: skip
    else:
        over = share_overspend(
            from_fen(year.paid), from_fen(year.used), Decimal(0), [(one.upto, one.share) for one in terms.bands]
        )
        fund, borne = to_fen(over.fund), to_fen(over.community)
        told += [
            (_("基金分担"), _("超支按预付额分档，各档由基金分担的部分"), yuan(fund)),
            (_("机构承担"), f"{yuan(-left)} − {yuan(fund)}", yuan(borne)),
        ]
    parts = _parts(kept, year.villages, terms.village)
    given = sum(amount for _key, amount, _favoured in parts)
    if parts:
        told.append(
            (
                _("分给村卫生室"),
                _("留用的 %(share)s，按各室提供的同类服务分给 %(n)s 个，尾差按最大余数")
                % {"share": percent(terms.village), "n": len(parts)},
                yuan(given),
            )
        )
    due = year.served + kept - given - borne
    told += [
        (_("全年应得"), _("本机构提供的服务 + 自留的结余 − 承担的超支"), yuan(due)),
        (_("还应支付（负数为退回）"), f"{yuan(due)} − {yuan(year.paid)}", yuan(due - year.paid)),
    ]
    return YearLine(
        year.institution_id, year.paid, due, tuple(told), people=year.people, score=year.score, served=year.served, used=year.used,
        kept=kept, returned=returned, fund_bears=fund, borne=borne, parts=parts,
    )  # fmt: skip


def _parts(kept: int, villages: Sequence[tuple[UUID, int]], share: Decimal) -> tuple[tuple[UUID, int, bool], ...]:
    """The villages' part of what is kept, by what each served; the left-over fen go to the largest remainders, the centre among them."""
    served = [(key, amount) for key, amount in villages if amount > 0]
    if not kept or not share or not served:
        return ()
    theirs = int(share * _SCALE)
    weights = [
        (_SCALE - theirs) * sum(amount for _key, amount in served),
        *(theirs * amount for _key, amount in served),
    ]
    parts, favoured = largest_remainder(kept, weights)
    return tuple(
        (key, parts[place], place in favoured) for place, (key, _amount) in enumerate(served, 1) if parts[place]
    )


@dataclass(frozen=True, slots=True)
class DipYear:
    """A year of one institution by scores, in fen: cases, its scores, what the months paid, and the same cases at the year's value of a point."""

    institution_id: UUID
    cases: int
    scores: Decimal
    paid: int
    due: int


def close_scores(year: DipYear, value: Decimal) -> YearLine:
    """The same cases at the year's value."""
    words = {"n": year.cases, "scores": year.scores, "value": value}
    steps = (
        (_("各月已付"), _("%(n)s 例，按各月每分的单价") % words, yuan(year.paid)),
        (
            _("全年应付"),
            _("同样的病例，%(scores)s 分，全年每分 %(value)s 元；个人账单和不计分的病例不变") % words,
            yuan(year.due),
        ),
        (_("还应支付（负数为退回）"), f"{yuan(year.due)} − {yuan(year.paid)}", yuan(year.due - year.paid)),
    )
    return YearLine(year.institution_id, year.paid, year.due, steps, scores=year.scores)
