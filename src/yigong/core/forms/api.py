"""Versioned forms: one definition gives the page, the validation, the storage, the print and the FHIR Questionnaire.

    form = forms.form("referral-up")
    reading = forms.read(form, request.POST)         # Reading(answers, errors, warnings)
    forms.save(form, reading, subject=("referral", id), resident_id=rid, actor=actor)

In a template: ``{% from "forms/form.html" import items %}{{ items(form, values, errors) }}``.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.forms import rules
from yigong.core.forms.definition import FORM, Column, FormDefinition, Item, variables
from yigong.core.forms.models import FormResponse
from yigong.core.packs import api as packs

__all__ = [
    "Column",
    "FormDefinition",
    "Item",
    "Reading",
    "Told",
    "answered",
    "answers_of",
    "carried",
    "earlier_variables",
    "form",
    "form_version",
    "prefilled",
    "questionnaire",
    "read",
    "reckoned",
    "responses",
    "responses_about",
    "save",
    "sheet",
    "stored",
    "told",
    "typed_again",
    "variables",
]

Reading = rules.Reading


@dataclass(frozen=True)
class Told:
    """What a page of a form shows: codes of the items that apply, of those that must be answered, and what is reckoned, in words with the unit."""

    items: list[str]
    required: list[str]
    reckoned: dict[str, str]


_FHIR_TYPES = {"multichoice": "choice", "display": "display", "rows": "group"}


def form(code: str, on: date | None = None, *, also_gone: bool = True) -> FormDefinition:
    """The form in force on a day; ``also_gone``: one that the packs no longer hold in its last version in the archive, for what was begun under it."""
    try:
        return packs.current(FORM, code, on)
    except NotFound:
        kept = [f for f in packs.archived(FORM, code) if on is None or f.effective_from <= on] if also_gone else []
        if not kept:
            raise
        return kept[-1]


def earlier_variables(code: str) -> dict[str, str]:
    """Every item that any archived version of a form asked, as variables of conditions that were written then."""
    found: dict[str, str] = {}
    for kept in packs.archived(FORM, code):
        found |= variables(kept)
    return found


def form_version(code: str, version: str) -> FormDefinition:
    """The form as it was under a version, to show an old answer."""
    return packs.released(FORM, code, version)


def read(
    definition: FormDefinition, typed: QueryDict | Mapping[str, Any], facts: Mapping[str, Any] | None = None
) -> Reading:
    """Read a submitted form; nothing is stored and nothing typed is lost (show ``typed`` again with ``errors``).

    ``facts`` are those of ``definition.FACTS`` that are known of the person and the day.
    """
    return rules.read(definition, _lists(typed), facts or {})


def told(
    definition: FormDefinition, typed: QueryDict | Mapping[str, Any], facts: Mapping[str, Any] | None = None
) -> Told:
    """What the page of a form shows for what is typed so far."""
    given = facts or {}
    answers = read(definition, typed, given).answers
    known = {**given, **answers}
    asked = [item for item in definition.items if rules.shown(definition, item, known)]
    return Told(
        items=[i.code for i in asked],
        required=[i.code for i in asked if not i.reckoned and rules.required(definition, i, known)],
        reckoned={i.code: _shown(i, answers[i.code]) if i.code in answers else "" for i in asked if i.reckoned},
    )


def typed_again(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Stored answers as a page takes them: text by item, the cells of tables by ``item.line.column``."""
    return _lists(answers)


def reckoned(definition: FormDefinition, answers: Mapping[str, Any], facts: Mapping[str, Any]) -> dict[str, Any]:
    """What is reckoned from typed answers that do not come through ``read``."""
    return rules.reckoned(definition, {**facts, **answers})


def carried(definition: FormDefinition, before: Mapping[str, Any]) -> dict[str, list[str]]:
    """Of the form before, what comes over into a new one, as text ready for the page."""
    return typed_again(
        {i.code: before[i.code] for i in definition.items if i.carried and before.get(i.code) is not None}
    )


def prefilled(definition: FormDefinition, facts: Mapping[str, Any]) -> dict[str, list[str]]:
    """Values for an empty form from known facts, by each item's ``prefill`` name; as text, ready for the page."""
    return {
        i.code: _texts(facts[i.prefill]) for i in definition.items if i.prefill and facts.get(i.prefill) is not None
    }


def save(
    definition: FormDefinition,
    reading: Reading,
    *,
    subject: tuple[str, UUID],
    actor: Actor,
    resident_id: UUID | None = None,
    replaces: UUID | None = None,
) -> UUID:
    """Store answers without errors; returns the response's key. A correction names the response it replaces (once only)."""
    if reading.errors:
        raise InvalidInput(errors=reading.errors)
    row = FormResponse.objects.create(
        form_code=definition.code,
        form_version=definition.version,
        subject_kind=subject[0],
        subject_id=subject[1],
        resident_id=resident_id,
        answers=stored(reading.answers),
        replaces_id=replaces,
        author_name=actor.name,
        staff_id=actor.staff_id,
        institution_id=actor.institution_id,
    )
    return row.pk


def responses(subject: tuple[str, UUID]) -> list[FormResponse]:
    """The valid (not replaced) responses about one subject, newest first."""
    found = FormResponse.objects.filter(subject_kind=subject[0], subject_id=subject[1], replaced_by__isnull=True)
    return list(found.order_by("-answered_at", "-id"))


def responses_about(kind: str, subject_ids: Collection[UUID]) -> list[FormResponse]:
    """The valid responses about several subjects of one kind, oldest first; one statement."""
    found = FormResponse.objects.filter(subject_kind=kind, subject_id__in=subject_ids, replaced_by__isnull=True)
    return list(found.order_by("answered_at", "id"))


def answers_of(response_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The stored answers by response key, as stored (numbers of decimal items and dates as text); one statement."""
    return dict(FormResponse.objects.filter(pk__in=response_ids).values_list("pk", "answers"))


def answered(response_id: UUID) -> tuple[FormDefinition, dict[str, Any]] | None:
    """One response: the form in the version it was filled in, and the answers as stored; None where there is none."""
    row = FormResponse.objects.filter(pk=response_id).first()
    return (form_version(row.form_code, row.form_version), row.answers) if row else None


def stored(answers: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as they are stored: numbers of decimal items and dates as text."""
    return {code: _plain(value) for code, value in answers.items()}


def sheet(definition: FormDefinition, answers: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(section, label, text) of every answered item in order, for prints and detail pages."""
    return [(i.section, i.label, _shown(i, answers[i.code])) for i in definition.items if i.code in answers]


def questionnaire(definition: FormDefinition) -> dict[str, Any]:
    """The form as a FHIR R4 Questionnaire resource."""
    return {
        "resourceType": "Questionnaire",
        "url": f"urn:yigong:form:{definition.code}",
        "version": definition.version,
        "title": definition.title,
        "status": "active",
        "date": definition.effective_from.isoformat(),
        "item": [_fhir_item(item) for item in definition.items],
    }


def _fhir_item(item: Item | Column, above: str = "") -> dict[str, Any]:
    link = above + item.code
    fhir: dict[str, Any] = {"linkId": link, "text": item.label, "type": _FHIR_TYPES.get(item.type, item.type)}
    if item.type != "display":
        fhir |= {"required": item.required, "repeats": item.type in {"multichoice", "rows"}}
    if isinstance(item, Item) and item.reckoned:
        fhir["readOnly"] = True
    if isinstance(item, Item) and item.columns:
        fhir["item"] = [_fhir_item(column, f"{link}.") for column in item.columns]
    if item.type in {"string", "text"}:
        fhir["maxLength"] = item.max_length
    if item.options:
        fhir["answerOption"] = [{"valueCoding": {"code": o.code, "display": o.label}} for o in item.options]
    return fhir


def _lists(typed: QueryDict | Mapping[str, Any]) -> dict[str, list[str]]:
    if isinstance(typed, QueryDict):
        return {key: [str(v) for v in values] for key, values in typed.lists()}
    found: dict[str, list[str]] = {}
    for key, value in typed.items():
        if isinstance(value, list | tuple) and value and isinstance(value[0], Mapping):
            found |= {
                f"{key}.{n}.{column}": _texts(cell) for n, line in enumerate(value) for column, cell in line.items()
            }
        elif value is not None:
            found[key] = _texts(value)
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {code: _plain(v) for code, v in value.items()}
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _shown(item: Item | Column, value: Any) -> str:
    if item.type == "boolean":
        return _("是") if value else _("否")
    if isinstance(item, Item) and item.type == "rows":
        return "；".join(_line(item, line) for line in value)
    labels: dict[Any, str] = {o.code: o.label for o in item.options}
    if isinstance(value, list):
        return "、".join(str(labels.get(v, v)) for v in value)
    return f"{labels.get(value, value)} {item.unit}".rstrip()


def _line(item: Item, line: Mapping[str, Any]) -> str:
    return "，".join(f"{c.label} {_shown(c, line[c.code])}" for c in item.columns if c.code in line)
