"""What goes into the grouper and what comes out. Everything is frozen and may be shared between threads."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Case:
    """One inpatient stay as the front page or the settlement list codes it.

    Ages in completed years and in days, birth weight in grams, stay in days, amount in yuan; ``None`` is missing.
    The first diagnosis is the principal one, the first procedure the main one.
    """

    sex: int | None
    age: int | None
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...] = ()
    age_days: int | None = None
    birth_weight: int | float | None = None
    los: int | None = None
    leaving: str = ""
    dept: str = ""
    icu_hours: int | float | None = None
    amount: Decimal | int | float | None = None
    index: str = ""


class Status(StrEnum):
    """How grouping ended; the values are the keys of ``status`` in ``scheme.json``."""

    OK = "ok"
    AMBIGUOUS = "ambiguous"
    UNGROUPED = "ungrouped"
    INVALID = "invalid"
    DX_UNMAPPED = "dx_unmapped"
    PX_UNMAPPED = "px_unmapped"


@dataclass(frozen=True, slots=True)
class Grouped:
    """The answer for one case. ``reason`` is a stable code and ``detail`` a sentence when no group was found.

    ``cc_level`` is ``MCC``, ``CC`` or empty after exclusions, whether or not the group is split by it.
    ``weight`` is the relative weight when the scheme folder has ``weights.csv``.
    """

    mdc: str
    adrg: str
    drg: str
    status: Status
    status_text: str
    name: str = ""
    cc_level: str = ""
    weight: Decimal | None = None
    reason: str = ""
    detail: str = ""


class Step(NamedTuple):  # a tuple, because an explanation makes half a dozen of them
    """One decision: its ``kind`` (check, mapping, unknown, mdc, passed, retry, adrg, complication, drg, result), what it decided, in words,
    and the codes it looked at."""

    kind: str
    decided: str
    text: str
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer with the steps that led to it, in order."""

    grouped: Grouped
    steps: tuple[Step, ...]

    @property
    def text(self) -> str:
        """All steps as numbered Chinese lines."""
        return "\n".join(f"{number}. {step.text}" for number, step in enumerate(self.steps, 1))
