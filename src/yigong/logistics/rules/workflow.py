"""State tables of consignments and runs."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step
from yigong.logistics import policies
from yigong.logistics.rules import definitions


def at_sender(row: Any, actor: Actor) -> bool:
    """Somebody who sends things from where it begins."""
    return row.sender_id in actor.places and actor.has(policies.SEND)


def at_receiver(row: Any, actor: Actor) -> bool:
    """Somebody who signs for things where it goes."""
    return row.receiver_id in actor.places and actor.has(policies.RECEIVE)


def on_the_run(row: Any, actor: Actor) -> bool:
    """The driver of its run, or the dispatcher of the institution that sends the run."""
    return row.run is not None and drives(row.run, actor)


def drives(run: Any, actor: Actor) -> bool:
    """The run's driver, or its dispatcher."""
    return (actor.has(policies.DRIVE) and run.driver_id == actor.staff_id) or dispatches(run, actor)


def dispatches(run: Any, actor: Actor) -> bool:
    """The dispatcher of the institution that sends the run."""
    return run.base_id in actor.places and actor.has(policies.DISPATCH)


def _party(row: Any, actor: Actor) -> bool:
    return at_sender(row, actor) or at_receiver(row, actor) or on_the_run(row, actor)


def _decides(row: Any, actor: Actor) -> bool:
    """The dispatcher of the run; whoever dispatches nothing is refused before the run is looked at."""
    return actor.has(policies.DISPATCH) and dispatches(row.run, actor)


def _sign_span(_row: Any) -> timedelta:
    return timedelta(hours=definitions.parameters().sign_hours)


def _unsigned(row: Any) -> None:
    from yigong.logistics.commands import alarms

    alarms.remind_to_sign(row)


OPEN = {"packing", "waiting", "aboard", "arrived"}
CONSIGNMENT = StateTable(
    name="logistics_consignment",
    states={
        "packing": State(_n("装箱中")),
        "waiting": State(_n("待取")),
        "aboard": State(_n("在途")),
        "arrived": State(_n("已到达"), due=_sign_span),
        "received": State(_n("已签收"), final=True),
        "damaged": State(_n("破损"), final=True),
        "lost": State(_n("丢失"), final=True),
        "withdrawn": State(_n("已撤回"), final=True),
    },
    steps=[
        Step("close", {"packing"}, "waiting", _n("装好待取"), who=at_sender),
        Step("open", {"waiting"}, "packing", _n("重新开箱"), who=at_sender),
        # Whose run it is stands with the run, which the command has locked.
        Step("load", {"waiting"}, "aboard", _n("装车"), who=lambda row, actor: actor.has(policies.DRIVE) or actor.has(policies.DISPATCH)),
        Step("hand_over", {"packing", "waiting"}, "aboard", _n("交接运送"), who=at_sender),
        Step("take_off", {"aboard"}, "waiting", _n("卸回"), who=on_the_run, reason_required=True),
        Step("deliver", {"aboard"}, "arrived", _n("送达"), who=on_the_run),
        # Scanned by nobody on the way and yet here: what has come is signed for.
        Step("receive", {"waiting", "aboard", "arrived"}, "received", _n("签收"), who=at_receiver),
        Step("damage", OPEN, "damaged", _n("登记破损"), who=_party, reason_required=True),
        Step("lose", OPEN, "lost", _n("登记丢失"), who=_party, reason_required=True),
        Step("withdraw", {"packing", "waiting"}, "withdrawn", _n("撤回"), who=at_sender, reason_required=True),
    ],
    on_due=_unsigned,
)  # fmt: skip

RUN = StateTable(
    name="logistics_run",
    states={
        "planned": State(_n("待发车")),
        "under_way": State(_n("途中")),
        "done": State(_n("已完成"), final=True),
        "cancelled": State(_n("已取消"), final=True),
    },
    steps=[
        Step("assign", {"planned"}, "planned", _n("安排车辆和司机"), who=dispatches),
        Step("depart", {"planned"}, "under_way", _n("发车"), who=drives),
        Step("finish", {"under_way"}, "done", _n("完成"), who=drives),
        Step("cancel", {"planned"}, "cancelled", _n("取消班次"), who=dispatches, reason_required=True),
    ],
)

TAP = StateTable(
    name="logistics_tap",
    states={
        "accepted": State(_n("已登记"), final=True),
        "review": State(_n("待核对")),
        "dropped": State(_n("不采用"), final=True),
    },
    steps=[
        Step("accept", {"review"}, "accepted", _n("采用"), who=_decides, reason_required=True),
        Step("drop", {"review"}, "dropped", _n("不采用"), who=_decides, reason_required=True),
    ],
)  # fmt: skip
