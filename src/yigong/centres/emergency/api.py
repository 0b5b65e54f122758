"""Emergencies: the door for other rooms. Commands are keyword-only and take the actor."""

from uuid import UUID

from yigong.centres.emergency.commands.calling import meet_first, take_call, walk_in
from yigong.centres.emergency.commands.measuring import take_device_tracing
from yigong.centres.emergency.data import CaseData, Crew, NewCase
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.queries.cases import access_case
from yigong.centres.emergency.rules.workflow import ACTIVE, CASE
from yigong.core.actor import Actor

__all__ = [
    "CaseData",
    "Crew",
    "NewCase",
    "case",
    "meet_first",
    "open_case_of",
    "take_call",
    "take_device_tracing",
    "walk_in",
]


def case(case_id: UUID, actor: Actor) -> CaseData:
    """One emergency that the actor takes part in; decided and logged."""
    return _data(access_case(case_id, actor))


def open_case_of(resident_ids: list[UUID]) -> CaseData | None:
    """The emergency that is going on for one of these keys; for rooms that have decided about the person."""
    found = Case.objects.filter(resident_id__in=resident_ids, state__in=ACTIVE).order_by("-opened_at").first()
    return _data(found) if found else None


def _data(row: Case) -> CaseData:
    return CaseData(
        row.pk, row.number, row.way, row.state, CASE.label(row.state), row.resident_id, row.destination_id, row.pathway, row.opened_at,
        row.outcome,
    )  # fmt: skip
