"""What a pack says about contracts: the rules of the county, and packages with their items."""

# texts: data (words for whoever writes definitions)

from collections.abc import Iterator
from datetime import date
from typing import Literal

import msgspec

WHOLE = 1_000_000
"""A share of 1."""

Certainty = Literal["found", "general", "uncertain"]
Shares = list["Payer"]


class TeamRole(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seat in a team: whose posts may take it, how many there are at least and at most. ``carries_people``: the load per doctor counts it."""

    code: str
    title: str
    posts: list[str]
    least: int = 0
    most: int = 1
    carries_people: bool = False
    note: str = ""


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A key population: by age (``age_from`` inclusive, ``age_below`` exclusive), by a programme's enrolments, or by another room's roll."""

    code: str
    title: str
    short: str = ""
    age_from: int | None = None
    age_below: int | None = None
    programme: str = ""
    source: str = ""
    restricted: bool = False
    certainty: Certainty = "general"

    @property
    def label(self) -> str:
        """The short title."""
        return self.short or self.title


class Ending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Why a contract ends before its time; ``follows`` is a resident's status that ends it by itself; ``returns``: the fee for the days to come
    goes back to who paid it."""

    code: str
    title: str
    follows: str = ""
    returns: bool = False


class RoleShare(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A seat's part of the fee in millionths."""

    role: str
    share: int


class Fee(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a team's fee is shared: to seats and to the house; ``by_fulfilment``: only the share of the items done is paid out."""

    shares: list[RoleShare]
    house_title: str
    house_share: int
    least_staff_share: int
    by_fulfilment: bool = True


class ContractRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The county's rules. Numbers of days and people are parameters; ``uncertain`` says what is not known for sure."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    term_months: int
    confirm_days: int
    confirm_tries: int
    expiring_days: int
    renew_before_days: int
    renew_after_days: int
    empty_after_days: int
    team_capacity: int
    doctor_capacity: int
    agreement: list[str]
    roles: list[TeamRole]
    groups: list[Group]
    endings: list[Ending]
    fee: Fee
    uncertain: list[str] = []

    def role(self, code: str) -> TeamRole | None:
        """A seat by code."""
        return next((r for r in self.roles if r.code == code), None)

    def ending(self, code: str) -> Ending | None:
        """An ending by code."""
        return next((e for e in self.endings if e.code == code), None)


class Evidence(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which records fulfil an item: visits of a programme (of these stages, any when empty), or encounters of these kinds."""

    kind: Literal["visit", "encounter"]
    programme: str = ""
    stages: list[str] = []
    kinds: list[str] = []


class Item(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One service of a package: how often in a term, for which key populations (everybody when empty), fulfilled by which records.

    Without ``evidence`` there is no record of it, and the team notes it by hand.
    """

    code: str
    title: str
    times: int
    groups: list[str] = []
    evidence: list[Evidence] = []
    note: str = ""


class Payer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who pays which part of a package's price, in millionths."""

    source: str
    title: str
    share: int


class Package(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A package: basic (everybody's), population (of key populations) or personal (chosen). ``price_fen`` is for one term."""

    code: str
    version: str
    effective_from: date
    title: str
    kind: Literal["basic", "population", "personal"]
    price_fen: int
    payers: Shares
    items: list[Item]
    text: str
    source: str
    groups: list[str] = []
    order: int = 50
    certainty: Certainty = "general"

    def item(self, code: str) -> Item | None:
        """An item by code."""
        return next((i for i in self.items if i.code == code), None)


def rule_problems(rules: ContractRules) -> Iterator[tuple[str, str]]:
    """What types cannot see: shares that do not add up, too little for the staff, seats and groups twice or unknown."""
    staff = sum(s.share for s in rules.fee.shares)
    if staff + rules.fee.house_share != WHOLE:
        yield "fee.shares", f"各份额合计应为 {WHOLE}，现为 {staff + rules.fee.house_share}"
    if staff < rules.fee.least_staff_share:
        yield "fee.shares", f"用于人员的份额 {staff} 低于规定的 {rules.fee.least_staff_share}"
    for place, share in enumerate(rules.fee.shares):
        if rules.role(share.role) is None:
            yield f"fee.shares.{place}.role", f"没有角色 {share.role}"
    for name, codes in (("roles", [r.code for r in rules.roles]), ("groups", [g.code for g in rules.groups])):
        if twice := {c for c in codes if codes.count(c) > 1}:
            yield name, f"重复：{'、'.join(sorted(twice))}"
    for place, group in enumerate(rules.groups):
        if group.age_from is None and group.age_below is None and not group.programme and not group.source:
            yield f"groups.{place}", "应写明年龄、公卫方案或名单来源"


def package_problems(package: Package) -> Iterator[tuple[str, str]]:
    """Payers that do not add up, nothing to do, an item twice or never due."""
    if package.price_fen < 0:
        yield "price_fen", "价格不能为负"
    if sum(p.share for p in package.payers) != WHOLE:
        yield "payers", f"各方承担的份额合计应为 {WHOLE}"
    if package.kind == "population" and not package.groups:
        yield "groups", "人群服务包应写明适用人群"
    if not package.items:
        yield "items", "至少应有一项服务"
    codes = [i.code for i in package.items]
    for place, item in enumerate(package.items):
        if codes.count(item.code) > 1:
            yield f"items.{place}.code", f"项目 {item.code} 重复"
        if not 1 <= item.times <= 366:
            yield f"items.{place}.times", "次数应在 1 到 366 之间"
        for one, evidence in enumerate(item.evidence):
            if (evidence.kind == "visit" and not evidence.programme) or (
                evidence.kind == "encounter" and not evidence.kinds
            ):
                yield f"items.{place}.evidence.{one}", "随访应写明方案，就诊应写明类型"
