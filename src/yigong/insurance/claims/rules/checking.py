"""All rules on one list."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from yigong.core.expressions.api import MISSING
from yigong.insurance.claims.data import Content, Found
from yigong.insurance.claims.rules.checks import CHECKS, Looked
from yigong.insurance.claims.rules.content import facts_of
from yigong.insurance.claims.rules.definitions import Parameters, Rule, compiled, parameters, rule_set


def check(content: Content, basis: Mapping[str, Any], on: date) -> list[Found]:
    """What is wrong with a list by the rules in force on a day, in the order of the rules; a rule says one thing once per field."""
    local = parameters(on)
    facts = facts_of(content, basis, local)
    found: dict[tuple[str, str, str], Found] = {}
    for rule in rule_set(on).rules:
        for one in _found(rule, content, basis, local, facts):
            found.setdefault((one.rule, one.path, one.sentence), one)
    return list(found.values())


def _found(
    rule: Rule, content: Content, basis: Mapping[str, Any], local: Parameters, facts: Mapping[str, Any]
) -> list[Found]:
    if rule.when:
        wrong = compiled(rule.when).evaluate(facts)
        return [Found(rule.code, rule.mark, rule.field, rule.sentence)] if wrong is not MISSING and wrong else []
    looked = Looked(content, basis, local, rule.parameters)
    return [
        Found(rule.code, rule.mark, path or rule.field, rule.sentence % values)
        for path, values in CHECKS[rule.check](looked)
    ]
