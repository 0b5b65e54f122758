"""The to-do list's door. Every command is keyword-only; times are aware datetimes; keys are UUIDs."""

from yigong.tasks.commands import (
    cancel_task,
    cancel_tasks,
    claim_task,
    escalate_due,
    finish_task,
    move_tasks,
    open_task,
    open_tasks,
    release_task,
    resolve_task,
    resolve_tasks,
    snooze_task,
)
from yigong.tasks.data import Escalation, MoveRow, NewTask, TaskCounts, TaskData
from yigong.tasks.queries import (
    count_for,
    done_by,
    kinds_of,
    label,
    moves_of,
    open_about,
    overdue,
    overdue_count,
    places_of,
    tasks_for,
)
from yigong.tasks.rules import KINDS, PRESSING

__all__ = [
    "Escalation",
    "MoveRow",
    "NewTask",
    "TaskCounts",
    "TaskData",
    "cancel_task",
    "cancel_tasks",
    "claim_task",
    "count_for",
    "declare_kind",
    "done_by",
    "escalate_due",
    "finish_task",
    "kinds_of",
    "label",
    "move_tasks",
    "moves_of",
    "open_about",
    "open_task",
    "open_tasks",
    "overdue",
    "overdue_count",
    "places_of",
    "release_task",
    "resolve_task",
    "resolve_tasks",
    "snooze_task",
    "tasks_for",
]


def declare_kind(kind: str, text: object, *, pressing: bool = False) -> str:
    """Give a task kind its label (a lazy translation); called at import by the room that opens such tasks. Returns the kind.

    ``pressing`` is for alarms where minutes count for a life: they come before whatever is overdue, and every page tells of them.
    """
    KINDS[kind] = text
    (PRESSING.add if pressing else PRESSING.discard)(kind)
    return kind
