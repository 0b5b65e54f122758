"""Tasks, as other rooms see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from yigong.core.actor import Actor

LAST_RESORT = "director"


@dataclass(frozen=True, slots=True)
class Escalation:
    """Who gets a copy when a task runs over: a staff member, or the person on duty (else every holder) of ``role``.

    Without ``institution_id`` the task's own institution is meant.
    """

    role: str = ""
    institution_id: UUID | None = None
    staff_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class NewTask:
    """A task to open with others at once; see ``open_task`` for what each part means."""

    key: str
    kind: str
    title: str
    institution_id: UUID
    url: str
    subject: tuple[str, UUID]
    role: str = ""
    staff_id: UUID | None = None
    about_resident_id: UUID | None = None
    due_at: datetime | None = None
    hidden_until: datetime | None = None
    urgent: bool = False
    place: str = ""
    escalate_to: Escalation = Escalation()


@dataclass(frozen=True, slots=True)
class TaskData:
    """One task. ``urgency`` is overdue, soon, urgent or normal; ``claimed_by`` a name; times are aware."""

    id: UUID
    key: str
    kind: str
    title: str
    place: str
    resident_id: UUID | None
    institution_id: UUID
    role: str
    staff_id: UUID | None
    subject_kind: str
    subject_id: UUID | None
    url: str
    opened_at: datetime
    due_at: datetime | None
    state: str
    urgency: str
    escalated: bool
    claimed_by: str
    claimed_by_id: UUID | None
    snoozed_until: datetime | None
    closed_at: datetime | None
    closed_by: str
    note: str
    kind_label: str = ""

    def leads(self, actor: Actor) -> bool:
        """Whether the actor goes on to the page where the work is done. The director, who is called last, sees to it that somebody acts:
        what is about a patient is not his to open."""
        return self.resident_id is None or actor.role != LAST_RESORT


@dataclass(frozen=True, slots=True)
class TaskCounts:
    """Figures for the bell: all waiting tasks, how many of them are overdue or due soon, and how many are pressing."""

    waiting: int
    overdue: int
    soon: int
    pressing: int = 0


@dataclass(frozen=True, slots=True)
class MoveRow:
    """One open task that would move with its owner."""

    id: UUID
    title: str
    kind: str
    due_at: datetime | None
