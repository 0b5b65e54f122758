"""The rules at work: over all stored bills, or for one bill at the counter."""

from datetime import timedelta
from typing import Any

import orjson

from yigong.clinic.data import BillData
from yigong.core import clock
from yigong.core.statements import fetch
from yigong.insurance.review.data import Hit
from yigong.insurance.review.queries.facts import bill_fact, day_of, line_facts
from yigong.insurance.review.rules.definitions import RuleSet, local, rule_set
from yigong.insurance.review.rules.sql import AT_THE_COUNTER, STORED, statement
from yigong.residents import api as residents


def check_stored(rules: RuleSet) -> list[Hit]:
    """Everything the rules find in the bills of the look-back time: one statement for all rules and bills."""
    text, values = statement(STORED, rules.rules)
    values["since"] = clock.today() - timedelta(days=local().look_back_days)
    return _hits(fetch(text, values), rules)


def check_bill(bill: BillData) -> list[Hit]:
    """What the rules find about a bill that is about to be settled, with the person's other bills beside it. One statement; nothing is kept.

    A warning for the counter: it never stops a settlement. For rooms that have decided about the bill.
    """
    rules = rule_set()
    text, values = statement(AT_THE_COUNTER, rules.rules, one_bill=True)
    values |= {
        "since": clock.today() - timedelta(days=local().look_back_days), "people": list(residents.identities(bill.resident_id)),
        "bill": bill.id, "bills": _json([bill_fact(bill, day_of(bill))]), "lines": _json(line_facts(bill)),
    }  # fmt: skip
    return _hits(fetch(text, values), rules)


def _json(rows: list[dict[str, Any]]) -> str:
    return orjson.dumps(rows, default=str).decode()


def _hits(rows: list[tuple[Any, ...]], rules: RuleSet) -> list[Hit]:
    known = {rule.code: rule for rule in rules.rules}
    return [
        Hit(code, known[code].title, known[code].sentence, key, bill_id, max(0, int(amount or 0)), tuple(_evidence(evidence)))
        for code, key, bill_id, amount, evidence in rows
    ]  # fmt: skip


def _evidence(given: Any) -> list[dict[str, Any]]:
    return given if isinstance(given, list) else orjson.loads(given)
