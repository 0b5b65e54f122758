"""What the pages show: two settlements of one case side by side."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from django.utils.translation import gettext as _

from yigong.core.errors import DomainError
from yigong.insurance.benefits.data import INPATIENT, Case, Settlement, Told
from yigong.insurance.benefits.engine import settle
from yigong.insurance.benefits.money import yuan
from yigong.insurance.benefits.plan import BenefitPlan, Level, OutpatientLevel
from yigong.insurance.benefits.plans import ready
from yigong.insurance.benefits.telling import tell

Terms = TypeVar("Terms", Level, OutpatientLevel)


@dataclass(frozen=True, slots=True)
class Side:
    """One plan's answer: what is paid, in words; or why it cannot be answered."""

    title: str
    settlement: Settlement | None = None
    told: tuple[Told, ...] = ()
    refused: str = ""

    @property
    def paid(self) -> str:
        """What the person pays, in yuan."""
        return yuan(self.settlement.person) if self.settlement else ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure under both plans; ``change`` is empty when they agree or one has no answer."""

    label: str
    one: str
    other: str
    change: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """One case under two plans."""

    one: Side
    other: Side
    rows: tuple[Row, ...]


def compare(one: BenefitPlan, other: BenefitPlan, case: Case, before: Mapping[str, int]) -> Comparison:
    """Settle the case under both plans."""
    left, right = _side(one, case, before), _side(other, case, before)
    rows = (_row(label, name, left, right) for name, label in _figures())
    return Comparison(
        left, right, tuple(row for row in rows if row.change or row.one not in _NOTHING or row.other not in _NOTHING)
    )


_NOTHING = ("—", yuan(0))


def changed(plan: BenefitPlan, case: Case, deductible: Decimal | None, ratio: Decimal | None) -> BenefitPlan:
    """A plan with another deductible or ratio (in percent) at the level of a case, for what-if; the same plan when nothing is given."""
    if deductible is None and ratio is None:
        return plan
    replace, share = msgspec.structs.replace, None if ratio is None else ratio / 100
    title = _("%(title)s（试改）") % {"title": plan.title}
    if case.kind == INPATIENT:
        levels = tuple(
            _with(one, deductible, share) if one.level == case.level else one for one in plan.inpatient.levels
        )
        return replace(plan, title=title, inpatient=replace(plan.inpatient, levels=levels))
    benefits = tuple(
        replace(
            one,
            levels=tuple(
                _with(row, deductible, share) if row.level in (case.level, "*") else row for row in one.levels
            ),
        )
        if one.code == case.kind
        else one
        for one in plan.outpatient
    )
    return replace(plan, title=title, outpatient=benefits)


def _with(row: Terms, deductible: Decimal | None, ratio: Decimal | None) -> Terms:
    changes: dict[str, Any] = {} if deductible is None else {"deductible": deductible}
    if ratio is not None:
        changes["ratio"] = ratio
        changes |= {"bands": ()} if hasattr(row, "bands") else {}
    return msgspec.structs.replace(row, **changes)


def _side(plan: BenefitPlan, case: Case, before: Mapping[str, int]) -> Side:
    rules = ready(plan)
    try:
        settlement = settle(rules, case, before)
    except DomainError as refused:
        return Side(plan.title, refused=str(refused))
    return Side(plan.title, settlement, tuple(tell(rules, settlement, _)))


def _figures() -> list[tuple[str, str]]:
    return [
        ("charged", _("总费用")), ("deductible", _("起付线")), ("pool", _("统筹基金")), ("large", _("大额补助")),
        ("critical", _("大病保险")), ("civil", _("公务员补助")), ("aid", _("医疗救助")), ("tilt", _("倾斜救助")),
        ("other", _("其他基金")), ("institution", _("医疗机构承担")), ("person", _("个人负担")),
    ]  # fmt: skip


def _row(label: str, name: str, left: Side, right: Side) -> Row:
    one, other = (getattr(side.settlement, name) if side.settlement else None for side in (left, right))
    change = "" if one is None or other is None or one == other else ("+" if other > one else "") + yuan(other - one)
    return Row(label, "—" if one is None else yuan(one), "—" if other is None else yuan(other), change)
