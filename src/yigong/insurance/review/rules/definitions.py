"""The rules of the packs, and the local parameters."""

from collections.abc import Iterator
from datetime import date

import msgspec

from yigong.core.packs.api import Kind, current, register

# Kind → the parameters it needs.
KINDS: dict[str, frozenset[str]] = {
    "split_admission": frozenset({"days"}), "repeated": frozenset({"items"}), "long_stay": frozenset({"days"}),
    "item_sex": frozenset({"sex", "items"}), "diagnosis_sex": frozenset({"sex", "diagnoses"}), "item_age": frozenset({"items", "from_age"}),
    "quantity": frozenset({"items", "most"}), "after_discharge": frozenset(), "after_death": frozenset(),
    "out_of_hours": frozenset({"items", "from_hour", "to_hour"}), "two_places": frozenset(),
    "without_diagnosis": frozenset({"items", "diagnoses"}), "bundle": frozenset({"items", "others"}),
}  # fmt: skip
PARAMETERS = frozenset().union(*KINDS.values())


class Rule(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """One rule: a kind with its parameters, the sentence that is shown and the clause it rests on."""

    code: str
    title: str
    kind: str
    sentence: str
    clause: str
    days: int | None = None
    most: int | None = None
    sex: str | None = None
    from_age: int | None = None
    from_hour: int | None = None
    to_hour: int | None = None
    items: list[str] | None = None
    others: list[str] | None = None
    diagnoses: list[str] | None = None

    def given(self) -> dict[str, object]:
        """The parameters that are there, prefixes as patterns of SQL."""
        found = {name: getattr(self, name) for name in PARAMETERS if getattr(self, name) is not None}
        return {
            name: [f"{one}%" for one in value] if isinstance(value, list) else value for name, value in found.items()
        }


class RuleSet(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """All rules with their source."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    rules: list[Rule]


class Local(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """Local parameters."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    appeal_days: int
    look_back_days: int


def _faults(value: RuleSet) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, rule in enumerate(value.rules):
        where = f"rules[{place}]"
        if rule.code in seen:
            yield where, f"规则编号 {rule.code} 重复"
        seen.add(rule.code)
        if rule.kind not in KINDS:
            yield f"{where}.kind", f"没有名为 {rule.kind} 的规则类型"
            continue
        needed, given = KINDS[rule.kind], set(rule.given())
        if needed != given:
            yield (
                where,
                f"{rule.kind} 需要参数 {'、'.join(sorted(needed)) or '无'}，现有 {'、'.join(sorted(given)) or '无'}",
            )


RULES: Kind[RuleSet] = register(Kind("review_rules", "review-rules*.toml", RuleSet, _faults))
LOCAL: Kind[Local] = register(Kind("review", "review.toml", Local))


def rule_set(on: date | None = None) -> RuleSet:
    """The rules in force on a day."""
    return current(RULES, "national", on)


def local(on: date | None = None) -> Local:
    """The local parameters in force on a day."""
    return current(LOCAL, "review", on)
