"""Reads of records."""

from yigong.records.queries.entries import (
    alerts_of,
    allergy_data,
    condition_data,
    contents_of,
    document_data,
    document_versions,
    encounter_data,
    keys_of,
    prescription_data,
    resident_of_allergy,
    resident_of_condition,
    result_group,
    trend,
    trends,
)
from yigong.records.queries.summary import allergies_of, medicines_of, summary_of, warnings_of
from yigong.records.queries.timeline import KINDS, entries_named, timeline_of

__all__ = [
    "KINDS",
    "alerts_of",
    "allergies_of",
    "allergy_data",
    "condition_data",
    "contents_of",
    "document_data",
    "document_versions",
    "encounter_data",
    "entries_named",
    "keys_of",
    "medicines_of",
    "prescription_data",
    "resident_of_allergy",
    "resident_of_condition",
    "result_group",
    "summary_of",
    "timeline_of",
    "trend",
    "trends",
    "warnings_of",
]
