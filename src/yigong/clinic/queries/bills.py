"""Bills as other rooms and pages see them."""

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from django.db.models import Q

from yigong.clinic.data import BillData, BillRow, ChargeLineData
from yigong.clinic.models import Bill, ChargeLine, FrontPageDiagnosis, VisitDiagnosis
from yigong.clinic.rules.workflow import BILL
from yigong.core.clock import SHANGHAI
from yigong.core.errors import NotFound
from yigong.core.paging import Page, page_of
from yigong.network import api as network

PAGE = 20


def bill(bill_id: UUID) -> BillData:
    """One bill with its lines, struck ones left out; NotFound. For rooms that have decided, or decide with ``access_bill``."""
    row = Bill.objects.select_related("visit", "stay").filter(pk=bill_id).first()
    if row is None:
        raise NotFound()
    return bill_data(row)


def bill_data(row: Bill) -> BillData:
    """The row as other rooms see it."""
    stay, visit = row.stay, row.visit
    return BillData(
        id=row.id, number=row.number, resident_id=row.resident_id, institution_id=row.institution_id,
        institution_level=row.institution_level, kind=row.kind, state=row.state, state_label=BILL.label(row.state),
        encounter_id=stay.encounter_id if stay else visit.encounter_id if visit else None,
        lines=lines_of(row.id), diagnoses=diagnoses_of(row), total=row.total, version=row.version,
        admitted_on=stay.admitted_at.astimezone(SHANGHAI).date() if stay else None,
        discharged_on=stay.discharged_at.astimezone(SHANGHAI).date() if stay and stay.discharged_at else None,
        patient_name=row.patient_name, department_id=row.department_id, is_ready=row.ready_at is not None, opened_at=row.opened_at,
        settlement_ref=row.settlement_ref, settled_at=row.settled_at, visit_id=row.visit_id, stay_id=row.stay_id,
        is_emergency=bool(visit and visit.manner == "emergency") or bool(stay and stay.way_in == "1"),
    )  # fmt: skip


def diagnoses_of(row: Bill) -> tuple[tuple[str, str], ...]:
    """Code and name, the principal first: of the visit, of the front page, or what the patient was admitted for."""
    if row.visit is not None:
        found = VisitDiagnosis.objects.filter(visit=row.visit).order_by("place")
        return tuple(found.values_list("code", "name"))
    coded = FrontPageDiagnosis.objects.filter(front_page__stay=row.stay).order_by("place")
    given = tuple(coded.values_list("code", "name"))
    if given or row.stay is None:
        return given
    return ((row.stay.diagnosis_code, row.stay.diagnosis),)


def lines_of(bill_id: UUID) -> tuple[ChargeLineData, ...]:
    """The charges of a bill with what was returned of each, in the order of their days."""
    every = list(ChargeLine.objects.filter(bill_id=bill_id, struck_at__isnull=True).order_by("performed_at", "id"))
    back: dict[UUID, list[ChargeLine]] = {}
    for line in every:
        if line.reverses_id:
            back.setdefault(line.reverses_id, []).append(line)
    return tuple(_line(line, back.get(line.id, [])) for line in every if not line.reverses_id)


def _line(row: ChargeLine, returns: Sequence[ChargeLine]) -> ChargeLineData:
    usage = " ".join(part for part in (row.dose, row.route, row.frequency) if part)
    return ChargeLineData(
        id=row.id, item_code=row.item_code, item_name=row.item_name, national_code=row.national_code, category=row.category,
        unit=row.unit, unit_price=row.unit_price, quantity=row.quantity, amount=row.amount, performed_at=row.performed_at,
        department_id=row.department_id, staff_id=row.staff_id, front_page_group=row.front_page_group, staff_name=row.staff_name,
        returned_quantity=sum((-r.quantity for r in returns), Decimal(0)), returned_amount=sum(-r.amount for r in returns),
        order_id=row.order_id, usage=usage + (f" {row.days}天" if row.days else ""), note=row.note, days=row.days,
    )  # fmt: skip


def bills_waiting(institution_id: UUID, text: str = "", page: int = 1) -> Page[BillRow]:
    """Bills that an institution's counter can settle now, those that wait longest first; ``text`` is part of a name, initials or a number."""
    rows = Bill.objects.filter(
        institution_id=institution_id,
        state__in=["open", "presented", "partly_returned"],
        ready_at__isnull=False,
        total__gt=0,
    )
    for word in text.split():
        rows = rows.filter(
            Q(patient_name__icontains=word) | Q(patient_initials__startswith=word.lower()) | Q(number__istartswith=word)
        )
    return page_of(rows.order_by("ready_at", "id"), page=page, limit=PAGE, convert=bill_rows)


def bill_rows(found: Sequence[Bill]) -> list[BillRow]:
    """Rows of a list, with the names of their departments in one question."""
    departments = network.departments_many({row.department_id for row in found if row.department_id})
    return [
        BillRow(
            id=row.id, number=row.number, resident_id=row.resident_id, patient_name=row.patient_name, kind=row.kind, state=row.state,
            state_label=BILL.label(row.state), total=row.total, ready_at=row.ready_at, department_id=row.department_id,
            department=departments[row.department_id].name if row.department_id in departments else "", stay_id=row.stay_id,
        )
        for row in found
    ]  # fmt: skip
