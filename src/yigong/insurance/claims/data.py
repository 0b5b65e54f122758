"""What crosses the border of the room, and what the pure parts exchange. Money in fen."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

Content = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """One finding of a check: the rule, its mark (block, warn), the field's path such as ``diseinfo.0.diag_code`` and the sentence."""

    rule: str
    mark: str
    path: str
    sentence: str


@dataclass(frozen=True, slots=True)
class ListRow:
    """One line of the list of settlement lists."""

    id: UUID
    number: str
    revision: int
    state: str
    state_label: str
    patient_name: str
    patient_note: str
    department: str
    institution: str
    main_diagnosis: str
    settled_on: date
    due_at: datetime | None
    total: int
    drg_code: str
    blocks: int
    warns: int


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """What in the record a question rests on: a result, a charge, a prescription, a line of the front page."""

    kind: str
    text: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question to the doctor about documentation, with the rows that raise it. Never a code to choose."""

    key: str
    topic: str
    text: str
    evidence: tuple[EvidenceRow, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """What a case is worth under the scheme in force; ``expected`` and ``standard`` in fen, None when there is no weight."""

    scheme: str
    code: str
    name: str
    status: str
    weight: str
    standard: int | None
    expected: int | None
    cost: int
    kind: str
    steps: tuple[str, ...]
    ambiguous: bool = False
    took_ms: float = 0.0


@dataclass(frozen=True, slots=True)
class Upload:
    """A gateway's answer to an upload: the reference under which the list is kept there."""

    reference: str
    message_id: str
    said: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)
