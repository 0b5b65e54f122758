"""State tables of specimens and loans. One table for containers, blocks and slides: their states do not mix before the archive."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.centres.pathology import policies
from yigong.centres.pathology.rules import catalogue
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step


def _at(side: str, permission: str) -> Callable[[Any, Actor], bool]:
    return lambda row, actor: getattr(row, f"{side}_id") in actor.places and actor.has(permission)


_sender = _at("sender", policies.SEND)
_bench = _at("centre", policies.BENCH)
_archive = _at("centre", policies.ARCHIVE)


def _owner(row: Any, actor: Actor) -> bool:
    """A container that was not received is its sender's; a block or a slide is the centre's."""
    return _sender(row, actor) if row.kind == "container" else _bench(row, actor)


def _decalcified(row: Any) -> timedelta:
    return timedelta(hours=catalogue.rules().decalcify_hours)


def _on_due(row: Any) -> None:
    from yigong.centres.pathology.commands.bench import decalcification_due

    decalcification_due(row)


def _loan_due(row: Any) -> None:
    from yigong.centres.pathology.commands.lending import loan_overdue

    loan_overdue(row)


STATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "process": ("process", ("cut", "decalcifying")),
    "embed": ("embed", ("processing",)),
    "section": ("section", ("ordered",)),
    "stain": ("stain", ("sectioned",)),
}
"""The stations of the workbench: the step that a scan takes, and what waits there."""

AT_CENTRE = {"received", "grossed"}
KEPT = {"grossed", "embedded", "stained", "filed", "in_use"}
"""What lies at the centre and can be filed, taken out or lent."""

SPECIMEN = StateTable(
    name="pathology_specimen",
    states={
        "to_send": State(_n("待登记时间")),
        "ready": State(_n("待核收")),
        "rejected": State(_n("已拒收")),
        "received": State(_n("待取材")),
        "grossed": State(_n("已取材")),
        "cut": State(_n("待脱水")),
        "decalcifying": State(_n("脱钙中"), due=_decalcified),
        "processing": State(_n("脱水中")),
        "embedded": State(_n("已包埋")),
        "ordered": State(_n("待切片")),
        "sectioned": State(_n("待染色")),
        "stained": State(_n("可阅片")),
        "filed": State(_n("已归档")),
        "in_use": State(_n("取用中")),
        "lent": State(_n("借出")),
        "lost": State(_n("遗失或损坏"), final=True),
        "returned": State(_n("已退还"), final=True),
        "disposed": State(_n("已处理"), final=True),
        "cancelled": State(_n("已取消"), final=True),
    },
    steps=[
        Step("register", {"to_send", "ready", "rejected"}, "ready", _n("登记离体与固定时间"), who=_sender),
        Step("receive", {"ready"}, "received", _n("核收"), who=_bench),
        Step("reject", {"to_send", "ready"}, "rejected", _n("拒收"), who=_bench, reason_required=True),
        Step("gross", {"received"}, "grossed", _n("取材"), who=_bench),
        Step("decalcify", {"cut"}, "decalcifying", _n("脱钙"), who=_bench),
        Step("process", {"cut", "decalcifying"}, "processing", _n("脱水"), who=_bench),
        Step("embed", {"processing"}, "embedded", _n("包埋"), who=_bench),
        Step("section", {"ordered"}, "sectioned", _n("切片"), who=_bench),
        Step("stain", {"sectioned"}, "stained", _n("染色完成"), who=_bench),
        Step("file", {"grossed", "embedded", "stained", "in_use"}, "filed", _n("归档"), who=_archive),
        Step("take_out", {"filed"}, "in_use", _n("取用"), who=_bench),
        Step("lend", KEPT - {"grossed"}, "lent", _n("借出"), who=_archive),
        Step("take_back", {"lent"}, "filed", _n("归还"), who=_archive),
        Step("lose", (KEPT | {"received", "lent", "cut", "processing", "sectioned"}), "lost", _n("登记遗失或损坏"), who=_bench, reason_required=True),
        Step("give_back", AT_CENTRE | {"filed"}, "returned", _n("退还送检方"), who=_bench, reason_required=True),
        Step("dispose", {"filed"}, "disposed", _n("到期处理"), who=_archive, reason_required=True),
        Step("cancel", {"to_send", "ready", "rejected", "cut", "ordered"}, "cancelled", _n("取消"), who=_owner, reason_required=True),
        *(
            Step("undo", {now}, before, _n("撤销上一步"), who=_bench, reason_required=True)
            for now, before in (
                ("received", "ready"), ("grossed", "received"), ("decalcifying", "cut"), ("processing", "cut"),
                ("embedded", "processing"), ("sectioned", "ordered"), ("stained", "sectioned"),
            )
        ),
    ],
    on_due=_on_due,
)  # fmt: skip

LOAN = StateTable(
    name="pathology_loan",
    states={"out": State(_n("在借"), due=lambda row: row.time_left), "closed": State(_n("已结清"), final=True)},
    steps=[
        Step("renew", {"out"}, "out", _n("续借"), who=_archive, reason_required=True),
        Step("close", {"out"}, "closed", _n("结清"), who=_archive),
    ],
    on_due=_loan_due,
)
