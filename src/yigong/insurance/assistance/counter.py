"""What the counter gave in the name of the funds: one payment per settlement and fund, out of the same accounts as every other.

A settlement is never refused because a fund is empty: the payment is then owed, and paid as soon as money comes in, the oldest first.
"""

from uuid import uuid5

from django.db import transaction
from django.db.models import Sum

from yigong.core.actor import system
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import dated_number
from yigong.core.states.api import start, transition
from yigong.insurance.assistance import rules
from yigong.insurance.assistance.accounts import account, made_over
from yigong.insurance.assistance.models import Payment
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement import api as settlement
from yigong.insurance.settlement.events import BillSettled, SettlementReversed

CLERK = system("assistance")


def on_settled(event: BillSettled) -> None:
    """Assistance with its tilt, and relief, of a settlement; the same event again changes nothing."""
    sheet = settlement.sheet(event.settlement_id)
    if sheet is None or sheet.state != "settled":
        return
    for fund, amount in (("aid", sheet.funds["aid"] + sheet.funds["tilt"]), ("relief", sheet.relief)):
        if amount > 0:
            _take_on(sheet, fund, amount)


@transaction.atomic
def on_reversed(event: SettlementReversed) -> None:
    """The settlement was taken back, and what the funds had given with it."""
    for row in Payment.objects.filter(settlement_id=event.settlement_id).exclude(state="withdrawn"):
        counter = None
        if row.posting_id is not None:
            key = f"assistance.back:{row.id}"
            counter = ledger.reverse(row.posting_id, key=key, actor=CLERK, reason="结算已冲正").id
        transition(rules.PAYMENT, row, "withdraw", actor=CLERK, reason="结算已冲正", reversal_id=counter)


@transaction.atomic
def _take_on(sheet: settlement.SheetData, fund: str, amount: int) -> None:
    key = uuid5(sheet.id, fund)
    if Payment.objects.filter(key=key).exists():
        return
    held = coverage.coverage_on(sheet.resident_id, sheet.settled_on).identities
    row = Payment(
        number=dated_number("assistance", "JZ"), key=key, fund=fund, resident_id=sheet.resident_id,
        category=next((code for code in rules.CATEGORIES if code in held), ""), right_on=sheet.settled_on, amount=amount,
        why=f"结算 {sheet.number} 一站式结算", by=sheet.cashier_name, settlement_id=sheet.id, institution_id=sheet.institution_id,
    )  # fmt: skip
    start(rules.PAYMENT, row, "owed", actor=CLERK)
    pay_owed(row)


def pay_owed(row: Payment) -> bool:
    """Pay what is owed out of its fund; False when the fund does not hold that much."""
    assert row.institution_id is not None
    entries = [(account(row.fund).id, -row.amount), (made_over(row.fund, row.institution_id), row.amount)]
    try:
        with transaction.atomic():
            posted = ledger.post(entries, key=f"assistance.pay:{row.id}", actor=CLERK, reason=row.why, about=row.id)
    except ledger.NotEnough:
        return False
    transition(rules.PAYMENT, row, "pay", actor=CLERK, posting_id=posted.id)
    return True


def pay_all_owed(fund: str) -> int:
    """As many of the payments owed as the fund can bear now, the oldest first; says how many. One that is too large waits and lets none pass."""
    paid = 0
    for key in list(Payment.objects.filter(fund=fund, state="owed").order_by("at", "id").values_list("pk", flat=True)):
        row = Payment.objects.select_for_update().filter(pk=key, state="owed").first()
        if row is None:
            continue
        if not pay_owed(row):
            break
        paid += 1
    return paid


def owed(fund: str) -> int:
    """What the fund still owes institutions."""
    whole: int = Payment.objects.filter(fund=fund, state="owed").aggregate(sum=Sum("amount", default=0))["sum"]
    return whole
