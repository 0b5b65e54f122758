"""The workflow of an edition: built by a job, written as a draft, reviewed, signed by one, issued by another, replaced only by a new edition."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.states.api import State, StateTable, Step
from yigong.workreport import policies


def _another(row: Any, actor: Actor) -> None:
    if row.signed_staff_id and row.signed_staff_id == actor.staff_id:
        raise Forbidden(_("签署和印发不能是同一个人，请另一位负责人印发。"))


EDITION = StateTable(
    name="workreport.edition",
    states={
        "building": State("生成中"),
        "draft": State("编写中"),
        "review": State("审核中"),
        "signed": State("已签署"),
        "issued": State("已印发"),
        "superseded": State("已被更正版取代", final=True),
        "dropped": State("已作废", final=True),
    },
    steps=[
        Step("built", {"building"}, "draft", "生成", permission=policies.WRITE),
        Step("submit", {"draft"}, "review", "送审", permission=policies.WRITE),
        Step("return", {"review"}, "draft", "退回修改", permission=policies.SIGN, reason_required=True),
        Step("recall", {"review"}, "draft", "撤回修改", permission=policies.WRITE, reason_required=True),
        Step("sign", {"review"}, "signed", "签署", permission=policies.SIGN),
        Step("unsign", {"signed"}, "draft", "撤销签署", permission=policies.SIGN, reason_required=True),
        Step("issue", {"signed"}, "issued", "印发", permission=policies.ISSUE, guard=_another),
        Step("supersede", {"issued"}, "superseded", "以更正版取代", permission=policies.ISSUE),
        Step("drop", {"building", "draft"}, "dropped", "作废", permission=policies.WRITE, reason_required=True),
    ],
)
