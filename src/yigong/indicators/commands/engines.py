"""Counting with an engine of choice: the county's roll-ups by PostgreSQL, DuckDB or Spark, or a lake of one or many counties.

PostgreSQL counts where the rows lie. The others count over a lake: of the county it is written first, into a folder that goes afterwards. A month
that was counted meanwhile from newer rows keeps its newer numbers.
"""

# texts: data (told on the command line)
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from yigong.core import clock
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict
from yigong.core.months import add_months, first_of, months_between
from yigong.indicators import engines, lake
from yigong.indicators.commands.computing import HISTORY, compute_all, put_in_place, spans_of
from yigong.indicators.facts import Fact, facts
from yigong.indicators.models import Cell, Computation, Roll
from yigong.indicators.queries.registry import counted
from yigong.indicators.rules.definition import Definition

Say = Callable[[str], None]
_FIELDS = ("code", "variant", "month", "institution_id", "numerator", "denominator", "provisional")
HERE = "本县"


class EngineMissing(Conflict):
    """The machine lacks what the engine needs."""

    code = "indicators.engine_missing"
    message = "%(what)s"


@dataclass
class Computed:
    """What a count came to. ``left``: months that were counted meanwhile and keep their newer numbers; ``differing``: cells in which a comparison
    differs, each (kept, counted)."""

    engine: str
    source: str
    first: date
    last: date
    codes: set[str] = field(default_factory=set)
    cells: int = 0
    seconds: float = 0.0
    left: int = 0
    compared: int | None = None
    differing: list[tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]] = field(default_factory=list)

    @property
    def months(self) -> int:
        """How many."""
        return months_between(self.first, self.last) + 1


def count_county(
    engine: str, *, since: date | None = None, codes: Iterable[str] = (), compare: bool = False, by: str, say: Say
) -> Computed:
    """Count the county's own roll-ups; ``compare`` keeps nothing and holds the result against what is kept. With ``codes`` all indicators of the
    facts behind those are counted, so that a month of a fact is always of one count."""
    _refuse(engine)
    asked = {d.fact for d in _wanted(codes)}
    wanted, last = [d for d in counted().values() if d.fact in asked], first_of(clock.today())
    first = first_of(since) if since else add_months(last, -HISTORY)
    if first > last:
        raise lake.NothingToCount
    done = Computed(engine, HERE, first, last, {d.code for d in wanted})
    begun = clock.now()
    if engine == "postgres":
        if compare:
            raise lake.ComparesWithItself
        found = compute_all(since=first, codes=done.codes)
        done.cells, done.seconds = found.cells, found.seconds
    else:
        with _lake_of_the_county(wanted, first, say) as folder:
            _count_over(folder, done, wanted, say, begun, compare)
    note(done, begun, by)
    return done


def count_lake(
    engine: str,
    folder: Path,
    *,
    since: date | None = None,
    codes: Iterable[str] = (),
    partly: bool = False,
    memory: str = "2GB",
    by: str,
    say: Say,
) -> tuple[Computed, list[Cell], list[Definition]]:
    """Count over a lake: what it came to, the cells, and the indicators left out because their facts are missing (only with ``partly``)."""
    if engine == "postgres":
        raise lake.NotOverLakes
    _refuse(engine)
    begun, found = clock.now(), lake.look(folder)
    wanted = _wanted(codes)
    lost = [d for d in wanted if d.fact in found.missing or "institution" in found.missing]
    if lost and not partly:
        raise lake.LakeIncomplete(
            folder=folder, facts="、".join(facts()[name].label for name in sorted(({d.fact for d in lost} | {"institution"}) & found.missing)),
            n=len(lost),
        )  # fmt: skip
    kept = [d for d in wanted if d not in lost]
    first, last = found.first, found.last
    first = max(first, first_of(since)) if since else first
    if not kept or first > last:
        raise lake.LakeEmpty
    say(f"湖 {folder}：{found.counties} 个县，{found.files} 个文件，{first:%Y-%m} 至 {last:%Y-%m}")
    done, cells, begin = (
        Computed(engine, f"{folder.name}（{found.counties} 个县）", first, last, {d.code for d in kept}),
        [],
        time.monotonic(),
    )
    with lake.opened(engine, folder, memory, [d.fact for d in kept]) as opened:
        for _fact, _start, _end, part in _parts(opened, kept, first, last):
            cells += part
    done.cells, done.seconds = len(cells), time.monotonic() - begin
    note(done, begun, by)
    return done, cells, lost


def note(done: Computed, begun: datetime, by: str) -> None:
    """Keep what engine counted what and when, for the page that says so."""
    agreed = None if done.compared is None else done.compared - len(done.differing)
    Computation.objects.create(
        engine=done.engine, source=done.source[:120], first=done.first, last=done.last, indicators=len(done.codes), cells=done.cells,
        took_ms=round(done.seconds * 1000), begun_at=begun, ended_at=clock.now(), counted_by=by[:80], compared=done.compared, agreed=agreed,
    )  # fmt: skip


def _refuse(engine: str) -> None:
    if what := engines.lacking(engine):
        raise EngineMissing(what=what)


def _wanted(codes: Iterable[str]) -> list[Definition]:
    known, asked = counted(), list(codes)
    if unknown := [code for code in asked if code not in known]:
        raise lake.NotCounted(codes="、".join(unknown))
    return [d for d in known.values() if not asked or d.code in asked]


@contextmanager
def _lake_of_the_county(wanted: Sequence[Definition], first: date, say: Say) -> Iterator[Path]:
    names = {d.fact for d in wanted} | {"institution"}
    Path(settings.DATA).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="lake-", dir=settings.DATA) as folder:
        begin = time.monotonic()
        written = lake.export(Path(folder), names, first)
        say(f"导出 {len(names)} 类事实，{written / 1e6:.1f} MB，{time.monotonic() - begin:.1f} 秒")
        yield Path(folder)


def _count_over(
    folder: Path, done: Computed, wanted: Sequence[Definition], say: Say, begun: datetime, compare: bool
) -> None:
    begin, found = time.monotonic(), set[tuple[Any, ...]]()
    mark = begin
    with lake.opened(done.engine, folder, "2GB", [d.fact for d in wanted]) as opened:
        for fact, start, end, cells in _parts(opened, wanted, done.first, done.last):
            done.cells += len(cells)
            if compare:
                found |= {tuple(getattr(cell, name) for name in _FIELDS) for cell in cells}
            else:
                codes = [d.code for d in wanted if d.fact == fact.name]
                took, mark = time.monotonic() - mark, time.monotonic()
                done.left += keep(
                    fact=fact,
                    first=start,
                    last=end,
                    codes=codes,
                    cells=cells,
                    engine=done.engine,
                    seen_at=begun,
                    seconds=took,
                )
    done.seconds = time.monotonic() - begin
    if compare:
        _hold_against(done, found)


def _parts(
    opened: Any, wanted: Sequence[Definition], first: date, last: date
) -> Iterator[tuple[Fact, date, date, list[Cell]]]:
    """Fact by fact, and where versions of definitions change, span by span."""
    names = {d.fact for d in wanted}
    codes = {d.code for d in wanted}
    for name in (name for name in facts() if name in names):
        for start, end, definitions in spans_of(facts()[name], first, last):
            asked = [d for d in definitions if d.code in codes]
            yield facts()[name], start, end, list(lake.count(opened, asked, start, end))


@racing("indicators.keep")
@transaction.atomic
def keep(
    *, fact: Fact, first: date, last: date, codes: Sequence[str], cells: Sequence[Cell], engine: str, seen_at: datetime, seconds: float
) -> int:  # fmt: skip
    """Put what an engine counted from the rows of ``seen_at`` in place of what was there; months counted from newer rows stay, and are told."""
    one_at_a_time(f"indicators.{fact.name}")
    months = [add_months(first, n) for n in range(months_between(first, last) + 1)]
    newer = set(
        Roll.objects.filter(fact=fact.name, month__in=months, computed_at__gte=seen_at).values_list("month", flat=True)
    )
    open_months = [month for month in months if month not in newer]
    put_in_place(fact, codes, open_months, [c for c in cells if c.month not in newer], engine, seconds)
    return len(newer)


def _hold_against(done: Computed, found: set[tuple[Any, ...]]) -> None:
    kept = set(
        Cell.objects.filter(code__in=done.codes, month__gte=done.first, month__lte=done.last).values_list(*_FIELDS)
    )
    mine, other = {cell[:4]: cell for cell in kept}, {cell[:4]: cell for cell in found}
    done.compared = len(mine.keys() | other.keys())
    wrong = sorted((key for key in mine.keys() | other.keys() if mine.get(key) != other.get(key)), key=str)
    done.differing = [(mine.get(key), other.get(key)) for key in wrong]
