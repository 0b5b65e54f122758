"""The four workflows: visit, bill, stay, front page."""

from yigong.clinic import policies
from yigong.clinic.models import Bill, FrontPage, Stay, Visit
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind


def is_here(row: Visit | Bill | Stay | FrontPage, actor: Actor) -> bool:
    """Somebody who works at the row's institution today."""
    return row.institution_id in actor.institution_ids


def _is_doctor(row: Visit, actor: Actor) -> bool:
    return is_here(row, actor) and row.staff_id in (None, actor.staff_id)


VISIT = StateTable(
    name="clinic.visit",
    states={
        "waiting": State("候诊"),
        "called": State("已叫号"),
        "seeing": State("接诊中"),
        "finished": State("已诊毕", final=True),
        "cancelled": State("已退号", final=True),
    },
    steps=[
        Step("call", {"waiting", "called"}, "called", "叫号", policies.CONSULT, _is_doctor),
        Step("skip", {"called"}, "waiting", "过号", policies.CONSULT, _is_doctor),
        Step("begin", {"waiting", "called"}, "seeing", "接诊", policies.CONSULT, _is_doctor),
        Step("finish", {"seeing"}, "finished", "完成接诊", policies.CONSULT, _is_doctor),
        Step("cancel", {"waiting", "called"}, "cancelled", "退号", policies.REGISTER, is_here, reason_required=True),
    ],
)

BILL = StateTable(
    name="clinic.bill",
    states={
        "open": State("记账中"),
        "presented": State("结算中"),
        "settled": State("已结算"),
        "partly_returned": State("部分退费"),
        "returned": State("全部退费", final=True),
    },
    steps=[
        Step("present", {"open", "partly_returned"}, "presented", "提交结算", policies.COUNTER, is_here),
        Step("settle", {"presented"}, "settled", "结算", policies.COUNTER, is_here),
        Step("reopen", {"presented", "settled"}, "open", "退回记账", policies.COUNTER, is_here, reason_required=True),
        # The same way back for a bill of which lines were returned: it takes no new charges any more.
        Step("restore", {"presented", "settled"}, "partly_returned", "退回记账", policies.COUNTER, is_here, reason_required=True),
        Step("return_part", {"settled", "partly_returned"}, "partly_returned", "部分退费", policies.COUNTER, is_here, reason_required=True),
        Step("return_all", {"settled", "partly_returned"}, "returned", "全部退费", policies.COUNTER, is_here, reason_required=True),
    ],
)  # fmt: skip

STAY = StateTable(
    name="clinic.stay",
    states={
        "on_ward": State("在院"),
        "leaving": State("待出院"),
        "discharged": State("已出院", final=True),
        "cancelled": State("已取消入院", final=True),
    },
    steps=[
        Step("order_discharge", {"on_ward"}, "leaving", "开出院医嘱", policies.DISCHARGE, is_here),
        Step("keep", {"leaving"}, "on_ward", "撤销出院医嘱", policies.DISCHARGE, is_here, reason_required=True),
        Step("discharge", {"on_ward", "leaving"}, "discharged", "办理出院", policies.DISCHARGE, is_here),
        Step("cancel", {"on_ward"}, "cancelled", "取消入院", policies.ADMIT, is_here, reason_required=True),
    ],
)

FRONT_PAGE = StateTable(
    name="clinic.front_page",
    states={
        "draft": State("填写中"),
        "completed": State("待编码"),
        "coded": State("已编码锁定"),
    },
    steps=[
        Step("complete", {"draft"}, "completed", "完成首页", policies.FRONT_PAGE, is_here),
        Step("code", {"completed"}, "coded", "编码并锁定", policies.CODE, is_here),
        Step("return", {"completed"}, "draft", "退回修改", policies.CODE, is_here, reason_required=True),
        Step("reopen", {"coded"}, "draft", "解锁修改", policies.CODE, is_here, reason_required=True),
    ],
)

bind(VISIT, Visit)
bind(BILL, Bill)
bind(STAY, Stay)
bind(FRONT_PAGE, FrontPage)
