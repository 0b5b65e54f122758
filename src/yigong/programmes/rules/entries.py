"""What answers of the form of basic data say about the health record, both ways. Pure: the record is handed in as read.

Known there, it is filled in; new, it is written there once. Which option stands for which diagnosis or substance is a definition
(``packs/*/record-entries.toml``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import gettext as _

from yigong.core.packs.api import Kind, current, register
from yigong.records.data import RecordSummary

_BETWEEN = re.compile(r"[、，,；;\s]+")


class _Struct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    pass


class DiseaseOption(_Struct, frozen=True):
    """An option that is a diagnosis: written as ``code`` and ``text`` (or what the item ``named`` says); known by any ICD-10 beginning in ``known``."""

    option: str
    text: str
    code: str
    known: list[str]
    named: str = ""


class Diseases(_Struct, frozen=True):
    """The item of diseases, and the table of when each was found (columns disease, year, month)."""

    item: str
    since: str
    options: list[DiseaseOption]


class SubstanceOption(_Struct, frozen=True):
    """An option that is a substance."""

    option: str
    text: str


class Substances(_Struct, frozen=True):
    """The item of allergies; the option ``other`` opens the item ``named``."""

    item: str
    other: str
    named: str
    options: list[SubstanceOption]


class RecordEntries(_Struct, frozen=True):
    """The pack's definition; ``none`` is the option that says there is none."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    form: str
    none: str
    conditions: Diseases
    allergies: Substances


ENTRIES: Kind[RecordEntries] = register(Kind("record_entries", "record-entries.toml", RecordEntries))


@dataclass(frozen=True, slots=True)
class NewDisease:
    """A diagnosis that the record does not hold; ``since`` the first day of the month or year told."""

    text: str
    code: str
    since: date | None


@dataclass(frozen=True, slots=True)
class News:
    """What is to be written into the record."""

    diseases: Sequence[NewDisease] = ()
    substances: Sequence[str] = ()


def rules_for(form: str) -> RecordEntries | None:
    """The definition where this form speaks of the record."""
    rules = current(ENTRIES, "record-entries")
    return rules if rules.form == form else None


def start(form: str, summary: RecordSummary, values: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """What the record adds to the values a page begins with; an item of which nothing is known stays open: it has to be asked."""
    rules = rules_for(form)
    if rules is None:
        return {}
    found = {rules.conditions.item: _held(rules, summary), rules.allergies.item: _allergic(rules, summary)}
    begun: dict[str, list[str]] = {}
    for item, options in found.items():
        before = [v for v in values.get(item, ()) if v != rules.none]
        if options:
            begun[item] = sorted({*before, *options}, key=int)
    others = [s for s in _substances(summary) if not any(o.text in s for o in rules.allergies.options)]
    if others:
        begun[rules.allergies.named] = [
            "、".join(dict.fromkeys([*_words(values.get(rules.allergies.named, ())), *others]))
        ]
    return begun


def news(form: str, answers: Mapping[str, Any], summary: RecordSummary) -> News:
    """What the answers say that the record does not."""
    rules = rules_for(form)
    if rules is None:
        return News()
    held, since = _held(rules, summary), _since(rules, answers)
    diseases = [
        NewDisease(str(answers.get(o.named) or o.text), o.code, since.get(o.option))
        for o in rules.conditions.options
        if o.option in answers.get(rules.conditions.item, ()) and o.option not in held
    ]
    known, chosen = _substances(summary), answers.get(rules.allergies.item, ())
    named = [o.text for o in rules.allergies.options if o.option in chosen]
    named += _words([str(answers.get(rules.allergies.named) or "")]) if rules.allergies.other in chosen else []
    return News(diseases, [s for s in dict.fromkeys(named) if not any(s in k for k in known)])


def doubts(form: str, answers: Mapping[str, Any], summary: RecordSummary) -> dict[str, str]:
    """Where the answers say none and the record holds some."""
    rules = rules_for(form)
    if rules is None:
        return {}
    told: dict[str, str] = {}
    if answers.get(rules.allergies.item) == [rules.none] and (known := _substances(summary)):
        told[rules.allergies.item] = _("档案里登记有%(what)s过敏，请核对；确属误登的在健康档案里取消。") % {
            "what": "、".join(known)
        }
    held = _held(rules, summary)
    if answers.get(rules.conditions.item) == [rules.none] and held:
        names = "、".join(o.text for o in rules.conditions.options if o.option in held)
        told[rules.conditions.item] = _("档案里有%(what)s的诊断，请核对；确属误登的在健康档案里更正。") % {
            "what": names
        }
    return told


def _held(rules: RecordEntries, summary: RecordSummary) -> list[str]:
    codes = [c.code for c in summary.conditions if c.is_lasting]
    return [o.option for o in rules.conditions.options if any(c.startswith(tuple(o.known)) for c in codes)]


def _allergic(rules: RecordEntries, summary: RecordSummary) -> list[str]:
    found = []
    for substance in _substances(summary):
        named = [o.option for o in rules.allergies.options if o.text in substance]
        found += named or [rules.allergies.other]
    return found


def _substances(summary: RecordSummary) -> list[str]:
    return [a.substance for a in summary.allergies if a.category == "drug"]


def _words(texts: Iterable[str]) -> list[str]:
    return [w for text in texts for w in _BETWEEN.split(text) if w]


def _since(rules: RecordEntries, answers: Mapping[str, Any]) -> dict[str, date]:
    return {
        line["disease"]: date(line["year"], line.get("month") or 1, 1)
        for line in answers.get(rules.conditions.since, ())
        if line.get("disease") and line.get("year")
    }
