"""The doctor's desk: call, see, order, prescribe, finish. What is clinical goes into ``records`` once, when the visit is finished."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic.commands import recording
from yigong.clinic.commands.charging import open_bill_of_visit, write_lines
from yigong.clinic.commands.errors import NeedsReason
from yigong.clinic.data import BillData, NewCharge, VisitData, VisitNote
from yigong.clinic.events import VisitFinished
from yigong.clinic.models import Bill, ChargeLine, Visit, VisitDiagnosis
from yigong.clinic.queries import bills, visits
from yigong.clinic.rules import cautions, definitions
from yigong.clinic.rules.workflow import VISIT
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.ledger import api as ledger
from yigong.core.states.api import WrongState, check, transition
from yigong.records import api as records

MOST_DIAGNOSES = 10


@racing("clinic.call_next")
@transaction.atomic
def call_next(*, actor: Actor) -> VisitData | None:
    """Call the next of the doctor's queue; None when nobody waits. Two doctors of one department never call the same person."""
    waiting = visits.queue_of(actor).filter(state="waiting").select_for_update(skip_locked=True, of=("self",))
    row = waiting.first()
    return call_visit(visit_id=row.id, actor=actor) if row else None


@transaction.atomic
def call_visit(*, visit_id: UUID, actor: Actor) -> VisitData:
    """Call somebody of the queue, again if need be."""
    row = _locked(visit_id, actor)
    row = transition(VISIT, row, "call", actor=actor, called_at=clock.now(), calls=row.calls + 1)
    return visits.visit_data(row)


@transaction.atomic
def skip_visit(*, visit_id: UUID, actor: Actor) -> VisitData:
    """Who did not come when called waits again."""
    return visits.visit_data(transition(VISIT, _locked(visit_id, actor), "skip", actor=actor))


@racing("clinic.begin_visit")
@transaction.atomic
def begin_visit(*, visit_id: UUID, actor: Actor) -> VisitData:
    """The patient sits down: the encounter is opened in the record (and with it the right to read it), the place is used up."""
    row = _locked(visit_id, actor)
    check(VISIT, row, "begin", actor=actor)
    if row.hold_key and (held := ledger.hold_of(row.hold_key)) and held.state == "held":
        ledger.settle(held.id, actor=actor, reason=row.number)
    encounter_id = row.encounter_id or recording.open_encounter(row, actor)
    row = transition(
        VISIT, row, "begin", actor=actor, encounter_id=encounter_id, staff_id=row.staff_id or actor.staff_id,
        staff_name=row.staff_name or actor.name,
    )  # fmt: skip
    return visits.visit_data(row)


@transaction.atomic
def save_note(*, visit_id: UUID, note: VisitNote, actor: Actor) -> VisitData:
    """Complaint, history, findings, advice and diagnoses as they stand; nothing goes into the record before the visit is finished."""
    row = _seeing(visit_id, actor)
    if len(note.diagnoses) > MOST_DIAGNOSES:
        raise InvalidInput(errors={"diagnosis_0": _("诊断最多 %(most)s 条。") % {"most": MOST_DIAGNOSES}})
    row.complaint, row.history = note.complaint.strip()[:500], note.history.strip()[:5000]
    row.examination, row.advice = note.examination.strip()[:5000], note.advice.strip()[:2000]
    row.save(update_fields=["complaint", "history", "examination", "advice"])
    row.diagnoses.all().delete()
    VisitDiagnosis.objects.bulk_create(
        VisitDiagnosis(visit=row, place=place, code=code[:20], name=name.strip()[:100], is_lasting=lasting)
        for place, (code, name, lasting) in enumerate(note.diagnoses, 1)
    )
    return visits.visit_data(row)


@racing("clinic.order_lines")
@transaction.atomic
def order_lines(*, visit_id: UUID, lines: Sequence[NewCharge], actor: Actor) -> BillData:
    """Examinations, treatments and medicines of the visit, as lines of its open bill. A medicine against a known allergy needs a reason (``note``)."""
    row = _seeing(visit_id, actor)
    bill = open_bill_of_visit(row, actor)
    _refuse_allergies(row, lines, bill.institution_level, actor)
    write_lines(
        Bill.objects.select_for_update(of=("self",)).select_related("visit", "stay").get(pk=bill.pk), lines, actor
    )
    return bills.bill(bill.id)


@racing("clinic.finish_visit")
@transaction.atomic
def finish_visit(*, visit_id: UUID, actor: Actor) -> VisitData:
    """Done: everything clinical is written into the record once, the bill waits at the counter."""
    row = _locked(visit_id, actor)
    check(VISIT, row, "finish", actor=actor)
    errors = {}
    if not row.complaint and not row.recorded_elsewhere:
        errors["complaint"] = _("请填写主诉。")
    if not row.diagnoses.exists():
        errors["diagnosis_0"] = _("请至少填写一条诊断。")
    if errors:
        raise InvalidInput(errors=errors)
    if not row.recorded_elsewhere:
        recording.write_visit(row, actor)
    Bill.objects.filter(visit=row, state="open", ready_at__isnull=True).update(ready_at=clock.now())
    row = transition(VISIT, row, "finish", actor=actor, finished_at=clock.now())
    assert row.encounter_id is not None, "a visit that was begun has an encounter"
    record(VisitFinished(row.id, row.resident_id, row.institution_id, row.encounter_id))
    return visits.visit_data(row)


def cautions_for(
    visit: Visit, item_codes: Sequence[str], level: str, actor: Actor
) -> dict[str, list[cautions.Caution]]:
    """What the doctor should know about each of these items for this patient."""
    summary = records.summary(visit.resident_id, actor=actor)
    on_bill = list(
        ChargeLine.objects.filter(bill__visit=visit, struck_at__isnull=True).values_list("item_code", flat=True)
    )
    classes = definitions.parameters().allergy_class
    allergies = [allergy.substance for allergy in summary.allergies]
    in_use = [name for name, _at in summary.in_use]
    return {
        code: cautions.about(
            definitions.item(code, level), allergies=allergies, in_use=in_use, on_bill=on_bill, classes=classes
        )
        for code in item_codes
    }


def _refuse_allergies(row: Visit, lines: Sequence[NewCharge], level: str, actor: Actor) -> None:
    unexplained = [line.item_code for line in lines if not line.note.strip()]
    found = cautions_for(row, unexplained, level, actor) if unexplained else {}
    grave = [one.text for told in found.values() for one in told if one.grave]
    if grave:
        raise NeedsReason("".join(grave) + _("如确需使用，请在备注中写明理由。"))


def _locked(visit_id: UUID, actor: Actor) -> Visit:
    row = Visit.objects.select_for_update().filter(pk=visit_id).first()
    if row is None:
        raise NotFound(_("没有找到这次就诊。"))
    access.require(actor, "write", Subject("visit", row.id))
    return row


def _seeing(visit_id: UUID, actor: Actor) -> Visit:
    row = _locked(visit_id, actor)
    if row.state != "seeing":
        raise WrongState(state=VISIT.label(row.state), action=_("书写"), by="")
    if row.staff_id != actor.staff_id and not actor.is_system:
        raise Conflict(_("这位患者由 %(doctor)s 接诊。") % {"doctor": row.staff_name})
    return row
