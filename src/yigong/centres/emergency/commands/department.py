"""The department: triage, care, resuscitation, observation, outcome."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.emergency.commands import calling, clocks, dispatching, measuring, resources, timing
from yigong.centres.emergency.commands.common import RECORDER, locked_case
from yigong.centres.emergency.events import CaseClosed
from yigong.centres.emergency.models import Case
from yigong.centres.emergency.rules import definitions
from yigong.centres.emergency.rules.workflow import CASE, RUN
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.states.api import transition
from yigong.records import api as records
from yigong.records.data import Source

_MOVES = ("see", "resuscitate", "observe")


@transaction.atomic
def triage(
    *,
    case_id: UUID,
    level: int,
    actor: Actor,
    values: Mapping[str, Decimal | float | int | None] | None = None,
    reason: str = "",
) -> Case:
    """A level by the nurse; the measured values propose one, and a milder one than they call for wants a reason. Again it is a re-triage."""
    row = locked_case(case_id)
    definitions.one_of("level", level)
    why: list[str] = []
    if values and any(value is not None for value in values.values()):
        reading = measuring.send_signs(case_id=case_id, values=values, actor=actor, note=_("分诊"))
        why = list(reading.alerts)
        if reading.level is not None and level > reading.level and not reason.strip():
            text = _("按测量值应为%(level)s（%(why)s）；定为更轻的级别请写明理由。")
            raise InvalidInput(
                errors={"reason": text % {"level": definitions.label("level", reading.level), "why": "、".join(why)}}
            )
    row = transition(
        CASE, row, "triage", actor=actor, reason=reason, level=level, level_why="；".join([*why, reason.strip()])[:300].strip(";"),
        triaged_at=clock.now(), triaged_by=actor.name[:80],
    )  # fmt: skip
    clocks.settle_tasks(row, actor)
    return row


@transaction.atomic
def move(*, case_id: UUID, action: str, actor: Actor) -> Case:
    """Seen by a doctor, into the resuscitation room, under observation."""
    if action not in _MOVES:
        raise InvalidInput(errors={"action": _("请选择要做的操作。")})
    row = transition(CASE, locked_case(case_id), action, actor=actor)
    path = definitions.pathway(row.pathway, row.pathway_version)
    if action == "see" and path and "doctor_seen" in path.nodes() and "doctor_seen" not in timing.points(row, None):
        timing.write(row, None, "doctor_seen", clock.now(), actor)
    clocks.settle_tasks(row, actor)
    return row


@transaction.atomic
def end_case(
    *,
    case_id: UUID,
    outcome: str,
    actor: Actor,
    diagnosis_code: str = "",
    diagnosis: str = "",
    note: str = "",
    place: str = "",
) -> Case:
    """The outcome: it closes the contact in the record with diagnosis and advice, gives back what was held, and stops the clocks. A target whose stop was
    never entered is unknown, not reached."""
    row = locked_case(case_id)
    on_the_road = row.state in {"called", "under_way", "coming"}
    _check_outcome(row, outcome, diagnosis, note, place, on_the_road)
    if on_the_road:
        _end_the_run(row, actor, note)
    row = transition(
        CASE, row, "end_outside" if on_the_road else "end", actor=actor, reason=note, outcome=outcome, outcome_note=note.strip()[:500],
        outcome_place=place.strip()[:120], diagnosis_code=diagnosis_code[:20], diagnosis=diagnosis.strip()[:120], closed_at=clock.now(),
    )  # fmt: skip
    resources.give_back_all(row, actor, definitions.label("outcome", outcome))
    calling.after(row, actor, note)
    _into_record(row, actor)
    record(CaseClosed(row.pk, row.resident_id, row.encounter_id, outcome))
    return row


@transaction.atomic
def reopen(*, case_id: UUID, reason: str, actor: Actor) -> Case:
    """The outcome was wrong: care goes on, the clocks too. The contact in the record stays as it was written."""
    row = locked_case(case_id)
    closed: datetime | None = row.closed_at
    hours = definitions.limits().reopen_hours
    if closed and (clock.now() - closed).total_seconds() > hours * 3600:
        raise InvalidInput(_("转归已超过 %(n)s 小时，不能撤销；如需更正请联系质控员。") % {"n": hours})
    row = transition(CASE, row, "reopen", actor=actor, reason=reason, outcome="", outcome_note="", closed_at=None)
    clocks.follow(row)
    return row


def _check_outcome(row: Case, outcome: str, diagnosis: str, note: str, place: str, on_the_road: bool) -> None:
    definitions.one_of("outcome", outcome)
    problems = {}
    if on_the_road and outcome in {"discharged", "admitted"}:
        problems["outcome"] = _("患者还没有到院，不能登记为%(what)s。") % {
            "what": definitions.label("outcome", outcome)
        }
    if not on_the_road and outcome == "not_carried":
        problems["outcome"] = _("患者已到院，请选择院内的转归。")
    if outcome in {"admitted", "transferred"} and not place.strip():
        problems["place"] = _("请写明收住的科室或转往的医院。")
    if not on_the_road and not diagnosis.strip():
        problems["diagnosis_code"] = _("请填写诊断，输入名称、拼音首字母或编码即可查找。")
    if outcome in {"left", "died", "not_carried"} and not note.strip():
        problems["note"] = _("请写明经过。")
    if problems:
        raise InvalidInput(errors=problems)


def _end_the_run(row: Case, actor: Actor, note: str) -> None:
    run = timing.running(row)
    if run is None or run.state in {"handed_over", "back"}:
        return
    if run.state in {"at_scene", "at_patient"}:
        transition(RUN, run, "leave_empty", actor=actor, reason=note, end_reason=note.strip()[:200])
    elif run.state in {"dispatched", "departed"}:
        dispatching.end_run(run_id=run.pk, reason=note, actor=actor)
        row.refresh_from_db()
    else:
        # Brought elsewhere or died on the way: the vehicle comes back.
        transition(RUN, run, "back", actor=actor)


def _into_record(row: Case, actor: Actor) -> None:
    if row.encounter_id is None or row.resident_id is None:
        return
    found = records.encounter(row.encounter_id, actor=RECORDER)
    if found.status != "open":
        return
    if row.diagnosis:
        records.add_condition(
            resident_id=row.resident_id, code=row.diagnosis_code, text=row.diagnosis, encounter_id=row.encounter_id, actor=RECORDER,
            institution_id=row.destination_id, staff_id=actor.staff_id,
        )  # fmt: skip
    advice = definitions.label("outcome", row.outcome) + (f"：{row.outcome_place}" if row.outcome_place else "")
    records.add_document(
        resident_id=row.resident_id, kind="emergency", title=_("急诊救治小结"), encounter_id=row.encounter_id, actor=RECORDER,
        institution_id=row.destination_id, source=Source("emergency", row.pk), staff_id=actor.staff_id, author_name=actor.name,
        content={
            _("主诉"): row.story or definitions.label("complaint", row.complaint), _("诊断"): row.diagnosis, _("转归"): advice,
            _("说明"): row.outcome_note,
        },
    )  # fmt: skip
    records.close_encounter(
        encounter_id=row.encounter_id, actor=RECORDER, advice=f"{advice} {row.outcome_note}".strip()
    )
