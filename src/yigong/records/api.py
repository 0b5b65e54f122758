"""Records: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``records.data``."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.records import catalogue, queries, rules
from yigong.records.commands import (
    Visit,
    add_allergy,
    add_condition,
    add_document,
    add_prescription,
    add_procedure,
    add_result,
    cancel_encounter,
    cancel_prescription,
    close_encounter,
    end_allergy,
    finalise_document,
    open_encounter,
    record_contact,
    record_visit,
    record_vitals,
    replace_results,
    resolve_condition,
    void_document,
)
from yigong.records.data import (
    AlertData,
    AllergyData,
    DocumentData,
    EncounterContents,
    EncounterData,
    MedicineInUse,
    NewLine,
    NewResult,
    RecordSummary,
    ResultData,
    ResultGroupData,
    Source,
    Timeline,
    TimelineItem,
)
from yigong.records.frontpage import Belonging, FrontPart, register_front
from yigong.records.models import Document, Encounter
from yigong.records.queries import finding
from yigong.residents import api as residents

__all__ = [
    "Belonging",
    "FrontPart",
    "NewLine",
    "NewResult",
    "Source",
    "Visit",
    "add_allergy",
    "add_condition",
    "add_document",
    "add_prescription",
    "add_procedure",
    "add_result",
    "admitted_since",
    "alert_codes",
    "alerts",
    "allergies_of",
    "cancel_encounter",
    "cancel_prescription",
    "cases_of",
    "close_encounter",
    "contacts_between",
    "contacts_by_day",
    "contents",
    "diagnosis_name",
    "document",
    "document_versions",
    "documents_of_source",
    "encounter",
    "encounters_between",
    "end_allergy",
    "entries",
    "finalise_document",
    "judge_signs",
    "medicines_of",
    "newest_values",
    "open_encounter",
    "record_contact",
    "record_visit",
    "record_vitals",
    "register_front",
    "replace_results",
    "resolve_condition",
    "results",
    "signs",
    "stays_between",
    "summary",
    "timeline",
    "trend",
    "void_document",
    "with_condition",
]


def timeline(
    resident_id: UUID,
    *,
    actor: Actor,
    kinds: Collection[str] | None = None,
    institution_id: UUID | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    before: str = "",
    limit: int = 50,
) -> Timeline:
    """A stretch of one person's timeline, newest first, after a logged decision.

    ``kinds``: encounter, condition, result, prescription, document, procedure, allergy (all, without what an encounter's row tells, when
    None). ``before`` is the ``next`` cursor of the stretch before.
    """
    resident = residents.access_resident(resident_id, actor=actor)
    return queries.timeline_of(
        resident.id, kinds=kinds, institution_id=institution_id, since=since, until=until, before=before, limit=limit
    )


def entries(resident_id: UUID, wanted: Collection[tuple[str, UUID]], *, actor: Actor) -> list[TimelineItem]:
    """Single entries of one person by kind and key, newest first, after a logged decision; what is not his is left out."""
    resident = residents.access_resident(resident_id, actor=actor)
    return queries.entries_named(resident.id, wanted)


def diagnosis_name(code: str) -> str:
    """The Chinese name of a listed ICD-10 code (national clinical modification), else nothing. The picker is ``records:diagnoses``."""
    found = catalogue.diagnosis(code)
    return found.name if found else ""


def summary(resident_id: UUID, *, actor: Actor) -> RecordSummary:
    """Conditions, allergies, medicines, newest results, last contact: what fills a form in advance. Decides and logs."""
    resident = residents.access_resident(resident_id, actor=actor)
    return queries.summary_of(resident.id)


def medicines_of(resident_ids: Collection[UUID]) -> dict[UUID, list[MedicineInUse]]:
    """What people take by their records (links followed), each medicine once, those taken longest first. No decision: for a room that has decided
    about each person."""
    return queries.medicines_of(resident_ids)


def allergies_of(resident_ids: Collection[UUID]) -> dict[UUID, list[AllergyData]]:
    """The active allergies of people (links followed). No decision, as ``medicines_of``."""
    return queries.allergies_of(resident_ids)


def trend(resident_id: UUID, *, code: str, actor: Actor, limit: int = 60) -> list[ResultData]:
    """The numbers of one code over time, oldest first. Decides and logs."""
    resident = residents.access_resident(resident_id, actor=actor)
    return queries.trend(resident.id, code, limit)


def results(group_id: UUID, *, actor: Actor) -> ResultGroupData:
    """One group of results. Decides and logs; NotFound."""
    group = queries.result_group(group_id)
    access.require(actor, "read_detail", Subject("resident", residents.identity(group.resident_id).id))
    return group


def encounter(encounter_id: UUID, *, actor: Actor) -> EncounterData:
    """One contact with care. Decides and logs; NotFound."""
    found = Encounter.objects.filter(pk=encounter_id).first()
    if found is None:
        raise NotFound()
    access.require(actor, "read_detail", Subject("resident", residents.identity(found.resident_id).id))
    return queries.encounter_data(found)


def contents(encounter_id: UUID, *, actor: Actor) -> tuple[EncounterContents, list[AlertData]]:
    """What was written within one contact with care, and what the rules say about its vital signs, gravest first. As ``encounter``."""
    found = encounter(encounter_id, actor=actor)
    written, person = queries.contents_of(found.id), residents.identity(found.resident_id)
    return written, [a for g in written.results if g.category == "vital" for a in queries.alerts_of(g, person)]


def document(document_id: UUID, *, actor: Actor) -> DocumentData:
    """One version of a document. Decides and logs; NotFound."""
    found = Document.objects.filter(pk=document_id).first()
    if found is None:
        raise NotFound()
    access.require(actor, "read_detail", Subject("resident", residents.identity(found.resident_id).id))
    return queries.document_data(found)


def document_versions(document_id: UUID, *, actor: Actor) -> list[DocumentData]:
    """All versions of the document this one belongs to, newest first. Decides and logs."""
    return queries.document_versions(document(document_id, actor=actor).series_id)


def documents_of_source(*, app: str, id: UUID) -> list[DocumentData]:
    """The current documents that a room filed for one of its objects; for that room, which has decided already."""
    found = Document.objects.filter(source_app=app, source_id=id, status__in=["final", "draft"]).order_by("occurred_at")
    return [queries.document_data(d) for d in found]


def alerts(group_id: UUID, *, actor: Actor) -> list[AlertData]:
    """What the national rules say about recorded vital signs, gravest first. Decides and logs."""
    group = results(group_id, actor=actor)
    return queries.alerts_of(group, residents.identity(group.resident_id))


def signs() -> Mapping[str, rules.Sign]:
    """The vital signs of the national definition by short code, with plausible and normal ranges."""
    return rules.signs()


def alert_codes() -> frozenset[str]:
    """The codes of the rules about measured values: the one place where such thresholds stand."""
    return frozenset(r.code for r in rules.current(rules.ALERTS, "vital-alerts").rules)


def judge_signs(values: Mapping[str, Decimal | float | None], *, age: int | None, sex: str) -> list[AlertData]:
    """What the national rules say about values by short code of the sign, gravest first. Pure: nothing is read or written."""
    return rules.alerts(values, age, sex)


def with_condition(codes: Collection[str]) -> QuerySet:
    """Rows (``person``, ``code``) of standing diagnoses that begin with one of the ICD-10 codes; ``person`` follows merges. For one
    statement of another room, never for a page: no decision is made."""
    return finding.with_condition(codes)


def contacts_by_day(codes: Collection[str], since: date, until: date) -> list[tuple[UUID, date, int, int]]:
    """(institution, day, contacts with the sick, those with a diagnosis that begins with one of the codes); no row where there was no contact.
    Numbers only: no decision about a person."""
    return finding.contacts_by_day(codes, since, until)


def cases_of(
    codes: Collection[str], institution_id: UUID, day: date
) -> list[tuple[UUID, UUID, datetime, str, str, str]]:
    """(encounter, resident, time, kind, code, diagnosis) of the contacts that ``contacts_by_day`` counts as cases of an institution on a day. No
    decision: the room that shows them decides about each person."""
    return finding.cases_of(codes, institution_id, day)


def newest_values(code: str, *, since: date) -> QuerySet:
    """Rows (``person``, ``value``): everybody's newest number of one LOINC code since a day; as ``with_condition``."""
    return finding.newest_values(code, since)


def encounters_between(resident_ids: Collection[UUID], since: date, until: date) -> QuerySet:
    """Rows (``id``, ``resident_id``, ``kind``, ``occurred_at``, ``institution_id``, ``staff_id``) of contacts of these keys that are over, from one
    day to the day before another; as ``with_condition``."""
    return finding.encounters_between(resident_ids, since, until)


def contacts_between(since: date, until: date, resident_ids: Collection[UUID] | None = None) -> QuerySet:
    """Rows (``person``, ``n``): how many contacts that are over everybody (or the people of these keys) had on these days; as ``with_condition``."""
    return finding.contacts_between(since, until, resident_ids)


def stays_between(since: date, until: date) -> QuerySet:
    """Rows (``person``, ``occurred_at``, ``ended_at``, ``institution_id``) of admissions that touch these days; as ``with_condition``."""
    return finding.stays_between(since, until)


def admitted_since(day: date) -> QuerySet:
    """Rows (``person``, ``ended_at``) of admissions that ended since a day; as ``with_condition``."""
    return finding.admitted_since(day)
