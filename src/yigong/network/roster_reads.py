"""Reads of rosters: needs, gaps, swaps, who may stand in for whom."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.rights import permissions_of
from yigong.network import data, queries
from yigong.network.models import Duty, DutyNeed, DutySwap, Post, Secondment, Staff
from yigong.network.policies import ROSTER
from yigong.network.rosters import Gap, Need, Shift, gaps
from yigong.network.swap_states import AGREED, OFFERED, SWAP

_KEEPERS = ("duty_chief", "township_manager", "quality_manager", "director", "admin")
_SWAP_DAYS = 28


def need_data(row: DutyNeed) -> data.NeedData:
    """The row as pages see it."""
    return data.NeedData(
        row.id, row.institution_id, row.role, row.weekdays, row.begins, row.ends, row.people, row.starts_on, row.ends_on
    )


def needs_of(institution_id: UUID, first: date, until: date) -> list[data.NeedData]:
    """What must be staffed at some time between two days (the second no longer counts)."""
    rows = DutyNeed.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=first), institution_id=institution_id, starts_on__lt=until
    )
    return [need_data(row) for row in rows.order_by("role", "begins", "weekdays")]


def roster_gaps(institution_id: UUID, first: date, days: int) -> list[Gap]:
    """The shifts beginning within so many days that fewer people than needed have; two statements."""
    needs = [
        Need(n.role, n.weekdays, n.begins, n.ends, n.people, n.starts_on, n.ends_on)
        for n in needs_of(institution_id, first, first + timedelta(days=days))
    ]
    if not needs:
        return []
    begin = datetime.combine(first, time(), clock.SHANGHAI)
    # A shift may begin the evening before, and the last one may end on the day after.
    duties = queries.duties_between(institution_id, begin - timedelta(days=1), begin + timedelta(days=days + 1))
    return gaps(needs, [Shift(d.role, d.starts_at, d.ends_at) for d in duties], first, days)


def swap_data(row: DutySwap) -> data.SwapData:
    """The row as pages see it; its shifts and people should be joined."""
    return data.SwapData(
        row.id, row.institution_id, row.state, SWAP.label(row.state), row.version, queries.duty_data(row.duty),
        row.colleague_id, row.colleague.name, queries.duty_data(row.in_exchange) if row.in_exchange else None,
    )  # fmt: skip


def swap_row(swap_id: UUID) -> DutySwap:
    """One offer with its shifts and people. NotFound."""
    return queries.get(DutySwap, swap_id, "duty__staff", "in_exchange__staff", "colleague")


def swap(swap_id: UUID) -> data.SwapData:
    """One offer. NotFound."""
    return swap_data(swap_row(swap_id))


def open_swaps(institution_id: UUID, actor: Actor, keeper: bool) -> list[data.SwapData]:
    """Offers that wait: all of a house for the keeper of its roster, for others those they are party to."""
    rows = DutySwap.objects.filter(institution_id=institution_id, state__in=[OFFERED, AGREED])
    if not keeper:
        rows = rows.filter(Q(colleague=actor.staff_id) | Q(offered_by=actor.staff_id))
    joined = rows.select_related("duty__staff", "in_exchange__staff", "colleague").order_by("due_at", "id")
    return [swap_data(row) for row in joined[:100]]


def works_at(staff_id: UUID, institution_id: UUID, on: date) -> bool:
    """Whether somebody has a post or a secondment there on the day."""
    mine = queries.holding(on)
    here = {"staff_id": staff_id, "institution_id": institution_id}
    return Post.objects.filter(mine, **here).exists() or Secondment.objects.filter(mine, **here).exists()


def holds(staff_id: UUID, institution_id: UUID, role: str, on: date) -> bool:
    """Whether somebody works there on the day in this role; a seconded person brings the role of his post along."""
    mine = queries.holding(on)
    posts = Post.objects.filter(mine, staff_id=staff_id, role=role)
    return posts.filter(institution_id=institution_id).exists() or (
        posts.exists() and Secondment.objects.filter(mine, staff_id=staff_id, institution_id=institution_id).exists()
    )


def stand_ins(duty: data.DutyData) -> list[tuple[UUID, str]]:
    """Colleagues who hold the role there on that day, by name."""
    on = duty.starts_at.astimezone(clock.SHANGHAI).date()
    posts = Post.objects.filter(queries.holding(on), role=duty.role)
    seconded = Secondment.objects.filter(queries.holding(on), institution_id=duty.institution_id).values("staff")
    here = posts.filter(Q(institution_id=duty.institution_id) | Q(staff__in=seconded)).values("staff")
    people = Staff.objects.filter(pk__in=here).exclude(pk=duty.staff_id).order_by("initials", "name")
    return list(people.values_list("id", "name")[:200])


def exchangeable(duty: data.DutyData) -> list[data.DutyData]:
    """Colleagues' shifts of the same role in the coming weeks."""
    now = clock.now()
    coming = queries.duties_between(duty.institution_id, now, now + timedelta(days=_SWAP_DAYS))
    return [d for d in coming if d.role == duty.role and d.staff_id != duty.staff_id and d.starts_at > now]


def duty(duty_id: UUID) -> data.DutyData:
    """One shift. NotFound."""
    return queries.duty_data(queries.get(Duty, duty_id, "staff"))


def keeper_role(institution_id: UUID) -> str:
    """Who keeps a house's roster: the first of the roles that may, for which somebody holds a post there."""
    held = set(Post.objects.filter(queries.holding(None), institution_id=institution_id).values_list("role", flat=True))
    return next((role for role in _KEEPERS if role in held and ROSTER in permissions_of(role)), "")


def on_duty(institution_ids: Iterable[UUID], role: str = "", at: datetime | None = None) -> dict[UUID, datetime]:
    """Who is on duty at an instant (now) at any of these institutions, in this role or any, and until when. One question."""
    when = at or clock.now()
    rows = Duty.objects.filter(
        institution_id__in=set(institution_ids), starts_at__lte=when, ends_at__gt=when, cancelled_at__isnull=True
    )
    return dict((rows.filter(role=role) if role else rows).order_by("ends_at").values_list("staff_id", "ends_at"))
