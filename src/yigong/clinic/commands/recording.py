"""What a visit or a stay leaves in ``records``: written once, in the transaction of the step that ends it."""

from collections.abc import Sequence
from typing import TypedDict
from uuid import UUID, uuid5

from yigong.clinic.data import MEDICINES
from yigong.clinic.models import ChargeLine, FrontPage, Stay, Visit
from yigong.clinic.rules import definitions
from yigong.core.actor import Actor
from yigong.records import api as records
from yigong.records.data import NewLine, Source

_ACTS = {"treatment", "surgery"}


class _At(TypedDict):
    resident_id: UUID
    encounter_id: UUID | None
    institution_id: UUID
    actor: Actor


def open_encounter(visit: Visit, actor: Actor) -> UUID:
    """The encounter of a visit that begins."""
    found = records.open_encounter(
        resident_id=visit.resident_id, kind="emergency" if visit.manner == "emergency" else "outpatient", actor=actor,
        institution_id=visit.institution_id, department_id=visit.department_id, complaint=visit.complaint,
        source=Source("clinic", visit.id, number=visit.number), request_key=visit.id,
    )  # fmt: skip
    return found.id


def write_visit(visit: Visit, actor: Actor) -> None:
    """Diagnoses, prescriptions and procedures of a finished visit, its note as a document; then the encounter is closed."""
    at: _At = {
        "resident_id": visit.resident_id,
        "encounter_id": visit.encounter_id,
        "institution_id": visit.institution_id,
        "actor": actor,
    }
    for one in visit.diagnoses.all():
        records.add_condition(code=one.code, text=one.name, is_primary=one.place == 1, is_lasting=one.is_lasting, **at)
    lines = list(
        ChargeLine.objects.filter(bill__visit=visit, reverses__isnull=True, struck_at__isnull=True).order_by(
            "written_at", "id"
        )
    )
    for kind, categories in (("western", MEDICINES - {"herbal"}), ("chinese", {"herbal"})):
        if prescribed := [_medicine(line) for line in lines if line.category in categories]:
            records.add_prescription(lines=prescribed, kind=kind, **at)
    _procedures(lines, at)
    assert visit.encounter_id is not None, "a visit that was begun has an encounter"
    content = {"主诉": visit.complaint, "现病史": visit.history, "查体": visit.examination, "处理和建议": visit.advice}
    records.add_document(
        kind="outpatient_note", title="门诊病历", content={k: v for k, v in content.items() if v},
        source=Source("clinic", visit.id, number=visit.number), **at,
    )  # fmt: skip
    records.close_encounter(encounter_id=visit.encounter_id, actor=actor, advice=visit.advice)


def _medicine(line: ChargeLine) -> NewLine:
    item = definitions.medicine_code(line.item_code)
    name, _space, form = line.item_name.partition(" ")
    return NewLine(
        name=name, code=item, form=form, dose=line.dose, route=line.route, frequency=line.frequency, days=line.days,
        quantity=line.quantity, unit=line.unit,
    )  # fmt: skip


def _procedures(lines: Sequence[ChargeLine], at: _At) -> None:
    for line in lines:
        if line.category in _ACTS:
            records.add_procedure(text=line.item_name, code=line.item_code[:20], code_system="local", **at)


def write_front_page(page: FrontPage, stay: Stay, actor: Actor) -> None:
    """The coded diagnoses and procedures of a stay; a page completed again adds only what is new."""
    at: _At = {
        "resident_id": stay.resident_id,
        "encounter_id": stay.encounter_id,
        "institution_id": stay.institution_id,
        "actor": actor,
    }
    for one in page.diagnoses.all():
        key = uuid5(page.id, f"diagnosis:{one.code}:{one.name}")
        records.add_condition(
            code=one.code, text=one.name, is_primary=one.place == 1, occurred_at=stay.admitted_at, request_key=key, **at
        )
    for act in page.procedures.all():
        key = uuid5(page.id, f"procedure:{act.code}:{act.name}:{act.performed_at}")
        records.add_procedure(
            code=act.code, text=act.name, occurred_at=act.performed_at or stay.admitted_at, request_key=key, **at
        )
