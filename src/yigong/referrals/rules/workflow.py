"""The workflow of a referral: one table for up, down and lateral. Who is party to it comes from the institutions, not from a level."""

from datetime import timedelta

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.states.api import State, StateTable, Step, bind
from yigong.network import api as network
from yigong.referrals import policies
from yigong.referrals.models import Referral
from yigong.referrals.rules import definitions as rules


class ReopenedBefore(Conflict):
    """A missed referral is reopened once."""

    code = "referral.reopened_before"
    message = "这张转诊单已重新预约过一次，不能再次重开。请新建一张转诊单。"


class NoLongerValid(Conflict):
    """The validity has passed."""

    code = "referral.no_longer_valid"
    message = "转诊单已过有效期（%(until)s），请由发起方重新预约。"


class NotBefore(Conflict):
    """Something has to happen first."""

    code = "referral.not_before"
    message = "%(what)s"


# ---- who is party


def is_author(row: Referral, actor: Actor) -> bool:
    """The doctor who requested it, or the manager of the same institution."""
    mine = actor.staff_id is not None and actor.staff_id == row.requester_id
    return mine or (actor.has(policies.APPROVE) and row.from_institution_id in actor.institution_ids)


def is_sender(row: Referral, actor: Actor) -> bool:
    """Somebody of the requesting institution."""
    return row.from_institution_id in actor.institution_ids


def is_receiver(row: Referral, actor: Actor) -> bool:
    """Somebody of the receiving institution; a specialist only for the own department."""
    if row.to_institution_id not in actor.institution_ids:
        return False
    return actor.role != "specialist" or row.to_department_id in (None, actor.department_id)


def is_approver(row: Referral, actor: Actor) -> bool:
    """A manager of the requesting institution or of one that manages it in the tree."""
    if row.from_institution_id in actor.institution_ids:
        return True
    return actor.institution_id is not None and network.is_above(actor.institution_id, row.from_institution_id)


def _either(row: Referral, actor: Actor) -> bool:
    return is_sender(row, actor) or is_receiver(row, actor)


def _not_down(row: Referral, actor: Actor) -> bool:
    return row.direction != "down" and is_receiver(row, actor)


def _down(row: Referral, actor: Actor) -> bool:
    return row.direction == "down" and is_receiver(row, actor)


def _emergency(row: Referral, actor: Actor) -> bool:
    return row.urgency == "emergency" and row.to_institution_id in actor.institution_ids


def _follower(row: Referral, actor: Actor) -> bool:
    return is_receiver(row, actor) if row.direction == "down" else is_sender(row, actor)


# ---- guards


def _once(row: Referral, actor: Actor) -> None:
    if row.reopened:
        raise ReopenedBefore()


def _still_valid(row: Referral, actor: Actor) -> None:
    if row.valid_until and clock.now() > row.valid_until:
        raise NoLongerValid(until=row.valid_until.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M"))


def _complete(row: Referral, actor: Actor) -> None:
    if row.incomplete:
        raise NotBefore(what=_("绿色通道的资料还没有补全，请先补全再反馈。"))


def _never_in_an_emergency(row: Referral, actor: Actor) -> None:
    if row.urgency == "emergency":
        raise InvalidInput(_("急诊转诊不能自动失效。"))


# ---- clocks


def _approval(row: Referral) -> timedelta:
    return timedelta(hours=rules.parameters().approval_hours)


def _answer(row: Referral) -> timedelta:
    if row.answer_left is not None:
        return row.answer_left
    return rules.answer_due(row.urgency, row.state_since, rules.parameters()) - row.state_since


def _validity(row: Referral) -> timedelta | None:
    if row.direction == "down":
        return timedelta(days=rules.first_visit_days(row.diagnosis_code, rules.parameters()))
    return row.valid_until - row.state_since if row.valid_until else None


def _feedback(row: Referral) -> timedelta | None:
    """Inpatients: the clock starts with the end of the treatment, see ``end_treatment``. Down: with the end of the plan."""
    if row.kind == "inpatient" or row.direction == "down":
        return None
    return timedelta(hours=rules.parameters().feedback.outpatient_hours)


def _returned(row: Referral) -> timedelta:
    return timedelta(hours=rules.parameters().return_hours)


def _follow_up(row: Referral) -> timedelta | None:
    if row.direction == "down":
        return None
    return timedelta(days=rules.follow_up_days(row.result_code or row.diagnosis_code, rules.parameters()))


def on_due(row: Referral) -> timedelta | None:
    """Declared here for the table; the work is done by ``commands.clocks``."""
    from yigong.referrals.commands.clocks import ring

    return ring(row)


_BEFORE_ANSWER = {"submitted", "pending_receive"}

REFERRAL = StateTable(
    name="referral",
    states={
        "draft": State("草稿"),
        "submitted": State("待本院审核", due=_approval),
        "returned": State("退回补充", due=_returned),
        "pending_receive": State("待接收", due=_answer),
        "accepted": State("已接收", due=_validity),
        "arrived": State("已到诊"),
        "in_treatment": State("诊治中", due=_feedback),
        "completed": State("诊治完成", due=_follow_up),
        "followed_up": State("已随访"),
        "closed": State("已办结", final=True),
        "rejected": State("不接收"),
        "redirected": State("已改转", final=True),
        "cancelled": State("已撤销", final=True),
        "expired": State("逾期失效", final=True),
        "no_show": State("未到诊"),
    },
    steps=[
        Step("submit", {"draft"}, "submitted", "提交审核", policies.REQUEST, is_author),
        Step("send", {"draft"}, "pending_receive", "提交", policies.REQUEST, is_author),
        Step("discard", {"draft"}, "cancelled", "删除草稿", policies.REQUEST, is_author),
        Step("approve", {"submitted"}, "pending_receive", "审核通过", policies.APPROVE, is_approver),
        Step("return", {"submitted"}, "returned", "退回", policies.APPROVE, is_approver, reason_required=True),
        Step("resubmit", {"returned"}, "submitted", "重新提交审核", policies.REQUEST, is_author),
        Step("resend", {"returned"}, "pending_receive", "重新提交", policies.REQUEST, is_author),
        Step("recall", _BEFORE_ANSWER, "draft", "召回修改", policies.CANCEL, is_author, reason_required=True),
        Step("accept", {"pending_receive"}, "accepted", "接收", policies.RECEIVE, is_receiver),
        Step("acknowledge", {"pending_receive"}, "accepted", "急诊应答", policies.EMERGENCY, _emergency),
        Step("ask", {"pending_receive"}, "returned", "请补充资料", policies.RECEIVE, is_receiver, reason_required=True),
        Step("reject", {"pending_receive"}, "rejected", "不接收", policies.RECEIVE, is_receiver, reason_required=True),
        Step(
            "redirect",
            {"pending_receive", "rejected"},
            "redirected",
            "改转",
            policies.REDIRECT,
            _either,
            reason_required=True,
        ),
        Step("keep", {"rejected"}, "closed", "留在本机构诊治", policies.FOLLOW, is_sender, reason_required=True),
        Step(
            "cancel",
            {"submitted", "pending_receive", "returned", "accepted", "rejected"},
            "cancelled",
            "撤销",
            policies.CANCEL,
            is_author,
            reason_required=True,
        ),
        Step("expire", {"pending_receive"}, "expired", "逾期失效", guard=_never_in_an_emergency, system_only=True),
        Step("arrive", {"accepted"}, "arrived", "登记到诊", policies.ARRIVE, _not_down, _still_valid),
        Step("first_visit", {"accepted"}, "arrived", "登记首访", policies.FOLLOW, _down),
        Step("miss", {"accepted"}, "no_show", "未到诊", system_only=True),
        Step("reopen", {"no_show"}, "accepted", "重新预约", policies.REQUEST, is_sender, _once),
        Step("give_up", {"no_show"}, "closed", "不再就诊", policies.FOLLOW, is_sender, reason_required=True),
        Step("treat", {"arrived"}, "in_treatment", "开始诊治", policies.TREAT, is_receiver),
        Step("feed_back", {"in_treatment"}, "completed", "反馈", policies.TREAT, is_receiver, _complete),
        Step("refer_onward", {"in_treatment"}, "completed", "继续转诊", policies.TREAT, is_receiver, _complete),
        Step("follow_up", {"completed"}, "followed_up", "登记随访", policies.FOLLOW, _follower),
        Step("finish", {"completed"}, "closed", "无需随访，办结", policies.FOLLOW, _either, reason_required=True),
        Step("close", {"followed_up"}, "closed", "办结", policies.FOLLOW, _follower),
    ],
    on_due=on_due,
)
bind(REFERRAL, Referral)

OPEN = frozenset(state for state, given in REFERRAL.states.items() if not given.final)
