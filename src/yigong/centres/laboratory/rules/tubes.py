"""State table of tubes. Which permission a step needs depends on where the tube is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.centres.laboratory import policies
from yigong.centres.laboratory.rules import catalogue
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step


def _at(side: str, permission: str) -> Callable[[Any, Actor], bool]:
    return lambda row, actor: getattr(row, f"{side}_id") in actor.places and actor.has(permission)


_collector = _at("collector", policies.COLLECT)
_centre = _at("centre", policies.LABORATORY)


def _either(row: Any, actor: Actor) -> bool:
    return _collector(row, actor) or _centre(row, actor)


def _draw(row: Any) -> timedelta | None:
    """Until a tube should be filled, counted from when it was asked for: printing its label does not begin anew."""
    if row.due_at is not None:
        return row.due_at - clock.now()
    minutes = catalogue.rules().draw_minutes.get(row.order.priority)
    return timedelta(minutes=minutes) if minutes else None


def _draw_due(row: Any) -> timedelta | None:
    from yigong.centres.laboratory.commands.collecting import remind

    return remind(row)


# The kind of goods that boxes of tubes are.
SPECIMEN = "specimen"
TO_FILL = ("to_collect", "labelled")
BEFORE_LABORATORY = {"collected", "packed", "in_transit", "arrived"}
AT_LABORATORY = {"accepted", "conditional"}

TUBE = StateTable(
    name="laboratory_tube",
    states={
        "to_collect": State(_n("待采集"), due=_draw),
        "labelled": State(_n("已打条码"), due=_draw),
        "collected": State(_n("已采集")),
        "packed": State(_n("已装箱")),
        "in_transit": State(_n("运送中")),
        "arrived": State(_n("已到中心")),
        "accepted": State(_n("已签收")),
        "conditional": State(_n("让步接收")),
        "sent_out": State(_n("已外送")),
        "stored": State(_n("保存中")),
        "rejected": State(_n("已拒收"), final=True),
        "lost": State(_n("丢失或破损"), final=True),
        "cancelled": State(_n("已取消"), final=True),
        "disposed": State(_n("已销毁"), final=True),
    },
    steps=[
        Step("label", {"to_collect", "labelled"}, "labelled", _n("打印条码"), who=_collector),
        Step("collect", {"to_collect", "labelled"}, "collected", _n("采集"), who=_collector),
        Step("pack", {"collected"}, "packed", _n("装箱"), who=_collector),
        Step("unpack", {"packed"}, "collected", _n("取出"), who=_collector),
        # Tubes move with the consignment that they are packed in.
        Step("send", {"packed"}, "in_transit", _n("交接运送"), system_only=True),
        Step("put_back", {"in_transit"}, "packed", _n("卸回"), system_only=True),
        Step("arrive", {"packed", "in_transit"}, "arrived", _n("到达"), system_only=True),
        Step("accept", BEFORE_LABORATORY, "accepted", _n("签收"), who=_centre),
        Step("accept_conditionally", BEFORE_LABORATORY, "conditional", _n("让步接收"), who=_centre, reason_required=True),
        Step("reject", BEFORE_LABORATORY | AT_LABORATORY, "rejected", _n("拒收"), who=_centre, reason_required=True),
        Step("lose", BEFORE_LABORATORY, "lost", _n("登记丢失或破损"), who=_either, reason_required=True),
        Step("send_out", AT_LABORATORY, "sent_out", _n("外送"), who=_centre),
        Step("store", AT_LABORATORY | {"sent_out"}, "stored", _n("保存"), who=_centre),
        Step("dispose", {"stored", *AT_LABORATORY}, "disposed", _n("销毁"), who=_centre),
        Step("cancel", {"to_collect", "labelled", *BEFORE_LABORATORY}, "cancelled", _n("取消"), system_only=True),
    ],
    on_due=_draw_due,
)  # fmt: skip
