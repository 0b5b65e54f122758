"""What passes between reading a file and writing its rows."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.exchange.takeon.rules.faults import todo, what
from yigong.exchange.takeon.rules.layouts import Layout
from yigong.exchange.takeon.rules.values import FORMULA, masked
from yigong.exchange.takeon.sheets import RefusedRows

MOST_FAULTS = 10_000
Say = Callable[[int, int | None, str], None]


@dataclass(frozen=True, slots=True)
class FaultData:
    """One thing that is wrong with one row."""

    line: int
    column: str
    value: str
    rule: str
    said: dict[str, Any]

    def told(self) -> str:
        """As one line of text."""
        head = _("第 %(line)s 行") % {"line": self.line} if self.line else ""
        value = f"“{self.value}”" if self.value else ""
        return f"{head} {self.column}{value}{what(self.rule, self.said)}，{todo(self.rule, self.said)}".strip()


@dataclass(slots=True)
class Row:
    """One row of a file: cells as given, values by column, what is wrong; ``found`` is for what a writer has looked up."""

    line: int
    cells: list[str]
    values: dict[str, Any]
    texts: dict[str, str]
    number: str = ""
    digest: bytes = b""
    filled: int = 0
    faults: list[FaultData] = field(default_factory=list)
    found: dict[str, Any] = field(default_factory=dict)

    def __getitem__(self, column: str) -> Any:
        return self.values.get(column)

    def text(self, column: str) -> str:
        """A value as text, empty where there is none."""
        value = self.values.get(column)
        return "" if value is None else str(value)

    def fail(self, layout: Layout, rule: str, column: str = "", **said: Any) -> None:
        """Note what is wrong; secret values are masked."""
        known = next((c for c in layout.each() if c.name == column), None)
        text = self.texts.get(column, "").replace(FORMULA, _("（公式）"))
        shown = masked(text) if known and known.secret else text
        self.faults.append(FaultData(self.line, known.label if known else "", shown[:80], rule, said))

    def told(self) -> str:
        """All that is wrong, in words."""
        return "；".join(f"{f.column}{what(f.rule, f.said)}，{todo(f.rule, f.said)}" for f in self.faults)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows come from: the system of an institution."""

    source_id: UUID
    institution_id: UUID | None
    system: str


@dataclass(slots=True)
class Outcome:
    """What a pass over a file came to."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[FaultData] = field(default_factory=list)
    results: dict[str, bytes] = field(default_factory=dict)

    def note(self, faults: Iterable[FaultData]) -> None:
        """Count faults and keep as many as a page can show: a file may have millions."""
        for fault in faults:
            self.counts["faults"] += 1
            if len(self.faults) < MOST_FAULTS:
                self.faults.append(fault)


@dataclass(slots=True)
class Pass:
    """One pass over a file under way: on trial or for good, for which import and in whose name."""

    import_id: UUID
    layout: Layout
    origin: Origin
    actor: Actor
    for_good: bool
    say: Say
    total: int = 0
    refused: RefusedRows | None = None
    outcome: Outcome = field(default_factory=Outcome)

    def settle(self, rows: Iterable[Row]) -> None:
        """Rows are through: keep what was wrong with them, and the refused ones for the sheet that goes back."""
        for row in rows:
            self.outcome.counts["rows"] += 1
            if row.faults:
                self.outcome.counts["refused"] += 1
                self.outcome.note(row.faults)
                if self.refused is not None:
                    self.refused.add(row.cells, row.line, row.told())
