"""What other rooms tell: an ECG that suggests a heart attack, an emergency referral and what becomes of it. Each makes or moves one case."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.centres.ecg.events import ChestPainSuspected
from yigong.centres.emergency.commands import calling, dispatching, resources
from yigong.centres.emergency.data import NewCase
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import CASE, ON_THE_WAY
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.states.api import transition
from yigong.referrals import api as referrals
from yigong.referrals.events import ReferralArrived, ReferralCancelled, ReferralRejected, ReferralSubmitted

_ROOM = system("emergency")
_COMPLAINT = {"chest-pain": "chest_pain", "stroke": "stroke", "trauma": "trauma_severe"}


def expect_heart_attack(fact: ChestPainSuspected) -> None:
    """The critical ECG opens the chest-pain case, or joins the one that the person has open."""
    if fact.treating_institution_id is None:
        return
    open_now = Case.objects.filter(resident_id=fact.resident_id).exclude(state__in=["closed", "cancelled"]).first()
    if open_now is not None:
        if not open_now.pathway:
            from yigong.centres.emergency.commands import pathways

            pathways.choose_pathway(case_id=open_now.pk, code="chest-pain", actor=_ROOM)
        return
    calling.from_elsewhere(
        way="ecg", given=NewCase(complaint="chest_pain", resident_id=fact.resident_id, pathway="chest-pain", story=_words(fact)),
        source=("order", fact.order_id), origin_id=fact.requesting_institution_id, destination_id=fact.treating_institution_id,
        actor=_ROOM, fmc_at=None,
    )  # fmt: skip


def take_referral(fact: ReferralSubmitted) -> None:
    """An emergency referral upwards: the township's contact counts as the first."""
    given = referrals.referral(fact.referral_id, _ROOM)
    if given.urgency != "emergency" or given.direction == "down" or given.state in {"cancelled", "draft"}:
        return
    path = definitions.pathway_for(given.diagnosis_code)
    calling.from_elsewhere(
        way="transfer",
        given=NewCase(
            complaint=_COMPLAINT.get(path, "other"), resident_id=given.resident_id, patient_name=given.patient_name, pathway=path,
            story=given.diagnosis,
        ),
        source=("referral", fact.referral_id), origin_id=fact.from_institution_id, destination_id=fact.to_institution_id, actor=_ROOM,
        fmc_at=given.submitted_at or clock.now(),
    )  # fmt: skip


def referral_arrived(fact: ReferralArrived) -> None:
    """The referral desk saw the patient: here he has arrived too."""
    row = _of(fact.referral_id)
    if row is not None and row.state in ON_THE_WAY and not row.runs.exclude(state__in=["cancelled", "empty"]).exists():
        dispatching.arrive_without_vehicle(case_id=row.pk, actor=_ROOM)


def referral_ended(fact: ReferralCancelled | ReferralRejected) -> None:
    """Withdrawn or refused: nobody is coming."""
    row = _of(fact.referral_id)
    if row is not None and row.state == "coming":
        row = transition(CASE, row, "cancel", actor=_ROOM, reason=_("转诊已撤销或未接收"), closed_at=clock.now())
        resources.give_back_all(row, _ROOM, _("转诊已撤销或未接收"))
        calling.after(row, _ROOM)


def _of(referral_id: UUID) -> Case | None:
    return Case.objects.filter(source_kind="referral", source_id=referral_id).first()


def _words(fact: ChestPainSuspected) -> str:
    from yigong.orders import api as orders

    return orders.service("ecg").critical_items.get(fact.item, "")
