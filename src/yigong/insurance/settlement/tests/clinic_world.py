"""Bills of the clinic for tests: a visit under way with charges, done by the doctor."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID, uuid4

from yigong.clinic import api as clinic
from yigong.clinic.commands.charging import open_bill_of_visit
from yigong.clinic.data import NewCharge
from yigong.clinic.models import Bill, Visit, VisitDiagnosis
from yigong.clinic.rules.workflow import VISIT
from yigong.core import clock
from yigong.core.actor import system
from yigong.core.states.api import start

_BOSS = system("test")


def charged_bill(
    person: UUID, name: str, institution_id: UUID, items: Sequence[tuple[str, Decimal]], diagnosis: str = ""
) -> UUID:
    """A bill with these items of the price list that waits at the counter."""
    today = clock.today()
    visit = Visit(
        number=f"MZ{uuid4().hex[:12]}", resident_id=person, patient_name=name, patient_initials="", patient_sex="2", institution_id=institution_id,
        manner="window", fee=0, definition="clinic 2026.1", registered_on=today, registered_at=clock.now(), registrar_name="李", valid_until=today,
    )  # fmt: skip
    start(VISIT, visit, "finished", actor=_BOSS)
    if diagnosis:
        VisitDiagnosis.objects.create(visit=visit, place=1, code=diagnosis, name=diagnosis)
    bill = open_bill_of_visit(visit, _BOSS)
    clinic.charge(bill_id=bill.id, lines=[NewCharge(code, quantity) for code, quantity in items], actor=_BOSS)
    Bill.objects.filter(pk=bill.id).update(ready_at=clock.now())
    return bill.id
