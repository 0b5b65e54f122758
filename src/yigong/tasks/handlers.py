"""Facts of the record that become things to do."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from yigong.core.actor import system
from yigong.core.ui.shell import address
from yigong.network.api import keeper_role
from yigong.network.events import DutySwapMoved, RosterGapsFound
from yigong.records.events import ResultRecorded, VitalAlertRaised
from yigong.residents.api import resident_names
from yigong.tasks.commands import open_task, resolve_task
from yigong.tasks.models import Task
from yigong.tasks.rules import KINDS

VITAL = "vital_alert"
SWAP, GAPS = "duty_swap", "roster_gaps"
KINDS.setdefault(VITAL, _("异常测量值随访"))
KINDS.setdefault(SWAP, _("换班申请"))
KINDS.setdefault(GAPS, _("值班缺人"))


def look_again(alert: VitalAlertRaised) -> None:
    """Urgent values: the measurer looks again within the rule's days."""
    name = resident_names([alert.resident_id])[alert.resident_id].name
    who = {"staff_id": alert.staff_id} if alert.staff_id else {"role": alert.role}
    open_task(
        key=f"{VITAL}/{alert.rule}/{alert.resident_id}",
        kind=VITAL,
        title=f"{name}：{alert.title}",
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


def pass_on_swap(moved: DutySwapMoved) -> None:
    """An offered shift waits for the colleague, then for whoever keeps the roster; after that for nobody."""
    relay, url = system("relay"), address("network:swap", moved.swap_id)
    for state in {"offered", "agreed"} - {moved.state}:
        resolve_task(key=f"{SWAP}/{moved.swap_id}/{state}", actor=relay, note="换班申请已办")
    ask: dict[str, Any] = {
        "kind": SWAP,
        "institution_id": moved.institution_id,
        "url": url,
        "subject": ("duty_swap", moved.swap_id),
    }
    if moved.state == "offered":
        title = f"{moved.text}：请您答复换班"
        open_task(key=f"{SWAP}/{moved.swap_id}/offered", title=title, staff_id=moved.colleague_id, **ask)
    elif moved.state == "agreed" and (role := keeper_role(moved.institution_id)):
        title = f"{moved.text}：换班待批准"
        open_task(key=f"{SWAP}/{moved.swap_id}/agreed", title=title, role=role, **ask)


def tell_of_gaps(found: RosterGapsFound) -> None:
    """One thing to do for a house, however many shifts nobody has; it ends when all are staffed again."""
    key, role = f"{GAPS}/{found.institution_id}", keeper_role(found.institution_id)
    if not found.gaps:
        resolve_task(key=key, actor=system("relay"), note="已排满")
    elif role:
        title = f"未来 7 天有 {found.gaps} 个班次人手不够，最早：{found.text}"
        url = f"{address('network:roster')}?institution={found.institution_id}"
        open_task(key=key, kind=GAPS, title=title, institution_id=found.institution_id, role=role, url=url)
