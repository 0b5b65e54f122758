"""Money taken in advance for a stay: taken, used for a bill (by settling), the rest given back."""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ids import new_id
from yigong.core.numbers.api import unlocked_number
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.commands.posting import this_day
from yigong.insurance.settlement.models import DepositMovement, FamilyShare
from yigong.insurance.settlement.money import (
    ACCOUNT,
    ACCOUNTS,
    COUNTY,
    DEPOSIT,
    DEPOSITS,
    DEPOSITS_OWED,
    Entry,
    balances,
    book,
    deposit_owner,
    paid_in,
    spread,
    till_of,
)
from yigong.insurance.settlement.rules import SERIES
from yigong.residents import api as residents

MOST = 20_000_000  # fen


@racing("settlement.take_deposit")
@transaction.atomic
def take_deposit(
    *, resident_id: UUID, amount: int, means: str, key: UUID, actor: Actor, note: str = ""
) -> DepositMovement:
    """Take money in advance. The same key again is the same receipt."""
    return _move(resident_id, amount, means, key, actor, note)


@racing("settlement.return_deposit")
@transaction.atomic
def return_deposit(
    *, resident_id: UUID, amount: int, means: str, key: UUID, actor: Actor, note: str = ""
) -> DepositMovement:
    """Give back what was not used. DepositShort when less is left, TillShort when the till has not enough cash."""
    return _move(resident_id, -amount, means, key, actor, note)


def _move(resident_id: UUID, amount: int, means: str, key: UUID, actor: Actor, note: str) -> DepositMovement:
    if not actor.has(policies.CHARGE) or actor.institution_id is None:
        raise Forbidden()
    if known := DepositMovement.objects.filter(key=key).first():
        return known
    if not 0 < abs(amount) <= MOST or means not in ("cash", "card", "online"):
        raise InvalidInput(errors={"amount": _amount_words()})
    place, till, row_id = actor.institution_id, till_of(actor), new_id()
    entries: list[Entry] = [
        paid_in(means, place, till, amount),
        (DEPOSITS, place, -amount),
        (DEPOSITS_OWED, place, -amount),
    ]
    entries += _parts(resident_id, place, amount)
    number = unlocked_number(SERIES, "YJ")
    posting = book(entries, key=f"deposit:{key}", actor=actor, reason=f"预交金 {number}", about=row_id)
    return DepositMovement.objects.create(
        id=row_id, number=number, key=key, resident_id=resident_id, institution_id=place, what="take" if amount > 0 else "return",
        amount=amount, means=means, at=this_day().at, cashier_id=till, cashier_name=actor.name[:80], posting_id=posting, note=note[:200],
    )  # fmt: skip


def _parts(resident_id: UUID, place: UUID, amount: int) -> list[Entry]:
    """Where it goes or comes from: taken under the person's own key; given back from all keys of a linked identity."""
    if amount > 0:
        return [(DEPOSIT, deposit_owner(resident_id, place), amount)]
    owners = [deposit_owner(key, place) for key in sorted(residents.identities(resident_id))]
    parts = spread(-amount, balances(owners, DEPOSIT))
    short = -amount - sum(part for _, part in parts)
    return [(DEPOSIT, owner, -part) for owner, part in [*parts, *([(owners[0], short)] if short else [])]]


def _amount_words() -> str:
    return _("金额应大于 0、不超过 20 万元。")


@transaction.atomic
def credit_account(*, resident_id: UUID, amount: int, key: UUID, actor: Actor) -> None:
    """Money onto a personal account that is kept here (no platform): what the insurance office credits by month. Same key, same credit."""
    if not actor.has(policies.RESOLVE):
        raise Forbidden()
    if amount <= 0:
        raise InvalidInput(errors={"amount": _amount_words()})
    entries = [(ACCOUNTS, COUNTY, -amount), (ACCOUNT, resident_id, amount)]
    book(entries, key=f"account:{key}", actor=actor, reason="个人账户划入", about=resident_id)


@racing("settlement.share_account")
@transaction.atomic
def share_account(*, giver_id: UUID, user_id: UUID, starts_on: date, actor: Actor) -> UUID:
    """Let a member of the family pay with somebody's personal account from a day on. AlreadyShared when it is so already."""
    if not actor.has(policies.CHARGE):
        raise Forbidden()
    if giver_id == user_id:
        raise InvalidInput(errors={"user_id": _("家庭共济应选另一位家庭成员。")})
    row = FamilyShare(giver_id=giver_id, user_id=user_id, starts_on=starts_on)
    with acting(actor, reason="家庭共济"), refusing(family_share_once=AlreadyShared()):
        row.save(force_insert=True)
    return row.id


class AlreadyShared(Conflict):
    """The account is shared with this person already."""

    code = "settlement.already_shared"
    message = "已经登记过家庭共济。"
