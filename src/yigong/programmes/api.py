"""Programmes: the door for other rooms. Keyword-only commands; results are frozen dataclasses of ``programmes.data``."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.forms.api import FormDefinition
from yigong.programmes.commands import (
    accept,
    add_site,
    adopt,
    amend,
    amend_visit,
    book,
    call_back,
    catch_up,
    close_recall,
    close_site,
    decline,
    draft_plan,
    draw_hits,
    draw_sample,
    drop_planned,
    end,
    enrol,
    find_candidates,
    hold,
    judge_lot,
    lift,
    lift_recall,
    make_list,
    move_lot,
    move_planned,
    note_attempt,
    note_check,
    note_contact,
    plan_activity,
    receive_lot,
    record_activity,
    record_visit,
    recount,
    refuse_due,
    reopen,
    reopen_site,
    resolve_alarm,
    restore_planned,
    settle_check,
    tell_ending,
    transfer,
    try_version,
    void_record,
    void_visit,
    watch,
    write_off,
)
from yigong.programmes.data import DueData, EnrolmentData, Foreseen, Outcome, VisitData, VisitFact
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import bundles, people, prefilling, standing
from yigong.programmes.queries.bundles import Bundle
from yigong.programmes.queries.effects import foresee
from yigong.programmes.queries.medicines import MedicineRow
from yigong.programmes.queries.medicines import of_visit as medicines_of_visit
from yigong.programmes.queries.medicines import rows_of as medicine_rows
from yigong.programmes.queries.prefilling import Start
from yigong.programmes.queries.stock import Choices, LotChoice, Shelf, shelf
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.judging import person_facts
from yigong.programmes.rules.medicines import Use, medicine_uses
from yigong.programmes.rules.medicines import asks as asks_medicines
from yigong.programmes.rules.medicines import typed as medicines_typed
from yigong.programmes.rules.packs import programmes
from yigong.residents import api as residents

__all__ = [
    "Bundle",
    "Choices",
    "DueData",
    "EnrolmentData",
    "Foreseen",
    "LotChoice",
    "MedicineRow",
    "Outcome",
    "Programme",
    "Shelf",
    "Start",
    "Use",
    "VisitData",
    "VisitFact",
    "accept",
    "add_site",
    "adopt",
    "amend",
    "amend_visit",
    "asks_medicines",
    "book",
    "bundle_for",
    "call_back",
    "catch_up",
    "close_recall",
    "close_site",
    "decline",
    "draft_plan",
    "draw_hits",
    "draw_sample",
    "drop_planned",
    "due_for",
    "end",
    "enrol",
    "enrolment",
    "enrolments_of",
    "find_candidates",
    "foresee",
    "hold",
    "judge_lot",
    "lift",
    "lift_recall",
    "make_list",
    "management",
    "medicine_rows",
    "medicine_uses",
    "medicines_of_visit",
    "medicines_typed",
    "move_lot",
    "move_planned",
    "newest_visit",
    "note_attempt",
    "note_check",
    "note_contact",
    "person_facts",
    "plan_activity",
    "programmes",
    "receive_lot",
    "record_activity",
    "record_visit",
    "recount",
    "refuse_due",
    "reopen",
    "reopen_site",
    "resolve_alarm",
    "restore_planned",
    "settle_check",
    "shelf",
    "standings",
    "start_of",
    "tell_ending",
    "transfer",
    "try_version",
    "under_management",
    "visits_between",
    "void_record",
    "void_visit",
    "watch",
    "write_off",
]


def due_for(resident_ids: Collection[UUID], *, actor: Actor, later: bool = False) -> list[DueData]:
    """What is open today for these people (links followed), longest overdue first; ``later``: also what is planned.

    For a room that has decided about each person already; what is kept from this actor is left out.
    """
    return people.due_rows(residents.identities_of(resident_ids), actor=actor, later=later)


def enrolments_of(resident_id: UUID, *, actor: Actor) -> list[EnrolmentData]:
    """A person's managements, those under way first. Decides and logs."""
    person = residents.access_resident(resident_id, actor=actor)
    return [people.to_data(row) for row in people.of_resident(person.id, actor=actor)]


def enrolment(enrolment_id: UUID, *, actor: Actor) -> EnrolmentData:
    """One management. Decides about the person and logs; NotFound, Forbidden."""
    return people.to_data(people.access_enrolment(enrolment_id, actor=actor))


def management(enrolment_id: UUID) -> EnrolmentData | None:
    """One management as it is now, None where there is none. No decision: for a room that only has to know what became of it."""
    row = Enrolment.objects.filter(pk=enrolment_id).first()
    return people.to_data(row) if row else None


def newest_visit(enrolment_id: UUID, *, actor: Actor) -> VisitData | None:
    """The newest visit of one management, with the key of its answers. Decides and logs."""
    found = people.visits_of([people.access_enrolment(enrolment_id, actor=actor)], limit=1)
    return found[0] if found else None


def bundle_for(*, actor: Actor, institution_id: UUID | None = None, days: int = 30) -> Bundle:
    """Everything a device needs to work offline for one institution's people for some days: people, plans, forms, last values. Decides about
    each person and logs."""
    return bundles.bundle(actor=actor, institution_id=institution_id, days=days, today=clock.today())


def visits_between(resident_ids: Collection[UUID], since: date, until: date) -> list[VisitFact]:
    """The visits that count of these keys (as written, links not followed) from one day to the day before another. No decision: for counting,
    never for a page about a person."""
    return people.facts_between(resident_ids, since, until)


def standings(programme: str, rate: str, year: int) -> QuerySet:
    """Rows (``person``, ``counts``) of everybody in the denominator of a rate of enrolled people; as ``under_management``."""
    return standing.of_rate(programme, rate, year)


def under_management(programme: str) -> QuerySet:
    """The residents under management today, as rows (``resident_id``) for one statement of another room; never for a page."""
    return people.under_management(programme)


def start_of(enrolment_id: UUID, stage: str, sheet: FormDefinition, *, actor: Actor) -> Start:
    """What the page of a visit begins with: values with where they come from, the facts its conditions need. The caller has decided."""
    return prefilling.start_of(sheet, Enrolment.objects.get(pk=enrolment_id), stage, actor=actor)
