"""The front page of a health record: marks worked out from what is recorded, basic data, services. Other rooms say what they know.

    register_front("programmes", part)        # in apps.ready; part(resident_id, actor) -> FrontPart
    front_page(resident, actor=actor)         # -> FrontPage

Source: 居民电子健康档案首页基本内容（试行）, 国卫办基层发〔2024〕15号. Which mark holds for whom is a definition (``record-front-page.toml``).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.packs.api import Kind, current, register
from yigong.core.ui.shell import address
from yigong.records import queries
from yigong.records.data import RecordSummary, ResultData
from yigong.residents.data import ResidentData

_WEIGHT, _HEIGHT = "29463-7", "8302-2"


class Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of mark, shown even when the person has none of it."""

    code: str
    title: str


class MarkRule(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A mark and whom it holds for: of an age (completed years, both ends included), under management, with a lasting diagnosis (ICD-10
    beginnings), or with a body mass index (kg/m², lower end included) of a grown-up. Any one of what it names is enough."""

    group: str
    title: str
    tone: str = "info"
    age_from: int | None = None
    age_to: int | None = None
    programmes: list[str] = []
    conditions: list[str] = []
    bmi_from: float | None = None
    bmi_below: float | None = None

    @property
    def is_weight(self) -> bool:
        """Whether it is about the weight."""
        return self.bmi_from is not None or self.bmi_below is not None


class Items(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which answers of the form of basic data stand in which block, by item."""

    person: list[str]
    health: list[str]
    blood: list[str]


class FrontPageRules(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The pack's definition."""

    code: str
    version: str
    effective_from: date
    title: str
    source: str
    certainty: str
    weight_days: int
    grown_up: int
    groups: list[Group]
    marks: list[MarkRule]
    items: Items


def _problems(pack: FrontPageRules) -> Iterable[tuple[str, str]]:
    groups = {g.code for g in pack.groups}
    for n, mark in enumerate(pack.marks):
        if mark.group not in groups:
            yield f"marks[{n}].group", f"没有“{mark.group}”这一类标识"
        ages = mark.age_from is not None or mark.age_to is not None
        if not (ages or mark.programmes or mark.conditions or mark.is_weight):
            yield f"marks[{n}]", f"标识“{mark.title}”没有写明判定依据"


FRONT: Kind[FrontPageRules] = register(Kind("record_front_page", "record-front-page.toml", FrontPageRules, _problems))


@dataclass(frozen=True, slots=True)
class Belonging:
    """A management under way that this reader may know of: since when, and where it opens."""

    since: date
    url: str


@dataclass(frozen=True, slots=True)
class FrontPart:
    """What one room knows: managements by programme, answers of the form of basic data (item → label and text) with its day and page, further
    lines of the block of insurance, and who looks after the record."""

    belongs: Mapping[str, Belonging] = field(default_factory=dict)
    answers: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    answered_on: date | None = None
    answered_url: str = ""
    insurance: Sequence[tuple[str, str]] = ()
    opened_on: date | None = None
    doctor: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """One mark with where it comes from: ``basis`` in words, ``url`` the page that shows it."""

    title: str
    tone: str
    basis: str
    url: str


@dataclass(frozen=True, slots=True)
class FrontPage:
    """The page but for the services. ``marks`` by the title of their group, groups without a mark included."""

    marks: Sequence[tuple[str, Sequence[Mark]]]
    person: Sequence[tuple[str, str]]
    insurance: Sequence[tuple[str, str]]
    health: Sequence[tuple[str, str]]
    summary: RecordSummary
    part: FrontPart
    rules: FrontPageRules


Provider = Callable[[UUID, Actor], FrontPart]
_providers: dict[str, Provider] = {}


def register_front(name: str, provider: Provider) -> None:
    """Let a room say what it knows of a person (call it in ``apps.ready``). The provider shows a reader only what he may know: the decision
    about the person has been made."""
    _providers[name] = provider


def front_page(resident: ResidentData, *, actor: Actor) -> FrontPage:
    """The front page of a person after the caller's decision: a handful of statements."""
    rules, summary, part = (
        current(FRONT, "record-front-page"),
        queries.summary_of(resident.id),
        _together(resident.id, actor),
    )
    marks = marks_of(rules, resident, summary, part)
    held = {a: part.answers[a] for a in part.answers}
    allergies = summary.allergies_text or _("没有登记（未询问不等于没有过敏）")
    conditions = "；".join(dict.fromkeys(c.text for c in summary.conditions if c.is_lasting)) or "—"
    return FrontPage(
        [(_(g.title), marks[g.code]) for g in rules.groups],
        [held[i] for i in rules.items.person if i in held],
        part.insurance,
        [(_("过敏史"), allergies), (_("主要诊断"), conditions), *(held[i] for i in rules.items.health if i in held)],
        summary,
        part,
        rules,
    )


def _together(resident_id: UUID, actor: Actor) -> FrontPart:
    parts = [provide(resident_id, actor) for _name, provide in sorted(_providers.items())]
    answered = next((p for p in parts if p.answers), FrontPart())
    return FrontPart(
        {code: b for p in parts for code, b in p.belongs.items()}, answered.answers, answered.answered_on, answered.answered_url,
        [line for p in parts for line in p.insurance], next((p.opened_on for p in parts if p.opened_on), None),
        next((p.doctor for p in parts if p.doctor), ""),
    )  # fmt: skip


def marks_of(
    rules: FrontPageRules, resident: ResidentData, summary: RecordSummary, part: FrontPart
) -> dict[str, list[Mark]]:
    """The marks that hold, by group. A mark has one basis: a management before a diagnosis."""
    found: dict[str, list[Mark]] = {g.code: [] for g in rules.groups}
    for rule in rules.marks:
        mark = (
            _by_weight(rule, rules, resident, summary) if rule.is_weight else _by_record(rule, resident, summary, part)
        )
        if mark:
            found[rule.group].append(mark)
    for item in rules.items.blood:
        if item in part.answers and "blood" in found:
            label, text = part.answers[item]
            basis = _("%(form)s %(on)s") % {"form": _("个人基本信息表"), "on": part.answered_on}
            found["blood"].append(Mark(f"{label} {text}", "info", basis, part.answered_url))
    return found


def _by_record(rule: MarkRule, resident: ResidentData, summary: RecordSummary, part: FrontPart) -> Mark | None:
    for code in rule.programmes:
        if code in part.belongs:
            belonging = part.belongs[code]
            return Mark(_(rule.title), rule.tone, _("%(on)s 起在管") % {"on": belonging.since}, belonging.url)
    starts = tuple(rule.conditions)
    for c in summary.conditions if starts else ():
        if c.is_lasting and c.code.startswith(starts):
            url = (
                address("records:encounter", c.encounter_id)
                if c.encounter_id
                else address("records:timeline", resident.id)
            )
            return Mark(_(rule.title), rule.tone, f"{c.text} {_day(c.occurred_at)}", url)
    if (rule.age_from is None and rule.age_to is None) or resident.age_years is None:
        return None
    if (rule.age_from or 0) <= resident.age_years <= (rule.age_to if rule.age_to is not None else 200):
        return Mark(_(rule.title), rule.tone, resident.age_text, address("residents:detail", resident.id))
    return None


def _by_weight(rule: MarkRule, rules: FrontPageRules, resident: ResidentData, summary: RecordSummary) -> Mark | None:
    weight, height = summary.result(_WEIGHT), summary.result(_HEIGHT)
    if resident.age_years is None or resident.age_years < rules.grown_up or weight is None or height is None:
        return None
    index = body_mass(weight, height)
    if index is None or clock.now() - weight.occurred_at > timedelta(days=rules.weight_days):
        return None
    if (rule.bmi_from is not None and index < rule.bmi_from) or (
        rule.bmi_below is not None and index >= rule.bmi_below
    ):
        return None
    basis = _("BMI %(bmi)s，%(on)s 体重 %(kg)s") % {
        "bmi": f"{index:.1f}", "on": _day(weight.occurred_at), "kg": weight.shown,
    }  # fmt: skip
    return Mark(_(rule.title), rule.tone, basis, address("records:trend", resident.id, _WEIGHT))


def _day(at: datetime) -> str:
    return at.astimezone(clock.SHANGHAI).date().isoformat()


def body_mass(weight: ResultData, height: ResultData) -> float | None:
    """Body mass index in kg/m² from kg and cm; None for a height that cannot be."""
    if weight.value is None or not height.value:
        return None
    metres = float(height.value) / 100
    return float(weight.value) / (metres * metres) if metres > 0.3 else None


def _disease_group(rules: FrontPageRules) -> str:
    return next((_(g.title) for g in rules.groups if g.code == "disease"), "")


def card_facts(page: FrontPage, resident: ResidentData) -> dict[str, Any]:
    """What the record card (居民健康档案信息卡) says, as its print takes it."""
    found = {m.title for _group, marks in page.marks for m in marks}
    past = page.part.answers.get("past", ("", ""))[1]
    known = [_("高血压"), _("糖尿病"), _("脑卒中"), _("冠心病"), _("哮喘"), _("职业病")]
    others = {m.title for group, marks in page.marks if group == _disease_group(page.rules) for m in marks} - set(known)
    contact = next((c for c in resident.contacts), None)
    answers = page.part.answers
    return {
        "facts": [
            [_("姓名"), resident.name], [_("性别"), resident.sex_label], [_("出生日期"), str(resident.birth_date or "—")],
            [_("ABO 血型"), answers.get("blood", ("", "—"))[1]], [_("RH 血型"), answers.get("rh", ("", "—"))[1]],
        ],
        "number": resident.archive_number,
        "diseases": [[name, name in found or name in past] for name in known] + [[_("其他"), bool(others)]],
        "allergies": page.summary.allergies_text or _("没有登记"),
        "lines": [
            [_("家庭住址"), resident.place or "—"], [_("本人电话"), resident.masked_phone or "—"],
            [_("紧急情况联系人"), f"{contact.name}（{contact.relation_label}） {contact.masked_phone}" if contact else "—"],
            [_("责任医生"), page.part.doctor or "—"],
        ],
    }  # fmt: skip
