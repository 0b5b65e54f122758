"""State tables of orders, reports and critical values. Which permission a step needs is the service's choice, so ``who`` asks its definition."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step
from yigong.orders.rules.services import service

LAST_LEVEL = 3
"""Escalation chain of a critical value: 0 the requesting doctor, 1 the requesting side's duty, 2 the reporting side's duty chief, 3 the director."""


def _party(side: str, right: str) -> Callable[[Any, Actor], bool]:
    """The actor works at the order's ``side`` institution and his role carries the service's ``right``."""

    def who(row: Any, actor: Actor) -> bool:
        here = actor.places
        if not here:
            return False
        order = getattr(row, "order", row)
        rights = service(order.service).rights
        return getattr(order, f"{side}_institution_id") in here and actor.has(getattr(rights, right))

    return who


_asker = _party("requesting", "request")
_performer = _party("performing", "perform")
_reader = _party("reporting", "report")
_reviewer = _party("reporting", "review")


def _either(*tests: Callable[[Any, Actor], bool]) -> Callable[[Any, Actor], bool]:
    return lambda row, actor: any(test(row, actor) for test in tests)


def _system(row: Any, actor: Actor) -> bool:
    return actor.is_system


def _mine(row: Any, actor: Actor) -> bool:
    return row.claimed_by_id is not None and row.claimed_by_id == actor.staff_id


def _called_upon(row: Any, actor: Actor) -> bool:
    """The asking side always; from level 2 the performing and reporting sides as well, so that somebody can stop the clock."""
    if not actor.places:
        return False
    wider = {row.order.performing_institution_id, row.order.reporting_institution_id} if row.level >= 2 else set()
    return bool(({row.order.requesting_institution_id} | wider) & actor.places)


def _used(step: Step) -> Callable[[Any, Actor], bool]:
    """The step's own party, and only towards states that the order's service uses."""

    def who(row: Any, actor: Actor) -> bool:
        return step.who is not None and step.who(row, actor) and step.target in service(row.service).states

    return who


def _clock(name: str) -> Callable[[Any], timedelta | None]:
    return lambda row: getattr(service(row.service).clocks, name).get(row.priority)


def _until_limit(row: Any) -> timedelta | None:
    return row.limit_at - clock.now() if row.limit_at else None


def _critical(name: str) -> Callable[[Any], timedelta]:
    return lambda row: getattr(service(row.order.service).clocks, name)


def _again(row: Any) -> timedelta | None:
    """The next link of the chain has as long as the first one; after the last link the open task goes on counting."""
    return service(row.order.service).clocks.critical_acknowledge if row.level < LAST_LEVEL else None


def _order_due(row: Any) -> None:
    from yigong.orders.commands.waiting import order_overdue

    order_overdue(row)


def _report_due(row: Any) -> None:
    from yigong.orders.commands.waiting import report_overdue

    report_overdue(row)


def _critical_due(row: Any) -> None:
    from yigong.orders.commands.critical import critical_overdue

    critical_overdue(row)


_BEFORE_WORK = {"requested", "accepted", "scheduled", "checked_in"}
_AT_WORK = {"checked_in", "in_progress", "repeat"}

_ORDER_STEPS = [
        Step("accept", {"requested"}, "accepted", _n("接收"), who=_performer),
        Step("reject", {"requested", "accepted", "scheduled"}, "rejected", _n("拒绝"), who=_performer, reason_required=True),
        Step("schedule", {"accepted", "scheduled", "no_show"}, "scheduled", _n("预约"), who=_performer),
        Step("check_in", {"accepted", "scheduled", "no_show"}, "checked_in", _n("登记到检"), who=_performer),
        Step("no_show", {"scheduled"}, "no_show", _n("登记未到"), who=_performer),
        Step("start", {"accepted", "scheduled", "checked_in", "repeat"}, "in_progress", _n("开始检查"), who=_performer),
        Step("acquire", _AT_WORK | {"accepted", "scheduled"}, "acquired", _n("完成检查"), who=_performer),
        Step("refuse", _BEFORE_WORK | _AT_WORK, "refused", _n("登记未做"), who=_performer, reason_required=True),
        Step("stop", {"in_progress", "repeat"}, "stopped", _n("中止检查"), who=_performer, reason_required=True),
        Step(
            "upload", _AT_WORK | {"accepted", "scheduled", "acquired", "no_show"}, "uploaded", _n("上传"),
            who=_either(_performer, _reader),
        ),
        Step("repeat", {"acquired", "uploaded"}, "repeat", _n("退回重做"), who=_either(_performer, _reader), reason_required=True),
        Step("report", {"uploaded"}, "reported", _n("发布报告"), who=_either(_reader, _reviewer)),
        Step("complete", {"reported"}, "completed", _n("查阅报告"), who=lambda row, actor: row.requesting_institution_id in actor.places),
        Step("reopen", {"reported", "completed"}, "uploaded", _n("撤回报告"), who=_reviewer, reason_required=True),
        Step(
            "cancel", _BEFORE_WORK - {"checked_in"} | {"no_show"}, "cancelled", _n("撤销申请"), who=_asker,
            reason_required=True,
        ),
]  # fmt: skip

ORDER = StateTable(
    name="order",
    states={
        "requested": State(_n("已申请"), due=_clock("accept")),
        "accepted": State(_n("已接收"), due=_clock("perform")),
        "scheduled": State(_n("已预约")),
        "checked_in": State(_n("已到检"), due=_clock("perform")),
        "in_progress": State(_n("检查中")),
        "acquired": State(_n("已采集"), due=_clock("perform")),
        "repeat": State(_n("待重做"), due=_clock("perform")),
        "uploaded": State(_n("已上传")),
        "reported": State(_n("已报告"), due=_clock("acknowledge_report")),
        "completed": State(_n("已完成")),
        "cancelled": State(_n("已撤销"), final=True),
        "rejected": State(_n("已拒绝"), final=True),
        "refused": State(_n("未做"), final=True),
        "no_show": State(_n("未到检")),
        "stopped": State(_n("检查中止"), final=True),
    },
    steps=[replace(step, who=_used(step)) for step in _ORDER_STEPS],
    on_due=_order_due,
)  # fmt: skip

REPORT = StateTable(
    name="report",
    states={
        "unclaimed": State(_n("待认领"), due=_until_limit),
        "claimed": State(_n("书写中"), due=_until_limit),
        "preliminary": State(_n("临时报告"), due=_until_limit),
        "submitted": State(_n("待审核"), due=_until_limit),
        "returned": State(_n("审核退回"), due=_until_limit),
        "images_rejected": State(_n("图像退回")),
        "final": State(_n("已发布")),
        "amending": State(_n("更正中"), due=timedelta(hours=24)),
        "amend_submitted": State(_n("更正待审核"), due=timedelta(hours=24)),
        "amended": State(_n("已更正")),
        "withdrawn": State(_n("已撤回")),
    },
    steps=[
        Step("claim", {"unclaimed"}, "claimed", _n("认领"), who=_reader),
        Step("release", {"claimed"}, "unclaimed", _n("释放"), who=_either(_mine, _reviewer, _system)),
        Step("take_over", {"returned", "preliminary"}, "claimed", _n("继续书写"), who=_reader),
        Step("release_preliminary", {"claimed"}, "preliminary", _n("发临时报告"), who=_mine),
        Step("submit", {"claimed", "returned", "preliminary"}, "submitted", _n("提交审核"), who=_reader),
        Step("submit_amendment", {"amending"}, "amend_submitted", _n("提交更正"), who=_reader),
        Step("return", {"submitted"}, "returned", _n("退回修改"), who=_reviewer, reason_required=True),
        Step("return_amendment", {"amend_submitted"}, "amending", _n("退回更正"), who=_reviewer, reason_required=True),
        Step("sign", {"submitted"}, "final", _n("审核发布"), who=_reviewer),
        Step("sign_amendment", {"amend_submitted"}, "amended", _n("审核发布更正"), who=_reviewer),
        Step("amend", {"final", "amended"}, "amending", _n("更正报告"), who=_either(_reader, _reviewer), reason_required=True),
        Step("drop_amendment", {"amending"}, "amended", _n("放弃更正"), who=_either(_reader, _reviewer), reason_required=True),
        Step("withdraw", {"final", "amended"}, "withdrawn", _n("撤回报告"), who=_reviewer, reason_required=True),
        Step("rewrite", {"withdrawn"}, "claimed", _n("重新书写"), who=_reader),
        Step(
            "reject_images", {"unclaimed", "claimed", "returned"}, "images_rejected", _n("图像退回"), who=_reader,
            reason_required=True,
        ),
        Step("receive_again", {"images_rejected", "withdrawn"}, "unclaimed", _n("重新上传"), who=_either(_performer, _reader, _system)),
    ],
    on_due=_report_due,
)  # fmt: skip

CRITICAL = StateTable(
    name="critical",
    states={
        "detected": State(_n("已发现"), due=_critical("critical_notify")),
        "notified": State(_n("已通知"), due=_critical("critical_acknowledge")),
        "unreachable": State(_n("未接通，已升级"), due=_again),
        "acknowledged": State(_n("已接收"), due=_critical("critical_act")),
        "acted": State(_n("已处置")),
        "closed": State(_n("已关闭"), final=True),
    },
    steps=[
        Step("notify", {"detected", "notified", "unreachable"}, "notified", _n("通知"), who=_either(_reader, _reviewer, _performer)),
        Step("escalate", {"detected", "notified", "unreachable"}, "unreachable", _n("升级"), system_only=True),
        Step("acknowledge", {"detected", "notified", "unreachable"}, "acknowledged", _n("确认接收"), who=_called_upon),
        Step("act", {"acknowledged"}, "acted", _n("登记处置"), who=_called_upon),
        Step("close", {"acted"}, "closed", _n("关闭"), who=_either(_called_upon, _reader, _reviewer)),
    ],
    on_due=_critical_due,
)  # fmt: skip
