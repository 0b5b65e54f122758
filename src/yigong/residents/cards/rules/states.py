"""What may happen to a card."""

from yigong.core.states.api import State, StateTable, Step
from yigong.residents.cards import policies

ACTIVE, LOST, REPLACED, CANCELLED = "active", "lost", "replaced", "cancelled"
# A lost card keeps its number and its place: it may come back.
IN_FORCE = [ACTIVE, LOST]

CARD = StateTable(
    name="card",
    states={
        ACTIVE: State("有效"),
        LOST: State("已挂失"),
        REPLACED: State("已换发（作废）", final=True),
        CANCELLED: State("已注销", final=True),
    },
    steps=[
        Step("report_loss", {ACTIVE}, LOST, "挂失", permission=policies.KEEP, reason_required=True),
        Step("lift_loss", {LOST}, ACTIVE, "解除挂失", permission=policies.KEEP, reason_required=True),
        Step("replace", {ACTIVE, LOST}, REPLACED, "补换卡", permission=policies.KEEP, reason_required=True),
        Step("cancel", {ACTIVE, LOST}, CANCELLED, "注销", permission=policies.KEEP, reason_required=True),
    ],
)
