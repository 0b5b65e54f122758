"""Orders, reports and critical values, as other rooms see them; and how a centre declares its service."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor


@dataclass(frozen=True, slots=True)
class ItemInput:
    """One ordered item: ``code`` in the centre's catalogue, ``group`` the kind of equipment or bench, ``price`` in fen."""

    code: str
    name: str
    group: str = ""
    part: str = ""
    price: int | None = None
    validity_days: int = 0


@dataclass(frozen=True, slots=True)
class Clinical:
    """What the performing and reporting doctors must know."""

    symptoms: str = ""
    history: str = ""
    purpose: str = ""
    diagnosis: str = ""
    diagnosis_code: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A result of a safety check: ``block`` stops the order unless a doctor states why it must go on, ``warn`` is shown."""

    level: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question of the request form. ``kind``: bool, choice, text, number or date. ``applies`` says for which draft it is asked."""

    code: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: Sequence[tuple[str, str]] = ()
    help: str = ""
    groups: frozenset[str] = frozenset()
    codes_ending: str = ""
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None

    def applies(self, *, items: "Sequence[ItemInput]", sex: str, age: int | None) -> bool:
        """Whether this question is asked for these items and this resident; an unknown age is asked."""
        if self.groups and not self.groups & {item.group for item in items}:
            return False
        if self.codes_ending and not any(item.code.endswith(self.codes_ending) for item in items):
            return False
        return self.concerns(sex=sex, age=age)

    def concerns(self, *, sex: str, age: int | None) -> bool:
        """Whether this question may be asked of this resident at all."""
        if self.sex and sex != self.sex:
            return False
        if age is None:
            return True
        return (self.age_from is None or age >= self.age_from) and (self.age_to is None or age <= self.age_to)


@dataclass(frozen=True, slots=True)
class Section:
    """One part of a report: text of ``rows`` lines, with ``unit`` a number between ``low`` and ``high``, or with ``columns`` a table whose
    text holds a line for each row and a tab between cells. A row whose cell in the column ``mark`` says something is out of the ordinary."""

    code: str
    label: str
    required: bool = False
    rows: int = 4
    unit: str = ""
    low: float | None = None
    high: float | None = None
    columns: tuple[str, ...] = ()
    mark: str = ""

    def tone(self, cells: Sequence[str]) -> str:
        """How a row of the table stands out: ``bad`` when it is marked by a double arrow, ``warn`` by anything else, empty when by nothing."""
        place = self.columns.index(self.mark) if self.mark in self.columns else -1
        said = cells[place].strip() if 0 <= place < len(cells) else ""
        return "bad" if said.startswith(("↑↑", "↓↓")) else "warn" if said else ""

    @property
    def is_number(self) -> bool:
        """Whether a number with a unit is asked for."""
        return bool(self.unit)

    def shown(self, text: str) -> str:
        """What was written, with the unit."""
        return f"{text} {self.unit}" if text and self.unit else text


@dataclass(frozen=True, slots=True)
class ViewerLink:
    """One way to look at what was acquired: a page to open, and optionally a picture to show at once."""

    label: str
    url: str
    embed: bool = False
    image_url: str = ""


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """A picture that belongs to a report and is printed with it: a JPEG, its words."""

    caption: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Clocks:
    """Limits of one service. ``report`` is looked up by (group, priority), then ("", priority); ``final_after_preliminary`` is how long the
    final report may take once a provisional one is out."""

    accept: Mapping[str, timedelta]
    perform: Mapping[str, timedelta]
    report: Mapping[tuple[str, str], timedelta]
    acknowledge_report: Mapping[str, timedelta]
    claim_idle: timedelta
    critical_notify: timedelta
    critical_acknowledge: timedelta
    critical_act: timedelta
    final_after_preliminary: timedelta = timedelta(hours=16)

    def report_limit(self, group: str, priority: str) -> timedelta:
        """How long a report may take from the moment the material is at the centre."""
        return self.report.get((group, priority)) or self.report["", priority]


@dataclass(frozen=True)
class Asked:
    """What a service's request asks for besides items and texts. ``one_item``: exactly one item is asked for; ``samples(order, labels, actor)`` takes
    the specimens that the request names; ``choices()`` are further choices of its form (field → label, values), ``pieces()`` what a file may hold."""

    one_item: bool = False
    samples: Callable[["OrderData", Sequence[str], Actor], None] | None = None
    choices: Callable[[], Mapping[str, tuple[str, Mapping[str, str]]]] = dict
    pieces: Callable[[], Mapping[str, str]] = dict


@dataclass(frozen=True, slots=True)
class Rights:
    """The permission codes of one service (declared in the centre's ``policies.py``); ``work`` is of those who only handle the material."""

    request: str
    perform: str
    report: str
    review: str
    statistics: str
    work: str = ""


@dataclass(frozen=True)
class ServiceDefinition:
    """One kind of service on the order mechanism. A centre app builds it (words and limits from its pack) and declares it.

    ``states`` are the order states the service uses; ``check(draft)`` gives safety findings; ``self_sign_roles`` may sign their own
    reports, except of the groups in ``two_signatures``; ``panel(order_id)`` names a template and context for the centre's own part of the
    pages. ``modalities`` are what its devices call themselves. ``perform_page`` names an address of the centre's own for performing.
    ``first(answers)`` says why an order goes to the head of the reading list (empty: it does not); ``proposals(order_id)`` are a machine's
    values for report sections, shown beside the doctor's own; ``flagged(critical, actor)`` is called with every critical value.
    ``placed(order)`` and ``ended(order_id, reason)`` follow the life of an order; ``reminded(order_id)`` says whether the centre has asked by a task of
    its own for what holds an order up; ``priced(item, level)`` is what an item costs an institution of
    that level; ``draft_panel(codes)`` names a template and context for what ordering these items means. ``report_page`` names an address of
    the centre's own for reporting, ``request_page`` (by resident) one for asking (``asked``: what it asks for of its own), ``detail_page`` one for the order itself; ``figures_page`` one for figures of its own; ``unready(order_id)`` says why a report may not be handed in or signed (empty: it may), and
    ``signed(order, version, actor)`` is called with every version in the transaction of its signature.
    ``structured(order)`` is the code of the form (``core.forms``) whose answers stand in the report as the table ``structured`` (empty: none);
    ``derived(order_id)`` are sections that the centre itself fills when the report is handed in; ``pictures(order_id, version)`` are printed
    with a version. ``early_reports``: a provisional report may go out while ``unready`` still names something. ``two_when_positive``: a
    positive report takes two people whoever wrote it.
    For quality sampling, by order: ``handled`` are the keys of what the centre handles (tubes, slides) whose steps tell who did them, and
    ``took_part`` the staff who had a hand in it otherwise. ``alarm_panel(critical, order)`` names a template and context for the page of a critical value. ``calls`` are the posts called while nobody takes an order from the head of the list: (after, role).
    """

    code: str
    label: str
    centre_kind: str
    prefix: str
    rights: Rights
    clocks: Clocks
    report_role: str
    review_role: str
    perform_role: str
    states: frozenset[str]
    reject_reasons: Mapping[str, str]
    cancel_reasons: Mapping[str, str]
    repeat_reasons: Mapping[str, str]
    image_reasons: Mapping[str, str]
    questions: Sequence[Question]
    sections: Sequence[Section]
    grades: Mapping[str, str] = field(default_factory=dict)
    critical_items: Mapping[str, str] = field(default_factory=dict)
    critical_actions: Mapping[str, str] = field(default_factory=dict)
    self_sign_roles: frozenset[str] = frozenset()
    two_signatures: frozenset[str] = frozenset()
    modalities: frozenset[str] = frozenset()
    perform_roles: tuple[str, ...] = ()
    perform_page: str = ""
    wide: bool = False
    calls: Sequence[tuple[timedelta, str]] = ()
    own_orders_accepted: bool = True
    document_kind: str = "report"
    words: Mapping[str, str] = field(default_factory=dict)
    catalogue: Callable[[], Sequence["CatalogueItem"]] = tuple
    templates: Callable[[], Sequence["ReportTemplate"]] = tuple
    check: Callable[["OrderDraft"], list[Finding]] = lambda draft: []
    panel: Callable[[UUID], tuple[str, dict[str, Any]] | None] = lambda order_id: None
    perform_form: Callable[..., Any] | None = None
    performed: Callable[..., None] | None = None
    first: Callable[[Mapping[str, Any]], str] = lambda answers: ""
    proposals: Callable[[UUID], Mapping[str, str]] = lambda order_id: {}
    flagged: Callable[["CriticalData", Actor], None] = lambda critical, actor: None
    alarm_panel: Callable[["CriticalData", "OrderData"], tuple[str, dict[str, Any]] | None] = lambda critical, order: (
        None
    )
    report_page: str = ""
    request_page: str = ""
    asked: Asked = Asked()
    detail_page: str = ""
    figures_page: str = ""
    placed: Callable[["OrderData"], None] = lambda order: None
    ended: Callable[[UUID, str], None] = lambda order_id, reason: None
    reminded: Callable[[UUID], bool] = lambda order_id: False
    priced: Callable[["ItemInput", str], int | None] = lambda item, level: item.price
    draft_panel: Callable[[Sequence[str]], tuple[str, dict[str, Any]] | None] = lambda codes: None
    unready: Callable[[UUID], list[str]] = lambda order_id: []
    handled: Callable[[Sequence[UUID]], Mapping[UUID, Sequence[UUID]]] = lambda order_ids: {}
    took_part: Callable[[Sequence[UUID]], Mapping[UUID, Collection[UUID]]] = lambda order_ids: {}
    signed: Callable[["OrderData", "VersionData", Actor], None] = lambda order, version, actor: None
    structured: Callable[["OrderData"], str] = lambda order: ""
    derived: Callable[[UUID], Mapping[str, str]] = lambda order_id: {}
    pictures: Callable[[UUID, "VersionData"], Sequence[ReportPicture]] = lambda order_id, version: ()
    early_reports: bool = False
    two_when_positive: bool = False

    def word(self, name: str, otherwise: str) -> str:
        """The service's own word for something that the shared pages name."""
        return self.words.get(name, otherwise)

    def kind_word(self, kind: str, group: str = "") -> str:
        """What a version of this kind is called; a service may have a word of its own for a kind of items (a frozen section)."""
        known = {
            "preliminary": self.words.get(f"preliminary_{group}") or self.word("preliminary", _("临时报告")),
            "final": self.word("report", _("检查报告")), "amended": _("更正报告"), "supplement": _("补充报告"),
        }  # fmt: skip
        return known[kind]

    def shows(self, sections: Mapping[str, str]) -> list[tuple[str, str]]:
        """The filled parts of a report with their labels and units, in order; tables apart."""
        filled = [s for s in self.sections if sections.get(s.code) and not s.columns]
        return [(s.label, s.shown(sections[s.code])) for s in filled]

    def tables(self, sections: Mapping[str, str]) -> list[tuple[str, tuple[str, ...], list[list[str]], list[str]]]:
        """The filled tables of a report: label, heads, rows, and how each row stands out."""
        filled = [s for s in self.sections if s.columns and sections.get(s.code)]
        split = [(s, [line.split("\t") for line in sections[s.code].split("\n")]) for s in filled]
        return [(s.label, s.columns, rows, [s.tone(row) for row in rows]) for s, rows in split]


@dataclass(frozen=True, slots=True)
class CatalogueItem:
    """One item that can be ordered."""

    code: str
    name: str
    initials: str
    group: str
    part: str
    price: int | None
    validity_days: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class RequestPart:
    """What a request template sets besides its texts: items by code, priority (empty: as it stands), specimens by name, choices of the form by field,
    and the pieces of a file that are to be ticked. ``sex``: offered for people of this sex only."""

    items: tuple[str, ...] = ()
    priority: str = ""
    samples: tuple[str, ...] = ()
    choices: Mapping[str, str] = field(default_factory=dict)
    pieces: tuple[str, ...] = ()
    sex: str = ""


@dataclass(frozen=True, slots=True)
class ReportTemplate:
    """A text to start a report from, or with ``request`` a request; ``groups`` and ``parts`` say where it is offered (empty: everywhere). ``origin`` is
    pack, centre (shared), own, proposed or retired; ``short_code`` typed after a slash in a report puts it there."""

    code: str
    title: str
    sections: Mapping[str, str]
    groups: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    positive: bool = False
    short_code: str = ""
    origin: str = "pack"
    version: str = ""
    initials: str = ""
    owner: str = ""
    request: RequestPart | None = None

    @property
    def key(self) -> str:
        """What a use of it is counted under."""
        return f"pack:{self.code}" if self.origin == "pack" else self.code


@dataclass(frozen=True, slots=True)
class TemplateText:
    """What somebody writes as a template: ``sections`` by code, the conclusion as ``impression``; of a request its texts by field, and the rest as
    ``request``."""

    title: str
    short_code: str
    sections: Mapping[str, str]
    groups: frozenset[str] = frozenset()
    parts: frozenset[str] = frozenset()
    positive: bool = False
    request: RequestPart | None = None


@dataclass(frozen=True, slots=True)
class OrderDraft:
    """An order before it is placed, for safety checks."""

    service: str
    resident_id: UUID
    sex: str
    age: int | None
    items: Sequence[ItemInput]
    clinical: Clinical
    answers: Mapping[str, Any]
    priority: str


@dataclass(frozen=True, slots=True)
class EarlierResult:
    """A finished item that answers for the ordered ``for_code`` and is still valid: shown before the same is ordered again.

    ``offered`` results may be recognised under ``mark``; of the others ``note`` says why not, and repeating asks for nothing.
    """

    order_id: UUID
    number: str
    item_code: str
    item_name: str
    institution: str
    reported_at: datetime
    impression: str
    price: int | None
    item_id: int = 0
    for_code: str = ""
    mark: str = ""
    offered: bool = True
    note: str = ""


@dataclass(frozen=True, slots=True)
class RecognitionData:
    """One recognised result: ``price`` in fen is what was saved; ``again`` when it had been recognised before."""

    id: UUID
    item_name: str
    price: int | None
    again: bool


@dataclass(frozen=True, slots=True)
class RecognitionFigures:
    """Decisions of one month at one receiving institution; ``saved`` in fen."""

    month: date
    receiver_id: UUID
    recognised: int
    repeated: int
    saved: int

    @property
    def rate(self) -> float | None:
        """Recognised by all decisions; None when there was none."""
        total = self.recognised + self.repeated
        return self.recognised / total if total else None


@dataclass(frozen=True, slots=True)
class OrderData:
    """One order. ``state`` codes are those of ``orders.rules``; ``report_state`` is empty before anything is at the centre."""

    id: UUID
    number: str
    accession: str
    service: str
    state: str
    state_label: str
    priority: str
    resident_id: UUID
    requesting_institution_id: UUID
    requesting_department_id: UUID | None
    requesting_staff_id: UUID | None
    performing_institution_id: UUID
    reporting_institution_id: UUID
    items: tuple[ItemInput, ...]
    clinical: Clinical
    answers: Mapping[str, Any]
    requested_at: datetime
    scheduled_at: datetime | None
    performed_at: datetime | None
    uploaded_at: datetime | None
    reported_at: datetime | None
    due_at: datetime | None
    identity: str
    report_state: str
    version: int
    findings: tuple[str, ...] = ()
    identity_differences: tuple[str, ...] = ()
    ended_reason: str = ""

    @property
    def item_names(self) -> str:
        """All items in one line."""
        return "、".join(item.name for item in self.items)

    @property
    def group(self) -> str:
        """The kind of equipment of the first item."""
        return self.items[0].group if self.items else ""


@dataclass(frozen=True, slots=True)
class VersionData:
    """One signed (or provisional) version of a report; never changes."""

    id: UUID
    number: int
    kind: str
    sections: Mapping[str, str]
    impression: str
    positive: bool | None
    grade: str
    author: str
    reviewer: str
    signed_at: datetime
    digest: str
    reason: str
    acknowledged: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class ReportData:
    """The report of one order with its versions, newest last."""

    id: UUID
    order_id: UUID
    state: str
    state_label: str
    claimed_by: str
    claimed_by_id: UUID | None
    claimed_at: datetime | None
    draft: Mapping[str, Any]
    draft_version: int
    author_id: UUID | None
    due_at: datetime | None
    versions: tuple[VersionData, ...]
    first_reason: str = ""

    @property
    def current(self) -> VersionData | None:
        """The newest version, if any."""
        return self.versions[-1] if self.versions else None


@dataclass(frozen=True, slots=True)
class CriticalData:
    """One critical value and how far its loop is."""

    id: UUID
    order_id: UUID
    resident_id: UUID
    state: str
    state_label: str
    item: str
    item_label: str
    detail: str
    found_by: str
    found_at: datetime
    notified_at: datetime | None
    way: str
    receiver: str
    acknowledged_by: str
    acknowledged_at: datetime | None
    acted_at: datetime | None
    measure: str
    measure_text: str
    closed_at: datetime | None
    level: int
    due_at: datetime | None


@dataclass(frozen=True, slots=True)
class WorklistFilters:
    """What to show: ``view`` is waiting, mine, review, done or all; empty fields do not filter."""

    view: str = "waiting"
    group: str = ""
    priority: str = ""
    requesting_institution_id: UUID | None = None
    text: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class WorklistRow:
    """One line of a reading list."""

    order_id: UUID
    number: str
    accession: str
    resident_id: UUID
    items: str
    group: str
    priority: str
    requesting_institution_id: UUID
    performing_institution_id: UUID
    state: str
    state_label: str
    waiting_since: datetime
    due_at: datetime | None
    claimed_by: str
    claimed_by_id: UUID | None
    claimed_at: datetime | None
    identity: str
    critical: bool
    first_reason: str = ""


@dataclass(frozen=True, slots=True)
class StudyIdentity:
    """Who the images say they are of, as the file spells it."""

    patient_id: str = ""
    name: str = ""
    birth_date: date | None = None
    sex: str = ""


@dataclass(frozen=True, slots=True)
class StudyMatch:
    """The order that a study belongs to. ``exact`` is False when identifiers differ; ``differences`` are sentences."""

    order_id: UUID
    accession: str
    resident_id: UUID
    by: str
    exact: bool
    differences: tuple[str, ...]
    explanation: str


@dataclass(frozen=True, slots=True)
class ModalityItem:
    """One scheduled examination, as a device's worklist wants it."""

    order_id: UUID
    accession: str
    number: str
    resident_id: UUID
    patient_name: str
    sex: str
    birth_date: date | None
    modality: str
    item_code: str
    item_name: str
    part: str
    scheduled_at: datetime
    institution_id: UUID
    requesting_institution_id: UUID
    requesting_doctor: str
    clinical: str
    urgent: bool


@dataclass(frozen=True, slots=True)
class Statistics:
    """Figures of a service in a period; minutes are None when nothing was measured."""

    ordered: int
    performed: int
    reported: int
    positive: int
    rejected: int
    cancelled: int
    repeated: int
    median_minutes: float | None
    p90_minutes: float | None
    in_time: int
    stages: tuple[tuple[str, float | None, float | None, int], ...]
    by_institution: tuple[tuple[UUID, int], ...]
    by_group: tuple[tuple[str, int], ...]
    by_day: tuple[tuple[date, int], ...]
    reject_reasons: tuple[tuple[str, int], ...]
    by_author: tuple[tuple[str, int], ...]
    critical: int
    critical_in_time: int


@dataclass(frozen=True, slots=True)
class Placed:
    """What a request led to: an order for what is left (None when all was recognised) and the recognised results."""

    order: OrderData | None
    recognised: tuple[RecognitionData, ...]
