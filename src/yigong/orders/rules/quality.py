"""Quality sampling (质控抽查): what a definition says, the draw, the score, the agreement of two readers. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from yigong.core import draws
from yigong.core.forms.api import FormDefinition, form, form_version
from yigong.core.packs import api as packs
from yigong.core.packs.api import Kind

Side = Literal["requesting", "performing", "reporting"]
DEFECTS, COMMENT, NONE = "defects", "comment", "none"
"""Items of a score sheet that the mechanism reads: the coded defects and the words; and the answer “no defect”."""


class Grade(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A grade from ``least`` points on; the last one has 0."""

    code: str
    label: str
    least: int


class QualityPack(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``packs/*/quality/<code>.toml``: one kind of check of one service.

    ``person`` is whose work is looked at: the report's author, the asker, or whoever took one of ``actions`` (states of the order or of what
    the centre handles for it). ``stratum`` is the side by whose institutions the draw is spread, ``answers`` the side that answers a finding,
    through ``answerers`` where the person is not known. A fault in ``vetoes`` fails whatever the points. ``blind`` hides who wrote and where;
    with ``second_reading`` the report itself stays hidden until the second reader has given his own result.
    """

    code: str
    version: str
    effective_from: date
    title: str
    service: str
    subject: str
    period: Literal["month", "quarter"]
    person: Literal["author", "requester", "performer"]
    stratum: Side
    answers: Side
    answerers: list[str]
    scorers: list[str]
    percent: float
    least_institution: int
    least_person: int
    most: int
    form: str
    deductions: dict[str, int]
    grades: list[Grade]
    passing: int
    score_days: int
    rectify_days: int
    check_days: int
    actions: list[str] = []
    groups: list[str] = []
    vetoes: list[str] = []
    blind: bool = False
    second_reading: bool = False


def _problems(pack: QualityPack) -> Iterable[tuple[str, str]]:
    if not pack.grades or pack.grades[-1].least != 0:
        yield "grades", "最后一个等级的 least 应为 0"
    if [g.least for g in pack.grades] != sorted((g.least for g in pack.grades), reverse=True):
        yield "grades", "等级从高到低排列"
    if not 0 < pack.percent <= 100 or pack.most < 1:
        yield "percent", "抽查比例在 0 到 100 之间，上限至少 1 份"
    if pack.person == "performer" and not pack.actions:
        yield "actions", "请写明由哪一步确定被检查的人"
    sheet = {item.code: item for item in form(pack.form, pack.effective_from).items}
    options = {o.code for o in sheet[DEFECTS].options} - {NONE} if DEFECTS in sheet else set()
    if options != set(pack.deductions):
        yield "deductions", f"与评分表“{pack.form}”的缺陷不一致：{'、'.join(sorted(options ^ set(pack.deductions)))}"
    if not set(pack.vetoes) <= options:
        yield "vetoes", "单项否决应是评分表中的缺陷"


QUALITY: Kind[QualityPack] = packs.register(Kind("quality-sampling", "quality/*.toml", QualityPack, _problems))


def definitions(service_code: str = "") -> dict[str, QualityPack]:
    """The definitions in force, of one service or of all."""
    every = packs.every(QUALITY)
    return {code: one for code, one in every.items() if service_code in ("", one.service)}


def as_drawn(code: str, version: str) -> QualityPack:
    """The definition under which something was drawn."""
    return packs.released(QUALITY, code, version)


def sheet_of(pack: QualityPack, version: str = "") -> FormDefinition:
    """The score sheet: as it is today, or as an old score names it."""
    return form_version(pack.form, version) if version else form(pack.form)


def begin_of(pack: QualityPack, day: date) -> date:
    """The first day of the period that a day lies in."""
    return day.replace(month=day.month if pack.period == "month" else (day.month - 1) // 3 * 3 + 1, day=1)


def end_of(pack: QualityPack, first: date) -> date:
    """The last day of a period."""
    return begin_of(pack, first + timedelta(days=32 if pack.period == "month" else 93)) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One report that may be drawn: its first signed version, the institution of the stratum, and whose work it is."""

    version_id: UUID
    order_id: UUID
    institution_id: UUID
    person_id: UUID | None


def ordered(cases: Iterable[Case], seed: str) -> list[Case]:
    """Cases in the order of a draw."""
    return sorted(cases, key=lambda case: draws.place(seed, case.version_id))


def draw(cases: Sequence[Case], pack: QualityPack, seed: str) -> list[Case]:
    """Which cases are drawn: in the order of the seed, the share of every institution (not fewer than its least), then as many more as every
    person lacks, then cut to the most of the definition – evenly, by taking turns between the institutions. Nobody chooses."""
    turns: dict[UUID, list[Case]] = defaultdict(list)
    for case in ordered(cases, seed):
        turns[case.institution_id].append(case)
    wanted = {key: draws.share(len(found), pack.percent, pack.least_institution) for key, found in turns.items()}
    chosen = {case.version_id: case for key, found in turns.items() for case in found[: wanted[key]]}
    people: dict[UUID, int] = defaultdict(int)
    for case in chosen.values():
        if case.person_id:
            people[case.person_id] += 1
    for found in turns.values():
        for case in found[wanted[found[0].institution_id] :]:
            if case.person_id and people[case.person_id] < pack.least_person:
                people[case.person_id] += 1
                chosen[case.version_id] = case
    return _cut(list(chosen.values()), pack.most, seed)


def _cut(chosen: Sequence[Case], most: int, seed: str) -> list[Case]:
    rows: dict[UUID, list[Case]] = defaultdict(list)
    for case in ordered(chosen, seed):
        rows[case.institution_id].append(case)
    kept: list[Case] = []
    while len(kept) < most and any(rows.values()):
        for key in draws.in_order(rows, seed):
            if rows[key] and len(kept) < most:
                kept.append(rows[key].pop(0))
    return kept


@dataclass(frozen=True, slots=True)
class Score:
    """What the defects of a sheet make: points from 100, the grade, and whether it is enough."""

    points: int
    grade: str
    passed: bool


def score(pack: QualityPack, defects: Sequence[str]) -> Score:
    """Points are taken off for every defect; a veto leaves the last grade."""
    points = max(0, 100 - sum(pack.deductions[code] for code in defects))
    vetoed = bool(set(defects) & set(pack.vetoes))
    grade = pack.grades[-1] if vetoed else next(g for g in pack.grades if points >= g.least)
    return Score(points, grade.code, points >= pack.passing and not vetoed)


def kappa(both: int, first_only: int, second_only: int, neither: int) -> float | None:
    """Cohen's kappa of two readers with two answers; None without readings, or where both always said the same one thing.

    >>> round(kappa(20, 5, 10, 15), 2)
    0.4
    >>> kappa(0, 0, 0, 0) is None and kappa(9, 0, 0, 0) is None
    True
    """
    total = both + first_only + second_only + neither
    if not total:
        return None
    seen = (both + neither) / total
    chance = ((both + first_only) * (both + second_only) + (second_only + neither) * (first_only + neither)) / total**2
    return None if chance == 1 else (seen - chance) / (1 - chance)
