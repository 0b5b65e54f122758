"""Answering: accept, the emergency desk's acknowledgement, ask for more, reject, redirect."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.commands import racing
from yigong.core.errors import NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.network import api as network
from yigong.referrals import events
from yigong.referrals.commands import errors, slots, waiting
from yigong.referrals.data import ReferralData
from yigong.referrals.models import Referral
from yigong.referrals.queries.reading import direction_between, to_data
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import REFERRAL

_CARRIED = (
    "kind", "urgency", "resident_id", "patient_name", "patient_sex", "patient_age", "patient_phone", "address",
    "insurance_type", "contract_team", "from_institution_id", "from_department_id", "requester_id", "requester_name",
    "requester_phone", "transport", "escort", "wanted_on", "wanted_bed", "skip_reason", "diagnosis_code", "diagnosis",
    "reason_code", "reason", "clinical", "consent_by", "consent_relation", "consent_at", "follow_up_on", "incomplete",
)  # fmt: skip


@racing("referrals.accept")
@transaction.atomic
def accept(
    *,
    referral_id: UUID,
    actor: Actor,
    sheet_id: UUID | None = None,
    direct_to_emergency: bool = False,
    bed: str = "",
    doctor: str = "",
    ward_phone: str = "",
    note: str = "",
    expected_version: int | None = None,
) -> ReferralData:
    """Take the patient, with a slot or bed of a sheet, straight to the emergency department, or (down) without a place.

    Raises WrongState naming who was first, Stale, SlotTaken with alternatives.
    """
    values = {
        "direct_to_emergency": direct_to_emergency,
        "bed": bed[:20],
        "doctor": doctor[:50],
        "ward_phone": ward_phone[:30],
    }
    seen = _get(referral_id)
    place = sheet_id or seen.sheet_id
    if seen.direction != "down" and not (place or direct_to_emergency or bed):
        raise errors.NotFitting(errors={"sheet_id": _("请选择号源或床位，或选择“直接到急诊”。")})
    row = _take(seen, "accept", actor, note, expected_version, place, values)
    waiting.tell(row, events.ReferralAccepted)
    return to_data(row)


@transaction.atomic
def acknowledge(*, referral_id: UUID, actor: Actor, doctor: str = "", ward_phone: str = "") -> ReferralData:
    """The emergency desk has seen it and makes ready: the green channel's acceptance. The form may be completed afterwards."""
    values = {"direct_to_emergency": True, "doctor": doctor[:50], "ward_phone": ward_phone[:30]}
    row = _take(_get(referral_id), "acknowledge", actor, "", None, None, values)
    waiting.tell(row, events.ReferralAccepted)
    return to_data(row)


@transaction.atomic
def ask_for_more(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """Send it back for what is missing; the answer clock stands still until it comes again."""
    seen = _get(referral_id)
    left = max((seen.due_at or clock.now()) - clock.now(), timedelta(minutes=5))
    row = transition(REFERRAL, seen, "ask", actor=actor, reason=reason, answer_left=left)
    waiting.entered(row, actor)
    return to_data(row)


@racing("referrals.reject")
@transaction.atomic
def reject(
    *, referral_id: UUID, reason_code: str, reason: str, actor: Actor, expected_version: int | None = None
) -> ReferralData:
    """Refuse with a coded reason; the sender decides then: elsewhere, here, or not at all."""
    problems = {}
    if reason_code not in rules.REJECT:
        problems["reason_code"] = _("请选择不接收的原因。")
    if len(reason.strip()) < 2:
        problems["reason"] = _("请说明不接收的具体原因，转出医师会看到。")
    if problems:
        raise errors.NotFitting(errors=problems)
    row = transition(
        REFERRAL, Referral(pk=referral_id), "reject", actor=actor, reason=reason, reason_code=reason_code,
        expected_version=expected_version, reject_code=reason_code, reject_reason=reason.strip(), answered_at=clock.now(),
    )  # fmt: skip
    _free(row, actor, _("不接收"))
    waiting.entered(row, actor)
    waiting.tell(row, events.ReferralRejected, reason_code=reason_code)
    return to_data(row)


@racing("referrals.redirect")
@transaction.atomic
def redirect(
    *, referral_id: UUID, to_institution_id: UUID, reason: str, actor: Actor, to_department_id: UUID | None = None
) -> ReferralData:
    """Ask another receiver instead: this one ends as redirected, a new one with the same content waits there. Returns the new one."""
    target = network.institution(to_institution_id)
    if to_department_id and network.department(to_department_id).institution_id != to_institution_id:
        raise errors.NotFitting(errors={"to_department_id": _("这个科室不属于所选的接收机构，请重新选择。")})
    seen = _get(referral_id)
    if to_institution_id in {seen.from_institution_id, seen.to_institution_id}:
        raise errors.NotFitting(errors={"to_institution_id": _("请选择另一家机构。")})
    row = transition(
        REFERRAL,
        seen,
        "redirect",
        actor=actor,
        reason=reason,
        closed_at=clock.now(),
        answered_at=seen.answered_at or clock.now(),
    )
    _free(row, actor, _("改转"))
    child = successor(
        row, target.id, to_department_id, direction_between(row.from_institution_id, target.id), actor, reason
    )
    waiting.entered(row, actor)
    waiting.tell(row, events.ReferralRedirected, child_id=child.id)
    return to_data(child)


@transaction.atomic
def keep(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """After a refusal the sender treats the patient at home."""
    row = transition(REFERRAL, Referral(pk=referral_id), "keep", actor=actor, reason=reason, closed_at=clock.now())
    waiting.entered(row, actor)
    waiting.tell(row, events.ReferralClosed)
    return to_data(row)


@transaction.atomic
def reopen(*, referral_id: UUID, actor: Actor, sheet_id: UUID | None = None) -> ReferralData:
    """A missed appointment is made again, once, with a new place."""
    row = _take(_get(referral_id), "reopen", actor, "", None, sheet_id, {"reopened": True, "valid_until": None})
    waiting.tell(row, events.ReferralAccepted)
    return to_data(row)


def successor(
    row: Referral, to: UUID, department: UUID | None, direction: str, actor: Actor, why: str, **more: object
) -> Referral:
    """A new referral with the same content, linked to its parent, waiting at its receiver."""
    child = Referral(
        parent=row, created_at=clock.now(), to_institution_id=to, to_department_id=department, direction=direction
    )
    for name in _CARRIED:
        setattr(child, name, getattr(row, name))
    for name, value in more.items():
        setattr(child, name, value)
    child.number = dated_number("referral", network.institution(child.from_institution_id).code[-6:])
    child.submitted_at = clock.now()
    child.answer_due_at = rules.answer_due(child.urgency, child.submitted_at, rules.parameters())
    # The clock of the state asks the row since when.
    child.state_since = child.submitted_at
    start(REFERRAL, child, "pending_receive", actor=actor, reason=why)
    waiting.entered(child, actor)
    waiting.tell(child, events.ReferralSubmitted)
    return child


def _take(
    seen: Referral, action: str, actor: Actor, note: str, version: int | None, sheet_id: UUID | None, values: dict
) -> Referral:
    now = clock.now()
    moments = {"answered_at": seen.answered_at or now, "accepted_at": seen.accepted_at or now}
    row = transition(
        REFERRAL, seen, action, actor=actor, reason=note, expected_version=version,
        **{**moments, **values, "valid_until": _valid_until(seen, sheet_id)},
    )  # fmt: skip
    if sheet_id:
        slots.hold_slot(row, sheet_id, actor)
        row.save(update_fields=["sheet", "hold_key", "to_department_id"])
    waiting.entered(row, actor)
    return row


def _valid_until(row: Referral, sheet_id: UUID | None) -> datetime:
    sheet = slots.SlotSheet.objects.filter(pk=sheet_id).first() if sheet_id else None
    if sheet and sheet.day:
        return datetime.combine(sheet.day, datetime.max.time().replace(microsecond=0), SHANGHAI)
    return clock.now() + rules.validity(row.urgency, rules.parameters())


def _free(row: Referral, actor: Actor, reason: str) -> None:
    slots.free_slot(row, actor, reason)
    row.save(update_fields=["sheet", "hold_key"])


def _get(referral_id: UUID) -> Referral:
    row = Referral.objects.select_related("sheet").filter(pk=referral_id).first()
    if row is None:
        raise NotFound()
    return row
