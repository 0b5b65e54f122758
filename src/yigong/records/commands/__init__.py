"""Changes of records: one function per change."""

from yigong.records.commands.documents import add_document, finalise_document, void_document
from yigong.records.commands.encounters import cancel_encounter, close_encounter, open_encounter, record_contact
from yigong.records.commands.entries import (
    add_allergy,
    add_condition,
    add_prescription,
    add_procedure,
    add_result,
    cancel_prescription,
    end_allergy,
    replace_results,
    resolve_condition,
)
from yigong.records.commands.visits import Visit, record_visit, record_vitals

__all__ = [
    "Visit",
    "add_allergy",
    "add_condition",
    "add_document",
    "add_prescription",
    "add_procedure",
    "add_result",
    "cancel_encounter",
    "cancel_prescription",
    "close_encounter",
    "end_allergy",
    "finalise_document",
    "open_encounter",
    "record_contact",
    "record_visit",
    "record_vitals",
    "replace_results",
    "resolve_condition",
    "void_document",
]
