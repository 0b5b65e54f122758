"""Facts of the record that become things to do."""

from django.utils.translation import gettext_lazy as _

from yigong.core.actor import system
from yigong.core.ui.shell import address
from yigong.records.events import ResultRecorded, VitalAlertRaised
from yigong.residents.api import resident_names
from yigong.tasks.commands import open_task, resolve_task
from yigong.tasks.models import Task
from yigong.tasks.rules import KINDS

VITAL = "vital_alert"
KINDS.setdefault(VITAL, _("异常测量值随访"))


def look_again(alert: VitalAlertRaised) -> None:
    """Urgent values: the measurer looks again within the rule's days."""
    name = resident_names([alert.resident_id])[alert.resident_id].name
    who = {"staff_id": alert.staff_id} if alert.staff_id else {"role": alert.role}
    open_task(
        key=f"{VITAL}/{alert.rule}/{alert.resident_id}",
        kind=VITAL,
        title=f"{name}:{alert.title}",
        institution_id=alert.institution_id,
        url=address("records:timeline", alert.resident_id),
        about_resident_id=alert.resident_id,
        due_at=alert.due_at,
        urgent=alert.level == "urgent",
        subject=("result_group", alert.group_id),
        **who,
    )


def looked_again(result: ResultRecorded) -> None:
    """Later vital signs of the same person end the task; if they are still bad, the next alert opens a new one."""
    if result.category != "vital":
        return
    keys = Task.objects.filter(resident_id=result.resident_id, kind=VITAL, state=Task.State.OPEN)
    for key in keys.exclude(subject_id=result.group_id).values_list("key", flat=True):
        resolve_task(key=key, actor=system("relay"), note="已复测")
