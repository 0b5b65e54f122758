"""The workflow of a shift that is offered to a colleague."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.states.api import State, StateTable, Step, bind, transition
from yigong.network.models import DutySwap
from yigong.network.policies import ROSTER, VIEW, may_manage

OFFERED, AGREED, DONE = "offered", "agreed", "done"


def _colleague(row: DutySwap, actor: Actor) -> bool:
    return actor.staff_id is not None and actor.staff_id == row.colleague_id


def _offerer(row: DutySwap, actor: Actor) -> bool:
    return actor.staff_id is not None and actor.staff_id == row.offered_by_id


def _keeper(row: DutySwap, actor: Actor) -> bool:
    return may_manage(actor, row.institution_id, ROSTER)


def until_it_begins(row: DutySwap) -> timedelta:
    """An offer stands until the earlier of its shifts begins."""
    first = min(duty.starts_at for duty in (row.duty, row.in_exchange) if duty)
    return max(first - clock.now(), timedelta())


def _lapse(row: Any) -> None:
    from yigong.network.commands.swaps import tell

    tell(transition(SWAP, row, "lapse", actor=system("clock"), reason="班次已开始"))


SWAP = StateTable(
    name="duty_swap",
    states={
        OFFERED: State(_n("待对方答复"), due=until_it_begins),
        AGREED: State(_n("待排班人同意"), due=until_it_begins),
        DONE: State(_n("已换班"), final=True),
        "declined": State(_n("对方不同意"), final=True),
        "refused": State(_n("排班人不同意"), final=True),
        "withdrawn": State(_n("已撤回"), final=True),
        "lapsed": State(_n("过时未办"), final=True),
    },
    steps=[
        Step("agree", {OFFERED}, AGREED, _n("同意换班"), VIEW, who=_colleague),
        Step("decline", {OFFERED}, "declined", _n("不同意"), VIEW, who=_colleague, reason_required=True),
        Step("withdraw", {OFFERED, AGREED}, "withdrawn", _n("撤回"), VIEW, who=_offerer),
        Step("approve", {AGREED}, DONE, _n("批准换班"), ROSTER, who=_keeper),
        Step("refuse", {AGREED}, "refused", _n("不批准"), ROSTER, who=_keeper, reason_required=True),
        Step("lapse", {OFFERED, AGREED}, "lapsed", _n("过时"), system_only=True),
    ],
    on_due=_lapse,
)
bind(SWAP, DutySwap)
