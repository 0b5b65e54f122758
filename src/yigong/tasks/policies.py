"""Rights of the to-do list. A task is for whoever it names; moving other people's tasks is a manager's right."""

from django.db.models import Q, QuerySet

from yigong.access.api import declare
from yigong.core.actor import Actor
from yigong.tasks.models import Task

MOVE = declare(
    "tasks.move", "移交他人待办", roles={"township_manager", "referral_office", "duty_chief", "director", "admin"}
)


def mine(actor: Actor) -> Q:
    """Tasks that this actor is asked to do, himself or through his post, and those that escalated to him."""
    places = list(actor.places)
    post = Q(staff__isnull=True, role=actor.role, institution_id__in=places)
    if actor.department_id:
        post &= Q(department__isnull=True) | Q(department_id=actor.department_id)
    found = post | Q(escalated_institution_id__in=places, escalated_role=actor.role, escalated_staff__isnull=True)
    if actor.staff_id:
        found |= Q(staff_id=actor.staff_id) | Q(escalated_staff_id=actor.staff_id)
    return found


def visible(actor: Actor) -> QuerySet[Task]:
    """Every task the actor may open (the list twin of ``may_act``)."""
    return Task.objects.all() if actor.is_system else Task.objects.filter(mine(actor))


def may_act(task: Task, actor: Actor) -> bool:
    """Whether the task is the actor's; the same question as ``mine`` on one row."""
    return visible(actor).filter(pk=task.pk).exists()
