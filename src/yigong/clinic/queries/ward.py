"""The ward's lists: who lies where, which beds are free, which front pages wait."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, F, Q

from yigong.clinic.models import Bed, FrontPage, Stay
from yigong.clinic.rules.workflow import FRONT_PAGE, STAY
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.clock import SHANGHAI
from yigong.core.paging import Page, page_of
from yigong.network import api as network

PAGE = 30
INSIDE = ("on_ward", "leaving")


@dataclass(frozen=True, slots=True)
class WardRow:
    """One patient of the list. ``days`` since the admission, ``total`` in fen."""

    id: UUID
    number: str
    bed: str
    name: str
    sex: str
    department: str
    diagnosis: str
    doctor: str
    admitted_at: datetime
    discharged_at: datetime | None
    days: int
    total: int
    state: str
    state_label: str


@dataclass(frozen=True, slots=True)
class FrontPageRow:
    """One front page of the coder's or the doctor's list."""

    stay_id: UUID
    number: str
    name: str
    department: str
    diagnosis: str
    doctor: str
    discharged_at: datetime | None
    state: str
    state_label: str
    since: datetime


def stays_of(
    institution_id: UUID, *, state: str, department_id: UUID | None = None, text: str = "", page: int = 1
) -> Page[WardRow]:
    """``inside`` by department and bed, or ``discharged`` newest first."""
    rows = Stay.objects.filter(institution_id=institution_id)
    rows = rows.filter(state__in=INSIDE) if state == "inside" else rows.filter(state="discharged")
    if department_id:
        rows = rows.filter(department_id=department_id)
    for word in text.split():
        rows = rows.filter(
            Q(patient_name__icontains=word)
            | Q(patient_initials__startswith=word.lower())
            | Q(number__iendswith=word)
            | Q(bed_number=word)
        )
    order = ("department_id", "bed_number", "admitted_at") if state == "inside" else ("-discharged_at",)
    return page_of(rows.annotate(total=F("bills__total")).order_by(*order), page=page, limit=PAGE, convert=_rows)


def _rows(found: Sequence[Stay]) -> list[WardRow]:
    names = {key: one.name for key, one in network.departments_many({row.department_id for row in found}).items()}
    today = clock.today()
    return [
        WardRow(
            id=row.id, number=row.number, bed=row.bed_number, name=row.patient_name, sex=row.patient_sex,
            department=names.get(row.department_id, ""), diagnosis=row.diagnosis, doctor=row.doctor_name, admitted_at=row.admitted_at,
            discharged_at=row.discharged_at, total=getattr(row, "total", 0) or 0, state=row.state, state_label=STAY.label(row.state),
            days=max(1, ((row.discharged_at or clock.now()).astimezone(SHANGHAI).date() - row.admitted_at.astimezone(SHANGHAI).date()).days)
            if row.discharged_at else (today - row.admitted_at.astimezone(SHANGHAI).date()).days + 1,
        )
        for row in found
    ]  # fmt: skip


def beds_of(institution_id: UUID) -> list[tuple[Bed, str, Stay | None]]:
    """All beds with the name of their department and who lies there."""
    beds = list(
        Bed.objects.filter(institution_id=institution_id, closed_at__isnull=True).order_by("department_id", "number")
    )
    names = {key: one.name for key, one in network.departments_many({bed.department_id for bed in beds}).items()}
    lying = {
        stay.bed_id: stay
        for stay in Stay.objects.filter(institution_id=institution_id, state__in=INSIDE, bed__isnull=False)
    }
    rows = [(bed, names.get(bed.department_id, ""), lying.get(bed.id)) for bed in beds]
    return sorted(rows, key=lambda row: (row[1], len(row[0].number), row[0].number))


def free_beds(institution_id: UUID) -> list[tuple[str, str]]:
    """Free beds as options: department and number."""
    return [(str(bed.id), f"{name} {bed.number}") for bed, name, stay in beds_of(institution_id) if stay is None]


def free_bed(department_id: UUID, number: str) -> UUID | None:
    """The key of a free bed by its number; None when there is none or somebody lies there."""
    taken = Stay.objects.filter(state__in=INSIDE, bed__isnull=False).values("bed")
    found = Bed.objects.filter(department_id=department_id, number=number, closed_at__isnull=True).exclude(pk__in=taken)
    return found.values_list("id", flat=True).first()


def front_pages_of(institution_id: UUID, *, state: str, text: str = "", page: int = 1) -> Page[FrontPageRow]:
    """Front pages in one state, those that wait longest first."""
    rows = FrontPage.objects.filter(institution_id=institution_id, state=state).select_related("stay")
    for word in text.split():
        rows = rows.filter(
            Q(stay__patient_name__icontains=word)
            | Q(stay__patient_initials__startswith=word.lower())
            | Q(stay__number__iendswith=word)
        )
    return page_of(rows.order_by("state_since"), page=page, limit=PAGE, convert=_front_page_rows)


def _front_page_rows(found: Sequence[FrontPage]) -> list[FrontPageRow]:
    names = {key: one.name for key, one in network.departments_many({row.stay.department_id for row in found}).items()}
    return [
        FrontPageRow(
            stay_id=row.stay_id, number=row.stay.number, name=row.stay.patient_name, department=names.get(row.stay.department_id, ""),
            diagnosis=row.stay.diagnosis, doctor=row.stay.doctor_name, discharged_at=row.stay.discharged_at, state=row.state,
            state_label=FRONT_PAGE.label(row.state), since=row.state_since,
        )
        for row in found
    ]  # fmt: skip


def front_page_counts(institution_id: UUID) -> dict[str, int]:
    """How many front pages are in which state."""
    rows = FrontPage.objects.filter(institution_id=institution_id)
    found = dict(rows.values("state").annotate(n=Count("id")).values_list("state", "n"))
    return {state: found.get(state, 0) for state in FRONT_PAGE.states}


def home_card(actor: Actor) -> dict[str, int] | None:
    """The coder's figures on the home page; nothing where the institution has no front pages."""
    found = front_page_counts(actor.institution_id) if actor.institution_id else {}
    return found if any(found.values()) else None
