"""Shifts: planned one by one or copied from another week, cancelled; which ones are needed, and who is told what nobody has."""

from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import InvalidInput
from yigong.core.events.api import record
from yigong.core.rights import ROLES
from yigong.network import data, errors, events, queries, roster_reads
from yigong.network.commands.shared import check_span, end, lock, text
from yigong.network.models import Duty, DutyNeed, Staff
from yigong.network.policies import ROSTER, check_may_manage

AHEAD = 7
"""How many days ahead gaps are looked for."""


@racing("network.plan_duty")
@change
def plan_duty(
    *, institution_id: UUID, role: str, staff_id: UUID, starts_at: datetime, ends_at: datetime, actor: Actor
) -> data.DutyData:
    """Put a person on duty; refuses when the person is on duty anywhere else during that time."""
    check_may_manage(actor, institution_id, ROSTER)
    if role not in ROLES:
        raise InvalidInput(errors={"role": _("请选择值班岗位。")})
    if ends_at <= starts_at:
        raise InvalidInput(errors={"ends_at": _("下班时间应晚于上班时间。")})
    return queries.duty_data(put_on_duty(lock(Staff, staff_id), institution_id, role, starts_at, ends_at))


def put_on_duty(person: Staff, institution_id: UUID, role: str, starts_at: datetime, ends_at: datetime) -> Duty:
    """Write a shift; the person must be locked. OnDutyElsewhere."""
    row = Duty(institution_id=institution_id, role=role, staff=person, starts_at=starts_at, ends_at=ends_at)
    with refusing(duty_no_double_booking=errors.OnDutyElsewhere(staff=person.name)):
        row.save(force_insert=True)
    record(events.DutyChanged(duty_id=row.id, institution_id=institution_id, staff_id=person.id))
    return row


@change
def cancel_duty(*, duty_id: UUID, reason: str, actor: Actor) -> None:
    """Take a person off a shift."""
    row = lock(Duty, duty_id)
    check_may_manage(actor, row.institution_id, ROSTER)
    take_off(row, text(reason, "reason"))


def take_off(row: Duty, reason: str) -> None:
    """Cancel a locked shift. Conflict when somebody did so before."""
    if row.cancelled_at:
        raise errors.ShiftGone(staff=row.staff.name)
    row.cancelled_at, row.cancel_reason = clock.now(), reason
    row.save(update_fields=["cancelled_at", "cancel_reason"])
    record(events.DutyChanged(duty_id=row.id, institution_id=row.institution_id, staff_id=row.staff_id))


@racing("network.copy_week")
@change
def copy_week(*, institution_id: UUID, source: date, target: date, actor: Actor) -> data.Copied:
    """Plan the shifts of the week of ``source`` again in the week of ``target`` (any day of each). What is planned there already stays as it is."""
    check_may_manage(actor, institution_id, ROSTER)
    begin, onto = (_monday(day) for day in (source, target))
    if begin == onto:
        raise InvalidInput(errors={"target": _("两周是同一周，请选择另一周。")})
    shift, planned, left_out = onto - begin, 0, []
    for duty in Duty.objects.filter(
        institution_id=institution_id, starts_at__gte=begin, starts_at__lt=begin + timedelta(days=7), cancelled_at=None
    ).order_by("starts_at", "id"):
        person = lock(Staff, duty.staff_id)
        starts_at, ends_at = duty.starts_at + shift, duty.ends_at + shift
        if why := _not_again(duty, person, starts_at, ends_at):
            left_out.append(why)
            continue
        try:
            with transaction.atomic():
                put_on_duty(person, institution_id, duty.role, starts_at, ends_at)
            planned += 1
        except errors.OnDutyElsewhere as refusal:
            left_out.append(_when(starts_at) + str(refusal))
    return data.Copied(planned, tuple(w for w in left_out if w != _SAME))


_SAME = "="


def _not_again(duty: Duty, person: Staff, starts_at: datetime, ends_at: datetime) -> str:
    day = starts_at.astimezone(clock.SHANGHAI).date()
    there = Duty.objects.filter(
        institution_id=duty.institution_id, role=duty.role, staff=person, starts_at=starts_at, ends_at=ends_at
    )
    if there.filter(cancelled_at=None).exists():
        return _SAME
    if not roster_reads.works_at(person.id, duty.institution_id, day):
        return _when(starts_at) + _("%(name)s那天已不在本机构工作。") % {"name": person.name}
    return ""


def _when(moment: datetime) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%m-%d %H:%M} "


def _monday(day: date) -> datetime:
    return datetime.combine(day - timedelta(days=day.weekday()), time(), clock.SHANGHAI)


@change
def set_duty_need(
    *, institution_id: UUID, role: str, weekdays: str, begins: time, ends: time, people: int, actor: Actor,
    starts_on: date | None = None,
) -> data.NeedData:  # fmt: skip
    """From a day on (today) this shift must be staffed; ``weekdays`` as digits, 1 for Monday."""
    check_may_manage(actor, institution_id, ROSTER)
    problems = {}
    if role not in ROLES:
        problems["role"] = _("请选择值班岗位。")
    if not weekdays or set(weekdays) - set("1234567"):
        problems["weekdays"] = _("请至少选择一个星期几。")
    if not 1 <= people <= 20:
        problems["people"] = _("人数应为 1 到 20。")
    if problems:
        raise InvalidInput(errors=problems)
    row = DutyNeed(
        institution_id=institution_id, role=role, weekdays="".join(sorted(set(weekdays))), begins=begins, ends=ends,
        people=people, starts_on=starts_on or clock.today(),
    )  # fmt: skip
    with refusing(duty_need_once=errors.NeededAlready()):
        row.save(force_insert=True)
    return roster_reads.need_data(row)


@change
def end_duty_need(*, need_id: UUID, reason: str, actor: Actor, ends_on: date | None = None) -> None:
    """The shift need not be staffed any more from a day on (today: at once)."""
    row = lock(DutyNeed, need_id)
    check_may_manage(actor, row.institution_id, ROSTER)
    check_span(row.starts_on, ends_on)
    end(row, ends_on or clock.today(), reason)


def look_for_gaps() -> int:
    """A clock: once a day for each institution with needs, tell what of the coming days nobody has. Returns how many institutions were looked at."""
    today = clock.today()
    waiting = DutyNeed.objects.filter(ends_on=None).exclude(looked_on=today)
    houses = list(waiting.order_by("institution_id").values_list("institution_id", flat=True).distinct()[:50])
    return sum(_look(institution_id, today) for institution_id in houses)


@transaction.atomic
def _look(institution_id: UUID, today: date) -> int:
    # Of two relays the second finds the day written and no row to change.
    mine = DutyNeed.objects.filter(institution_id=institution_id, ends_on=None).exclude(looked_on=today)
    if not mine.update(looked_on=today):
        return 0
    found = roster_reads.roster_gaps(institution_id, today, AHEAD)
    first = f"{_when(found[0].starts_at)}{_(ROLES[found[0].role])}" if found else ""
    record(events.RosterGapsFound(institution_id=institution_id, day=today, gaps=len(found), text=first))
    return 1
