"""Questions of the coder to the doctor."""

from dataclasses import asdict
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.ids import new_id
from yigong.core.states.api import start, transition
from yigong.insurance.claims import policies
from yigong.insurance.claims.errors import AlreadyAsked
from yigong.insurance.claims.models import CodingQuestion
from yigong.insurance.claims.queries.desk import look
from yigong.insurance.claims.rules.workflow import QUESTION
from yigong.tasks import api as tasks

_ANSWER_WITHIN = timedelta(days=2)
OUTCOMES = {
    "documented": gettext_noop("已在病历中写明"),
    "not_present": gettext_noop("不存在这种情况"),
    "later": gettext_noop("需要补充后再定"),
}


@racing("claims.ask_doctor")
@transaction.atomic
def ask_doctor(*, stay_id: UUID, key: str, actor: Actor) -> CodingQuestion:
    """Ask the attending doctor one of the questions that the record raises now; a task appears at the doctor's desk.

    The question is taken from the record again, so that nothing can be asked that no evidence supports.
    """
    if not actor.has(policies.DESK):
        raise Forbidden()
    desk = look(stay_id, actor=actor)
    question = next((one for one in desk.questions if one.key == key), None)
    if question is None:
        raise NotFound(_("病历中已没有提出这个问题的依据，请刷新页面。"))
    stay = desk.page.stay
    row = CodingQuestion(
        id=new_id(), stay_id=stay_id, key=key[:80], topic=question.topic, text=question.text[:400],
        evidence=[asdict(one) for one in question.evidence], resident_id=desk.page.resident_id, patient_name=desk.page.patient_name,
        institution_id=stay.institution_id, doctor_id=stay.doctor_id, doctor_name=stay.doctor_name, asked_by=actor.name,
        asked_by_id=actor.staff_id,
    )  # fmt: skip
    with refusing(claims_question_once=AlreadyAsked()):
        start(QUESTION, row, "asked", actor=actor)
    tasks.open_task(
        key=f"claims.question.{row.id}", kind="claims.question", title=f"病案书写问题：{row.patient_name} {row.text}"[:200],
        institution_id=row.institution_id, url=f"/claims/questions/{row.id}/", staff_id=row.doctor_id,
        role="" if row.doctor_id else "specialist", department_id=None if row.doctor_id else stay.department_id,
        about_resident_id=row.resident_id, due_at=clock.now() + _ANSWER_WITHIN, subject=("coding_question", row.id),
    )  # fmt: skip
    return row


@racing("claims.answer_question")
@transaction.atomic
def answer_question(*, question_id: UUID, outcome: str, answer: str, actor: Actor) -> CodingQuestion:
    """The doctor's answer; whoever asked gets a task to look at it."""
    if outcome not in OUTCOMES:
        raise InvalidInput(errors={"outcome": _("请选择一种答复。")})
    row = _locked(question_id)
    row = transition(QUESTION, row, "answer", actor=actor, outcome=outcome, answer=answer.strip()[:1000])
    tasks.resolve_task(key=f"claims.question.{row.id}", actor=actor, note=answer)
    if row.asked_by_id:
        tasks.open_task(
            key=f"claims.answered.{row.id}", kind="claims.answered", title=f"医师已答复：{row.patient_name} {OUTCOMES[outcome]}",
            institution_id=row.institution_id, url=f"/claims/desk/{row.stay_id}/", staff_id=row.asked_by_id,
            about_resident_id=row.resident_id, subject=("coding_question", row.id),
        )  # fmt: skip
    return row


@transaction.atomic
def withdraw_question(*, question_id: UUID, reason: str, actor: Actor) -> CodingQuestion:
    """The coder no longer needs an answer."""
    row = transition(QUESTION, _locked(question_id), "withdraw", actor=actor, reason=reason)
    tasks.cancel_task(key=f"claims.question.{row.id}", reason=reason, actor=actor)
    return row


def _locked(question_id: UUID) -> CodingQuestion:
    row = CodingQuestion.objects.select_for_update().filter(pk=question_id).first()
    if row is None:
        raise NotFound(_("没有找到这个问题。"))
    return row
