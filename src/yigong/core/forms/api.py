"""Versioned forms: one definition gives the page, the validation, the storage, the print and the FHIR Questionnaire.

    form = forms.form("referral-up")
    reading = forms.read(form, request.POST)         # Reading(answers, errors, warnings)
    forms.save(form, reading, subject=("referral", id), resident_id=rid, actor=actor)

In a template: ``{% from "forms/form.html" import items %}{{ items(form, values, errors) }}``.
"""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.forms import rules
from yigong.core.forms.definition import FORM, FormDefinition, Item
from yigong.core.forms.models import FormResponse
from yigong.core.packs import api as packs

__all__ = [
    "FormDefinition",
    "Item",
    "Reading",
    "answers_of",
    "form",
    "form_version",
    "prefilled",
    "questionnaire",
    "read",
    "responses",
    "save",
    "sheet",
    "shown_items",
]

Reading = rules.Reading

_FHIR_TYPES = {"multichoice": "choice", "display": "display"}


def form(code: str, on: date | None = None) -> FormDefinition:
    """The form in force on a day."""
    return packs.current(FORM, code, on)


def form_version(code: str, version: str) -> FormDefinition:
    """The form as it was under a version, to show an old answer."""
    return packs.released(FORM, code, version)


def read(definition: FormDefinition, typed: QueryDict | Mapping[str, Any]) -> Reading:
    """Read a submitted form; nothing is stored and nothing typed is lost (show ``typed`` again with ``errors``)."""
    return rules.read(definition, _lists(typed))


def shown_items(definition: FormDefinition, typed: QueryDict | Mapping[str, Any]) -> list[str]:
    """The codes of the items that apply to what is typed so far."""
    reading = read(definition, typed)
    return [item.code for item in definition.items if rules.shown(definition, item, reading.answers)]


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
        answers={code: _plain(value) for code, value in reading.answers.items()},
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


def answers_of(response_ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
    """The stored answers by response key, as stored (numbers of decimal items and dates as text); one statement."""
    return dict(FormResponse.objects.filter(pk__in=response_ids).values_list("pk", "answers"))


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


def _fhir_item(item: Item) -> dict[str, Any]:
    fhir: dict[str, Any] = {"linkId": item.code, "text": item.label, "type": _FHIR_TYPES.get(item.type, item.type)}
    if item.type != "display":
        fhir |= {"required": item.required, "repeats": item.type == "multichoice"}
    if item.type in {"string", "text"}:
        fhir["maxLength"] = item.max_length
    if item.options:
        fhir["answerOption"] = [{"valueCoding": {"code": o.code, "display": o.label}} for o in item.options]
    return fhir


def _lists(typed: QueryDict | Mapping[str, Any]) -> dict[str, list[str]]:
    if isinstance(typed, QueryDict):
        return {key: [str(v) for v in values] for key, values in typed.lists()}
    return {key: _texts(value) for key, value in typed.items() if value is not None}


def _texts(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    return [str(v) for v in value] if isinstance(value, list | tuple) else [str(value)]


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def _shown(item: Item, value: Any) -> str:
    if item.type == "boolean":
        return _("是") if value else _("否")
    labels: dict[Any, str] = {o.code: o.label for o in item.options}
    if isinstance(value, list):
        return "、".join(str(labels.get(v, v)) for v in value)
    return f"{labels.get(value, value)} {item.unit}".rstrip()
