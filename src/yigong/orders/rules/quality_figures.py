"""Figures of quality sampling: what is asked, what is counted, and the shares. Pure."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class QualityFilters:
    """Which drawn reports are counted or listed: of one definition, of the periods that begin in ``since`` to ``until``."""

    definition: str
    since: date
    until: date
    institution_id: UUID | None = None
    person_id: UUID | None = None
    period: date | None = None
    defect: str = ""
    outcome: str = ""


@dataclass(frozen=True, slots=True)
class QualityCount:
    """Drawn, scored and passed ones of an institution, a person, a period or all; ``key`` says of which."""

    key: Any
    drawn: int
    scored: int
    passed: int

    @property
    def rate(self) -> float | None:
        """The share of the scored that passed; None when none was scored."""
        return self.passed / self.scored if self.scored else None


@dataclass(frozen=True, slots=True)
class QualityFigures:
    """The figures of one definition; ``reread`` counts both readings: (both positive, only the first, only the second, neither)."""

    total: QualityCount
    dropped: int
    open_findings: int
    closed_findings: int
    by_institution: tuple[QualityCount, ...]
    by_person: tuple[QualityCount, ...]
    by_period: tuple[QualityCount, ...]
    defects: tuple[tuple[str, int], ...]
    reread: tuple[int, int, int, int]
    kappa: float | None

    @property
    def agreement(self) -> float | None:
        """The share of second readings that say the same; None when nothing was read again."""
        total = sum(self.reread)
        return (self.reread[0] + self.reread[3]) / total if total else None
