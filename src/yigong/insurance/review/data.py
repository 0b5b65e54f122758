"""What crosses the border of the room. Money in fen."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Hit:
    """What a rule found: ``key`` names its evidence (the same evidence is the same key), ``amount`` the doubtful fen, ``evidence`` rows with
    ``text``, ``on`` and ``amount``."""

    rule: str
    title: str
    sentence: str
    key: str
    bill_id: UUID
    amount: int
    evidence: tuple[dict[str, Any], ...]
