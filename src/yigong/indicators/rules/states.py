"""The workflow of a period: checked and signed by one, frozen by another, corrected afterwards, never overwritten."""

from typing import Any

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.states.api import State, StateTable, Step
from yigong.indicators import policies


def _another(row: Any, actor: Actor) -> None:
    if row.signed_staff_id and row.signed_staff_id == actor.staff_id:
        raise Forbidden(_("签署和冻结不能是同一个人，请另一位负责人冻结。"))


PERIOD = StateTable(
    name="indicators.period",
    states={"open": State("核对中"), "signed": State("已签署"), "frozen": State("已冻结", final=True), "dropped": State("已撤销", final=True)},
    steps=[
        Step("check", {"open"}, "open", "重新核对", permission=policies.SIGN),
        Step("sign", {"open"}, "signed", "签署", permission=policies.SIGN),
        Step("return", {"signed"}, "open", "退回核对", permission=policies.FREEZE, reason_required=True),
        Step("withdraw", {"signed"}, "open", "撤回签署", permission=policies.SIGN, reason_required=True),
        Step("freeze", {"signed"}, "frozen", "冻结", permission=policies.FREEZE, guard=_another),
        Step("drop", {"open"}, "dropped", "撤销期间", permission=policies.SIGN, reason_required=True),
    ],
)  # fmt: skip
