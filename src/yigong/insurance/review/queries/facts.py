"""A bill of clinic as facts."""

from datetime import date
from typing import Any

from yigong.clinic import api as clinic
from yigong.clinic.data import BillData
from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.residents import api as residents


def bill_fact(bill: BillData, settled_on: date) -> dict[str, Any]:
    """The columns of a bill's fact."""
    person = residents.identity(bill.resident_id)
    stay = clinic.stay(bill.stay_id) if bill.stay_id else None
    began = (
        stay.admitted_at
        if stay
        else bill.opened_at or min((line.performed_at for line in bill.lines), default=clock.now())
    )
    return {
        "id": bill.id, "number": bill.number, "resident_id": person.id, "patient_name": bill.patient_name or person.name, "sex": person.sex,
        "birth_date": person.birth_date, "died_on": person.closed_on if person.status == "deceased" else None,
        "institution_id": bill.institution_id, "department_id": bill.department_id, "kind": bill.kind, "began_at": began,
        "ended_at": stay.discharged_at if stay else None, "codes": [code for code, _name in bill.diagnoses if code][:60],
        "total": bill.total, "settled_on": settled_on,
    }  # fmt: skip


def line_facts(bill: BillData) -> list[dict[str, Any]]:
    """The columns of its lines' facts; what was wholly returned is left out."""
    return [
        {
            "id": line.id, "bill_id": bill.id, "item_code": line.item_code, "item_name": line.item_name, "quantity": line.net_quantity,
            "amount": line.net_amount, "performed_at": line.performed_at,
        }
        for line in bill.lines
        if line.net_quantity > 0
    ]  # fmt: skip


def day_of(bill: BillData) -> date:
    """The day of the settlement, today while it is not settled."""
    return (bill.settled_at or clock.now()).astimezone(SHANGHAI).date()
