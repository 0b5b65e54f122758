"""Stays and front pages as other rooms and pages see them."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from yigong.clinic.data import (
    ChargeLineData,
    FrontPageData,
    FrontPageDiagnosisData,
    FrontPageProcedureData,
    StayData,
)
from yigong.clinic.models import Bill, FrontPage, Stay
from yigong.clinic.queries.bills import lines_of
from yigong.clinic.rules.workflow import FRONT_PAGE, STAY
from yigong.core import clock
from yigong.core.clock import SHANGHAI
from yigong.core.errors import NotFound
from yigong.residents import api as residents

_STAY = [name for name in StayData.__slots__ if name not in {"state_label", "bill_id"}]
# Columns of the front page that its data repeat by the same name.
_PAGE = [
    name
    for name in FrontPageData.__slots__
    if name in {f.name for f in FrontPage._meta.get_fields()} - {"id", "stay", "state", "diagnoses", "procedures", "newborn_weights", "version"}
]  # fmt: skip


def stay(stay_id: UUID) -> StayData:
    """One stay; NotFound. For rooms that have decided, or decide with ``access_stay``."""
    row = Stay.objects.filter(pk=stay_id).first()
    if row is None:
        raise NotFound()
    return stay_data(row)


def stay_data(row: Stay) -> StayData:
    """The row as other rooms see it."""
    bill_id = Bill.objects.filter(stay_id=row.id).values_list("id", flat=True).first()
    values = {name: getattr(row, name) for name in _STAY}
    return StayData(**values, state_label=STAY.label(row.state), bill_id=bill_id)


def front_page(stay_id: UUID) -> FrontPageData:
    """The front page of a stay with fees from its bill; NotFound. For rooms that have decided, or decide with ``access_stay``."""
    row = FrontPage.objects.select_related("stay").filter(stay_id=stay_id).first()
    if row is None:
        raise NotFound()
    return front_page_data(row)


def front_page_data(row: FrontPage) -> FrontPageData:
    """The row as other rooms see it."""
    about = stay_data(row.stay)
    lines = lines_of(about.bill_id) if about.bill_id else ()
    fees, categories = sums_of(lines)
    total = sum(categories.values())
    if row.fees_taken is not None and about.bill_id is None:
        fees = {code: amount for code, amount in row.fees_taken.items() if code not in ("D01", "D09")}
        total = row.fees_taken.get("D01", 0)
    admitted = _day(row.stay.admitted_at)
    ended = _day(row.stay.discharged_at or clock.now())
    born = row.stay.birth_date
    years = residents.age_on(born, admitted)
    return FrontPageData(
        id=row.id, state=row.state, state_label=FRONT_PAGE.label(row.state), version=row.version, stay=about,
        resident_id=about.resident_id, patient_name=about.patient_name, sex=about.patient_sex, birth_date=about.birth_date,
        age_years=years, age_days=(admitted - born).days if born and years == 0 else None, days=max(1, (ended - admitted).days), diagnoses=_diagnoses(row), procedures=_procedures(row),
        transfers=tuple(row.stay.places.values_list("department_id", flat=True)), total=total, fees=fees, categories=categories,
        newborn_weights=tuple(row.newborn_weights), **{name: getattr(row, name) for name in _PAGE},
    )  # fmt: skip


def sums_of(lines: Sequence[ChargeLineData]) -> tuple[dict[str, int], dict[str, int]]:
    """Fen by group of the front page (a sub-line counts in its group too) and by fee type."""
    fees: dict[str, int] = {}
    categories: dict[str, int] = {}
    for line in lines:
        for group in {line.front_page_group, line.front_page_group.partition("x")[0]}:
            fees[group] = fees.get(group, 0) + line.net_amount
        categories[line.category] = categories.get(line.category, 0) + line.net_amount
    return fees, categories


def _day(at: datetime) -> date:
    return at.astimezone(SHANGHAI).date()


def _diagnoses(row: FrontPage) -> tuple[FrontPageDiagnosisData, ...]:
    return tuple(FrontPageDiagnosisData(d.code, d.name, d.admission_condition) for d in row.diagnoses.all())


def _procedures(row: FrontPage) -> tuple[FrontPageProcedureData, ...]:
    return tuple(
        FrontPageProcedureData(**{name: getattr(p, name) for name in FrontPageProcedureData.__slots__})
        for p in row.procedures.all()
    )
