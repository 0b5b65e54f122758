"""What other rooms see of visits, bills, stays and front pages. Money in whole fen, quantities and unit prices in decimals."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.utils.translation import gettext_lazy as _

# Fee types of the settlement list (med_chrgitm): our word → (national code, Chinese).
CATEGORIES = {
    "bed": ("01", _("床位费")),
    "consultation": ("02", _("诊察费")),
    "examination": ("03", _("检查费")),
    "laboratory": ("04", _("化验费")),
    "treatment": ("05", _("治疗费")),
    "surgery": ("06", _("手术费")),
    "nursing": ("07", _("护理费")),
    "material": ("08", _("卫生材料费")),
    "drug": ("09", _("西药费")),
    "herbal": ("10", _("中药饮片费")),
    "patent": ("11", _("中成药费")),
    "general": ("12", _("一般诊疗费")),
    "registration": ("13", _("挂号费")),
    "other": ("14", _("其他费")),
}
MEDICINES = frozenset({"drug", "herbal", "patent"})


@dataclass(frozen=True, slots=True)
class ItemData:
    """One item of the local price list. ``unit_price`` in yuan at the level asked for; ``certainty`` is demo, local or national."""

    code: str
    name: str
    initials: str
    national_code: str
    category: str
    category_label: str
    front_page_group: str
    unit: str
    unit_price: Decimal
    most: Decimal
    order_code: str = ""
    medicine_code: str = ""
    source: str = ""
    certainty: str = ""


@dataclass(frozen=True, slots=True)
class SessionData:
    """A doctor's half day: ``left`` of ``capacity`` places, ``fee`` in fen, ``title`` 1 (chief) to 5."""

    id: UUID
    institution_id: UUID
    department_id: UUID
    department: str
    staff_id: UUID
    staff_name: str
    title: str
    title_label: str
    day: date
    part: str
    part_label: str
    capacity: int
    left: int
    fee: int
    is_stopped: bool


@dataclass(frozen=True, slots=True)
class VisitNote:
    """What the doctor writes; ``diagnoses`` are (code, name, lasting), the main one first."""

    complaint: str = ""
    history: str = ""
    examination: str = ""
    advice: str = ""
    diagnoses: tuple[tuple[str, str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class NewStay:
    """An admission. ``way_in`` by RC026; ``visit_id`` or ``referral_id`` is where the patient came from."""

    resident_id: UUID
    department_id: UUID
    diagnosis: str
    diagnosis_code: str = ""
    way_in: str = "2"
    bed_id: UUID | None = None
    doctor_id: UUID | None = None
    nursing_code: str = ""
    admitted_at: datetime | None = None
    visit_id: UUID | None = None
    referral_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Discharge:
    """How a stay ends. ``way_out`` by RC019; 2 and 3 name the receiving institution."""

    way_out: str
    discharged_at: datetime | None = None
    receiving_institution: str = ""
    summary: str = ""


@dataclass(frozen=True, slots=True)
class NewCharge:
    """One line to charge. Dose, route, frequency and days make it a line of the prescription; ``key`` makes a repetition harmless;
    ``performed_at`` is now when not given."""

    item_code: str
    quantity: Decimal
    performed_at: datetime | None = None
    dose: str = ""
    route: str = ""
    frequency: str = ""
    days: int | None = None
    note: str = ""
    order_id: UUID | None = None
    key: str | None = None


@dataclass(frozen=True, slots=True)
class ChargeLineData:
    """One charged line. ``amount`` is what was charged, ``returned_quantity`` and ``returned_amount`` what was given back since (both positive);
    ``net_quantity`` and ``net_amount`` are what is left to settle. ``category`` is one of ``CATEGORIES``."""

    id: UUID
    item_code: str
    item_name: str
    national_code: str
    category: str
    unit: str
    unit_price: Decimal
    quantity: Decimal
    amount: int
    performed_at: datetime
    department_id: UUID | None
    staff_id: UUID | None
    returned_quantity: Decimal = Decimal(0)
    returned_amount: int = 0
    front_page_group: str = ""
    staff_name: str = ""
    order_id: UUID | None = None
    usage: str = ""
    note: str = ""
    days: int | None = None

    @property
    def net_quantity(self) -> Decimal:
        """What was charged and not returned."""
        return self.quantity - self.returned_quantity

    @property
    def net_amount(self) -> int:
        """Its amount, in fen."""
        return self.amount - self.returned_amount

    @property
    def category_label(self) -> str:
        """The fee type in the reader's language."""
        return str(CATEGORIES[self.category][1])

    @property
    def national_category(self) -> str:
        """The fee type's national code (med_chrgitm)."""
        return CATEGORIES[self.category][0]


@dataclass(frozen=True, slots=True)
class BillData:
    """One bill. ``state``: open, presented, settled, partly_returned, returned. ``total`` is the sum of the lines' net amounts.

    ``institution_level`` is ``P`` at primary care and the hospital level 1, 2 or 3 elsewhere, as ``insurance.benefits`` asks for;
    ``diagnoses`` are (ICD-10 code, name), the principal first. ``admitted_on`` and ``discharged_on`` are days of an inpatient bill; lines
    carry their own days, so that a stay across the turn of the year can be told apart by the year.
    """

    id: UUID
    number: str
    resident_id: UUID
    institution_id: UUID
    institution_level: str
    encounter_id: UUID | None
    kind: str
    state: str
    lines: tuple[ChargeLineData, ...]
    admitted_on: date | None
    discharged_on: date | None
    diagnoses: tuple[tuple[str, str], ...]
    total: int
    patient_name: str = ""
    department_id: UUID | None = None
    state_label: str = ""
    version: int = 1
    is_ready: bool = False
    opened_at: datetime | None = None
    settlement_ref: str = ""
    settled_at: datetime | None = None
    visit_id: UUID | None = None
    stay_id: UUID | None = None
    is_emergency: bool = False

    @property
    def by_category(self) -> Mapping[str, int]:
        """Net amounts by fee type, in the order of the national codes."""
        sums = dict.fromkeys(CATEGORIES, 0)
        for line in self.lines:
            sums[line.category] += line.net_amount
        return {code: amount for code, amount in sums.items() if amount}


@dataclass(frozen=True, slots=True)
class BillRow:
    """A line of the list of bills that wait at a counter."""

    id: UUID
    number: str
    resident_id: UUID
    patient_name: str
    kind: str
    state: str
    state_label: str
    total: int
    ready_at: datetime | None
    department_id: UUID | None
    department: str
    stay_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class VisitData:
    """One visit; ``state``: waiting, called, seeing, finished, cancelled. ``fee`` in fen; a free follow-up number has ``follows_id``."""

    id: UUID
    number: str
    resident_id: UUID
    patient_name: str
    institution_id: UUID
    department_id: UUID | None
    staff_id: UUID | None
    staff_name: str
    serial: int | None
    manner: str
    state: str
    state_label: str
    fee: int
    registered_on: date
    valid_until: date
    follows_id: UUID | None
    encounter_id: UUID | None
    complaint: str
    diagnoses: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StayData:
    """One inpatient stay; ``state``: on_ward, leaving, discharged, cancelled. ``way_in`` by RC026, ``way_out`` by RC019."""

    id: UUID
    number: str
    record_number: str
    times: int
    resident_id: UUID
    patient_name: str
    patient_sex: str
    birth_date: date | None
    institution_id: UUID
    department_id: UUID
    admission_department_id: UUID
    bed_number: str
    encounter_id: UUID
    referral_id: UUID | None
    way_in: str
    admitted_at: datetime
    diagnosis_code: str
    diagnosis: str
    doctor_id: UUID | None
    doctor_name: str
    state: str
    state_label: str
    discharged_at: datetime | None
    way_out: str
    receiving_institution: str
    bill_id: UUID | None = None
    nursing_code: str = ""
    nurse_name: str = ""


@dataclass(frozen=True, slots=True)
class FrontPageDiagnosisData:
    """One discharge diagnosis; the first is the principal one. ``admission_condition`` by RC027."""

    code: str
    name: str
    admission_condition: str


@dataclass(frozen=True, slots=True)
class FrontPageProcedureData:
    """One operation or procedure; the first is the main one."""

    code: str
    name: str
    performed_at: datetime | None
    level: str = ""
    operator_id: UUID | None = None
    operator_name: str = ""
    first_assistant: str = ""
    second_assistant: str = ""
    wound: str = ""
    anaesthesia: str = ""
    anaesthetist: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something missing or contradictory on a front page: the field to jump to, a sentence, whether it blocks completing."""

    field: str
    text: str
    blocks: bool = True


@dataclass(frozen=True, slots=True)
class PastBillData:
    """One bill of another system, to read: its lines are item, fee type, fen."""

    number: str
    institution: str
    since: datetime
    until: datetime
    total: int
    lines: tuple[tuple[str, str, int], ...]


@dataclass(frozen=True, slots=True)
class FrontPageData:
    """One front page. ``state``: draft, completed, coded. ``fees`` are fen by the layout's groups (D11 … D34; a sub-line such as
    D20x02 stands beside its group D20, which includes it), ``categories`` fen by fee type, which sum to ``total``; ``transfers`` the departments passed through, in order. Blank means not said."""

    id: UUID
    state: str
    state_label: str
    version: int
    stay: StayData
    resident_id: UUID
    patient_name: str
    sex: str
    birth_date: date | None
    age_years: int | None
    age_days: int | None
    days: int
    diagnoses: tuple[FrontPageDiagnosisData, ...]
    procedures: tuple[FrontPageProcedureData, ...]
    transfers: tuple[UUID, ...]
    total: int
    fees: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    payment_method: str = ""
    marital_status: str = ""
    occupation: str = ""
    employer: str = ""
    contact_name: str = ""
    contact_relation: str = ""
    contact_phone: str = ""
    contact_address: str = ""
    outpatient_code: str = ""
    outpatient_name: str = ""
    pathology_code: str = ""
    pathology_name: str = ""
    pathology_number: str = ""
    external_cause_code: str = ""
    external_cause_name: str = ""
    drug_allergy: str = ""
    allergy_drugs: str = ""
    blood_abo: str = ""
    blood_rh: str = ""
    autopsy: str = ""
    department_head: str = ""
    chief_doctor: str = ""
    attending_doctor: str = ""
    resident_doctor: str = ""
    responsible_nurse: str = ""
    coder_name: str = ""
    quality_grade: str = ""
    quality_doctor: str = ""
    quality_nurse: str = ""
    quality_on: date | None = None
    newborn_weights: tuple[int, ...] = ()
    newborn_admission_weight: int | None = None
    coma_before_minutes: int | None = None
    coma_after_minutes: int | None = None
    ventilator_hours: int | None = None
    readmission_plan: str = ""
    readmission_purpose: str = ""
    completed_at: datetime | None = None
    coded_at: datetime | None = None
