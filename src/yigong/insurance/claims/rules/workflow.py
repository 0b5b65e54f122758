"""The way of a settlement list, and of a question to the doctor."""

from datetime import timedelta
from typing import Any

from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind
from yigong.insurance.claims import policies
from yigong.insurance.claims.errors import StillFaulty
from yigong.insurance.claims.models import CodingQuestion, SettlementList
from yigong.insurance.claims.rules.definitions import parameters


def is_here(row: SettlementList | CodingQuestion, actor: Actor) -> bool:
    """Somebody who works at the institution today."""
    return row.institution_id in actor.institution_ids


def _window(row: SettlementList) -> timedelta | None:
    return timedelta(days=parameters().upload_days)


def _no_faults(row: SettlementList, actor: Actor) -> None:
    if row.blocks:
        raise StillFaulty(count=row.blocks)
    if row.outdated:
        raise StillFaulty(row.outdated)


def _is_asked(row: CodingQuestion, actor: Actor) -> bool:
    return is_here(row, actor) and row.doctor_id in (None, actor.staff_id)


def _late(row: Any) -> None:
    from yigong.insurance.claims.commands.reminding import remind

    remind(row)


LIST = StateTable(
    name="claims.list",
    states={
        "draft": State("待校验", due=_window),
        "checked": State("已校验", due=_window),
        "uploaded": State("已上传"),
        "accepted": State("已接收"),
        "rejected": State("已退回"),
        "appealing": State("申诉中"),
        "decided": State("申诉已决定"),
        "corrected": State("已更正", final=True),
        "withdrawn": State("已作废", final=True),
    },
    steps=[
        Step("check", {"draft", "checked"}, "checked", "校验通过", policies.CODE, is_here, _no_faults),
        Step("reopen", {"checked"}, "draft", "退回修改", policies.CODE, is_here),
        Step("upload", {"checked"}, "uploaded", "上传", policies.UPLOAD, is_here, _no_faults),
        Step("accept", {"uploaded"}, "accepted", "登记接收", policies.UPLOAD, is_here),
        Step("reject", {"uploaded"}, "rejected", "登记退回", policies.UPLOAD, is_here, reason_required=True),
        Step("correct", {"accepted", "rejected", "decided"}, "corrected", "更正", policies.CODE, is_here, reason_required=True),
        Step("appeal", {"accepted", "rejected"}, "appealing", "申诉", policies.APPEAL, is_here, reason_required=True),
        Step("decide", {"appealing"}, "decided", "登记申诉结果", policies.UPLOAD, is_here, reason_required=True),
        Step("withdraw", {"draft", "checked", "uploaded", "accepted", "rejected", "appealing", "decided"}, "withdrawn", "作废", system_only=True, reason_required=True),
    ],
    on_due=_late,
)  # fmt: skip

QUESTION = StateTable(
    name="claims.question",
    states={
        "asked": State("待答复"),
        "answered": State("已答复", final=True),
        "withdrawn": State("已撤回", final=True),
    },
    steps=[
        Step("answer", {"asked"}, "answered", "答复", policies.ANSWER, _is_asked),
        Step("withdraw", {"asked"}, "withdrawn", "撤回", policies.DESK, is_here, reason_required=True),
    ],
)

bind(LIST, SettlementList)
bind(QUESTION, CodingQuestion)
