"""The workflows: a pack from return to use, a load, a request, a delivery, a shortage, a recall and its packs."""

from datetime import datetime, time, timedelta
from typing import Any

from yigong.centres.sterile import policies
from yigong.centres.sterile.models import Delivery, Load, Pack, Recall, RecallItem, Shortage, SupplyRequest
from yigong.centres.sterile.rules.definitions import limits
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind

# The ten steps from return to use (washing away and disinfecting counted apart): action, label, icon of its tab.
JOURNEY = ("collect", "sort", "clean", "disinfect", "inspect", "pack", "load", "store", "issue", "receive", "use")
# What lies in the centre and is not sterile yet.
INSIDE = ("returned", "sorted", "cleaned", "disinfected", "inspected", "packed", "loaded")
# Sterile and not used: what a recall wants back.
STERILE = ("stored", "issued", "received", "expired")


def at_centre(row: Any, actor: Actor) -> bool:
    """Somebody who works where the centre is."""
    return row.centre_id in actor.institution_ids


def at_holder(row: Any, actor: Actor) -> bool:
    """Somebody who works where the pack is."""
    return row.holder_id in actor.institution_ids


def at_client(row: Any, actor: Actor) -> bool:
    """Somebody who works at the institution it is for."""
    return row.institution_id in actor.institution_ids


def either(row: Any, actor: Actor) -> bool:
    """The centre or the institution it is for."""
    return at_centre(row, actor) or at_client(row, actor)


def _until_expiry(row: Pack) -> timedelta | None:
    if row.round is None or row.round.expires_on is None:
        return None
    over = datetime.combine(row.round.expires_on + timedelta(days=1), time(), clock.SHANGHAI)
    return max(over - clock.now(), timedelta())


def _expire(row: Pack) -> None:
    from yigong.centres.sterile.commands import expiring

    expiring.expire(row)


_CENTRE = (policies.PROCESS, at_centre)
_FORWARD = [
    Step("collect", {"used", "expired"}, "returned", "回收清点", *_CENTRE),
    Step("sort", {"returned"}, "sorted", "分类", *_CENTRE),
    Step("clean", {"sorted"}, "cleaned", "清洗", *_CENTRE),
    Step("disinfect", {"cleaned"}, "disinfected", "消毒", *_CENTRE),
    Step("inspect", {"disinfected"}, "inspected", "干燥检查", *_CENTRE),
    Step("pack", {"inspected"}, "packed", "包装", *_CENTRE),
    Step("load", {"packed"}, "loaded", "装锅灭菌", *_CENTRE),
    Step("issue", {"stored"}, "issued", "发放", *_CENTRE),
    Step("receive", {"issued"}, "received", "签收", policies.RECEIVE, at_holder),
    Step("use", {"received"}, "used", "使用", policies.USE, at_holder),
]
# What an undone scan leads back to; release and expiry are not scans of one pack.
_UNDO = [
    Step(f"back_to_{source}", {step.target}, source, "撤销上一次扫描", step.permission, step.who, reason_required=True)
    for step in _FORWARD
    for source in sorted(step.sources)
]
_ASIDE = [
    Step("store", {"loaded"}, "stored", "放行入库", policies.MONITOR, at_centre),
    Step("rework", {"cleaned", "disinfected", "inspected", "packed", "loaded"}, "sorted", "返工重洗", *_CENTRE, reason_required=True),
    Step("take_back", {"stored", "issued", "received"}, "returned", "未使用退回", *_CENTRE, reason_required=True),
    Step("repair", {"returned", "sorted", "disinfected", "inspected"}, "repair", "送修", *_CENTRE, reason_required=True),
    Step("mend", {"repair"}, "returned", "修好", *_CENTRE),
    Step("find", {"lost"}, "returned", "找到", policies.MANAGE, at_centre, reason_required=True),
    Step("lose", {"returned", "issued", "received", "used", "expired"}, "lost", "登记遗失", policies.MANAGE, at_centre, reason_required=True),
    Step("scrap", {"returned", "sorted", "disinfected", "inspected", "repair", "lost"}, "scrapped", "报废", policies.MANAGE, at_centre, reason_required=True),
    Step("expire", {"stored", "issued", "received"}, "expired", "过期", system_only=True),
]  # fmt: skip

PACK = StateTable(
    name="sterile.pack",
    states={
        "returned": State("已回收"),
        "sorted": State("已分类"),
        "cleaned": State("已清洗"),
        "disinfected": State("已消毒"),
        "inspected": State("检查合格"),
        "packed": State("已包装"),
        "loaded": State("灭菌待放行"),
        "stored": State("无菌存放", due=_until_expiry),
        "issued": State("已发放", due=_until_expiry),
        "received": State("已签收", due=_until_expiry),
        "used": State("已使用"),
        "expired": State("已过期"),
        "repair": State("维修中"),
        "lost": State("遗失"),
        "scrapped": State("已报废", final=True),
    },
    steps=[*_FORWARD, *_UNDO, *_ASIDE],
    on_due=_expire,
)


def _until_biological(row: Load) -> timedelta:
    return timedelta(hours=limits().biological_hours)


def _ask_biological(row: Load) -> None:
    from yigong.centres.sterile.commands import loading

    loading.ask_biological(row, late=True)


_MONITOR = (policies.MONITOR, at_centre)
LOAD = StateTable(
    name="sterile.load",
    states={
        "open": State("装载中"),
        "running": State("运行中"),
        "finished": State("待放行"),
        "early": State("紧急放行，待生物结果", due=_until_biological),
        "released": State("已放行"),
        "rejected": State("不合格", final=True),
        "recalled": State("已召回", final=True),
        "void": State("已取消", final=True),
    },
    steps=[
        Step("start", {"open"}, "running", "启动", *_CENTRE),
        Step("finish", {"running"}, "finished", "结束", *_CENTRE),
        Step("release", {"finished", "early"}, "released", "放行", *_MONITOR),
        Step("release_early", {"finished"}, "early", "紧急放行", *_MONITOR, reason_required=True),
        Step("reject", {"running", "finished"}, "rejected", "判为不合格", *_MONITOR, reason_required=True),
        Step("cancel", {"open"}, "void", "取消这一锅", *_CENTRE, reason_required=True),
        Step("recall", {"released", "early"}, "recalled", "召回", *_MONITOR),
    ],
    on_due=_ask_biological,
)

_ASK = (policies.REQUEST, at_client)
REQUEST = StateTable(
    name="sterile.request",
    states={
        "asked": State("待配货"),
        "issuing": State("配货中"),
        "done": State("已发齐", final=True),
        "rejected": State("不能供应", final=True),
        "cancelled": State("已撤销", final=True),
    },
    steps=[
        Step("begin", {"asked", "issuing"}, "issuing", "配货", *_CENTRE),
        Step("complete", {"issuing"}, "done", "发齐", *_CENTRE),
        Step("close", {"issuing"}, "done", "按已发结束", *_CENTRE, reason_required=True),
        Step("reject", {"asked"}, "rejected", "不能供应", *_CENTRE, reason_required=True),
        Step("cancel", {"asked"}, "cancelled", "撤销申领", *_ASK, reason_required=True),
    ],
)

DELIVERY = StateTable(
    name="sterile.delivery",
    states={
        "open": State("配货中"),
        "sent": State("运送中"),
        "received": State("已签收", final=True),
        "failed": State("途中丢失或破损", final=True),
        "void": State("已取消", final=True),
    },
    steps=[
        Step("send", {"open"}, "sent", "交运", *_CENTRE),
        Step("receive", {"sent"}, "received", "签收完毕", policies.RECEIVE, at_client),
        Step("cancel", {"open"}, "void", "取消", *_CENTRE, reason_required=True),
        Step("fail", {"sent"}, "failed", "途中丢失或破损", system_only=True),
    ],
)


def _shortage_span(row: Shortage) -> timedelta:
    return timedelta(hours=limits().shortage_hours)


def _remind_shortage(row: Shortage) -> None:
    from yigong.centres.sterile.commands import shortages

    shortages.remind(row)


SHORTAGE = StateTable(
    name="sterile.shortage",
    states={"open": State("未处理", due=_shortage_span), "settled": State("已处理")},
    steps=[
        Step("settle", {"open"}, "settled", "处理短少", *_CENTRE),
        Step("reopen", {"settled"}, "open", "撤销处理", *_CENTRE, reason_required=True),
    ],
    on_due=_remind_shortage,
)

RECALL = StateTable(
    name="sterile.recall",
    states={"open": State("召回中"), "closed": State("已结束", final=True)},
    steps=[Step("close", {"open"}, "closed", "结束召回", *_MONITOR, reason_required=True)],
)


def _recover_span(row: RecallItem) -> timedelta:
    return timedelta(hours=limits().recover_hours)


def _remind_item(row: RecallItem) -> None:
    from yigong.centres.sterile.commands import recalling

    recalling.remind(row)


def _party(row: RecallItem, actor: Actor) -> bool:
    return row.holder_id in actor.institution_ids or row.recall.centre_id in actor.institution_ids


def _may_release_block(row: RecallItem, actor: Actor) -> bool:
    return row.recall.centre_id in actor.institution_ids


_ITEM = (policies.RECALL, _party)
ITEM = StateTable(
    name="sterile.recall_item",
    states={
        "wanted": State("待追回", due=_recover_span),
        "sealed": State("已就地封存", due=_recover_span),
        "exposed": State("已用于患者，待评估", due=_recover_span),
        "recovered": State("已追回", final=True),
        "cleared": State("经核实解除", final=True),
        "assessed": State("已评估", final=True),
        "missing": State("无法追回", final=True),
    },
    steps=[
        Step("seal", {"wanted"}, "sealed", "就地封存", *_ITEM),
        Step("recover", {"wanted", "sealed"}, "recovered", "追回", policies.PROCESS, _may_release_block),
        Step("clear", {"wanted", "sealed"}, "cleared", "核实解除", policies.MONITOR, _may_release_block, reason_required=True),
        Step("give_up", {"wanted", "sealed"}, "missing", "无法追回", policies.MONITOR, _may_release_block, reason_required=True),
        Step("assess", {"exposed"}, "assessed", "完成患者评估", *_ITEM, reason_required=True),
    ],
    on_due=_remind_item,
)  # fmt: skip

bind(PACK, Pack)
bind(LOAD, Load)
bind(REQUEST, SupplyRequest)
bind(DELIVERY, Delivery)
bind(SHORTAGE, Shortage)
bind(RECALL, Recall)
bind(ITEM, RecallItem)
