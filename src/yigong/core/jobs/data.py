"""A job as pages and other rooms see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class JobData:
    """``state`` is waiting, running, done, failed or cancelled; ``error`` is a sentence for the user; ``total`` may be unknown."""

    id: UUID
    kind: str
    title: str
    state: str
    state_label: str
    done: int
    total: int | None
    note: str
    error: str
    result_name: str
    created_at: datetime
    finished_at: datetime | None

    @property
    def is_over(self) -> bool:
        """Nothing more will happen; a page stops asking."""
        return self.state in {"done", "failed", "cancelled"}

    @property
    def percent(self) -> int | None:
        """Whole percent, or None while the total is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None
