"""Reads of the to-do list."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, F, IntegerField, Q, QuerySet, Value, When, prefetch_related_objects
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.core.once import once_a_page
from yigong.core.paging import Page, page_of
from yigong.tasks import policies, rules
from yigong.tasks.data import MoveRow, TaskCounts, TaskData
from yigong.tasks.models import Task, TaskNote


def held_about(ids: Collection[UUID]) -> int:
    """How many tasks are about these residents' keys."""
    return Task.objects.filter(resident_id__in=ids).count()


def tasks_for(
    actor: Actor, *, page: int = 1, limit: int = 20, kind: str = "", place: str = "", snoozed: bool = False
) -> Page[TaskData]:
    """The actor's open tasks: pressing ones, overdue, due soon, urgent, each by due time. ``snoozed`` shows the hidden ones instead."""
    rows = _waiting(actor, snoozed=snoozed)
    if kind:
        rows = rows.filter(kind=kind)
    if place:
        rows = rows.filter(place=place)
    return page_of(_in_order(rows).select_related("claimed_by"), page=page, limit=limit, convert=_rows)


# The open tasks of an actor that are not put off, word for word as ``policies.mine`` and ``_waiting`` ask for them.
_MINE = """
where state = 'open' and (snoozed_until is null or snoozed_until <= %(now)s or overdue_at is not null) and (
    staff_id is null and role = %(role)s and institution_id = any(%(places)s)
        and (%(department)s::uuid is null or department_id is null or department_id = %(department)s::uuid)
    or escalated_institution_id = any(%(places)s) and escalated_role = %(role)s and escalated_staff_id is null
    or staff_id = %(staff)s::uuid or escalated_staff_id = %(staff)s::uuid)
"""
_COUNT = """
select count(*), count(*) filter (where due_at <= %(now)s), count(*) filter (where due_at > %(now)s and warn_at <= %(now)s),
    count(*) filter (where kind = any(%(pressing)s))
from tasks_task
"""
_FIRST = """
order by case when kind = any(%(pressing)s) then 0 when due_at <= %(now)s then 1 when warn_at <= %(now)s then 2 when urgent then 3 else 4 end,
    due_at nulls last, opened_at, id
limit %(limit)s
"""


def _of(actor: Actor, **more: Any) -> dict[str, Any]:
    return {
        "now": clock.now(), "role": actor.role, "staff": actor.staff_id, "department": actor.department_id,
        "places": list(actor.places), "pressing": sorted(rules.PRESSING), **more,
    }  # fmt: skip


def open_about(resident_id: UUID, kind: str) -> list[TaskData]:
    """The open tasks of a kind about one person, whoever they are for, the first due first; the caller has decided about the person."""
    rows = Task.objects.filter(resident_id=resident_id, kind=kind, state=Task.State.OPEN).select_related("claimed_by")
    return [to_data(row) for row in rows.order_by(F("due_at").asc(nulls_last=True))]


@once_a_page
def count_for(actor: Actor) -> TaskCounts:
    """Figures for the bell, in one query; for a person, whose tasks they are."""
    return TaskCounts(*statements.fetch(_COUNT + _MINE, _of(actor))[0])


def kinds_of(actor: Actor) -> list[tuple[str, str, int]]:
    """(kind, label, how many) of the actor's open tasks, for the filter."""
    rows = _waiting(actor).values("kind").annotate(n=Count("id")).order_by("-n", "kind")
    return [(row["kind"], label(row["kind"]), row["n"]) for row in rows]


def places_of(actor: Actor) -> list[tuple[str, int]]:
    """(village or ward, how many) of the actor's open tasks, for the filter."""
    rows = _waiting(actor).exclude(place="").values("place").annotate(n=Count("id")).order_by("-n", "place")
    return [(row["place"], row["n"]) for row in rows]


def done_by(actor: Actor, *, page: int = 1, limit: int = 20) -> Page[TaskData]:
    """What the actor has finished, newest first."""
    rows = Task.objects.filter(closed_by_staff_id=actor.staff_id).exclude(state=Task.State.OPEN)
    rows = rows.order_by("-closed_at").select_related("claimed_by")
    return page_of(rows if actor.staff_id else rows.none(), page=page, limit=limit, convert=_rows)


def task(task_id: UUID, *, actor: Actor) -> tuple[TaskData, list[TaskNote]]:
    """One task with its history lines; for whoever it names and whoever ended it."""
    row = Task.objects.select_related("claimed_by").filter(pk=task_id).first()
    if row is None:
        raise NotFound()
    ended_it = actor.staff_id is not None and row.closed_by_staff_id == actor.staff_id
    if not (ended_it or policies.may_act(row, actor)):
        raise Forbidden(_("这项待办不是交给您的；如需处理，请联系负责人移交。"))
    return to_data(row), list(row.notes.order_by("at", "id"))


def moves_of(staff_id: UUID) -> list[MoveRow]:
    """The open tasks that would move with this person: the preview of ``move_tasks``."""
    rows = Task.objects.filter(staff_id=staff_id, state=Task.State.OPEN).order_by(F("due_at").asc(nulls_last=True))
    return [MoveRow(row.pk, row.title, label(row.kind), row.due_at) for row in rows]


def history_of(subject_id: UUID) -> list[TaskNote]:
    """All history lines of the tasks about one object, oldest first."""
    return list(TaskNote.objects.filter(task__subject_id=subject_id).select_related("task").order_by("at", "id"))


def overdue_count(institution_ids: Sequence[UUID] | None = None) -> int:
    """Open tasks past their time, in these institutions or everywhere; for the director's page."""
    rows = Task.objects.filter(state=Task.State.OPEN, due_at__lte=clock.now())
    return (rows if institution_ids is None else rows.filter(institution_id__in=institution_ids)).count()


def overdue(institution_ids: Sequence[UUID] | None = None, *, page: int = 1, limit: int = 20) -> Page[TaskData]:
    """The rows behind ``overdue_count``, longest overdue first."""
    rows = Task.objects.filter(state=Task.State.OPEN, due_at__lte=clock.now()).order_by("due_at")
    if institution_ids is not None:
        rows = rows.filter(institution_id__in=institution_ids)
    return page_of(rows.select_related("claimed_by"), page=page, limit=limit, convert=_rows)


def home_card(actor: Actor) -> dict[str, Any]:
    """The first tasks and their figures, for the home page."""
    counts = count_for(actor)
    return {"page": Page(first_for(actor, 8) if counts.waiting else [], counts.waiting, limit=8), "counts": counts}


def first_for(actor: Actor, limit: int) -> list[TaskData]:
    """The first rows of ``tasks_for``, in one or two queries."""
    rows = statements.objects(Task, _MINE + _FIRST, _of(actor, limit=limit))
    if any(row.claimed_by_id for row in rows):
        prefetch_related_objects(rows, "claimed_by")
    return _rows(rows)


def label(kind: str) -> str:
    """The kind's label in the reader's language."""
    return str(rules.KINDS.get(kind, kind))


def to_data(row: Task) -> TaskData:
    """The row as other rooms see it."""
    now = clock.now()
    return TaskData(
        id=row.pk, key=row.key, kind=row.kind, title=row.title, place=row.place, resident_id=row.resident_id,
        institution_id=row.institution_id, role=row.role, staff_id=row.staff_id, subject_kind=row.subject_kind,
        subject_id=row.subject_id, url=row.url, opened_at=row.opened_at, due_at=row.due_at, state=row.state,
        urgency=rules.urgency(due_at=row.due_at, warn_at=row.warn_at, urgent=row.urgent, now=now),
        escalated=row.overdue_at is not None and bool(row.escalated_staff_id or row.escalated_institution_id),
        claimed_by=row.claimed_by.name if row.claimed_by else "", claimed_by_id=row.claimed_by_id,
        snoozed_until=row.snoozed_until, closed_at=row.closed_at, closed_by=row.closed_by, note=row.note,
        kind_label=label(row.kind),
    )  # fmt: skip


def _rows(rows: list[Task]) -> list[TaskData]:
    return [to_data(row) for row in rows]


def _waiting(actor: Actor, *, snoozed: bool = False) -> QuerySet[Task]:
    rows = policies.visible(actor).filter(state=Task.State.OPEN)
    hidden = Q(snoozed_until__gt=clock.now(), overdue_at__isnull=True)
    return rows.filter(hidden) if snoozed else rows.exclude(hidden)


def _in_order(rows: QuerySet[Task]) -> QuerySet[Task]:
    now = clock.now()
    rank = Case(
        When(kind__in=rules.PRESSING, then=Value(0)),
        When(due_at__lte=now, then=Value(1)),
        When(warn_at__lte=now, then=Value(2)),
        When(urgent=True, then=Value(3)),
        default=Value(4),
        output_field=IntegerField(),
    )
    return rows.annotate(rank=rank).order_by("rank", F("due_at").asc(nulls_last=True), "opened_at", "id")
