"""What the to-do list tells the house."""

from dataclasses import dataclass
from uuid import UUID

from yigong.core.events.api import event


@event("task.opened")
@dataclass(frozen=True)
class TaskOpened:
    """Somebody has something new to do."""

    task_id: UUID
    kind: str
    institution_id: UUID
    role: str
    staff_id: UUID | None


@event("task.overdue")
@dataclass(frozen=True)
class TaskOverdue:
    """A task ran over its time; a copy went to the person of ``escalated_*``."""

    task_id: UUID
    kind: str
    institution_id: UUID
    escalated_staff_id: UUID | None
    escalated_role: str


@event("task.resolved")
@dataclass(frozen=True)
class TaskResolved:
    """A task ended: done, cancelled or moved."""

    task_id: UUID
    kind: str
    state: str
