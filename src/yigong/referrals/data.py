"""Referrals and slots as other rooms and pages see them."""

from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class NewReferral:
    """What a doctor fills in. ``clinical`` holds the free parts (history, past_history, treatment, medicines, allergies, vitals,
    results, attention; for a down-referral also admission_number, plan_text, recheck, red_flags)."""

    direction: str
    to_institution_id: UUID
    resident_id: UUID | None = None
    kind: str = "outpatient"
    urgency: str = "routine"
    to_department_id: UUID | None = None
    sheet_id: UUID | None = None
    wanted_on: date | None = None
    wanted_bed: str = ""
    diagnosis_code: str = ""
    diagnosis: str = ""
    reason_code: str = ""
    reason: str = ""
    clinical: dict[str, Any] = field(default_factory=dict)
    transport: str = ""
    escort: str = ""
    insurance_type: str = ""
    contract_team: str = ""
    skip_reason: str = ""
    consent_by: str = ""
    consent_relation: str = ""
    requester_phone: str = ""
    patient_name: str = ""
    patient_sex: str = ""
    patient_age: str = ""
    patient_phone: str = ""
    follow_up_on: date | None = None
    parent_id: UUID | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class ReferralData:
    """One referral. ``due_at`` is when the present state runs over; ``version`` guards against acting on an old page."""

    id: UUID
    number: str
    direction: str
    kind: str
    urgency: str
    state: str
    state_label: str
    version: int
    due_at: datetime | None
    resident_id: UUID | None
    patient_name: str
    from_institution_id: UUID
    to_institution_id: UUID
    to_department_id: UUID | None
    requester_id: UUID | None
    diagnosis_code: str
    diagnosis: str
    parent_id: UUID | None
    submitted_at: datetime | None
    accepted_at: datetime | None
    arrived_at: datetime | None
    feedback_at: datetime | None
    closed_at: datetime | None
    valid_until: datetime | None


@dataclass(frozen=True, slots=True)
class SlotData:
    """One sheet with what is left for referrals. ``kind`` is slot (of a day) or bed."""

    id: UUID
    kind: str
    institution_id: UUID
    department_id: UUID
    department: str
    day: date | None
    session: str
    starts_at: time | None
    doctor: str
    capacity: int
    reserved: int
    left: int

    @property
    def label(self) -> str:
        """Department, day and session in one line."""
        when = f"{self.day:%m-%d} {self.session}" if self.day else self.session
        return " ".join(part for part in (self.department, when, self.doctor) if part)


@dataclass(frozen=True, slots=True)
class RateData:
    """One indicator: ``rate`` is None (not zero) while nothing is counted; ``query`` opens the rows of the denominator."""

    code: str
    label: str
    numerator: int
    denominator: int
    query: str

    @property
    def rate(self) -> float | None:
        """Share in percent."""
        return round(self.numerator * 100 / self.denominator, 1) if self.denominator else None
