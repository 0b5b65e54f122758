"""Insurance, categories and registrations: begun, ended, called off, and either undone."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.insurance.coverage import policies, rules
from yigong.insurance.coverage.data import NewEnrolment
from yigong.insurance.coverage.errors import AlreadyEnded, AlreadyHeld, AlreadyInsured, NotEnded
from yigong.insurance.coverage.events import CoverageChanged
from yigong.insurance.coverage.models import Category, Enrolment, Entitlement
from yigong.network import api as network
from yigong.residents import api as residents

# Each kind of period and what the database says when two of it meet.
PERIODS: dict[str, tuple[Any, dict[str, Conflict]]] = {
    "enrolment": (Enrolment, {"enrolment_once_a_day": AlreadyInsured()}),
    "category": (Category, {"category_once_a_day": AlreadyHeld()}),
    "entitlement": (
        Entitlement,
        {"entitlement_once_a_day": AlreadyHeld(), "entitlement_one_at_a_time": AlreadyHeld()},
    ),
}


@racing("coverage.enrol")
@transaction.atomic
def enrol(*, resident_id: UUID, given: NewEnrolment, actor: Actor) -> UUID:
    """Record insurance for a period. AlreadyInsured when any scheme covers a day of it; InvalidInput names the fields."""
    faults = rules.enrolment_faults(given.insurance, given.region, given.person_type)
    faults |= rules.payment_faults(given.paid_on, given.missed_years, given.repaired_years, clock.today())
    row = Enrolment(
        insurance=given.insurance, region=given.region, person_type=given.person_type, paid_on=given.paid_on,
        missed_years=given.missed_years, repaired_years=given.repaired_years,
    )  # fmt: skip
    return _begin(row, resident_id, given.starts_on, given.ends_on, given.source, actor, faults)


@racing("coverage.grant_category")
@transaction.atomic
def grant_category(
    *, resident_id: UUID, code: str, starts_on: date, actor: Actor, ends_on: date | None = None, source: str = ""
) -> UUID:
    """Record a category of person (a code of the benefit plans) for a period. AlreadyHeld when it holds on a day of it."""
    faults = {} if code.strip() else {"code": _required()}
    return _begin(Category(code=code.strip()), resident_id, starts_on, ends_on, source, actor, faults)


@racing("coverage.register_entitlement")
@transaction.atomic
def register_entitlement(
    *, resident_id: UUID, kind: str, starts_on: date, actor: Actor, code: str = "", institution_id: UUID | None = None,
    ends_on: date | None = None, source: str = "",
) -> UUID:  # fmt: skip
    """Record a chronic or special disease, one of the two diseases, the chosen institution or care elsewhere for a period.

    Only one institution is chosen and only one place elsewhere registered at a time; a disease is certified once at a time.
    """
    if kind not in Entitlement.Kind.values:
        raise ValueError(f"unknown kind {kind}")
    faults = {}
    if kind == Entitlement.Kind.INSTITUTION:
        if institution_id is None or network.institution(institution_id) is None:
            faults["institution_id"] = _required()
    elif not code.strip():
        faults["code"] = _required()
    row = Entitlement(kind=kind, code=code.strip(), institution_id=institution_id)
    return _begin(row, resident_id, starts_on, ends_on, source, actor, faults)


@racing("coverage.end")
@transaction.atomic
def end_enrolment(*, enrolment_id: UUID, ends_on: date, reason: str, actor: Actor) -> None:
    """End insurance: ``ends_on`` is the first day that no longer counts."""
    _end(Enrolment, enrolment_id, ends_on, reason, actor)


@transaction.atomic
def end_category(*, category_id: UUID, ends_on: date, reason: str, actor: Actor) -> None:
    """End a category."""
    _end(Category, category_id, ends_on, reason, actor)


@transaction.atomic
def end_entitlement(*, entitlement_id: UUID, ends_on: date, reason: str, actor: Actor) -> None:
    """End a registration."""
    _end(Entitlement, entitlement_id, ends_on, reason, actor)


def _begin(
    row: Any,
    resident_id: UUID,
    starts_on: date,
    ends_on: date | None,
    source: str,
    actor: Actor,
    faults: dict[str, str],
) -> UUID:
    policies.may_keep(actor)
    faults |= rules.period_faults(starts_on, ends_on, clock.today())
    if faults:
        raise InvalidInput(errors=faults)
    person = residents.resolve([resident_id])[resident_id]
    one_at_a_time("coverage", person)
    row.resident_id, row.starts_on, row.ends_on, row.source = person, starts_on, ends_on, source[:100]
    row.planned_until = ends_on
    with acting(actor, reason=source), refusing(**PERIODS[row._meta.model_name][1]):
        row.save(force_insert=True)
    record(CoverageChanged(resident_id=person, what=row._meta.model_name, row_id=row.pk))
    return row.pk


@racing("coverage.call_off")
@transaction.atomic
def call_off(*, what: str, row_id: UUID, reason: str, actor: Actor) -> None:
    """What was recorded by mistake holds on no day, from the beginning. ``what``: ``enrolment``, ``category`` or ``entitlement``.
    Settlements that stood on it are not changed."""
    row = _locked(what, row_id, reason, actor)
    if row.ends_on == row.starts_on:
        raise AlreadyEnded()
    _changed(row, row.starts_on, reason.strip()[:100], reason, actor)


@racing("coverage.undo_end")
@transaction.atomic
def undo_end(*, what: str, row_id: UUID, reason: str, actor: Actor) -> None:
    """An end or a calling off was a mistake: the period runs as it was recorded at first. AlreadyInsured or AlreadyHeld when something
    else began meanwhile; NotEnded."""
    row = _locked(what, row_id, reason, actor)
    if not row.ended_because:
        raise NotEnded()
    _changed(row, row.planned_until, "", reason, actor)


def _end(model: Any, key: UUID, ends_on: date, reason: str, actor: Actor) -> None:
    row = _locked(model._meta.model_name, key, reason, actor)
    if row.ended_because or (row.ends_on is not None and row.ends_on <= ends_on):
        raise AlreadyEnded()
    if faults := rules.period_faults(row.starts_on, ends_on, clock.today()):
        raise InvalidInput(errors=faults)
    _changed(row, ends_on, reason.strip()[:100], reason, actor)


def _locked(what: str, key: UUID, reason: str, actor: Actor) -> Any:
    policies.may_keep(actor)
    if what not in PERIODS:
        raise NotFound()
    periods = PERIODS[what][0].objects
    person = periods.filter(pk=key).values_list("resident_id", flat=True).first()
    if person is None:
        raise NotFound()
    # A person's turn first, as at a beginning: two changes that wait for each other's rows would end as a deadlock, not as a refusal.
    one_at_a_time("coverage", residents.resolve([person])[person])
    row = periods.select_for_update().get(pk=key)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _required()})
    return row


def _changed(row: Any, ends_on: date | None, because: str, reason: str, actor: Actor) -> None:
    row.ends_on, row.ended_because = ends_on, because
    with acting(actor, reason=reason), refusing(**PERIODS[row._meta.model_name][1]):
        row.save(update_fields=["ends_on", "ended_because"])
    record(CoverageChanged(resident_id=row.resident_id, what=row._meta.model_name, row_id=row.pk))


def _required() -> str:
    from django.utils.translation import gettext as _

    return _("请填写。")
