"""The trial, the real run and the undo: jobs that say how far they are and may begin again after a crash."""

import hashlib
import io
import sqlite3
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any
from uuid import UUID

import orjson
from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.jobs.api import JobData, actor_of, job_kind, progress, start_job, store_result
from yigong.core.states.api import transition
from yigong.exchange.takeon import files
from yigong.exchange.takeon.commands.uploading import access
from yigong.exchange.takeon.data import MOST_FAULTS, Origin, Outcome, Pass, Row, Say
from yigong.exchange.takeon.models import Fault, Import
from yigong.exchange.takeon.rules.layouts import Column, Layout, layout
from yigong.exchange.takeon.rules.states import IMPORT
from yigong.exchange.takeon.rules.values import Bad, read
from yigong.exchange.takeon.sheets import RefusedRows
from yigong.exchange.takeon.writers import writer_of

_SELF = system("takeon")


def start_check(*, import_id: UUID, actor: Actor) -> JobData:
    """Go through the file without keeping anything, as a job."""
    return _start(import_id, "check", "takeon.check", _("试运行：%(file)s"), actor)


def start_run(*, import_id: UUID, actor: Actor) -> JobData:
    """Take on every row that has nothing wrong with it, as a job; one that was stopped goes on."""
    return _start(import_id, "run", "takeon.run", _("正式导入：%(file)s"), actor)


def start_undo(*, import_id: UUID, reason: str, actor: Actor) -> JobData:
    """Take back what an import made and nobody has built on, as a job."""
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写撤销原因，例如“导入了错误的文件”。")})
    return _start(import_id, "undo", "takeon.undo", _("撤销导入：%(file)s"), actor, reason)


@transaction.atomic
def _start(import_id: UUID, action: str, kind: str, title: str, actor: Actor, reason: str = "") -> JobData:
    row = access(import_id, actor)
    values: dict[str, Any] = {"undone_reason": reason.strip()[:400], "undone_by": actor.name} if reason else {}
    row = transition(IMPORT, row, action, actor=actor, reason=reason, trouble="", **values)
    job = start_job(kind, title % {"file": row.file_name}, actor, import_id=str(row.pk))
    Import.objects.filter(pk=row.pk).update(job_id=job.id)
    return job


@job_kind("takeon.check")
def check_job(job: JobData, *, import_id: str) -> None:
    """The trial; begun again it does everything again."""
    _as_job(job, UUID(import_id), "checking", "fail", check)


@job_kind("takeon.run")
def run_job(job: JobData, *, import_id: str) -> None:
    """The real run; begun again it passes over what it has written."""
    _as_job(job, UUID(import_id), "running", "stop", run)


@job_kind("takeon.undo")
def undo_job(job: JobData, *, import_id: str) -> None:
    """The undo; begun again it goes on."""
    _as_job(job, UUID(import_id), "undoing", "stop", undo)


def _as_job(
    job: JobData, import_id: UUID, state: str, way_out: str, work: Callable[[Import, Actor, Say], Outcome]
) -> None:
    actor = actor_of(job.id)
    row = access(import_id, actor)
    if row.state != state:
        return

    def say(done: int, total: int | None, note: str) -> None:
        progress(job.id, done, total, note)

    with _way_out(row, way_out):
        outcome = work(row, actor, say)
    if outcome.results:
        store_result(job.id, *_packed(outcome.results))


@contextmanager
def _way_out(row: Import, action: str) -> Iterator[None]:
    """What was cancelled, refused or broke leaves the file where its clerk can go on."""
    text, ended = _("任务没有完成，请看任务页的说明后重试。"), False
    try:
        yield
        ended = True
    except DomainError as refusal:
        errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
        text = " ".join(errors.values()) or str(refusal)
        raise
    finally:
        if not ended:
            transition(IMPORT, row, action, actor=_SELF, trouble=text[:400])


def _packed(results: dict[str, bytes]) -> tuple[str, bytes]:
    if len(results) == 1:
        return next(iter(results.items()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in results.items():
            archive.writestr(name, content)
    return _("结果.zip"), out.getvalue()


# The work, for jobs and for the command line


class _TakenBack(Exception):
    """Ends a rehearsal: everything written in it goes."""


def check(row: Import, actor: Actor, say: Say) -> Outcome:
    """Go through the file and keep nothing but counts and faults."""
    going = _begin(row, actor, say, for_good=False)
    writer = writer_of(row.layout)
    try:
        with transaction.atomic() if writer.rehearses else nullcontext():
            writer.run(going, read_rows(row, going.layout))
            if writer.rehearses:
                raise _TakenBack
    except _TakenBack:
        pass
    _tell(row, going)
    transition(IMPORT, row, "checked", actor=_SELF, counts=dict(going.outcome.counts))
    return going.outcome


def run(row: Import, actor: Actor, say: Say) -> Outcome:
    """Take the rows on."""
    going = _begin(row, actor, say, for_good=True)
    writer_of(row.layout).run(going, read_rows(row, going.layout))
    _tell(row, going)
    transition(IMPORT, row, "done", actor=_SELF, counts=dict(going.outcome.counts), done_at=clock.now())
    files.forget(row.pk)
    return going.outcome


def undo(row: Import, actor: Actor, say: Say) -> Outcome:
    """Take them back."""
    going = _pass(row, actor, say, for_good=True)
    text = _("撤销导入：%(reason)s") % {"reason": row.undone_reason}
    writer_of(row.layout).undo(going, text[:200])
    _tell(row, going)
    counts = row.counts | dict(going.outcome.counts)
    transition(IMPORT, row, "undone", actor=_SELF, counts=counts, undone_at=clock.now())
    files.forget(row.pk)
    return going.outcome


def _begin(row: Import, actor: Actor, say: Say, *, for_good: bool) -> Pass:
    going = _pass(row, actor, say, for_good=for_good)
    going.total = files.count(files.kept(row.pk), row.sheet)
    going.refused = RefusedRows(files.folder_of(row.pk) / "refused.csv", row.header)
    return going


def _pass(row: Import, actor: Actor, say: Say, *, for_good: bool) -> Pass:
    origin = Origin(row.source_id, row.source.institution_id, row.source.system)
    return Pass(row.pk, layout(row.layout), origin, actor, for_good, say)


def _tell(row: Import, going: Pass) -> None:
    """Keep what was wrong for the page, and the refused rows for who corrects them."""
    if going.refused is not None and going.refused.count:
        name, content = going.refused.content()
        going.outcome.results[name] = content
    faults = going.outcome.faults
    going.outcome.counts["faults"] = max(going.outcome.counts["faults"], len(faults))
    Fault.objects.filter(of=row.pk).delete()
    Fault.objects.bulk_create(
        (
            Fault(of_id=row.pk, line=one.line, column=one.column[:40], value=one.value, rule=one.rule, said=one.said)
            for one in faults[:MOST_FAULTS]
        ),
        batch_size=1000,
    )


# Rows of a file


def read_rows(row: Import, chosen: Layout) -> Iterator[Row]:
    """Every row below the header with its values, its number and what is wrong with it so far; the template's example is passed over."""
    path = files.kept(row.pk)
    known = [n for c in chosen.each() for n in (c.label, c.name, *c.aliases)]
    head = files.head_of(path, known)
    places = {name: place for place, name in reversed(list(enumerate(head.header)))}
    columns = [(c, places[row.columns[c.name]]) for c in chosen.each() if c.name in row.columns]
    example = [c.example for c, _place in columns]
    seen = _Seen()
    for line in files.rows(path, head):
        if line.number == head.line + 1 and [_at(line.cells, place) for _c, place in columns] == example:
            continue
        yield _row(line, columns, chosen, len(head.header), seen)


_REPEATED, _MOST_READ = {"code", "date", "flag"}, 20_000


class _Seen:
    """What of a file has been seen. The numbers and where each stood first are millions: they lie in a nameless database that goes to disk by
    itself."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.execute("create table seen (number text primary key, line integer) without rowid")

        self._read: dict[tuple[str, str], Any] = {}

    def read(self, column: Column, text: str) -> Any:
        """What a cell says; days and codes stand in thousands of rows and are read once."""
        if column.type not in _REPEATED:
            return read(column, text)
        key = (column.name, text)
        if key not in self._read:
            if len(self._read) > _MOST_READ:
                self._read.clear()
            self._read[key] = read(column, text)
        return self._read[key]

    def first_line(self, number: str, line: int) -> int:
        """The line on which this number came first."""
        if self._file.execute("insert or ignore into seen values (?, ?)", (number, line)).rowcount:
            return line
        return int(self._file.execute("select line from seen where number = ?", (number,)).fetchone()[0])


def _at(cells: list[str], place: int) -> str:
    return cells[place] if place < len(cells) else ""


def _row(line: files.Line, columns: list[tuple[Column, int]], chosen: Layout, width: int, seen: "_Seen") -> Row:
    row = Row(line.number, line.cells, {}, {}, filled=line.filled)
    if line.broken:
        row.fail(chosen, line.broken)
        return row
    if len(line.cells) < width or any(line.cells[width:]):
        row.fail(chosen, "width", n=len(line.cells), wanted=width)
        return row
    for column, place in columns:
        text = row.texts[column.name] = _at(line.cells, place)
        try:
            row.values[column.name] = seen.read(column, text)
        except Bad as bad:
            row.fail(chosen, bad.rule, column.name, **bad.said)
    row.number = "|".join(row.text(name) for name in chosen.key)
    if not row.faults and (before := seen.first_line(row.number, row.line)) != row.line:
        row.fail(chosen, "twice", chosen.key[-1], line=before)
    told = {name: str(value) for name, value in row.values.items() if value is not None}
    row.digest = hashlib.sha256(orjson.dumps(told, option=orjson.OPT_SORT_KEYS)).digest()[:16]
    return row
