"""Whom a task escalates to: never to nobody, up the tree of institutions if need be."""

from uuid import UUID

from yigong.network import api as network
from yigong.tasks.data import LAST_RESORT
from yigong.tasks.models import Task

Target = tuple[UUID | None, str, UUID | None]
"""(staff, role, institution): one person, or every holder of the role there."""


class Roster:
    """Answers for many tasks at once: each role at each place is asked for one time."""

    def __init__(self) -> None:
        self._known: dict[tuple[UUID, str], Target | None] = {}

    def whom(self, task: Task) -> Target:
        """The named person; else who is on duty for the role; else its holders; else the same question one institution up."""
        if task.escalate_staff_id:
            return task.escalate_staff_id, "", None
        place, role = task.escalate_institution_id or task.institution_id, task.escalate_role or LAST_RESORT
        if (place, role) not in self._known:
            self._known[place, role] = _upwards(place, role)
        return self._known[place, role] or (None, role, task.institution_id)


def _upwards(institution_id: UUID, role: str) -> Target | None:
    place: UUID | None = institution_id
    while place is not None:
        if found := _at(place, role):
            return found
        place = network.institution(place).parent_id
    return None


def _at(institution_id: UUID, role: str) -> Target | None:
    on_duty = network.duty_staff(institution_id, role)
    if on_duty is not None:
        return on_duty.id, role, None
    if network.posts_at(institution_id, role):
        return None, role, institution_id
    return None
