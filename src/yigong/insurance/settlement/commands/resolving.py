"""What a platform left open: lost answers are asked about, disputed sums accepted or taken back, reversals sent once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, DomainError, Forbidden
from yigong.core.states.api import WrongState, transition
from yigong.insurance.settlement import errors, policies
from yigong.insurance.settlement.bills import Bill
from yigong.insurance.settlement.commands.differences import open_difference, resolve_of
from yigong.insurance.settlement.commands.posting import means_of
from yigong.insurance.settlement.commands.remote import accept_answer, make_fact, stored_request
from yigong.insurance.settlement.commands.reversing import check_here, check_order, correct, get, may_reverse
from yigong.insurance.settlement.commands.years import locked_row
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.gateway import Gateway, gateway_of
from yigong.insurance.settlement.models import FUNDS, Settlement
from yigong.insurance.settlement.parameters import rules_on
from yigong.insurance.settlement.rules import SETTLEMENT

OPEN = ("settling", "unknown", "reversing", "reverse_unknown")


class NotOpen(Conflict):
    """Nothing is open about this settlement."""

    code = "settlement.not_open"
    message = "这次结算没有待处理的事项，页面可能已过时，请刷新。"


@racing("settlement.ask_platform")
def ask_platform(*, settlement_id: UUID, actor: Actor) -> Settlement:
    """Find out what became of a settlement or reversal whose answer was lost; asking changes nothing there and is never a repetition."""
    row = get(settlement_id)
    check_here(row.institution_id, actor)
    if row.state not in OPEN or row.institution_id is None:
        raise NotOpen()
    gateway = _gateway(row)
    row = _as_unknown(row)
    if row.state == "unknown":
        return _ask_settled(row, gateway, actor)
    return _ask_reversed(row, gateway, actor)


def _ask_settled(row: Settlement, gateway: Gateway, actor: Actor) -> Settlement:
    answer = gateway.ask(stored_request(row, bill_of_row(row)))
    if answer is not None:
        try:
            row = accept_answer(row, answer, actor)
        finally:
            resolve_of(row, resolution="answered", reason=_("平台查询有结算结果"), actor=system("settlement"))
        return row
    with transaction.atomic():
        row = transition(
            SETTLEMENT,
            row,
            "refuse",
            actor=actor,
            working=row.working | {"refused": _("平台查询没有这次结算，可重新结算")},
        )
        resolve_of(row, resolution="not_there", reason=_("平台查询没有这次结算"), actor=system("settlement"))
    return row


def _ask_reversed(row: Settlement, gateway: Gateway, actor: Actor) -> Settlement:
    if gateway.ask_reversed(stored_request(row, bill_of_row(row))):
        return _reversed(row, actor)
    with transaction.atomic():
        row = transition(SETTLEMENT, row, "keep", actor=actor, reason=_("平台查询没有冲正"))
        resolve_of(row, resolution="not_there", reason=_("平台查询没有冲正"), actor=system("settlement"))
    return row


def _as_unknown(row: Settlement) -> Settlement:
    """Sent, but the process that waited for the answer is gone: the answer is lost as well."""
    lost = {"settling": "lose", "reversing": "lose_reversal"}.get(row.state)
    if lost is None:
        return row
    with transaction.atomic():
        row = transition(SETTLEMENT, row, lost, actor=system("settlement"))
        open_difference(row, "unknown", theirs=None)
    return row


def ask_again() -> int:
    """The clock's: ask about everything whose answer is overdue. Returns how many were cleared up."""
    before = clock.now() - timedelta(seconds=rules_on(clock.today()).ask_after)
    cleared = 0
    for key in (
        Settlement.objects.filter(state__in=OPEN, state_since__lt=before)
        .order_by("state_since")
        .values_list("pk", flat=True)[:50]
    ):
        try:
            ask_platform(settlement_id=key, actor=system("settlement"))
            cleared += 1
        except (DomainError, WrongState):
            continue
    return cleared


@racing("settlement.reverse_there")
def reverse_there(*, settlement_id: UUID, reason: str, key: UUID, gateway: Gateway, actor: Actor) -> Settlement:
    """Take a settlement back at the platform, then here. The same key again never sends again."""
    row = get(settlement_id)
    may_reverse(row, actor)
    if known := Settlement.objects.filter(key=key).first():
        return known
    with transaction.atomic():
        if row.year_id:
            check_order(row, locked_row(row.year_id))
        working = row.working | {
            "reversal_key": str(key),
            "reversal_reason": reason,
            "reversal_message": gateway.new_message_id(),
        }
        row = transition(SETTLEMENT, row, "begin_reversal", actor=actor, reason=reason, working=working)
    try:
        gateway.reverse(stored_request(row, bill_of_row(row)))
    except (errors.PlatformDown, errors.PlatformRefused):
        with transaction.atomic():
            transition(SETTLEMENT, row, "keep", actor=actor, reason=_("平台没有冲正"))
        raise
    except errors.ResultUnknown:
        with transaction.atomic():
            row = transition(SETTLEMENT, row, "lose_reversal", actor=actor)
            open_difference(row, "unknown", theirs=None)
        raise
    return _reversed(row, actor)


@transaction.atomic
def _reversed(row: Settlement, actor: Actor) -> Settlement:
    reason = row.working.get("reversal_reason") or _("平台已冲正")
    year = locked_row(row.year_id) if row.year_id else None
    row = transition(SETTLEMENT, row, "reverse", actor=actor, reason=reason)
    correction = correct(row, year=year, key=UUID(row.working["reversal_key"]), actor=actor, reason=reason)
    resolve_of(row, resolution="answered", reason=_("平台已冲正"), actor=system("settlement"))
    return correction


@racing("settlement.accept_platform")
@transaction.atomic
def accept_platform(*, settlement_id: UUID, reason: str, actor: Actor) -> Settlement:
    """Post a disputed settlement with the platform's sums; what the person pays more or less goes through the cash."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    row = Settlement.objects.select_for_update().get(pk=get(settlement_id).pk)
    check_here(row.institution_id, actor)
    if row.state != "disputed":
        raise NotOpen()
    theirs = row.working["platform"]
    values = {
        name: theirs.get(name, 0)
        for name in (
            "total",
            "own",
            "over",
            "first_self_pay",
            "in_scope",
            "deductible",
            *FUNDS,
            "institution_part",
            "person",
            "account",
            "family",
        )
    }
    values["aid"], values["tilt"] = theirs.get("maf", 0), 0
    due = values["person"] - values["account"] - values["family"]
    other = row.paid_card + row.paid_online + row.paid_deposit
    if due < other:
        raise Conflict(_("平台的个人应付少于已收的非现金款，请先按平台撤销，再重新结算。"))
    values |= means_of(Payment(due - other, row.paid_card, row.paid_online, row.paid_deposit))
    row = make_fact(row, "accept", actor, reason=reason, **values)
    resolve_of(row, resolution="theirs", reason=reason, actor=actor)
    return row


@racing("settlement.withdraw_disputed")
def withdraw_disputed(*, settlement_id: UUID, reason: str, actor: Actor) -> Settlement:
    """Take a disputed settlement back at the platform; nothing was posted here, and the bill can be settled again."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    row = get(settlement_id)
    check_here(row.institution_id, actor)
    if row.state != "disputed":
        raise NotOpen()
    gateway = _gateway(row)
    request = stored_request(row, bill_of_row(row))
    if not gateway.ask_reversed(request):
        gateway.reverse(request)
    with transaction.atomic():
        row = transition(SETTLEMENT, row, "drop", actor=actor, reason=reason, working=row.working | {"refused": reason})
        resolve_of(row, resolution="ours", reason=reason, actor=actor)
    return row


def bill_of_row(row: Settlement) -> Bill:
    """The bill of a stored row, as far as the platform needs it: its lines are the row's own."""
    from datetime import date

    today = clock.today()
    days: dict[str, Any] = {
        name: date.fromisoformat(row.working[name]) if row.working.get(name) else today
        for name in ("began_on", "ended_on")
    }
    assert row.bill_id is not None and row.institution_id is not None
    kind = "inpatient" if row.kind == "inpatient" else "outpatient"
    return Bill(row.bill_id, row.bill_number, row.resident_id, row.institution_id, kind, (), **days)


def _gateway(row: Settlement) -> Gateway:
    assert row.institution_id is not None
    found = gateway_of(row.institution_id)
    if found is None:
        raise errors.PlatformDown(why=_("没有配置医保平台"))
    return found
