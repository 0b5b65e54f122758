"""What other rooms see of records."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

# Kinds of documents: code → Chinese. Rooms may file their own kinds; the label is then the title's.
DOCUMENT_KINDS = {
    "outpatient_note": "门诊病历",
    "home_visit": "入户记录",
    "referral_letter": "转诊单",
    "down_referral_letter": "下转单",
    "imaging_report": "影像报告",
    "ecg_report": "心电报告",
    "laboratory_report": "检验报告",
    "pathology_report": "病理报告",
    "consultation": "会诊意见",
    "admission_note": "入院记录",
    "discharge_summary": "出院小结",
    "front_page": "病案首页",
    "first_visit": "下转首访记录",
    "checkup_report": "体检报告",
    "consent_form": "知情同意书",
    "summary": "健康摘要",
    "other": "其他文书",
}

# How and how often a medicine is given, the commonest first: proposals of a list, not a code system.
ROUTES = ("口服", "静脉滴注", "静脉注射", "肌内注射", "皮下注射", "吸入", "外用", "舌下含服", "滴眼")
FREQUENCIES = ("每日一次", "每日两次", "每日三次", "每日四次", "每晚一次", "隔日一次", "每周一次", "必要时", "立即")


@dataclass(frozen=True, slots=True)
class Source:
    """Where an entry came from outside: system and its number. Inside the platform the room that wrote it and its object."""

    app: str = "records"
    id: UUID | None = None
    system: str = "yigong"
    number: str = ""


@dataclass(frozen=True, slots=True)
class EncounterData:
    """One contact with care; labels in the reader's language."""

    id: UUID
    resident_id: UUID
    kind: str
    kind_label: str
    class_code: str
    is_automatic: bool
    institution_id: UUID
    department_id: UUID | None
    staff_id: UUID | None
    status: str
    status_label: str
    occurred_at: datetime
    ended_at: datetime | None
    complaint: str
    advice: str


@dataclass(frozen=True, slots=True)
class ConditionData:
    """One diagnosis."""

    id: UUID
    resident_id: UUID
    encounter_id: UUID | None
    code_system: str
    code: str
    text: str
    status: str
    is_primary: bool
    is_lasting: bool
    onset_on: date | None
    occurred_at: datetime
    institution_id: UUID
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class AllergyData:
    """One allergy."""

    id: UUID
    category: str
    category_label: str
    substance: str
    reaction: str
    severity: str
    severity_label: str
    is_active: bool
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class NewResult:
    """A value to record: a number in ``value`` or words in ``text``; limits and flag as the reporter gives them (flag is judged from the limits
    when blank)."""

    code: str
    name: str
    value: Decimal | None = None
    text: str = ""
    unit: str = ""
    low: Decimal | None = None
    high: Decimal | None = None
    flag: str = ""
    code_system: str = "LOINC"


@dataclass(frozen=True, slots=True)
class ResultData:
    """One value; ``shown`` is value and unit as a page prints them."""

    id: UUID
    group_id: UUID
    code: str
    name: str
    value: Decimal | None
    text: str
    unit: str
    low: Decimal | None
    high: Decimal | None
    flag: str
    flag_label: str
    occurred_at: datetime

    @property
    def shown(self) -> str:
        """The value as people read it."""
        if self.value is None:
            return self.text
        number = f"{self.value.normalize():f}"
        return f"{number} {self.unit}".strip()

    @property
    def limits(self) -> str:
        """The reference range, blank when unknown."""
        low, high = (f"{v.normalize():f}" if v is not None else "" for v in (self.low, self.high))
        return f"{low}–{high}" if low and high else f"≥{low}" if low else f"≤{high}" if high else ""


@dataclass(frozen=True, slots=True)
class ResultGroupData:
    """Results reported together."""

    id: UUID
    resident_id: UUID
    category: str
    title: str
    occurred_at: datetime
    institution_id: UUID
    worst_flag: str
    results: tuple[ResultData, ...]


@dataclass(frozen=True, slots=True)
class NewLine:
    """One medicine to prescribe, as written: dose with unit (``5mg``), route (``口服``), frequency (``每日一次``)."""

    name: str
    code: str = ""
    form: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""
    days: int | None = None
    quantity: Decimal | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class PrescriptionData:
    """Medicines ordered together; each line also as one sentence in ``texts``."""

    id: UUID
    resident_id: UUID
    kind: str
    occurred_at: datetime
    institution_id: UUID
    staff_id: UUID | None
    is_active: bool
    lines: tuple[NewLine, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MedicineInUse:
    """A medicine that somebody takes by the record, as last prescribed: ``text`` its form, dose, route and how often; ``since`` the first prescription
    of it that the record holds, ``last_on`` the newest, ``until`` when that one is used up (None where it does not say)."""

    name: str
    text: str
    since: date
    last_on: date
    until: date | None
    institution_id: UUID
    staff_id: UUID | None


@dataclass(frozen=True, slots=True)
class DocumentData:
    """One version of a document."""

    id: UUID
    series_id: UUID
    version: int
    resident_id: UUID
    kind: str
    kind_label: str
    title: str
    content: Mapping[str, Any]
    text: str
    status: str
    status_label: str
    author_name: str
    institution_id: UUID
    occurred_at: datetime
    finalised_at: datetime | None
    reason: str
    supersedes_id: UUID | None
    source_app: str
    source_id: UUID | None


@dataclass(frozen=True, slots=True)
class EncounterContents:
    """Everything written within one contact with care."""

    conditions: tuple[ConditionData, ...]
    results: tuple[ResultGroupData, ...]
    prescriptions: tuple[PrescriptionData, ...]
    procedures: tuple[str, ...]
    documents: tuple[DocumentData, ...]


@dataclass(frozen=True, slots=True)
class AlertData:
    """What the national rules say about measured values: ``level`` urgent, warn or info; ``refer`` when a referral is the advice."""

    rule: str
    level: str
    title: str
    advice: str
    refer: bool
    within_days: int | None


@dataclass(frozen=True, slots=True)
class TimelineItem:
    """One row of the timeline. ``lines`` are short sentences; ``url_name`` with ``id`` opens the detail when there is one; ``code`` is a document's kind."""

    kind: str
    kind_label: str
    id: UUID
    at: datetime
    title: str
    institution_id: UUID
    institution_name: str
    staff_name: str
    lines: tuple[str, ...] = ()
    tone: str = ""
    url_name: str = ""
    results: tuple[ResultData, ...] = ()
    tags: tuple[str, ...] = ()
    code: str = ""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A stretch of the timeline, newest first. ``next`` is the cursor of the following stretch, blank at the end; ``counts`` by kind.

    ``places`` are key and name of the institutions where the whole record was written, by name.
    """

    items: tuple[TimelineItem, ...]
    next: str
    counts: Mapping[str, int] = field(default_factory=dict)
    places: tuple[tuple[UUID, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordSummary:
    """What fills a form in advance. ``results`` holds the newest of each code within a year."""

    resident_id: UUID
    conditions: tuple[ConditionData, ...]
    allergies: tuple[AllergyData, ...]
    medicines: tuple[PrescriptionData, ...]
    results: tuple[ResultData, ...]
    last_encounter: EncounterData | None
    documents: tuple[DocumentData, ...]

    @property
    def conditions_text(self) -> str:
        """Diagnoses in one line."""
        return "；".join(dict.fromkeys(c.text for c in self.conditions))

    @property
    def allergies_text(self) -> str:
        """Allergies in one line."""
        return "；".join(a.substance + (f"（{a.reaction}）" if a.reaction else "") for a in self.allergies)

    @property
    def medicines_text(self) -> str:
        """Medicines in one line."""
        return "；".join(text for text, _at in self.in_use)

    @property
    def in_use(self) -> list[tuple[str, datetime]]:
        """Each medicine once, as last prescribed, with its day."""
        found: dict[str, tuple[str, datetime]] = {}
        for p in self.medicines:
            for line, text in zip(p.lines, p.texts, strict=True):
                found.setdefault(line.name, (text, p.occurred_at))
        return list(found.values())

    def result(self, code: str) -> ResultData | None:
        """The newest result of one LOINC code."""
        return next((r for r in self.results if r.code == code), None)
