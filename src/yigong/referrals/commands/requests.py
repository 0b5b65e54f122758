"""Asking: drafts, submission, the own institution's approval, recall and cancelling."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, NotFound
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.referrals import events, policies
from yigong.referrals.commands import errors, slots, waiting
from yigong.referrals.data import NewReferral, ReferralData
from yigong.referrals.models import Referral
from yigong.referrals.queries.reading import direction_between, to_data
from yigong.referrals.rules import definitions as rules
from yigong.referrals.rules.workflow import OPEN, REFERRAL
from yigong.residents import api as residents

_LONGEST = 5000
_COPIED = (
    "direction", "kind", "urgency", "resident_id", "to_institution_id", "to_department_id", "wanted_on", "wanted_bed",
    "diagnosis_code", "diagnosis", "reason_code", "reason", "transport", "escort", "insurance_type", "contract_team",
    "skip_reason", "consent_by", "consent_relation", "requester_phone", "follow_up_on",
)  # fmt: skip


@racing("referrals.request")
@transaction.atomic
def request_referral(
    *, given: NewReferral, actor: Actor, form_key: UUID | None = None, draft: bool = False
) -> ReferralData:
    """Begin a referral in the name of the actor's own institution; unless ``draft``, submit it at once.

    The same ``form_key`` again is the same referral. Raises InvalidInput by field, WrongDirection, NotYourInstitution, SimilarReferral,
    Forbidden with the reason when the actor has no relationship with the resident.
    """
    if not actor.has(policies.REQUEST):
        raise Forbidden()
    if form_key and (known := Referral.objects.filter(form_key=form_key, requester_id=actor.staff_id).first()):
        return to_data(known)
    if actor.institution_id is None:
        raise errors.NotYourInstitution(place=actor.institution_name)
    row = Referral(form_key=form_key, created_at=clock.now(), from_institution_id=actor.institution_id)
    row.requester_id, row.requester_name, row.from_department_id = actor.staff_id, actor.name, actor.department_id
    _fill(row, given, actor)
    row.number = dated_number("referral", network.institution(actor.institution_id).code[-6:])
    try:
        with transaction.atomic():
            start(REFERRAL, row, "draft", actor=actor)
    except IntegrityError:
        # The same form was sent twice in the same instant: the first has it.
        return to_data(Referral.objects.get(form_key=form_key, requester_id=actor.staff_id))
    waiting.tell(row, events.ReferralRequested)
    return to_data(row) if draft else _submit(row, actor, sheet_id=given.sheet_id, confirmed=given.confirmed)


@transaction.atomic
def change_draft(
    *, referral_id: UUID, given: NewReferral, actor: Actor, expected_version: int | None = None
) -> ReferralData:
    """Rewrite a draft, a returned referral, or the missing parts of an emergency referral."""
    row = _locked(referral_id)
    if row.requester_id != actor.staff_id:
        raise Forbidden(_("只有申请医师本人可以修改。"))
    if row.state not in {"draft", "returned"} and not row.incomplete:
        raise errors.NotFitting(_("转诊单已提交，不能直接修改；可以先召回。"))
    if expected_version is not None and expected_version != row.version:
        raise errors.NotFitting(_("这张转诊单已在别处修改，请刷新后重试。"))
    _fill(row, given, actor)
    if row.incomplete:
        _check_complete(row, given.confirmed)
        row.incomplete = False
    row.version += 1
    row.save()
    waiting.entered(row, actor)
    return to_data(row)


@racing("referrals.submit")
@transaction.atomic
def submit(*, referral_id: UUID, actor: Actor, sheet_id: UUID | None = None, confirmed: bool = False) -> ReferralData:
    """Submit a draft or send a returned one again: to the own manager where the county wants that, else to the receiver."""
    return _submit(_locked(referral_id), actor, sheet_id=sheet_id, confirmed=confirmed)


@transaction.atomic
def approve(*, referral_id: UUID, actor: Actor, expected_version: int | None = None) -> ReferralData:
    """The own institution's manager lets it go out."""
    values = _answer_clock(_locked(referral_id))
    row = transition(
        REFERRAL, Referral(pk=referral_id), "approve", actor=actor, expected_version=expected_version, **values
    )
    return _after(row, actor, events.ReferralSubmitted)


@transaction.atomic
def return_(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """The own institution's manager sends it back to the author."""
    return _after(transition(REFERRAL, Referral(pk=referral_id), "return", actor=actor, reason=reason), actor)


@transaction.atomic
def recall(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """The author takes it back to change it, before anybody answered; a held place goes back."""
    row = transition(REFERRAL, Referral(pk=referral_id), "recall", actor=actor, reason=reason, answer_left=None)
    return _freed(row, actor, reason)


@racing("referrals.cancel")
@transaction.atomic
def cancel(*, referral_id: UUID, reason: str, actor: Actor) -> ReferralData:
    """The author withdraws it before the arrival; a held place goes back."""
    row = transition(REFERRAL, Referral(pk=referral_id), "cancel", actor=actor, reason=reason, closed_at=clock.now())
    return _freed(row, actor, reason, events.ReferralCancelled)


@transaction.atomic
def discard(*, referral_id: UUID, actor: Actor) -> ReferralData:
    """Delete a draft; the row stays as cancelled, so that the deletion is on record."""
    return _after(transition(REFERRAL, Referral(pk=referral_id), "discard", actor=actor, closed_at=clock.now()), actor)


def _submit(row: Referral, actor: Actor, *, sheet_id: UUID | None, confirmed: bool) -> ReferralData:
    _check_complete(row, confirmed)
    again = row.state == "returned"
    own = (
        row.urgency != "emergency"
        and network.institution(row.from_institution_id).level in rules.parameters().own_approval
    )
    action = ("resubmit" if again else "submit") if own else ("resend" if again else "send")
    values = _answer_clock(row) if not own else {"submitted_at": row.submitted_at or clock.now()}
    row = transition(
        REFERRAL,
        row,
        action,
        actor=actor,
        round=row.round + again,
        consent_at=row.consent_at,
        incomplete=row.incomplete,
        **values,
    )
    if sheet_id:
        slots.hold_slot(row, sheet_id, actor)
        row.save(update_fields=["sheet", "hold_key", "to_department_id"])
    return _after(row, actor, events.ReferralSubmitted)


def _answer_clock(row: Referral) -> dict[str, Any]:
    now = clock.now()
    left = row.answer_left
    due = now + left if left is not None else rules.answer_due(row.urgency, now, rules.parameters())
    return {"submitted_at": row.submitted_at or now, "answer_due_at": due, "escalations": 0}


def _after(row: Referral, actor: Actor, fact: type | None = None, **more: object) -> ReferralData:
    waiting.entered(row, actor)
    if fact:
        waiting.tell(row, fact, **more)
    return to_data(row)


def _freed(row: Referral, actor: Actor, reason: str, fact: type | None = None) -> ReferralData:
    slots.free_slot(row, actor, reason)
    row.save(update_fields=["sheet", "hold_key"])
    return _after(row, actor, fact)


def _locked(referral_id: UUID) -> Referral:
    row = Referral.objects.select_for_update().filter(pk=referral_id).first()
    if row is None:
        raise NotFound()
    return row


# ---- filling and checking


def _fill(row: Referral, given: NewReferral, actor: Actor) -> None:
    to, home = network.institution(given.to_institution_id), network.institution(row.from_institution_id)
    _check_direction(given.direction, home, to)
    _check_codes(given)
    for name in _COPIED:
        setattr(row, name, getattr(given, name))
    row.clinical = {key: value for key, value in given.clinical.items() if value not in (None, "", [])}
    row.parent_id = given.parent_id
    if given.consent_by and row.consent_at is None:
        row.consent_at = clock.now()
    _fill_patient(row, given, actor)


def _fill_patient(row: Referral, given: NewReferral, actor: Actor) -> None:
    if given.resident_id is None:
        if given.urgency != "emergency":
            raise errors.NotFitting(errors={"resident_id": _("请选择患者；只有急诊绿色通道可以先不选。")})
        row.patient_name, row.patient_sex = given.patient_name.strip() or _("无名氏"), given.patient_sex or "0"
        row.patient_age, row.patient_phone = given.patient_age, given.patient_phone
        return
    person = residents.access_resident(given.resident_id, actor=actor, action="write", purpose=_("转诊"))
    row.resident_id, row.patient_name, row.patient_sex = person.id, person.name, person.sex
    row.patient_age, row.address = person.age_text, person.place[:200]
    row.patient_phone = given.patient_phone or person.masked_phone


def _check_direction(direction: str, home: InstitutionData, to: InstitutionData) -> None:
    if home.id == to.id:
        raise errors.WrongDirection(errors={"to_institution_id": _("转入机构不能是本机构。院内转科请用会诊或转科。")})
    right = direction_between(home.id, to.id)
    if direction != right:
        text = _("从%(home)s到%(to)s属于%(right)s，请更正方向或接收机构。")
        words = {"home": home.short_name, "to": to.short_name, "right": rules.DIRECTION[right]}
        raise errors.WrongDirection(errors={"direction": text % words})


def _check_codes(given: NewReferral) -> None:
    problems = rules.check_vitals(given.clinical.get("vitals") or {})
    known: dict[str, Mapping[str, Any]] = {
        "kind": rules.KIND, "urgency": rules.URGENCY, "transport": {"": "", **rules.TRANSPORT},
        "insurance_type": {"": "", **rules.INSURANCE}, "reason_code": {"": "", **rules.REASON_UP, **rules.REASON_DOWN},
    }  # fmt: skip
    for name, codes in known.items():
        if getattr(given, name) not in codes:
            problems[name] = _("请从列表中选择。")
    if given.to_department_id and network.department(given.to_department_id).institution_id != given.to_institution_id:
        problems["to_department_id"] = _("这个科室不属于所选的接收机构，请重新选择。")
    too_long = len(given.reason) > _LONGEST or any(
        isinstance(v, str) and len(v) > _LONGEST for v in given.clinical.values()
    )
    if too_long:
        problems["reason"] = _("单项文字不能超过 %(n)s 字，请精简，详细病历可作为附件。") % {"n": _LONGEST}
    if problems:
        raise errors.NotFitting(errors=problems)


def _check_complete(row: Referral, confirmed: bool) -> None:
    missing = _missing(row)
    if row.urgency == "emergency" and row.state == "draft":
        row.incomplete = bool(missing)
        missing = {name: text for name, text in missing.items() if name == "reason"}
    if missing:
        raise errors.NotFitting(errors=missing)
    if not confirmed and row.resident_id and row.urgency != "emergency":
        _check_similar(row)


def _missing(row: Referral) -> dict[str, str]:
    problems = {}
    if not row.reason.strip():
        problems["reason"] = _("请填写主要病情和转诊原因。")
    if not row.reason_code:
        problems["reason_code"] = _("请选择转诊原因。")
    if not row.diagnosis:
        problems["diagnosis_code"] = _("请填写初步诊断，输入名称、拼音首字母或编码即可查找。")
    if not row.consent_by:
        problems["consent_by"] = _("请登记知情同意人（患者本人或家属）。")
    if row.resident_id is None:
        problems["resident_id"] = _("请核实患者身份并选择居民。")
    home, to = network.institution(row.from_institution_id), network.institution(row.to_institution_id)
    skips = row.urgency != "emergency" and row.direction == "up" and rules.skips_a_level(home.level, to.level)
    if skips and not row.skip_reason.strip():
        problems["skip_reason"] = _("越级转诊请说明原因，例如“急危重症”“专科指定”。")
    if row.direction == "down":
        problems |= _missing_down(row)
    return problems


def _missing_down(row: Referral) -> dict[str, str]:
    problems = {}
    if not str(row.clinical.get("plan_text", "")).strip():
        problems["plan_text"] = _("下转请写明下一步治疗方案及康复建议。")
    if row.follow_up_on is None:
        problems["follow_up_on"] = _("下转请选择首次随访日期。")
    return problems


def _check_similar(row: Referral) -> None:
    same = Referral.objects.filter(
        resident_id=row.resident_id,
        direction=row.direction,
        to_institution_id=row.to_institution_id,
        to_department_id=row.to_department_id,
        state__in=OPEN - {"draft"},
        submitted_at__gte=clock.now() - timedelta(hours=24),
    ).exclude(pk=row.pk)
    if found := same.first():
        text = _(
            "该患者 24 小时内已有同方向、同科室的转诊单 %(number)s（%(state)s）。如确需再转，请勾选“确认重复申请”。"
        )
        words = {"number": found.number, "state": REFERRAL.label(found.state)}
        raise errors.SimilarReferral(errors={"confirmed": text % words})


def as_given(row: Referral) -> NewReferral:
    """What the form showed, from the stored row (for editing, redirecting and referring onward)."""
    values = {name: getattr(row, name) for name in _COPIED}
    return NewReferral(
        **values, clinical=row.clinical, patient_name=row.patient_name, patient_sex=row.patient_sex,
        patient_age=row.patient_age, patient_phone=row.patient_phone, parent_id=row.parent_id, sheet_id=row.sheet_id,
    )  # fmt: skip
