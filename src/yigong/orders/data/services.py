"""How a centre declares its service."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.orders.data.reports import CriticalData, Finding, VersionData
from yigong.orders.data.requests import ItemInput, OrderData, OrderDraft
from yigong.orders.data.templates import ReportTemplate


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
