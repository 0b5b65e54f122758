"""The kinds of definitions of this room."""

from datetime import date

from yigong.contracts.rules.definition import ContractRules, Group, Package, package_problems, rule_problems
from yigong.core.packs.api import Kind, current, every, register, released

RULES: Kind[ContractRules] = register(Kind("contract_rules", "contracts/rules.toml", ContractRules, rule_problems))
PACKAGE: Kind[Package] = register(Kind("contract_package", "contracts/packages/*.toml", Package, package_problems))


def rules(on: date | None = None) -> ContractRules:
    """The rules in force on a day."""
    found: ContractRules = current(RULES, "contracts", on)
    return found


def packages(on: date | None = None) -> dict[str, Package]:
    """The packages in force on a day, in the order in which pages show them."""
    found: dict[str, Package] = every(PACKAGE, on)
    return dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))


def package_of(code: str, version: str) -> Package:
    """The version that a contract names."""
    found: Package = released(PACKAGE, code, version)
    return found


def groups(on: date | None = None) -> dict[str, Group]:
    """The key populations by code."""
    return {g.code: g for g in rules(on).groups}
