"""Centres as packs: the words, limits and lists of a service, and its report templates."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, TypedDict, Unpack
from uuid import UUID

import msgspec

from yigong.core.actor import Actor
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind
from yigong.orders.data import (
    Asked,
    CatalogueItem,
    Clocks,
    CriticalData,
    Finding,
    ItemInput,
    OrderData,
    OrderDraft,
    Question,
    ReportPicture,
    ReportTemplate,
    Rights,
    Section,
    ServiceDefinition,
    VersionData,
)
from yigong.orders.rules import recognition

PRIORITIES = ("routine", "urgent")


class ReportLimit(msgspec.Struct, forbid_unknown_fields=True):
    """How long a report may take, for one priority and optionally one group of items."""

    priority: str
    minutes: int
    group: str = ""


class ClockPack(msgspec.Struct, forbid_unknown_fields=True):
    """Minutes by priority; a missing priority has no clock."""

    claim_idle: int
    accept: dict[str, int] = {}
    perform: dict[str, int] = {}
    final_after_preliminary: int = 960
    acknowledge_report: dict[str, int] = {}


class CriticalPack(msgspec.Struct, forbid_unknown_fields=True):
    """Minutes."""

    notify: int
    acknowledge: int
    act: int


class QuestionPack(msgspec.Struct, forbid_unknown_fields=True):
    """One question of the request form."""

    code: str
    label: str
    kind: str = "text"
    required: bool = False
    choices: list[tuple[str, str]] = []
    help: str = ""
    groups: list[str] = []
    codes_ending: str = ""
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None


class SectionPack(msgspec.Struct, forbid_unknown_fields=True):
    """One part of the report."""

    code: str
    label: str
    required: bool = False
    rows: int = 4
    unit: str = ""
    low: float | None = None
    high: float | None = None
    columns: list[str] = []
    mark: str = ""


class CallPack(msgspec.Struct, forbid_unknown_fields=True):
    """Who else is called while nobody takes an order from the head of the list."""

    minutes: int
    role: str


class CentrePack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/centres/<code>.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    label: str
    centre_kind: str
    prefix: str
    document_kind: str
    report_role: str
    review_role: str
    perform_role: str
    states: list[str]
    clocks: ClockPack
    report_limits: list[ReportLimit]
    critical: CriticalPack
    reject_reasons: dict[str, str]
    cancel_reasons: dict[str, str]
    image_reasons: dict[str, str]
    sections: list[SectionPack]
    words: dict[str, str] = {}
    self_sign_roles: list[str] = []
    two_signatures: list[str] = []
    modalities: list[str] = []
    perform_roles: list[str] = []
    calls: list[CallPack] = []
    grades: dict[str, str] = {}
    early_reports: bool = False
    two_when_positive: bool = False
    questions: list[QuestionPack] = []
    critical_items: dict[str, str] = {}
    critical_actions: dict[str, str] = {}


class TemplatePack(msgspec.Struct, forbid_unknown_fields=True):
    """One starting text of a report; besides ``findings`` and ``impression`` any section by its code."""

    code: str
    title: str
    findings: str = ""
    impression: str = ""
    groups: list[str] = []
    parts: list[str] = []
    positive: bool = False
    sections: dict[str, str] = {}

    def texts(self) -> dict[str, str]:
        """What it says, by section; empty parts left out."""
        every = {"findings": self.findings, "impression": self.impression, **self.sections}
        return {code: text for code, text in every.items() if text.strip()}


class TemplatesPack(msgspec.Struct, forbid_unknown_fields=True):
    """``packs/*/report-templates/<service>.toml``."""

    code: str
    version: str
    effective_from: date
    title: str
    templates: list[TemplatePack]


def _check(pack: CentrePack) -> Iterable[tuple[str, str]]:
    general = {limit.priority for limit in pack.report_limits if not limit.group}
    for priority in PRIORITIES:
        if priority not in general:
            yield "report_limits", f"缺少 {priority} 的通用报告时限（不写 group 的一条）"
    if not 1 <= len(pack.prefix) <= 4:
        yield "prefix", "编号前缀为 1 到 4 个字符"
    for place, section in enumerate(pack.sections):
        if section.mark and section.mark not in section.columns:
            yield f"sections[{place}].mark", "不是本表的列"
    kinds = {"bool", "choice", "text", "number", "date"}
    for place, question in enumerate(pack.questions):
        if question.kind not in kinds:
            yield f"questions[{place}].kind", f"题型只能是 {'、'.join(sorted(kinds))}"


CENTRE: Kind[CentrePack] = packs.register(Kind("centre", "centres/*.toml", CentrePack, _check))
TEMPLATES: Kind[TemplatesPack] = packs.register(Kind("report-templates", "report-templates/*.toml", TemplatesPack))


class Own(TypedDict, total=False):
    """What a centre adds to its pack, as in ``ServiceDefinition``."""

    own_orders_accepted: bool
    catalogue: Callable[[], Sequence[CatalogueItem]]
    check: Callable[[OrderDraft], list[Finding]]
    panel: Callable[[UUID], tuple[str, dict[str, Any]] | None]
    perform_form: Callable[..., Any] | None
    performed: Callable[..., None] | None
    perform_page: str
    wide: bool
    first: Callable[[Mapping[str, Any]], str]
    proposals: Callable[[UUID], Mapping[str, str]]
    flagged: Callable[[CriticalData, Actor], None]
    alarm_panel: Callable[[CriticalData, OrderData], tuple[str, dict[str, Any]] | None]
    report_page: str
    request_page: str
    asked: Asked
    detail_page: str
    figures_page: str
    placed: Callable[[OrderData], None]
    ended: Callable[[UUID, str], None]
    reminded: Callable[[UUID], bool]
    priced: Callable[[ItemInput, str], int | None]
    draft_panel: Callable[[Sequence[str]], tuple[str, dict[str, Any]] | None]
    unready: Callable[[UUID], list[str]]
    handled: Callable[[Sequence[UUID]], Mapping[UUID, Sequence[UUID]]]
    took_part: Callable[[Sequence[UUID]], Mapping[UUID, Collection[UUID]]]
    signed: Callable[[OrderData, VersionData, Actor], None]
    structured: Callable[[OrderData], str]
    derived: Callable[[UUID], Mapping[str, str]]
    pictures: Callable[[UUID, VersionData], Sequence[ReportPicture]]


def definition_from_pack(
    code: str, *, rights: Rights, critical_items: Mapping[str, str] | None = None, **own: Unpack[Own]
) -> ServiceDefinition:
    """The service that the pack in force describes; ``own`` are the centre's functions (catalogue, check, panel…);
    ``critical_items`` come before those of the pack."""
    pack = packs.current(CENTRE, code)
    return ServiceDefinition(
        code=pack.code, label=pack.label, centre_kind=pack.centre_kind, prefix=pack.prefix, rights=rights,
        clocks=_clocks(pack), report_role=pack.report_role, review_role=pack.review_role,
        perform_role=pack.perform_role, states=frozenset(pack.states), reject_reasons=pack.reject_reasons,
        cancel_reasons=pack.cancel_reasons, repeat_reasons=recognition.rules().reasons, image_reasons=pack.image_reasons,
        questions=tuple(_question(q) for q in pack.questions),
        sections=tuple(_section(s) for s in pack.sections), grades=pack.grades,
        critical_items={**(critical_items or {}), **pack.critical_items}, critical_actions=pack.critical_actions,
        self_sign_roles=frozenset(pack.self_sign_roles), two_signatures=frozenset(pack.two_signatures),
        modalities=frozenset(pack.modalities), perform_roles=tuple(pack.perform_roles),
        calls=tuple((timedelta(minutes=c.minutes), c.role) for c in pack.calls), document_kind=pack.document_kind, words=pack.words,
        early_reports=pack.early_reports, two_when_positive=pack.two_when_positive,
        templates=lambda: templates_of(code), **own,
    )  # fmt: skip


@lru_cache(maxsize=32)
def templates_of(service_code: str) -> tuple[ReportTemplate, ...]:
    """The report templates in force for a service."""
    found = packs.every(TEMPLATES).get(service_code)
    return tuple(
        ReportTemplate(
            t.code, t.title, t.texts(),
            frozenset(t.groups), frozenset(t.parts), t.positive, t.code, "pack", found.version if found else "",
        )
        for t in (found.templates if found else [])
    )  # fmt: skip


def _section(s: SectionPack) -> Section:
    return Section(s.code, s.label, s.required, s.rows, s.unit, s.low, s.high, tuple(s.columns), s.mark)


def _question(pack: QuestionPack) -> Question:
    return Question(
        pack.code, pack.label, pack.kind, pack.required, tuple(pack.choices), pack.help, frozenset(pack.groups),
        pack.codes_ending, pack.sex, pack.age_from, pack.age_to,
    )  # fmt: skip


def _clocks(pack: CentrePack) -> Clocks:
    def spans(minutes: dict[str, int]) -> dict[str, timedelta]:
        return {priority: timedelta(minutes=n) for priority, n in minutes.items()}

    given = pack.clocks
    return Clocks(
        accept=spans(given.accept), perform=spans(given.perform),
        report={(one.group, one.priority): timedelta(minutes=one.minutes) for one in pack.report_limits},
        acknowledge_report=spans(given.acknowledge_report), claim_idle=timedelta(minutes=given.claim_idle),
        critical_notify=timedelta(minutes=pack.critical.notify),
        critical_acknowledge=timedelta(minutes=pack.critical.acknowledge),
        critical_act=timedelta(minutes=pack.critical.act),
        final_after_preliminary=timedelta(minutes=given.final_after_preliminary),
    )  # fmt: skip
