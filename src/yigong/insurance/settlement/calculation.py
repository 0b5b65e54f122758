"""From a bill to what everybody pays: lines by the catalogue, the benefit that applies, the engine's settlement. Pure: nothing is looked up
but definitions."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from yigong.insurance.benefits import api as benefits
from yigong.insurance.benefits.api import INPATIENT, NOTHING, Case, Episode, Line, Rules, Split
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement.bills import Bill, Charge
from yigong.insurance.settlement.catalogue import InsuranceItem, catalogued, ceiling_of, share_of
from yigong.insurance.settlement.models import FUNDS

SELF = "self"
# Charge categories of the national interface (med_chrgitm) whose lines a benefit plan looks at by another name.
_CATEGORIES = {"13": "registration", "09": "drug", "10": "drug", "11": "drug", "08": "material"}


@dataclass(frozen=True, slots=True)
class Insured:
    """Who is settled, as the plan needs it; amounts of the own and the family's personal account in fen."""

    identities: frozenset[str] = frozenset()
    retired: bool = False
    civil_servant: bool = False
    age: int | None = None
    account: int = 0
    family: int = 0
    chronic: frozenset[str] = frozenset()
    two_diseases: frozenset[str] = frozenset()
    contracted_here: bool = False
    drugs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Option:
    """A benefit under which the bill can be settled, or why it cannot."""

    kind: str
    title: str
    disease: str = ""
    refused: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What everybody pays, in fen, by the names of the table; with the engine's settlement when there is insurance."""

    total: int
    own: int
    over: int = 0
    first_self_pay: int = 0
    in_scope: int = 0
    relief: int = 0
    deductible: int = 0
    pool: int = 0
    large: int = 0
    critical: int = 0
    civil: int = 0
    aid: int = 0
    tilt: int = 0
    other: int = 0
    institution_part: int = 0
    person: int = 0
    account: int = 0
    family: int = 0
    added: Mapping[str, int] = field(default_factory=dict)

    @property
    def funds(self) -> int:
        """The sum of all funds."""
        return sum(getattr(self, name) for name in FUNDS)

    @property
    def cash(self) -> int:
        """What is left to pay by cash, card, phone or deposit."""
        return self.person - self.account - self.family

    def faults(self) -> list[str]:
        """Which of the reference's identities do not hold (a6): empty for a sound settlement."""
        found = []
        if self.total != self.own + self.over + self.first_self_pay + self.in_scope:
            found.append("total = own + over + first self-pay + in scope")
        if self.total != self.funds + self.institution_part + self.person:
            found.append("total = funds + institution + person")
        if (
            min(
                getattr(self, name)
                for name in (*FUNDS, "own", "over", "in_scope", "institution_part", "person", "account", "family")
            )
            < 0
        ):
            found.append("none negative")
        if self.cash < 0:
            found.append("account within the person's part")
        return found


def options(rules: Rules, bill: Bill, level: str, person: Insured) -> list[Option]:
    """The benefits of the plan for this bill in the order in which the plan claims, each with the reason when it does not apply."""
    if bill.is_stay:
        return [Option(INPATIENT, _("住院"))]
    found = [
        _option(rules, one, bill, level, person) for one in sorted(rules.plan.outpatient, key=lambda one: one.order)
    ]
    return [*found, Option(SELF, _("全部自费"))]


def _option(rules: Rules, benefit: Any, bill: Bill, level: str, person: Insured) -> Option:
    registered = {"chronic": person.chronic, "two_diseases": person.two_diseases}.get(benefit.kind)
    disease, refused = "", ""
    if registered is not None:
        known = {one.code for one in benefit.diseases}
        disease = next((code for code in sorted(registered & known) if _treats(bill, code)), "")
        if not registered & known:
            refused = _("没有登记这类病种")
        elif not disease:
            refused = _("本次诊断不是登记的病种")
    levels = {one.level for one in benefit.levels}
    if not refused and benefit.like != INPATIENT and level not in levels and "*" not in levels:
        refused = _("这项待遇不在本级机构使用")
    if not refused and benefit.contracted_only and not person.contracted_here:
        refused = _("不是本人选定（签约）的机构")
    return Option(benefit.code, benefit.title, disease, refused)


def _treats(bill: Bill, code: str) -> bool:
    return any(disease.startswith(code) for disease in bill.diseases)


def take_apart(
    rules: Rules,
    charges: Iterable[Charge],
    *,
    kind: str,
    poor: bool = False,
    relieved: int = 0,
    drugs: frozenset[str] = frozenset(),
) -> tuple[Split, list[dict[str, Any]]]:
    """A bill's split and its lines as they are kept: every line with its class, its four parts and a warning where there is one."""
    kept, sums = [], [0] * 6
    left = max(0, rules.relief_ceiling - relieved) if poor else 0
    categories = next((one.categories for one in rules.plan.outpatient if one.code == kind), frozenset())
    for charge in charges:
        line, item, warning = _line(charge, categories, kind != INPATIENT and _not_granted(charge, drugs))
        given = min(benefits.reduction(rules, line), left) if left else 0
        left -= given
        split = benefits.split_line(rules, line, given)
        for place, amount in enumerate(split):
            sums[place] += amount
        kept.append(_kept(charge, item, line, split, warning))
    return Split(*sums), kept


def _not_granted(charge: Charge, drugs: frozenset[str]) -> bool:
    """Whether it is a dual-channel drug whose use was not granted to this person: an outpatient pays it alone."""
    return charge.code not in drugs and coverage.is_dual_channel(charge.code)


def _line(
    charge: Charge, categories: frozenset[str], not_granted: bool = False
) -> tuple[Line, InsuranceItem | None, str]:
    item = catalogued(charge.code) if charge.code else None
    category = (item.category if item else "") or _CATEGORIES.get(charge.category, charge.category)
    if item is None:
        warning = _("没有对应的医保编码，按丙类自费") if not charge.code else _("医保目录没有这个编码，按丙类自费")
        return Line("C", charge.amount, charge.quantity, None, category=category), None, warning
    warning = _("限制使用：%(text)s") % {"text": item.restriction} if item.restriction else ""
    outside = bool(categories) and category not in categories
    if outside:
        warning = _("不在这项待遇的费用范围内，按自费")
    if not_granted:
        warning = _("双通道药品没有认定，按自费：请责任医师在居民的参保页申报")
    return (
        Line(
            item.cls,
            charge.amount,
            charge.quantity,
            charge.price,
            ceiling_of(item),
            share_of(item),
            category,
            refused=outside or not_granted,
        ),
        item,
        warning,
    )


def _kept(charge: Charge, item: InsuranceItem | None, line: Line, split: Split, warning: str) -> dict[str, Any]:
    return {
        "number": charge.number, "code": charge.code, "name": charge.name, "category": charge.category, "unit": charge.unit,
        "quantity": charge.quantity, "price": charge.price, "amount": charge.amount, "class": "C" if item is None else item.cls,
        "group": line.category, "total": split.total, "own": split.own, "over": split.over, "first": split.first,
        "in_scope": split.in_scope, "relief": split.relief, "warning": warning, "refused": line.refused,
    }  # fmt: skip


def case_of(
    bill: Bill,
    option: Option,
    split: Split,
    level: str,
    person: Insured,
    *,
    place: str = "",
    admission: int = 1,
    episode: Episode | None = None,
) -> Case:
    """The engine's case."""
    disease = option.disease or (bill.diseases[0] if bill.is_stay and bill.diseases else "")
    return Case(
        option.kind, split, level, admission, place, person.identities, person.retired, person.civil_servant, person.age, False, disease,
        episode, person.account, person.family,
    )  # fmt: skip


def figures_of(settled: benefits.Settlement) -> Figures:
    """The columns of the table from the engine's settlement."""
    fee = settled.case.fee
    return Figures(
        fee.total, fee.own, fee.over, fee.first, fee.in_scope, fee.relief, settled.deductible, settled.pool, settled.large,
        settled.critical, settled.civil, settled.aid, settled.tilt, settled.other, settled.institution, settled.person, settled.account,
        settled.family, settled.added,
    )  # fmt: skip


def self_paid(charges: Iterable[Charge]) -> tuple[Figures, list[dict[str, Any]]]:
    """All of it the person's own: no insurance, or no benefit that applies."""
    kept, total = [], 0
    for charge in charges:
        line, item, _warning = _line(charge, frozenset())
        kept.append(_kept(charge, item, line, Split(charge.amount, own=charge.amount), ""))
        total += charge.amount
    return Figures(total, own=total, person=total), kept


def to_json(settled: benefits.Settlement) -> dict[str, Any]:
    """What is needed to explain the settlement again years later."""
    case = settled.case
    return {
        "case": {**case._asdict(), "fee": list(case.fee), "identities": sorted(case.identities), "episode": list(case.episode) if case.episode else None},
        "steps": [[name, value, list(facts)] for name, value, facts in settled.steps],
        "figures": [settled.ratio, settled.base, settled.gross, settled.burden, settled.left],
        "added": dict(settled.added),
    }  # fmt: skip


def from_json(plan: str, figures: Mapping[str, int], kept: Mapping[str, Any]) -> benefits.Settlement:
    """The engine's settlement from what was kept; ``figures`` are the columns of the row."""
    given = dict(kept["case"])
    given["fee"] = Split(*given["fee"])
    given["identities"] = frozenset(given["identities"])
    given["episode"] = Episode(*given["episode"]) if given["episode"] else None
    ratio, base, gross, burden, left = kept["figures"]
    steps = tuple((name, value, tuple(facts)) for name, value, facts in kept["steps"])
    return benefits.Settlement(
        plan, Case(**given), steps, figures["deductible"], ratio, base, gross, figures["pool"], burden, figures["large"],
        figures["critical"], figures["civil"], figures["aid"], figures["tilt"], figures["other"], left, figures["institution_part"],
        figures["person"], figures["account"], figures["family"], figures["person"] - figures["account"] - figures["family"], kept["added"],
    )  # fmt: skip


def admission_of(rules: Rules, level: str, sums: Mapping[str, int] = NOTHING) -> int:
    """Which admission of the year a stay is."""
    by_level = rules.plan.inpatient.repeat.by == "level"
    return sums.get(f"admissions:{level}" if by_level else "admissions", 0) + 1
