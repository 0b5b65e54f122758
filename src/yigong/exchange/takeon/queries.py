"""Reads for the pages: layouts, the history, one file with what was wrong."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.core.jobs.api import JobData, job, result_file
from yigong.core.paging import Page, page_of
from yigong.exchange.takeon.models import Fault, Import
from yigong.exchange.takeon.rules import faults as words
from yigong.exchange.takeon.rules.columns import guess
from yigong.exchange.takeon.rules.layouts import Column, Layout, layout, layouts, written_out
from yigong.exchange.takeon.rules.states import IMPORT
from yigong.exchange.takeon.writers import writer_of
from yigong.network import api as network

_COUNTS = (
    ("rows", "文件中的行"), ("new", "新增"), ("same", "与以前导入或已有的相同"), ("changed", "有变化，已更新"), ("refused", "有错误，未导入"),
    ("filled", "合并的单元格，按左上角的内容补填的格"), ("unlisted", "其中收费目录没有的项目"), ("known", "关联到已建档居民"), ("doubts", "待查重复核的对"), ("nameless", "没有姓名、未登记"), ("undone", "已撤销"), ("undone_people", "其中注销的档案"),
    ("kept", "未撤销"),
)  # fmt: skip
_TONES = {"done": "good", "checked": "good", "stopped": "warn", "undone": "muted", "discarded": "muted"}


@dataclass(frozen=True, slots=True)
class ImportData:
    """One file with its counts in words."""

    id: UUID
    layout: str
    title: str
    file_name: str
    digest: str
    size: int
    system: str
    institution: str
    state: str
    state_label: str
    tone: str
    counts: tuple[tuple[str, int], ...]
    faults: int
    trouble: str
    by: str
    asked_at: datetime
    done_at: datetime | None
    undone_by: str
    undone_at: datetime | None
    undone_reason: str
    job_id: UUID | None
    sheet: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A fault in words."""

    line: int
    column: str
    value: str
    what: str
    todo: str


def layouts_for(actor: Actor) -> list[Layout]:
    """The layouts whose rows the actor may take on, in order."""
    return [one for one in layouts() if actor.has(writer_of(one.code).right)]


def imports(actor: Actor, code: str = "", page: int = 1) -> Page[ImportData]:
    """Files of the actor's layouts, newest first."""
    codes = [one.code for one in layouts_for(actor) if code in ("", one.code)]
    rows = Import.objects.filter(layout__in=codes).select_related("source").order_by("-asked_at", "id")
    return page_of(rows, page=page, convert=_many)


def import_data(row: Import) -> ImportData:
    """One of them."""
    return _many([row])[0]


def _many(rows: list[Import]) -> list[ImportData]:
    houses = network.institutions(row.source.institution_id for row in rows if row.source.institution_id)
    titles = {one.code: one.title for one in layouts()}
    return [_data(row, houses, titles) for row in rows]


def _data(row: Import, houses: dict[UUID, Any], titles: dict[str, str]) -> ImportData:
    counts = counts_in_words(row.counts)
    house = houses.get(row.source.institution_id) if row.source.institution_id else None
    return ImportData(
        row.pk, row.layout, titles.get(row.layout, row.layout), row.file_name, row.digest, row.size, row.source.system,
        house.short_name if house else "", row.state, IMPORT.label(row.state), _TONES.get(row.state, "neutral"), counts,
        row.counts.get("faults", 0), row.trouble, row.actor_name, row.asked_at, row.done_at, row.undone_by, row.undone_at,
        row.undone_reason, row.job_id, row.sheet_name,
    )  # fmt: skip


def counts_in_words(counts: dict[str, int]) -> tuple[tuple[str, int], ...]:
    """What became of the rows; what did not happen is left out."""
    return tuple((_(label), counts[name]) for name, label in _COUNTS if counts.get(name))


def faults_of(import_id: UUID, page: int = 1) -> Page[Shown]:
    """What was wrong, by line."""
    rows = Fault.objects.filter(of=import_id).order_by("line", "id")
    return page_of(rows, page=page, limit=50, convert=lambda found: [_shown(row) for row in found])


def _shown(row: Fault) -> Shown:
    return Shown(row.line, row.column, row.value, words.what(row.rule, row.said), words.todo(row.rule, row.said))


@dataclass(frozen=True, slots=True)
class ColumnChoice:
    """One column of the layout on the page where headers are named."""

    name: str
    label: str
    required: bool
    note: str
    header: str
    samples: str
    unsure: bool
    remembered: bool


def column_choices(row: Import, chosen: dict[str, str] | None = None) -> list[ColumnChoice]:
    """Every column with the header it has, and what stands there in the first rows. Of columns that repeat, those of the file and one more."""
    known = layout(row.layout)
    picked = chosen if chosen is not None else row.columns
    shown = _shown_columns(known, picked)
    plainly, unsure = guess(known, row.header, {})
    places = {header: place for place, header in reversed(list(enumerate(row.header)))}
    return [
        ColumnChoice(
            c.name, c.label, c.required, c.note, picked.get(c.name, ""), _samples(row, places.get(picked.get(c.name, ""))),
            c.name in unsure and picked.get(c.name) == row.columns.get(c.name) == plainly.get(c.name),
            bool(picked.get(c.name)) and picked.get(c.name) == row.columns.get(c.name) != plainly.get(c.name),
        )
        for c in shown
    ]  # fmt: skip


def by_header(row: Import) -> dict[str, str]:
    """The columns as the header alone names them, whatever was chosen for this source before."""
    return guess(layout(row.layout), row.header, {})[0]


def _shown_columns(known: Layout, picked: dict[str, str]) -> list[Column]:
    found: list[Column] = []
    for column in known.columns:
        every = written_out(column)
        last = max((place for place, one in enumerate(every) if picked.get(one.name)), default=-1)
        found += every[: last + 2] if column.repeat else every
    return found


def _samples(row: Import, place: int | None) -> str:
    if place is None:
        return ""
    found = [cells[place] for cells in row.sample if place < len(cells) and cells[place]]
    return " / ".join(text[:20] for text in found[:2])


def job_of(row: Import) -> JobData | None:
    """The file's last job, for whoever may see the file."""
    try:
        return job(row.job_id) if row.job_id else None
    except NotFound:
        return None


def has_result(row: Import) -> bool:
    """Whether the last job left something to download."""
    found = job_of(row)
    if found is None or not found.result_name:
        return False
    try:
        return result_file(found.id).exists()
    except NotFound:
        return False
