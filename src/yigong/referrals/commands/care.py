"""After the acceptance: arrival, treatment, feedback, the way back down, first visit, follow-up, closing."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, NotFound
from yigong.core.states.api import transition
from yigong.network import api as network
from yigong.referrals import events, policies
from yigong.referrals.commands import errors, slots, summary, waiting
from yigong.referrals.commands.answers import successor
from yigong.referrals.data import NewReferral, ReferralData
from yigong.referrals.models import Referral
from yigong.referrals.queries.reading import direction_between, to_data
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import REFERRAL, NotBefore, is_receiver
from yigong.residents import api as residents


@racing("referrals.arrive")
@transaction.atomic
def arrive(
    *, referral_id: UUID, name: str, identifier: str, actor: Actor, manner: str = "self", priority: str = "visit"
) -> ReferralData:
    """The patient stands at the desk with two identifiers: the name, and the last four of the document number, the birth date, or
    the referral's number. Uses the held place up."""
    row = _get(referral_id)
    _check_identity(row, name, identifier)
    row = transition(
        REFERRAL, row, "arrive", actor=actor, arrived_at=clock.now(), arrival_manner=manner[:10], priority=priority[:12]
    )
    slots.use_slot(row, actor)
    return _after(row, actor, events.ReferralArrived)


@transaction.atomic
def begin_treatment(
    *, referral_id: UUID, actor: Actor, admitted: bool = False, encounter_id: UUID | None = None
) -> ReferralData:
    """The specialist takes over, as an outpatient or an inpatient."""
    kind: dict[str, Any] = {"kind": "inpatient"} if admitted else {}
    row = transition(
        REFERRAL, _get(referral_id), "treat", actor=actor, admitted=admitted, encounter_id=encounter_id, **kind
    )
    return _after(row, actor)


@transaction.atomic
def end_treatment(*, referral_id: UUID, actor: Actor, ended_at: datetime | None = None) -> ReferralData:
    """The patient was discharged: the feedback clock of an inpatient starts now."""
    row = Referral.objects.select_for_update().filter(pk=referral_id).first()
    if row is None:
        raise NotFound()
    if row.state != "in_treatment":
        raise NotBefore(what=_("只有诊治中的转诊可以登记出院。"))
    if not (actor.is_system or (actor.has(policies.TREAT) and is_receiver(row, actor))):
        raise Forbidden()
    row.treatment_ended_at = ended_at or clock.now()
    row.due_at = row.treatment_ended_at + timedelta(hours=rules.parameters().feedback.inpatient_hours)
    row.escalated_at = None
    row.save(update_fields=["treatment_ended_at", "due_at", "escalated_at"])
    return _after(row, actor)


@transaction.atomic
def feed_back(
    *,
    referral_id: UUID,
    outcome_code: str,
    diagnosis_code: str,
    diagnosis: str,
    plan: str,
    actor: Actor,
    summary_text: str = "",
    agrees: bool | None = None,
    follow_up_on: date | None = None,
) -> ReferralData:
    """Outcome, diagnosis and plan go to the sender and, as the discharge summary, into the record and to the contract doctor today."""
    row = _finish_treatment("feed_back", referral_id, outcome_code, diagnosis_code, diagnosis, plan, actor, {
        "agrees": agrees, "follow_up_on": follow_up_on, "feedback": {"plan": plan, "summary": summary_text},
    })  # fmt: skip
    return _after(row, actor, events.ReferralCompleted, outcome_code=outcome_code)


@transaction.atomic
def refer_onward(
    *,
    referral_id: UUID,
    to_institution_id: UUID,
    diagnosis_code: str,
    diagnosis: str,
    plan: str,
    reason: str,
    actor: Actor,
    to_department_id: UUID | None = None,
) -> ReferralData:
    """Needs a higher hospital still: this one is completed with outcome 4, a new up-referral from here waits there. Returns the new one."""
    row = _finish_treatment("refer_onward", referral_id, "4", diagnosis_code, diagnosis, plan, actor, {
        "feedback": {"plan": plan, "summary": reason},
    })  # fmt: skip
    home = network.institution(row.to_institution_id)
    child = successor(
        row, to_institution_id, to_department_id, direction_between(home.id, to_institution_id), actor, reason,
        from_institution_id=home.id, from_department_id=row.to_department_id, requester_id=actor.staff_id,
        requester_name=actor.name, diagnosis_code=diagnosis_code, diagnosis=diagnosis, reason=reason, reason_code="4",
    )  # fmt: skip
    _after(row, actor, events.ReferralCompleted, outcome_code="4")
    return to_data(child)


@transaction.atomic
def refer_down(*, referral_id: UUID, given: NewReferral, actor: Actor, form_key: UUID | None = None) -> ReferralData:
    """The specialist proposes the way back: a down-referral linked to this one. It may be proposed before the discharge."""
    from yigong.referrals.commands.requests import request_referral

    row = _get(referral_id)
    if row.state not in {"in_treatment", "completed", "followed_up"}:
        raise NotBefore(what=_("患者到诊并开始诊治后才能下转。"))
    if row.to_institution_id not in actor.institution_ids:
        raise errors.NotYourInstitution(place=actor.institution_name)
    return request_referral(given=given, actor=actor, form_key=form_key)


@racing("referrals.first_visit")
@transaction.atomic
def first_visit(
    *, referral_id: UUID, manner: str, note: str, actor: Actor, plan: dict[str, Any] | None = None
) -> ReferralData:
    """The township or village has met (or phoned) the patient who came back: the follow-down plan runs from now."""
    if not note.strip():
        raise errors.NotFitting(errors={"note": _("请记录首访情况，例如血压、用药、伤口。")})
    seen = _get(referral_id)
    in_time = seen.due_at is None or clock.now() <= seen.due_at
    row = transition(
        REFERRAL, seen, "first_visit", actor=actor, reason=note, arrived_at=clock.now(), first_contact_at=clock.now(),
        arrival_manner=manner[:10], plan={**seen.plan, **(plan or {})},
    )  # fmt: skip
    row = transition(REFERRAL, row, "treat", actor=system("referrals"), reason=_("下转随访计划开始"))
    return _after(row, actor, events.FirstVisitDone, in_time=in_time)


@transaction.atomic
def follow_up(*, referral_id: UUID, manner: str, note: str, actor: Actor) -> ReferralData:
    """The sender has looked after the patient with the specialist's plan."""
    if not note.strip():
        raise errors.NotFitting(errors={"note": _("请记录随访情况。")})
    seen = _get(referral_id)
    row = transition(
        REFERRAL, seen, "follow_up", actor=actor, reason=note, first_contact_at=seen.first_contact_at or clock.now(),
        plan={**seen.plan, "follow_up_manner": manner},
    )  # fmt: skip
    return _after(row, actor, events.FirstVisitDone, in_time=seen.due_at is None or clock.now() <= seen.due_at)


@transaction.atomic
def finish(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """No follow-up is needed."""
    return _closed("finish", referral_id, actor, reason)


@transaction.atomic
def close(*, referral_id: UUID, actor: Actor) -> ReferralData:
    """Everything is done."""
    return _closed("close", referral_id, actor, "")


@transaction.atomic
def give_up(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """The patient does not want to come any more."""
    return _closed("give_up", referral_id, actor, reason)


def _closed(action: str, referral_id: UUID, actor: Actor, reason: str) -> ReferralData:
    row = transition(REFERRAL, _get(referral_id), action, actor=actor, reason=reason, closed_at=clock.now())
    return _after(row, actor, events.ReferralClosed)


def _finish_treatment(
    action: str,
    referral_id: UUID,
    outcome: str,
    code: str,
    diagnosis: str,
    plan: str,
    actor: Actor,
    values: dict[str, Any],
) -> Referral:
    problems = {}
    if outcome not in rules.OUTCOME:
        problems["outcome_code"] = _("请选择结束方式。")
    if not diagnosis.strip():
        problems["diagnosis_code"] = _("请填写接诊诊断。")
    if not plan.strip():
        problems["plan"] = _("请填写下一步治疗和随访建议，转出医师和家庭医生要据此随访。")
    if problems:
        raise errors.NotFitting(errors=problems)
    now = clock.now()
    row = transition(
        REFERRAL, _get(referral_id), action, actor=actor, outcome_code=outcome, result_code=code[:20],
        result_diagnosis=diagnosis.strip()[:120], feedback_at=now, **values,
    )  # fmt: skip
    row.treatment_ended_at = row.treatment_ended_at or now
    row.save(update_fields=["treatment_ended_at"])
    slots.return_bed(row, actor)
    summary.file(row, actor)
    return row


def _after(row: Referral, actor: Actor, fact: type | None = None, **more: object) -> ReferralData:
    waiting.entered(row, actor)
    if fact:
        waiting.tell(row, fact, **more)
    return to_data(row)


def _check_identity(row: Referral, name: str, identifier: str) -> None:
    """Two identifiers, both right. The sentence does not tell what would have been right."""
    given, problems = identifier.strip().replace(" ", ""), {}
    if name.strip() != row.patient_name:
        problems["name"] = _("姓名与转诊单不符，请核对患者身份。")
    if given != row.number and given.upper()[-4:] not in _known(row, given):
        problems["identifier"] = _("证件号后四位、出生日期或转诊单号不符，请核对患者身份。")
    if problems:
        raise errors.WrongPatient(errors=problems)


def _known(row: Referral, given: str) -> set[str]:
    if row.resident_id is None:
        return set()
    found = residents.resident_names([row.resident_id])[row.resident_id]
    return {found.masked_number[-4:]} if len(given) >= 4 and found.masked_number else set()


def _get(referral_id: UUID) -> Referral:
    row = Referral.objects.select_related("sheet").filter(pk=referral_id).first()
    if row is None:
        raise NotFound()
    return row
