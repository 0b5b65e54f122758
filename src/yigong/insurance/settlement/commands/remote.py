"""Settling with a platform: stored before it is sent, sent once, and resolved by asking when no answer came.

Nothing here holds a transaction while the platform is working. ``presettle`` may be repeated at will. ``settle_there`` writes its message id
before it sends; whatever happens then, the row says so, and only an answer makes it a fact.
"""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction

from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.states.api import start, transition
from yigong.insurance.benefits.api import yuan
from yigong.insurance.settlement import errors
from yigong.insurance.settlement.bills import Bill
from yigong.insurance.settlement.calculation import Figures
from yigong.insurance.settlement.commands.differences import open_difference
from yigong.insurance.settlement.commands.posting import entries_of, means_of, new_row, place_in, stamp, tell, this_day
from yigong.insurance.settlement.commands.settling import check_payment, may_charge, same_bill
from yigong.insurance.settlement.commands.years import grow, lock_year
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.gateway import COMPARED, Gateway, PlatformAnswer, PlatformBill, compared
from yigong.insurance.settlement.models import FIGURES, Settlement
from yigong.insurance.settlement.money import book, till_of
from yigong.insurance.settlement.queries.preview import Choice, Preview, look
from yigong.insurance.settlement.rules import SETTLEMENT

FIGURE_WORDS = {
    "total": "总费用", "own": "全自费", "over": "超限价", "first_self_pay": "先行自付", "in_scope": "政策范围内", "deductible": "起付线",
    "pool": "统筹基金", "large": "职工大额", "critical": "大病保险", "civil": "公务员补助", "maf": "医疗救助", "other": "其他基金",
    "institution_part": "医院负担", "person": "个人负担", "account": "个人账户", "family": "家庭共济",
}  # fmt: skip


def presettle(*, bill: Bill, choice: Choice, gateway: Gateway, actor: Actor, certificate: str = "02") -> Preview:
    """Have the platform calculate the bill too, and keep its references. Repeatable; PlatformDown and PlatformRefused leave nothing behind."""
    may_charge(bill, actor)
    preview = look(bill, choice)
    if not preview.scheme:
        return preview
    person = gateway.identify(bill.resident_id, certificate)
    choice.account, choice.family = person.balance, person.family
    preview = look(bill, choice)
    known = Settlement.objects.filter(bill_id=bill.id, state="presettled").first()
    answer = gateway.presettle(request_of(preview, person_ref=person.ref, visit_ref=known.visit_ref if known else ""))
    _keep(preview, answer, actor)
    return replace(preview, platform=answer)


@racing("settlement.settle_there")
def settle_there(
    *, bill: Bill, choice: Choice, payment: Payment, key: UUID, gateway: Gateway, actor: Actor, shown: int | None = None
) -> Settlement:
    """Settle a pre-settled bill at the platform and take the money. The same key again never sends again.

    ResultUnknown: the answer got lost; SumsDisagree: it differs from ours and waits at the difference desk; PlatformRefused; PlatformDown.
    """
    may_charge(bill, actor)
    row, sent = _prepare(bill, choice, payment, key, gateway, actor, shown)
    if sent:
        return outcome(row)
    return _send(row, bill, gateway, actor)


def outcome(row: Settlement) -> Settlement:
    """A row as the answer to a repeated submission: a fact, or why it is none."""
    row = Settlement.objects.get(pk=row.pk)
    if row.state in ("settling", "unknown"):
        raise errors.ResultUnknown()
    if row.state == "disputed":
        raise errors.SumsDisagree(what=differing(row))
    if row.state == "dropped":
        raise errors.PlatformRefused(why=row.working.get("refused", ""))
    return row


@transaction.atomic
def _prepare(
    bill: Bill, choice: Choice, payment: Payment, key: UUID, gateway: Gateway, actor: Actor, shown: int | None
) -> tuple[Settlement, bool]:
    """The row on its way, with the message id under which it will be sent; whether it was sent before."""
    if (known := Settlement.objects.select_for_update().filter(key=key).first()) and known.state != "presettled":
        return known, True
    row = Settlement.objects.select_for_update().filter(bill_id=bill.id, state="presettled").first()
    if row is None:
        if (other := same_bill(bill, key)) is not None:
            return other, True
        raise errors.FiguresChanged(shown="—", now="—")
    choice.account, choice.family = row.working.get("balance", 0), row.working.get("family_balance", 0)
    preview = look(bill, choice)
    check_payment(preview, payment, shown)
    fresh = new_row(preview, payment, key=key, actor=actor, channel="platform")
    values: dict[str, Any] = {
        name: getattr(fresh, name)
        for name in (*FIGURES, "tendered", "kind", "lines", "scheme", "region", "level", "plan_code", "plan_version")
    }
    working = row.working | fresh.working | {"use_account": choice.use_account}
    taken = errors.AlreadySettled(bill=bill.number, number="")
    with refusing(settlement_settlement_key_key=taken):
        row = transition(
            SETTLEMENT, row, "send", actor=actor, message_id=gateway.new_message_id(), key=key, working=working, cashier_id=till_of(actor),
            cashier_name=actor.name[:80], **values,
        )  # fmt: skip
    return row, False


def _send(row: Settlement, bill: Bill, gateway: Gateway, actor: Actor) -> Settlement:
    request = stored_request(row, bill)
    try:
        answer = gateway.settle(request)
    except errors.PlatformDown as down:
        _give_up(row, actor, str(down))
        raise
    except errors.PlatformRefused as refusal:
        _give_up(row, actor, str(refusal.fields.get("why", refusal)))
        raise
    except errors.ResultUnknown:
        with transaction.atomic():
            row = transition(SETTLEMENT, row, "lose", actor=actor)
            open_difference(row, "unknown", theirs=None)
        raise
    return accept_answer(row, answer, actor)


def _give_up(row: Settlement, actor: Actor, why: str) -> None:
    """The platform has certainly not settled; the bill can be settled again."""
    with transaction.atomic():
        transition(SETTLEMENT, row, "refuse", actor=actor, working=row.working | {"refused": why})


def accept_answer(row: Settlement, answer: PlatformAnswer, actor: Actor) -> Settlement:
    """Make an answer a fact when both sides agree to the fen; otherwise it goes to the difference desk."""
    with transaction.atomic():
        if differences_of(row, answer):
            working = row.working | {"platform": dict(answer.figures)}
            row = transition(
                SETTLEMENT, row, "dispute", actor=actor, settlement_ref=answer.settlement_ref, working=working
            )
            open_difference(row, "sums", theirs=dict(answer.figures))
        else:
            row = make_fact(row, "settle", actor, settlement_ref=answer.settlement_ref)
    if row.state == "disputed":
        raise errors.SumsDisagree(what=differing(row))
    return row


def make_fact(row: Settlement, action: str, actor: Actor, reason: str = "", **values: Any) -> Settlement:
    """Post a settlement that the platform has confirmed: ledger, place in the year, event. Inside the caller's transaction."""
    year = lock_year(row.resident_id, row.scheme, row.working["year"]) if row.scheme else None
    stamp(row, this_day())
    place_in(row, year)
    for name, value in values.items():
        setattr(row, name, value)
    assert row.month is not None
    with refusing(settlement_month_is_open=errors.MonthClosed(month=f"{row.month:%Y-%m}")):
        posting = book(entries_of(row), key=f"settle:{row.key}", actor=actor, reason=f"结算 {row.number}", about=row.id)
        written = {
            name: getattr(row, name)
            for name in ("settled_at", "settled_on", "month", "year_id", "place_in_year", "working", *values)
        }
        row = transition(SETTLEMENT, row, action, actor=actor, reason=reason, posting_id=posting, **written)
    if year is not None:
        grow(year, row.working.get("added", {}))
    tell(row, actor)
    return row


def differences_of(row: Settlement, answer: PlatformAnswer) -> dict[str, tuple[int, int]]:
    """Figure → (ours, theirs) where they differ."""
    ours = compared(row)
    return {
        name: (ours[name], answer.figures.get(name, 0))
        for name in COMPARED
        if ours[name] != answer.figures.get(name, 0)
    }


def differing(row: Settlement) -> str:
    """The differing figures in words."""
    ours, theirs = compared(row), row.working.get("platform", {})
    return "；".join(
        f"{FIGURE_WORDS[name]} 本地 {yuan(ours[name])} 元、平台 {yuan(theirs.get(name, 0))} 元"
        for name in COMPARED
        if ours[name] != theirs.get(name, 0)
    )


def request_of(preview: Preview, *, person_ref: str = "", visit_ref: str = "") -> PlatformBill:
    """A preview on its way to the platform."""
    figures = {name: getattr(preview.figures, name) for name in Figures.__dataclass_fields__ if name != "added"}
    return PlatformBill(
        preview.bill, preview.scheme, preview.option.kind, preview.option.disease, preview.level, preview.lines, figures,
        use_account=bool(preview.figures.account + preview.figures.family), person_ref=person_ref, visit_ref=visit_ref,
    )  # fmt: skip


def stored_request(row: Settlement, bill: Bill) -> PlatformBill:
    """A stored row on its way to the platform."""
    return PlatformBill(
        bill, row.scheme, row.kind, row.working.get("disease", ""), row.level, row.lines, {name: getattr(row, name) for name in FIGURES},
        bool(row.account + row.family), row.person_ref, row.visit_ref, row.settlement_ref, row.message_id, row.number,
        row.working.get("reversal_message", ""),
    )  # fmt: skip


@transaction.atomic
def _keep(preview: Preview, answer: PlatformAnswer, actor: Actor) -> None:
    """The row of the pre-settlement: one per bill, with the platform's references."""
    bill = preview.bill
    same_bill(bill, uuid4())
    row = Settlement.objects.select_for_update().filter(bill_id=bill.id, state="presettled").first()
    balances = {
        "balance": preview.account,
        "family_balance": preview.family,
        "words": list(answer.words),
        "platform": dict(answer.figures),
    }
    if row is None:
        row = new_row(preview, Payment(), key=uuid4(), actor=actor, channel="platform")
        row.visit_ref, row.person_ref, row.working = answer.visit_ref, answer.person_ref, row.working | balances
        with refusing(one_settlement_of_a_bill=errors.AlreadySettled(bill=bill.number, number="")):
            start(SETTLEMENT, row, "presettled", actor=actor)
        return
    fresh = new_row(preview, Payment(), key=uuid4(), actor=actor, channel="platform")
    changed = {
        name: getattr(fresh, name)
        for name in (*FIGURES, "kind", "scheme", "region", "level", "lines", "plan_code", "plan_version")
    }
    row.__dict__.update(changed | means_of(Payment()))
    row.visit_ref, row.person_ref, row.working = answer.visit_ref, answer.person_ref, fresh.working | balances
    row.save(update_fields=[*changed, "visit_ref", "person_ref", "working"])
