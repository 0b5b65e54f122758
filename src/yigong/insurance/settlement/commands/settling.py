"""Settling a bill at the counter in local mode: the county's own engine decides, all in one transaction."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from django.db import transaction

from yigong.core.actor import Actor
from yigong.core.commands import ask_turn, racing
from yigong.core.errors import Forbidden
from yigong.core.numbers.api import ask_number
from yigong.core.statements import Asked, answers, asked_objects
from yigong.insurance.benefits.api import yuan
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.bills import Bill
from yigong.insurance.settlement.commands.posting import new_row, post_new
from yigong.insurance.settlement.commands.years import LockedYear, ask_year
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.errors import AlreadySettled, FiguresChanged, NotHere, TooLittle, WrongPayment
from yigong.insurance.settlement.models import ACTIVE, Settlement
from yigong.insurance.settlement.queries.preview import Choice, Preview, look
from yigong.insurance.settlement.rules import SERIES


@racing("settlement.settle_here")
@transaction.atomic
def settle_here(
    *, bill: Bill, choice: Choice, payment: Payment, key: UUID, actor: Actor, shown: int | None = None
) -> Settlement:
    """Settle a bill by the county's own engine and take the money. The same key again is the same settlement.

    ``shown`` is what the page said the person pays: another sum is refused with FiguresChanged, not taken silently.
    """
    may_charge(bill, actor)
    held: list[tuple[LockedYear, Settlement | None, str]] = []
    same, numbered = ask_same_bill(bill, key), ask_number(SERIES, "JS")

    def lock(resident_id: UUID, scheme: str, year: int) -> Mapping[str, int]:
        held.append(answers(ask_year(resident_id, scheme, year), same, numbered))
        return held[0][0].sums

    # Calculated on sums under the lock, so that no other counter settles for this person meanwhile.
    preview = look(bill, replace(choice, lock=lock))
    year: LockedYear | None
    if held:
        year, known, number = held[0]
    else:
        year = None
        _turn, known, number = answers(ask_turn("settlement.bill", bill.id), same, numbered)
    if known is not None:
        return known
    check_payment(preview, payment, shown)
    row = new_row(preview, payment, key=key, actor=actor, number=number)
    post_new(row, preview.figures.added, year=year, actor=actor)
    return row


def may_charge(bill: Bill, actor: Actor) -> None:
    """Refuse whoever may not take money for this bill."""
    if not actor.has(policies.CHARGE):
        raise Forbidden()
    if not actor.is_system and bill.institution_id not in actor.institution_ids:
        raise NotHere()


def same_bill(bill: Bill, key: UUID) -> Settlement | None:
    """The settlement of the same submission; AlreadySettled when another one counts."""
    return answers(ask_same_bill(bill, key))[0]


def ask_same_bill(bill: Bill, key: UUID) -> Asked[Settlement | None]:
    """The same as a question that travels with others."""

    def of_them(rows: list[Settlement]) -> Settlement | None:
        if not rows:
            return None
        if known := next((row for row in rows if row.key == key), None):
            return known
        raise AlreadySettled(bill=bill.number, number=rows[0].number)

    return asked_objects(Settlement, _SAME, {"bill": bill.id, "key": key}).then(of_them)


# Two lookups, each by its index: of one condition with "or" the server's plan for any bill reads the whole table.
_SAME = f"""
    where id = any(array(select id from settlement_settlement where key = %(key)s) || array(
        select id from settlement_settlement
        where bill_id = %(bill)s and reverses_id is null and state in ({", ".join(f"'{one}'" for one in ACTIVE if one != "presettled")})))
"""


def check_payment(preview: Preview, payment: Payment, shown: int | None) -> None:
    """The page's sum is still right, the means make the sum, the cash is enough, nothing is negative."""
    due = preview.figures.cash
    if shown is not None and shown != preview.figures.person:
        raise FiguresChanged(shown=yuan(shown), now=yuan(preview.figures.person))
    if min(payment.cash, payment.card, payment.online, payment.deposit, payment.tendered) < 0 or payment.paid != due:
        raise WrongPayment(paid=yuan(payment.paid), due=yuan(due))
    if payment.tendered and payment.tendered < payment.cash:
        raise TooLittle(given=yuan(payment.tendered), due=yuan(payment.cash))
