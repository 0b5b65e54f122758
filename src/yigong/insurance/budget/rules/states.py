"""The workflows of the room."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.states.api import State, StateTable, Step
from yigong.insurance.budget import policies

PACKAGE = StateTable(
    name="budget.package",
    states={
        "draft": State("草稿"),
        "published": State("已发布"),
        "in_force": State("执行中"),
        "closed": State("已清算关闭"),
        "discarded": State("已作废", final=True),
    },
    steps=[
        Step("discard", {"draft"}, "discarded", "作废", permission=policies.KEEP, reason_required=True),
        Step("publish", {"draft"}, "published", "发布", permission=policies.PUBLISH),
        Step("withdraw", {"published"}, "draft", "撤回", permission=policies.PUBLISH, reason_required=True),
        Step("begin", {"published"}, "in_force", "开始执行", permission=policies.PUBLISH),
        Step("close", {"in_force"}, "closed", "清算关闭", permission=policies.CLEAR),
        Step("reopen", {"closed"}, "in_force", "重新打开", permission=policies.CLEAR, reason_required=True),
    ],
)

WEIGHTS = StateTable(
    name="budget.weights",
    states={
        "draft": State("测算稿"),
        "adopted": State("已采用"),
        "replaced": State("已停用", final=True),
        "dropped": State("已作废", final=True),
    },
    steps=[
        Step("adopt", {"draft"}, "adopted", "采用", permission=policies.PUBLISH),
        Step("drop", {"draft"}, "dropped", "作废", permission=policies.KEEP),
        Step("replace", {"adopted"}, "replaced", "停用", permission=policies.PUBLISH, reason_required=True),
    ],
)


def _another_decides(row: Any, actor: Actor) -> None:
    if not actor.is_system and row.asked_by_id is not None and row.asked_by_id == actor.staff_id:
        raise Forbidden(_("申请人不能评审自己的申请，请由另一人决定。"))


SPECIAL = StateTable(
    name="budget.special",
    states={
        "asked": State("待评审"),
        "granted": State("同意"),
        "refused": State("不同意", final=True),
        "recalled": State("已撤回", final=True),
        "revoked": State("已撤销", final=True),
    },
    steps=[
        Step(
            "grant",
            {"asked"},
            "granted",
            "同意",
            permission=policies.DECIDE,
            reason_required=True,
            guard=_another_decides,
        ),
        Step(
            "refuse",
            {"asked"},
            "refused",
            "不同意",
            permission=policies.DECIDE,
            reason_required=True,
            guard=_another_decides,
        ),
        Step("recall", {"asked"}, "recalled", "撤回", permission=policies.ASK),
        Step("revoke", {"granted"}, "revoked", "撤销", permission=policies.DECIDE, reason_required=True),
    ],
)

STATEMENT = StateTable(
    name="budget.statement",
    states={
        "calculated": State("已计算"),
        "paid": State("已预付"),
        "final": State("已结清", final=True),
    },
    steps=[
        Step("pay", {"calculated"}, "paid", "预付", permission=policies.CLEAR),
        Step("release", {"paid"}, "final", "结清", permission=policies.CLEAR),
    ],
)


def _another_signs(row: Any, actor: Actor) -> None:
    if not actor.is_system and row.made_by_id is not None and row.made_by_id == actor.staff_id:
        raise Forbidden(_("录入考核结果的人不能自己签署，请由另一人签署。"))


APPRAISAL = StateTable(
    name="budget.appraisal",
    states={
        "draft": State("录入中"),
        "checked": State("已核对，待签署"),
        "frozen": State("已签署冻结"),
        "replaced": State("已被新版替代", final=True),
        "dropped": State("已作废", final=True),
    },
    steps=[
        Step("check", {"draft"}, "checked", "核对完毕", permission=policies.APPRAISE),
        Step("back", {"checked"}, "draft", "退回修改", permission=policies.APPRAISE, reason_required=True),
        Step("sign", {"checked"}, "frozen", "签署冻结", permission=policies.SIGN, guard=_another_signs),
        Step("replace", {"frozen"}, "replaced", "由新版替代", permission=policies.SIGN, reason_required=True),
        Step("drop", {"draft"}, "dropped", "作废", permission=policies.APPRAISE, reason_required=True),
    ],
)

YEAR_CLOSE = StateTable(
    name="budget.year_close",
    states={"posted": State("已入账"), "reversed": State("已冲回", final=True)},
    steps=[Step("reverse", {"posted"}, "reversed", "冲回", permission=policies.CLEAR, reason_required=True)],
)

CLEARING = StateTable(
    name="budget.clearing",
    states={"posted": State("已入账"), "reversed": State("已冲回", final=True)},
    steps=[Step("reverse", {"posted"}, "reversed", "冲回", permission=policies.CLEAR, reason_required=True)],
)
