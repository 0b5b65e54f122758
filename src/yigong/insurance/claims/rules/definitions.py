"""Fields, code lists, checking rules and parameters of the settlement list, all from packs."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal

import msgspec

from yigong.core.expressions.api import Expression, ExpressionInvalid, Vocabulary
from yigong.core.packs.api import Kind, Table, current, register, rows

NODES = ("setlinfo", "payinfo", "opspdiseinfo", "diseinfo", "iteminfo", "oprninfo", "icuinfo", "bldinfo")
GROUPS = ("basic", "stay", "diagnoses", "procedures", "money")
SOURCES = ("network", "settlement", "stay", "person", "front_page", "coverage", "own", "list", "charges")
# Where a field is corrected: on the list itself, on the front page, elsewhere.
ON_THE_LIST = frozenset({"own", "list"})
ON_THE_FRONT_PAGE = frozenset({"front_page", "stay"})

FACTS = Vocabulary(
    {
        "has_age": "bool", "has_age_days": "bool", "age_years": "int", "age_days": "int", "days": "int", "newborn_type": "string",
        "birth_weight": "int", "admission_weight": "int", "diagnosis_count": "int", "diagnoses_listed": "int", "procedure_count": "int",
        "procedures_listed": "int", "nursing_days": "int", "way_out": "string", "receiving": "string", "main_code": "string",
        "main_condition": "string", "diagnoses": "list(string)", "procedures": "list(string)", "procedure_misfits": "bool",
        "anaesthesia_charged": "bool", "anaesthesia_listed": "bool", "blood_charged": "bool", "blood_listed": "bool",
        "ventilator_charged": "bool", "ventilator_hours": "int", "coma_minutes": "int", "readmission": "string",
        "readmission_purpose": "string", "died_in_register": "bool", "total": "int", "multiple": "double", "inpatient_kind": "string",
        "day_surgery_listed": "bool",
    }
)  # fmt: skip


class Field(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One field of the list by its national name; ``kind`` decides how it is checked and shown, ``source`` where it is corrected."""

    field: str
    node: str
    label: str
    must: Literal["yes", "no"]
    kind: Literal["text", "code", "day", "moment", "number", "whole", "money", "duration"]
    longest: int
    codes: str = ""
    group: str
    source: str
    certainty: str

    def __post_init__(self) -> None:
        for value, known in ((self.node, NODES), (self.group, GROUPS), (self.source, SOURCES)):
            if value not in known:
                raise ValueError(f"{value!r} 不在 {'、'.join(known)} 之中")


class CodeValue(msgspec.Struct, forbid_unknown_fields=True):
    """One value of a code list."""

    key: str
    codes: str
    value: str
    label: str
    certainty: str


class Rule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rule: an expression that is true when something is wrong, or a named check that may find several places."""

    code: str
    mark: Literal["block", "warn"]
    sentence: str
    field: str = ""
    when: str = ""
    check: str = ""
    parameters: dict[str, list[str]] = {}


class RuleSet(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All checking rules with their source."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    rules: list[Rule]


class Parameters(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Local parameters: the region, who receives the lists, which charge items mean what."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    region: str
    upload_days: int
    payment_method: str
    office: str
    office_clerk: str
    department: str
    surgery_items: list[str]
    anaesthesia_items: list[str]
    blood_items: list[str]
    ventilator_items: list[str]
    day_surgery: list[str]
    nursing_items: dict[str, str]


class ProcedureCharge(msgspec.Struct, forbid_unknown_fields=True):
    """A charge item that stands for coded procedures, separated by ``|``."""

    item: str
    name: str
    procedures: str
    source: str
    certainty: str

    @property
    def codes(self) -> tuple[str, ...]:
        """The procedure codes."""
        return tuple(self.procedures.split("|"))


class Resources(msgspec.Struct, forbid_unknown_fields=True):
    """Which charge items show that a diagnosis was looked at or treated, separated by ``|``."""

    diagnosis: str
    name: str
    items: str
    source: str
    certainty: str

    @property
    def item_codes(self) -> tuple[str, ...]:
        """The items."""
        return tuple(self.items.split("|"))


def _faults(value: RuleSet) -> Iterator[tuple[str, str]]:
    from yigong.insurance.claims.rules.checks import CHECKS

    seen: set[str] = set()
    for place, rule in enumerate(value.rules):
        where = f"rules[{place}]"
        if rule.code in seen:
            yield where, f"规则编号 {rule.code} 重复"
        seen.add(rule.code)
        if bool(rule.when) == bool(rule.check):
            yield where, "when 和 check 应填写且只填写一项"
        if rule.check and rule.check not in CHECKS:
            yield f"{where}.check", f"没有名为 {rule.check} 的检查"
        if rule.when:
            try:
                compiled(rule.when)
            except ExpressionInvalid as fault:
                yield f"{where}.when", str(fault)
            if not rule.field:
                yield where, "用 when 的规则应写明 field"


FIELDS: Table[Field] = register(Table("claim_fields", "claim-fields.csv", Field, key="field"))
CODES: Table[CodeValue] = register(Table("claim_codes", "claim-codes.csv", CodeValue, key="key"))
RULES: Kind[RuleSet] = register(Kind("claim_rules", "claim-rules*.toml", RuleSet, _faults))
PARAMETERS: Kind[Parameters] = register(Kind("claims", "claims.toml", Parameters))
PROCEDURES: Table[ProcedureCharge] = register(
    Table("claim_procedures", "claim-procedures.csv", ProcedureCharge, key="item")
)
RESOURCES: Table[Resources] = register(Table("claim_resources", "claim-resources.csv", Resources, key="diagnosis"))


@cache
def compiled(text: str) -> Expression:
    """A rule's expression, compiled once."""
    return FACTS.compile(text)


def rule_set(on: date) -> RuleSet:
    """The checking rules in force on a day."""
    return current(RULES, "national", on)


def parameters(on: date | None = None) -> Parameters:
    """The local parameters in force on a day (today when not given)."""
    return current(PARAMETERS, "claims", on)


def fields(node: str = "") -> list[Field]:
    """The fields of a node (all without one), in file order."""
    return [field for field in rows(FIELDS).values() if not node or field.node == node]


def field_of(path: str) -> Field | None:
    """The field that a path such as ``diseinfo.0.diag_code`` names."""
    return rows(FIELDS).get(path.rpartition(".")[2])


def code_values(codes: str) -> dict[str, str]:
    """Value and label of one code list."""
    return _code_lists().get(codes, {})


def _code_lists() -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for row in rows(CODES).values():
        found.setdefault(row.codes, {})[row.value] = row.label
    return found
