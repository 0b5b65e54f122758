"""Shifts that change hands: offered by the one who has it, answered by a colleague, decided by the roster's keeper."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.rights import ROLES
from yigong.core.states.api import start, transition
from yigong.network import data, errors, events, roster_reads
from yigong.network.commands.rosters import put_on_duty, take_off
from yigong.network.commands.shared import lock
from yigong.network.models import Duty, DutySwap, Staff
from yigong.network.swap_states import DONE, OFFERED, SWAP


@racing("network.offer_swap")
@change
def offer_swap(
    *,
    duty_id: UUID,
    actor: Actor,
    colleague_id: UUID | None = None,
    in_exchange_id: UUID | None = None,
    reason: str = "",
) -> data.SwapData:
    """Offer one's own coming shift: to a colleague (``colleague_id``), or for a shift of his (``in_exchange_id``)."""
    duty = lock(Duty, duty_id)
    if duty.staff_id != actor.staff_id:
        raise Forbidden(_("只能换自己的班；要调整别人的班次，请由排班人办理。"))
    _still_ahead(duty)
    other = lock(Duty, in_exchange_id) if in_exchange_id else None
    colleague = other.staff_id if other else colleague_id
    if colleague is None or colleague == duty.staff_id:
        raise InvalidInput(errors={"with": _("请选择与哪位同事换班。")})
    if other:
        _still_ahead(other)
        if (other.institution_id, other.role) != (duty.institution_id, duty.role):
            raise InvalidInput(errors={"with": _("只能与本机构同一岗位的班次互换。")})
    if not roster_reads.holds(
        colleague, duty.institution_id, duty.role, duty.starts_at.astimezone(clock.SHANGHAI).date()
    ):
        raise InvalidInput(errors={"with": _("这位同事那天不在本机构担任这个岗位，请另选。")})
    row = DutySwap(
        institution_id=duty.institution_id,
        duty=duty,
        colleague_id=colleague,
        in_exchange=other,
        offered_by_id=actor.staff_id,
    )
    with refusing(duty_offered_once=errors.OfferedAlready()):
        start(SWAP, row, OFFERED, actor=actor, reason=reason)
    tell(row)
    return roster_reads.swap(row.id)


@racing("network.answer_swap")
@change
def answer_swap(
    *, swap_id: UUID, action: str, actor: Actor, reason: str = "", expected_version: int | None = None
) -> data.SwapData:
    """One step of an offer: agree, decline (the colleague), withdraw (who offered), approve, refuse (the keeper). ``approve`` exchanges the shifts."""
    row = transition(SWAP, DutySwap(id=swap_id), action, actor=actor, reason=reason, expected_version=expected_version)
    if row.state == DONE:
        _exchange(row)
    tell(row)
    return roster_reads.swap(swap_id)


def _exchange(row: DutySwap) -> None:
    """Both shifts end and begin anew under the other name, all or nothing."""
    people = {key: lock(Staff, key) for key in sorted({row.duty.staff_id, row.colleague_id})}
    duties = [lock(Duty, key) for key in sorted(d.id for d in (row.duty, row.in_exchange) if d)]
    for duty in duties:
        _still_ahead(duty)
        take_off(duty, _("换班"))
    for duty in duties:
        taker = row.colleague_id if duty.staff_id == row.duty.staff_id else row.duty.staff_id
        put_on_duty(people[taker], duty.institution_id, duty.role, duty.starts_at, duty.ends_at)


def _still_ahead(duty: Duty) -> None:
    if duty.cancelled_at:
        raise errors.ShiftGone(staff=duty.staff.name)
    if duty.starts_at <= clock.now():
        raise errors.ShiftBegun()


def tell(row: DutySwap) -> None:
    """Leave the fact for the to-do list."""
    when = f"{row.duty.starts_at.astimezone(clock.SHANGHAI):%m-%d %H:%M}"
    text = f"{row.duty.staff.name} {when} {_(ROLES[row.duty.role])}"
    record(
        events.DutySwapMoved(
            swap_id=row.id, institution_id=row.institution_id, state=row.state, colleague_id=row.colleague_id,
            offered_by=row.offered_by_id, text=text,
        )
    )  # fmt: skip
