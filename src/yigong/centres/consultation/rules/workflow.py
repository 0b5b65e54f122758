"""State tables of invitations and of advice. The consultation itself moves as its order; the task of the asking side is an advice's clock."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_noop as _n

from yigong.centres.consultation import policies
from yigong.centres.consultation.models import Advice, Invitation
from yigong.centres.consultation.rules.definitions import parameters
from yigong.core.actor import Actor
from yigong.core.states.api import State, StateTable, Step, bind


def _expert(row: Any, actor: Actor) -> bool:
    return actor.staff_id is not None and row.expert_id == actor.staff_id


def _coordinator(row: Any, actor: Actor) -> bool:
    return row.consultation_id is not None and policies.is_coordinator(row.consultation, actor)


def _asker(row: Any, actor: Actor) -> bool:
    return row.consultation_id is not None and policies.is_asker(row.consultation, actor)


def _answer(row: Any) -> timedelta | None:
    minutes = parameters().answer.get(row.consultation.order.priority)
    return timedelta(minutes=minutes) if minutes else None


def _invitation_due(row: Any) -> None:
    from yigong.centres.consultation.commands.inviting import unanswered

    unanswered(row)


HELD = {"invited", "accepted"}

INVITATION = StateTable(
    name="consultation_invitation",
    states={
        "invited": State(_n("待应答"), due=_answer),
        "accepted": State(_n("已接受")),
        "opined": State(_n("已签意见")),
        "declined": State(_n("已谢绝"), final=True),
        "absent": State(_n("未参加"), final=True),
        "withdrawn": State(_n("已撤回"), final=True),
    },
    steps=[
        Step("accept", {"invited"}, "accepted", _n("接受邀请"), who=_expert),
        Step("decline", HELD, "declined", _n("谢绝邀请"), who=_expert, reason_required=True),
        Step("rebook", HELD, "invited", _n("改期"), who=_coordinator, reason_required=True),
        Step("withdraw", HELD, "withdrawn", _n("撤回邀请"), who=_coordinator, reason_required=True),
        Step("miss", HELD, "absent", _n("登记未参加"), who=_coordinator),
        Step("opine", {"accepted", "opined"}, "opined", _n("签署意见"), who=_expert),
    ],
    on_due=_invitation_due,
)  # fmt: skip

ADVICE = StateTable(
    name="consultation_advice",
    states={
        "open": State(_n("待落实")),
        "done": State(_n("已落实")),
        "not_done": State(_n("未落实")),
        "superseded": State(_n("已被新结论取代"), final=True),
    },
    steps=[
        Step("carry_out", {"open"}, "done", _n("登记落实"), who=_asker),
        Step("leave", {"open"}, "not_done", _n("登记未落实"), who=_asker, reason_required=True),
        Step("reopen", {"done", "not_done"}, "open", _n("撤销登记"), who=_asker, reason_required=True),
        Step("supersede", {"open", "done", "not_done"}, "superseded", _n("取代"), system_only=True, reason_required=True),
    ],
)  # fmt: skip

bind(INVITATION, Invitation)
bind(ADVICE, Advice)
