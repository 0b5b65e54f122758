"""Whom a task escalates to: never to nobody, up the tree of institutions if need be."""

from uuid import UUID

from yigong.network import api as network
from yigong.tasks.models import Task

LAST_RESORT = "director"

Target = tuple[UUID | None, str, UUID | None]
"""(staff, role, institution): one person, or every holder of the role there."""


def whom(task: Task) -> Target:
    """The named person; else who is on duty for the role; else its holders; else the same question one institution up."""
    if task.escalate_staff_id:
        return task.escalate_staff_id, "", None
    role = task.escalate_role or LAST_RESORT
    place: UUID | None = task.escalate_institution_id or task.institution_id
    while place is not None:
        if found := _at(place, role):
            return found
        place = network.institution(place).parent_id
    return None, role, task.institution_id


def _at(institution_id: UUID, role: str) -> Target | None:
    on_duty = network.duty_staff(institution_id, role)
    if on_duty is not None:
        return on_duty.id, role, None
    if network.posts_at(institution_id, role):
        return None, role, institution_id
    return None
