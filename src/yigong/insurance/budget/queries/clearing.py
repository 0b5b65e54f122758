"""What a clearing would be, and what is read of those that were made."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Sum
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.insurance.budget.models import Appraisal, Clearing, FundMonth, Package
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.use import amount_of, open_months, used
from yigong.insurance.budget.rules.clearing import Cleared, Member, clear
from yigong.network import api as network


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A clearing as it would be now; ``why_not`` says what keeps it from being posted."""

    package: Package
    appraisal: Appraisal | None
    cleared: Cleared | None
    why_not: tuple[str, ...]


def reckoning(package: Package) -> Reckoning:
    """Compute a package's clearing from what is there."""
    scheme, year = package.scheme, package.year
    appraisal = Appraisal.objects.filter(year=year, state="frozen").first()
    why: list[str] = []
    if package.state not in {"in_force", "closed"}:
        why.append(_("打包总额尚未执行。"))
    if year >= clock.today().year:
        why.append(_("%(year)s 年还没有结束。") % {"year": year})
    if waiting := open_months(scheme, year):
        why.append(
            _("还有 %(n)s 个月没有关账（最早 %(month)s）。") % {"n": len(waiting), "month": f"{waiting[0]:%Y-%m}"}
        )
    provisional = _provisional(scheme, year)
    if provisional:
        why.append(_("还有 %(n)s 笔县外回流没有定案。") % {"n": provisional})
    if appraisal is None:
        why.append(_("没有已签署冻结的考核结果。"))
        return Reckoning(package, None, None, tuple(why))
    members = [Member(one.institution_id, one.base, one.score) for one in appraisal.scores.order_by("institution_id")]
    if not any(one.base * one.score for one in members):
        why.append(_("所有成员的得分都为零，无法分配。"))
        return Reckoning(package, appraisal, None, tuple(why))
    amount, spent = amount_of(package), used(scheme, year)
    unreasonable = package.unreasonable.aggregate(sum=Sum("amount"))["sum"] or 0
    most = max(0, spent - amount)
    if unreasonable > most:
        why.append(_("认定的不合理费用超过超支额。"))
    terms = terms_for(scheme, year).clearing
    cleared = clear(amount, spent, min(unreasonable, most), appraisal.community_score, terms, members)
    return Reckoning(package, appraisal, cleared, tuple(why))


def _provisional(scheme: str, year: int) -> int:
    rows = FundMonth.objects.filter(scheme=scheme, month__year=year, provisional=True)
    return rows.aggregate(n=Sum("cases"))["n"] or 0


def community_members(on: date | None = None) -> dict[UUID, str]:
    """Members of the county's community and the institutions that belong to it through them: key -> level."""
    found: dict[UUID, str] = {}
    for alliance in network.alliances():
        if alliance.kind != "community":
            continue
        keys = [one.institution_id for one in network.alliance_members(alliance.id, on=on)]
        found |= {key: house.level for key, house in network.institutions(keys).items()}
    return found


def clearings_of(package: Package) -> list[Clearing]:
    """All clearings of a package, newest first."""
    return list(Clearing.objects.filter(package=package).order_by("-at"))
