"""Due rows, tasks and rates follow the plan: for one person inside a command, for a county by the clock. Statements are per portion, not per row."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock, statements
from yigong.core.actor import Actor, system
from yigong.core.audit.api import acting
from yigong.core.clock import SHANGHAI
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes.commands import warnings
from yigong.programmes.models import Due, Enrolment, Hold, Upkeep, Visit
from yigong.programmes.queries import standing, working
from yigong.programmes.queries.working import Working
from yigong.programmes.rules.packs import programmes
from yigong.programmes.rules.planning import Planned, end_of
from yigong.residents import api as residents
from yigong.tasks import api as tasks
from yigong.tasks.api import Escalation, NewTask

KIND = "programmes.visit"
_DATES = ("due_on", "opens_on", "closes_on", "deadline")


@dataclass
class Changes:
    """What a plan asks of the due rows of some people."""

    new: list[Due] = field(default_factory=list)
    moved: list[Due] = field(default_factory=list)
    gone: list[Due] = field(default_factory=list)
    people: list[Enrolment] = field(default_factory=list)
    kept: int = 0

    @property
    def count(self) -> int:
        """How many rows change."""
        return len(self.new) + len(self.moved) + len(self.gone)


def sync(ids: Collection[UUID], *, actor: Actor, today: date | None = None) -> int:
    """Bring due rows and tasks of these enrolments to what their plans say; returns how many rows changed. Inside a transaction."""
    day, done = today or clock.today(), 0
    for portion in working.chunks(ids):
        done += apply(working.load(portion, today=day), actor=actor, today=day)
    return done


def apply(works: Sequence[Working], *, actor: Actor, today: date) -> int:
    """The same for enrolments at hand."""
    changes = Changes()
    for work in works:
        compare(work, work.plan(today), changes)
    write(changes, {w.enrolment.id: w for w in works}, actor)
    return changes.count


def compare(work: Working, planned: Iterable[Planned], changes: Changes) -> None:
    """Note what the plan asks of one person's due rows; the enrolment repeats the next one."""
    open_now = {d.stage: d for d in work.dues if d.state == "open"}
    wanted: list[Due | Planned] = []
    for p in planned:
        row = open_now.pop(p.stage, None)
        if row is not None and row.place != p.place:
            open_now[f"{p.stage}/{row.place}"], row = row, None
        if row is None:
            made = Due(
                enrolment_id=work.enrolment.id, stage=p.stage, place=p.place, state="missed" if p.missed else "open"
            )
            changes.new.append(_dated(made, p))
            work.dues.append(made)
        elif p.missed:
            row.state, row.reason = "missed", _("超过随访时限")
            changes.gone.append(row)
        elif any(getattr(row, name) != getattr(p, name) for name in _DATES):
            changes.moved.append(_dated(row, p))
        else:
            changes.kept += 1
        if not p.missed:
            wanted.append(p)
    for row in open_now.values():
        row.state, row.reason = "cancelled", row.reason or _("计划已变更")
        changes.gone.append(row)
    _repeat(work.enrolment, wanted, changes)


def _dated(row: Due, p: Planned) -> Due:
    for name in _DATES:
        setattr(row, name, getattr(p, name))
    return row


def _repeat(enrolment: Enrolment, wanted: Sequence[Due | Planned], changes: Changes) -> None:
    """What lists show of the plan stands on the enrolment."""
    first = min(wanted, key=lambda p: (p.closes_on, p.due_on), default=None)
    values = (
        first.stage if first else "",
        first.due_on if first else None,
        min((p.opens_on for p in wanted), default=None),
        first.closes_on if first else None,
    )
    names = ("next_stage", "next_due_on", "next_opens_on", "next_closes_on")
    if values != tuple(getattr(enrolment, name) for name in names):
        for name, value in zip(names, values, strict=True):
            setattr(enrolment, name, value)
        changes.people.append(enrolment)


def write(changes: Changes, works: dict[UUID, Working], actor: Actor) -> None:
    """Write what a plan asked for, tasks included."""
    now = clock.now()
    for row in (*changes.new, *changes.moved, *changes.gone):
        row.changed_at = now
    if changes.gone:
        statements.update_each(changes.gone, ["state", "reason", "changed_at"])
    if changes.gone or changes.moved:
        keys = [key_of(d.id) for d in (*changes.gone, *changes.moved)]
        tasks.cancel_tasks(keys=keys, reason=_("随访计划已变更"), actor=actor)
    if changes.moved:
        statements.update_each(changes.moved, [*_DATES, "changed_at"])
    if changes.new:
        Due.objects.bulk_create(changes.new, batch_size=2000)
    if changes.people:
        statements.update_each(changes.people, ["next_stage", "next_due_on", "next_opens_on", "next_closes_on"])
    opened = [d for d in (*changes.new, *changes.moved) if d.state == "open"]
    if opened:
        tasks.open_tasks(tasks=list(_tasks(opened, works)))


def completing_key(visit: Visit) -> str:
    """Of the task to fill in what a visit lacks."""
    return f"programmes/complete/{visit.id}"


def ask_for(work: Working, visit: Visit, lacking: Collection[str], actor: Actor) -> None:
    """Somebody has to fill in what a visit lacks; nobody any more once it lacks nothing."""
    if not lacking:
        tasks.resolve_tasks(keys=[completing_key(visit)], actor=actor, note=_("已补全"))
        return
    stage, row = work.programme.stage(visit.stage), work.enrolment
    name = work.name or residents.resident_names([row.resident_id])[row.resident_id].name
    words = {"name": name, "what": f"{work.programme.short} {stage.title if stage else ''}".strip(), "n": len(lacking)}
    tasks.open_task(
        key=completing_key(visit), kind="programmes.complete", title=_("%(name)s：%(what)s还缺 %(n)s 项结果，请补录") % words,
        institution_id=visit.institution_id, url=address("programmes:amend", visit.id), staff_id=visit.staff_id, role="" if visit.staff_id else "gp",
        about_resident_id=row.resident_id, due_at=end_of(visit.on + timedelta(days=stage.complete_days if stage else 30)),
        subject=("programme_visit", visit.id),
    )  # fmt: skip


def key_of(due_id: UUID) -> str:
    """The key of a due row's task."""
    return f"programmes/{due_id}"


def _tasks(rows: Sequence[Due], works: dict[UUID, Working]) -> Iterable[NewTask]:
    people = [works[d.enrolment_id] for d in rows]
    asked = {w.enrolment.resident_id for w in people if not w.name}
    names = {key: who.name for key, who in residents.resident_names(asked).items()} if asked else {}
    places = network.institutions({w.enrolment.institution_id for w in people})
    for due in rows:
        work = works[due.enrolment_id]
        row = work.enrolment
        who, stage = work.name or names[row.resident_id], work.programme.stage(due.stage)
        opens = datetime.combine(due.opens_on, time(), SHANGHAI)
        role = "" if row.staff_id else "village_doctor" if places[row.institution_id].level == "village" else "gp"
        yield NewTask(
            key=key_of(due.id), kind=KIND, institution_id=row.institution_id, role=role, staff_id=row.staff_id,
            title=f"{who}：{work.programme.short}{_('·')}{stage.title if stage else due.stage}",
            url=address("programmes:visit", due.id), subject=("programme_due", due.id), about_resident_id=row.resident_id,
            due_at=due.deadline, hidden_until=opens if opens > clock.now() else None,
            escalate_to=Escalation(role="township_manager"),
        )  # fmt: skip


def catch_up(*, actor: Actor, today: date | None = None, everybody: bool = False) -> int:
    """The clock's round, once a day: windows that closed, holds that ran out, new calendar years; returns how many rows changed."""
    day = today or clock.today()
    ids = set() if everybody else _touched(day)
    if everybody:
        ids = set(Enrolment.objects.filter(state="active").values_list("id", flat=True))
    done = 0
    for portion in working.chunks(ids):
        with transaction.atomic(), acting(actor, reason=_("每日更新随访计划")):
            done += sync(portion, actor=actor, today=day)
    Upkeep.objects.update_or_create(name="plan", defaults={"day": day})
    return done


def _touched(day: date) -> set[UUID]:
    closed = Due.objects.filter(state="open", closes_on__lt=day).values_list("enrolment_id", flat=True)
    ended = Hold.objects.filter(lifted_on__isnull=True, until__lt=day, enrolment__state="active").values_list(
        "enrolment_id", flat=True
    )
    begun = Hold.objects.filter(lifted_on__isnull=True, since=day, enrolment__state="active").values_list(
        "enrolment_id", flat=True
    )
    return {*closed, *ended, *begun}


def adopt(
    *, code: str, actor: Actor, today: date | None = None, told: Callable[[int, int], object] = lambda done, total: None
) -> int:
    """Bring everybody under management to the version in force today; earlier visits keep the version they were made under. ``told`` hears how
    many of how many are done."""
    day = today or clock.today()
    programme = programmes(day)[code]
    ids = (
        Enrolment.objects.filter(programme=code, state="active")
        .exclude(definition=programme.version)
        .values_list("id", flat=True)
    )
    done, every = 0, list(ids)
    for portion in working.chunks(every):
        with transaction.atomic(), acting(actor, reason=_("改用方案 %(v)s 版") % {"v": programme.version}):
            Enrolment.objects.filter(pk__in=portion).update(definition=programme.version)
            sync(portion, actor=actor, today=day)
        done += len(portion)
        told(done, len(every))
    return done


def recount(*, actor: Actor, year: int, codes: Collection[str] = (), today: date | None = None) -> int:
    """Count who stands in which rate of a year anew; returns how many rows that gives."""
    day = today or clock.today()
    return sum(standing.rewrite(p, year, day) for p in programmes(day).values() if not codes or p.code in codes)


def daily() -> int:
    """For the worker, once a day: windows, versions that took effect, this year's rates. Returns how many due rows changed."""
    day, actor = clock.today(), system("clock")
    if Upkeep.objects.filter(name="plan", day=day).exists():
        return 0
    done = catch_up(actor=actor, today=day)
    done += sum(adopt(code=code, actor=actor, today=day) for code in programmes(day))
    recount(actor=actor, year=day.year, today=day)
    warnings.watch(day - timedelta(days=1))
    return done
