"""Changes of the to-do list: one function each."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record, record_all
from yigong.tasks import policies, rules
from yigong.tasks.data import Escalation, NewTask, TaskData
from yigong.tasks.events import TaskOpened, TaskOverdue, TaskResolved
from yigong.tasks.models import Task, TaskNote
from yigong.tasks.queries import to_data


class TaskTaken(Conflict):
    """A colleague said “我来处理” first."""

    code = "task.taken"
    message = "%(who)s 已于 %(at)s 接手这项待办。"


class TaskClosed(Conflict):
    """The task has ended already."""

    code = "task.closed"
    message = "这项待办已由%(who)s于%(at)s处理。"


@racing("tasks.open_task")
@transaction.atomic
def open_task(
    *,
    key: str,
    kind: str,
    title: str,
    institution_id: UUID,
    url: str,
    role: str = "",
    staff_id: UUID | None = None,
    department_id: UUID | None = None,
    about_resident_id: UUID | None = None,
    due_at: datetime | None = None,
    warn_at: datetime | None = None,
    urgent: bool = False,
    place: str = "",
    subject: tuple[str, UUID] | None = None,
    escalate_to: Escalation | None = None,
    hidden_until: datetime | None = None,
) -> TaskData:
    """Ask somebody to do something; while a task with this ``key`` is open the same task comes back unchanged.

    Exactly who: ``staff_id``, or any holder of ``role`` at the institution (within ``department_id`` when given).
    ``place`` (a village or ward) is for filtering; ``subject`` is (kind, id); ``url`` is the page where the work is done. ``hidden_until``
    keeps it off the list until its time comes.
    """
    now, to = clock.now(), escalate_to or Escalation()
    task = Task(
        key=key, kind=kind, title=title[:200], place=place, resident_id=about_resident_id, institution_id=institution_id,
        department_id=department_id, role=role, staff_id=staff_id, url=url, opened_at=now, due_at=due_at,
        warn_at=warn_at or rules.warn_time(now, due_at), urgent=urgent,
        subject_kind=subject[0] if subject else "", subject_id=subject[1] if subject else None,
        escalate_role=to.role, escalate_staff_id=to.staff_id, escalate_institution_id=to.institution_id,
        snoozed_until=hidden_until,
    )  # fmt: skip
    try:
        with transaction.atomic():
            task.save(force_insert=True)
    except IntegrityError:
        open_now = Task.objects.filter(key=key, state=Task.State.OPEN).first()
        if open_now is None:
            raise
        return to_data(open_now)
    record(TaskOpened(task.pk, kind, institution_id, role, staff_id))
    return to_data(task)


@transaction.atomic(savepoint=False)
def open_tasks(*, tasks: Collection[NewTask]) -> int:
    """Many at once, in a few statements; a need whose key is open already stays as it is. Returns how many are new. No event is sent:
    a bulk is announced by who makes it."""
    now = clock.now()
    before = Task.objects.filter(key__in=[t.key for t in tasks], state=Task.State.OPEN).count()
    Task.objects.bulk_create((_new(task, now) for task in tasks), ignore_conflicts=True, batch_size=2000)
    return len(tasks) - before


def _new(task: NewTask, now: datetime) -> Task:
    return Task(
        key=task.key, kind=task.kind, title=task.title[:200], place=task.place, resident_id=task.about_resident_id,
        institution_id=task.institution_id, role=task.role, staff_id=task.staff_id, url=task.url, opened_at=now, due_at=task.due_at,
        warn_at=rules.warn_time(max(now, task.hidden_until or now), task.due_at), urgent=task.urgent, subject_kind=task.subject[0],
        subject_id=task.subject[1], escalate_role=task.escalate_to.role, escalate_staff_id=task.escalate_to.staff_id,
        escalate_institution_id=task.escalate_to.institution_id, snoozed_until=task.hidden_until,
    )  # fmt: skip


def resolve_task(*, key: str, actor: Actor, note: str = "") -> int:
    """The need named by ``key`` is met; returns how many open tasks ended (0 when there was none, which is no error)."""
    return resolve_tasks(keys=[key], actor=actor, note=note)


def cancel_task(*, key: str, reason: str, actor: Actor) -> int:
    """The need named by ``key`` no longer exists; the reason stays in the history. Returns how many open tasks ended."""
    return cancel_tasks(keys=[key], reason=reason, actor=actor)


@transaction.atomic(savepoint=False)
def resolve_tasks(*, keys: Collection[str], actor: Actor, note: str = "") -> int:
    """The same for several needs at once, in one question."""
    return _close_all(keys, Task.State.DONE, actor, note)


@transaction.atomic(savepoint=False)
def cancel_tasks(*, keys: Collection[str], reason: str, actor: Actor) -> int:
    """The same for several needs at once, in one question."""
    return _close_all(keys, Task.State.CANCELLED, actor, reason)


@transaction.atomic
def finish_task(*, task_id: UUID, actor: Actor, note: str) -> TaskData:
    """A person ticks off a task that no event of its own room will resolve; ``note`` says what was done."""
    task = _mine(task_id, actor)
    if not note.strip():
        raise InvalidInput(errors={"note": _("请写明处理结果，例如“已电话联系本人”。")})
    _close(task, Task.State.DONE, actor, note.strip())
    return to_data(task)


@racing("tasks.claim_task")
@transaction.atomic
def claim_task(*, task_id: UUID, actor: Actor) -> TaskData:
    """“我来处理”: colleagues see who works on it. One of several who claim at once wins, the others learn who and when."""
    task = _mine(task_id, actor)
    if task.claimed_by_id and task.claimed_by_id != actor.staff_id:
        raise TaskTaken(who=str(task.claimed_by.name), at=_at(task.claimed_at))  # type: ignore[union-attr]
    task.claimed_by_id, task.claimed_at = actor.staff_id, clock.now()
    task.save(update_fields=["claimed_by", "claimed_at"])
    _note(task, "claim", "", actor)
    return to_data(task)


@transaction.atomic
def release_task(*, task_id: UUID, actor: Actor) -> TaskData:
    """Give a claimed task back to all colleagues."""
    task = _mine(task_id, actor)
    task.claimed_by, task.claimed_at = None, None
    task.save(update_fields=["claimed_by", "claimed_at"])
    _note(task, "release", "", actor)
    return to_data(task)


@transaction.atomic
def snooze_task(*, task_id: UUID, until: datetime, reason: str, actor: Actor) -> TaskData:
    """Hide a task until a time, with a reason. Its due time does not move: it still escalates."""
    task = _mine(task_id, actor)
    errors = {}
    if not reason.strip():
        errors["reason"] = _("请填写暂缓的原因。")
    if until <= clock.now():
        errors["until"] = _("请选择一个晚于现在的时间。")
    elif task.due_at and until > task.due_at:
        errors["until"] = _("暂缓不能超过办理期限，请选更早的时间。")
    if errors:
        raise InvalidInput(errors=errors)
    task.snoozed_until = until
    task.save(update_fields=["snoozed_until"])
    _note(task, "snooze", reason.strip()[:300], actor)
    return to_data(task)


@transaction.atomic
def move_tasks(
    *, from_staff: UUID, to_staff: UUID, reason: str, actor: Actor, task_ids: Sequence[UUID] | None = None
) -> int:
    """Hand a person's open tasks (or the named ones, see ``queries.moves_of``) to another; returns how many moved.

    The old row ends as moved, with the reason; the new owner gets a row of the same key, clock and subject.
    """
    if not actor.has(policies.MOVE) and actor.staff_id != from_staff:
        raise Forbidden(_("移交他人的待办需要管理员或本人操作。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写移交原因，例如“调离”“休假”。")})
    if from_staff == to_staff:
        raise InvalidInput(errors={"to_staff": _("接收人不能是原负责人。")})
    tasks = Task.objects.select_for_update().filter(staff_id=from_staff, state=Task.State.OPEN).order_by("id")
    if task_ids is not None:
        tasks = tasks.filter(id__in=task_ids)
    moved = list(tasks)
    for task in moved:
        _move(task, to_staff, reason.strip(), actor)
    return len(moved)


@transaction.atomic
def escalate_due(*, limit: int = 200) -> int:
    """Mark the tasks whose time is up and copy each to the person it escalates to; for the clock. Returns how many."""
    due = Task.objects.select_for_update(skip_locked=True, of=("self",)).filter(
        state=Task.State.OPEN, overdue_at__isnull=True, due_at__lte=clock.now()
    )
    tasks = list(due.order_by("due_at")[:limit])
    _escalate(tasks)
    return len(tasks)


def _escalate(tasks: Sequence[Task]) -> None:
    from yigong.tasks.duty import Roster  # duty rosters are asked only here

    roster, now = Roster(), clock.now()
    for task in tasks:
        task.overdue_at = now
        task.escalated_staff_id, task.escalated_role, task.escalated_institution_id = roster.whom(task)
    statements.update_each(tasks, ["overdue_at", "escalated_staff", "escalated_role", "escalated_institution"])
    TaskNote.objects.bulk_create(
        TaskNote(task=t, action="escalate", actor_name="clock", staff_id=t.escalated_staff_id, text=t.escalated_role)
        for t in tasks
    )
    record_all(TaskOverdue(t.pk, t.kind, t.institution_id, t.escalated_staff_id, t.escalated_role) for t in tasks)


def _move(task: Task, to_staff: UUID, reason: str, actor: Actor) -> None:
    _close(task, Task.State.MOVED, actor, reason)
    copy = Task.objects.get(pk=task.pk)
    copy.pk, copy._state.adding = Task._meta.pk.get_default(), True
    copy.staff_id, copy.state, copy.closed_at, copy.closed_by, copy.closed_by_staff = to_staff, "open", None, "", None
    copy.note, copy.claimed_by, copy.claimed_at = "", None, None
    copy.save(force_insert=True)
    TaskNote.objects.create(task=copy, action="move", text=reason[:300], actor_name=actor.name, staff_id=task.staff_id)
    record(TaskOpened(copy.pk, copy.kind, copy.institution_id, copy.role, to_staff))


def _close_all(keys: Collection[str], state: str, actor: Actor, note: str) -> int:
    by_key = "where state = 'open' and key = any(%(keys)s) order by id for update"
    found = statements.objects(Task, by_key, {"keys": list(keys)})
    if found:
        _close_these(found, state, actor, note)
    return len(found)


def _close(task: Task, state: str, actor: Actor, note: str) -> None:
    _close_these([task], state, actor, note)


def _close_these(tasks: Sequence[Task], state: str, actor: Actor, note: str) -> None:
    now = clock.now()
    for task in tasks:
        task.state, task.note, task.closed_at = state, note, now
        task.closed_by, task.closed_by_staff_id = actor.name, actor.staff_id
    statements.update_each(tasks, ["state", "note", "closed_at", "closed_by", "closed_by_staff"])
    record_all(TaskResolved(task.pk, task.kind, state) for task in tasks)


def _mine(task_id: UUID, actor: Actor) -> Task:
    task = Task.objects.select_for_update(of=("self",)).filter(pk=task_id).first()
    if task is None:
        raise NotFound()
    if not policies.may_act(task, actor):
        raise Forbidden(_("这项待办不是交给您的；如需处理，请联系负责人移交。"))
    if task.state != Task.State.OPEN:
        raise TaskClosed(who=task.closed_by, at=_at(task.closed_at))
    return task


def _note(task: Task, action: str, text: str, actor: Actor) -> None:
    TaskNote.objects.create(task=task, action=action, text=text, actor_name=actor.name, staff_id=actor.staff_id)


def _at(moment: datetime | None) -> str:
    return moment.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M") if moment else ""
