"""The end of a cashier's day and of an institution's month."""

from dataclasses import asdict
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ids import new_id
from yigong.core.numbers.api import unlocked_number
from yigong.insurance.benefits.api import yuan
from yigong.insurance.invoices import api as invoices
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.models import ClosedMonth, DayClosing, DepositMovement, Settlement
from yigong.insurance.settlement.money import SAFE, TILL, balances, book, till_of
from yigong.insurance.settlement.queries.closing import month_sums, open_sums
from yigong.insurance.settlement.rules import SERIES


class NothingToClose(Conflict):
    """Nothing was taken since the last closing."""

    code = "settlement.nothing_to_close"
    message = "上次日结之后没有收付款，不需要再结。"


class CountDiffers(InvalidInput):
    """The counted cash is not what the till should hold."""

    code = "settlement.count_differs"
    message = "清点现金 %(counted)s 元，账面应有 %(due)s 元，相差 %(gap)s 元：请复点；确有长短款请写明原因。"


class MonthNotOver(Conflict):
    """Something of the month is still open."""

    code = "settlement.month_not_over"
    message = "%(month)s 还不能关账：%(why)s。"


class MonthClosedAlready(Conflict):
    """The month is closed."""

    code = "settlement.month_closed_already"
    message = "这个月已经关账。"


@racing("settlement.close_day")
@transaction.atomic
def close_day(*, counted_cash: int, key: UUID, actor: Actor, note: str = "") -> DayClosing:
    """Close what the cashier took since the last closing: sums by means, the cash from the till into the safe. Same key, same closing."""
    if not actor.has(policies.CHARGE) or actor.institution_id is None:
        raise Forbidden()
    till = till_of(actor)
    one_at_a_time(f"settlement.till {till}")
    if known := DayClosing.objects.filter(key=key).first():
        return known
    sums = open_sums(till)
    if not sums["count"] and not sums["invoices"]:
        raise NothingToClose()
    due = balances([till], TILL).get(till, 0)
    if counted_cash != due and not note.strip():
        raise CountDiffers(
            counted=yuan(counted_cash),
            due=yuan(due),
            gap=yuan(counted_cash - due),
            errors={"counted_cash": _("请复点或写明原因。")},
        )
    key_of_closing = new_id()
    used = invoices.account_for(cashier_id=till, closing_id=key_of_closing)
    row = DayClosing.objects.create(
        id=key_of_closing, number=unlocked_number(SERIES, "RJ"), institution_id=actor.institution_id, cashier_id=till, cashier_name=actor.name[:80], closed_at=clock.now(),
        key=key, sums=sums | {"till": due, "invoices": [asdict(one) for one in used]}, counted_cash=counted_cash, note=note.strip()[:200],
    )  # fmt: skip
    if due:
        book(
            [(TILL, till, -due), (SAFE, actor.institution_id, due)],
            key=f"closing:{key}",
            actor=actor,
            reason=f"日结 {row.number}",
            about=row.id,
        )
    mine: dict[str, Any] = {"cashier_id": till, "closing__isnull": True}
    Settlement.objects.filter(settled_on__isnull=False, **mine).update(closing=row)
    DepositMovement.objects.filter(**mine).update(closing=row)
    return row


@racing("settlement.draw_float")
@transaction.atomic
def draw_float(*, amount: int, key: UUID, actor: Actor) -> None:
    """Cash from the institution's safe into the cashier's till, so that refunds can be paid out."""
    if not actor.has(policies.CHARGE) or actor.institution_id is None:
        raise Forbidden()
    if amount <= 0:
        raise InvalidInput(errors={"amount": _("金额应大于 0。")})
    try:
        book(
            [(SAFE, actor.institution_id, -amount), (TILL, till_of(actor), amount)],
            key=f"float:{key}",
            actor=actor,
            reason="领备用金",
            about=key,
        )
    except Conflict as refusal:
        raise InvalidInput(errors={"amount": _("保险柜里没有这么多现金。")}) from refusal


@racing("settlement.close_month")
@transaction.atomic
def close_month(*, institution_id: UUID, month: date, actor: Actor) -> ClosedMonth:
    """Nothing is posted into the month any more. Refused while it is not over or has open settlements or differences."""
    if not actor.has(policies.CLOSE_MONTH):
        raise Forbidden()
    month = month.replace(day=1)
    # Exclusive against everybody who is posting into the month right now.
    one_at_a_time(f"settlement.month {institution_id}{month.isoformat()}")
    if why := _still_open(institution_id, month):
        raise MonthNotOver(month=f"{month:%Y-%m}", why=why)
    row = ClosedMonth(
        institution_id=institution_id, month=month, sums=month_sums(institution_id, month), closed_by=actor.name[:80]
    )
    with acting(actor, reason=f"关账 {month:%Y-%m}"), refusing(month_closed_once=MonthClosedAlready()):
        row.save(force_insert=True)
    return row


def _still_open(institution_id: UUID, month: date) -> str:
    from yigong.insurance.settlement.models import Difference

    if month >= clock.today().replace(day=1):
        return _("本月还没有结束")
    following = date(month.year + month.month // 12, month.month % 12 + 1, 1)
    between = {"institution_id": institution_id, "day__gte": month, "day__lt": following}
    if count := Difference.objects.filter(state="open", **between).count():
        return _("还有 %(n)s 条对账差异没有处理") % {"n": count}
    if (
        Settlement.objects.filter(institution_id=institution_id, month=month, closing__isnull=True)
        .exclude(cashier_id=None)
        .exists()
    ):
        return _("还有收费员没有日结")
    return ""
