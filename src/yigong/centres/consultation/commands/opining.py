"""Opinions of the experts and the joint conclusion."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import following, sharing, waiting
from yigong.centres.consultation.commands.errors import NotInvited, WrongMoment
from yigong.centres.consultation.data import AdviceLine, Conclusion
from yigong.centres.consultation.models import Consultation, Invitation, Opinion
from yigong.centres.consultation.rules.definitions import advice_kinds
from yigong.centres.consultation.rules.workflow import INVITATION
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput
from yigong.core.states import api as states
from yigong.orders import api as orders
from yigong.orders.data import OrderData, ReportData, VersionData

MAX_TEXT = 8000
MAX_ADVICE = 10
LONGEST = 90
"""Days within which advice may be due."""


@racing("consultation.opine")
@transaction.atomic
def sign_opinion(*, order_id: UUID, text: str, actor: Actor, basis: str = "", reason: str = "") -> Opinion:
    """An expert signs his opinion; the digest covers its text, author and time. Again with a reason is the next version; the first stays."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    invitation = policies.invitation_of(row, actor, policies.READABLE)
    if invitation is None:
        raise NotInvited()
    if row.began_at is None or row.closed_at:
        raise WrongMoment(state=orders.order_facts(order_id).state_label, what=_("签署意见"))
    number = invitation.opinions.count() + 1
    _check_opinion(text, basis, reason, amended=number > 1)
    invitation = states.transition(INVITATION, invitation, "opine", actor=actor, reason=reason, attended=True)
    at = clock.now()
    signed = {
        "order": order_id, "expert": invitation.expert_id, "number": number, "text": text.strip(), "basis": basis.strip(),
        "reason": reason.strip(), "author": actor.name, "at": at.isoformat(),
    }  # fmt: skip
    opinion = Opinion.objects.create(
        invitation=invitation, number=number, text=text.strip(), basis=basis.strip(), author_name=actor.name, signed_at=at,
        reason=reason.strip()[:200], digest=orders.sm3(signed),
    )  # fmt: skip
    waiting.expert_done(invitation, actor=actor)
    return opinion


@transaction.atomic
def conclude(*, order_id: UUID, given: Conclusion, actor: Actor) -> ReportData:
    """The lead expert (or another who took part, when he cannot) writes and signs the joint conclusion, its correction, or a new one in
    the place of one that was withdrawn.

    Waits for the signed opinion of every expert who took part (NotReady). The first version shares the fee and opens the advice.
    """
    row = policies.access_consultation(order_id, actor=actor)
    if policies.invitation_of(row, actor, policies.READABLE) is None:
        raise NotInvited()
    _check_conclusion(given)
    report = orders.report_of(order_id, actor=actor)
    if report is None:
        raise WrongMoment(state=orders.order_facts(order_id).state_label, what=_("出具结论"))
    if report.state == "withdrawn":
        orders.rewrite_report(order_id=order_id, actor=actor)
    elif report.state in {"unclaimed", "returned", "claimed"}:
        orders.claim(order_id=order_id, actor=actor)
    orders.submit_report(order_id=order_id, draft=draft_of(given), actor=actor)
    return orders.sign_report(order_id=order_id, actor=actor)


@transaction.atomic
def amend(*, order_id: UUID, given: Conclusion, reason: str, actor: Actor) -> ReportData:
    """Correct the signed conclusion with a reason, as another version; the receivers of the first are told by the mechanism."""
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明修改结论的原因。")})
    _check_conclusion(given)
    orders.amend_report(order_id=order_id, reason=reason, actor=actor)
    return conclude(order_id=order_id, given=given, actor=actor)


def unready(order_id: UUID) -> list[str]:
    """Why the conclusion may not be signed yet: opinions that are missing."""
    waited = Invitation.objects.filter(
        consultation__order_id=order_id, state__in=("invited", "accepted")
    ).select_related("expert")
    return [_("%(who)s尚未签署意见") % {"who": one.expert.name} for one in waited]


def signed(order: OrderData, version: VersionData, actor: Actor) -> None:
    """Called by the mechanism with every signed version, in its transaction: advice, alarm, fee, what the asking side does next."""
    row = Consultation.objects.select_for_update().select_related("order").get(order_id=order.id)
    if row.invitations.exists() and not policies.invitation_of(row, actor, policies.READABLE):
        raise NotInvited()
    lines = lines_of(version)
    following.open_advice(row, lines, actor=actor)
    if not row.shares.filter(taken_back_at__isnull=True).exists():
        sharing.share_fee(row)
    waiting.coordinator_done(row, actor=actor)
    waiting.rewritten(row, actor=actor)
    if row.closed_at is None:
        waiting.ask_evaluation(row)


def lines_of(version: VersionData) -> list[AdviceLine]:
    """The advice of a signed conclusion: a line for each item, a tab between category, words and days."""
    codes = {kind.label: kind.code for kind in advice_kinds().values()}
    rows = [line.split("\t") for line in version.sections.get("advice", "").split("\n") if line.strip()]
    return [AdviceLine(codes[label], text, int(days)) for label, text, days in rows if label in codes]


def draft_of(given: Conclusion) -> dict[str, Any]:
    """The conclusion as a report of the mechanism; “positive” when a referral is advised."""
    kinds = advice_kinds()
    table = "\n".join(f"{kinds[a.category].label}\t{_one_line(a.text)}\t{a.days}" for a in given.advice)
    refers = any(kinds[a.category].refer for a in given.advice)
    return {
        "sections": {"basis": given.basis, "advice": table}, "impression": given.text.strip(), "positive": refers, "grade": "",
        "templates": list(given.templates),
    }  # fmt: skip


def _check_opinion(text: str, basis: str, reason: str, *, amended: bool) -> None:
    errors = {}
    if not text.strip():
        errors["text"] = _("请填写会诊意见。")
    if len(text) > MAX_TEXT or len(basis) > MAX_TEXT:
        errors["text"] = _("最多 %(n)s 个字，请精简。") % {"n": MAX_TEXT}
    if amended and not reason.strip():
        errors["reason"] = _("您已签署过意见，修改时请写明原因。")
    if errors:
        raise InvalidInput(errors=errors)


def _check_conclusion(given: Conclusion) -> None:
    errors: dict[str, str] = {}
    if not given.text.strip():
        errors["text"] = _("请填写会诊结论。")
    if len(given.advice) > MAX_ADVICE:
        errors["advice"] = _("建议最多 %(n)s 条。") % {"n": MAX_ADVICE}
    if message := _wrong(given.advice):
        errors["advice"] = message
    if errors:
        raise InvalidInput(errors=errors)


def _wrong(advice: Sequence[AdviceLine]) -> str:
    kinds = advice_kinds()
    for line in advice:
        if line.category not in kinds or not line.text.strip() or len(line.text) > 300:
            return _("每条建议请选择类别，并用 300 字以内写明内容。")
        if not 0 <= line.days <= LONGEST:
            return _("落实期限为 0 到 %(n)s 天。") % {"n": LONGEST}
    if len({(a.category, _one_line(a.text)) for a in advice}) != len(advice):
        return _("有两条相同的建议，请删去一条。")
    return ""


def _one_line(text: str) -> str:
    return " ".join(text.split())
