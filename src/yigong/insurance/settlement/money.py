"""Where the money of a settlement goes: entries of one posting, in fen.

Debits are what somebody owes or paid; the institution's charges are the source. Accounts of what was paid never fall below nothing, so that
nothing is given back beyond what came in. The cash of a till belongs to one cashier; what comes by card or phone to the institution.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from yigong.core import statements
from yigong.core.actor import Actor
from yigong.core.ledger import api as ledger
from yigong.insurance.benefits import api as benefits
from yigong.insurance.settlement.errors import AccountShort, DepositShort, TillShort
from yigong.insurance.settlement.models import FUNDS

UNIT = "fen"
CHARGES, RELIEF, BORNE = "settle.charges", "settle.relief", "settle.borne"
TILL, SAFE = "settle.till", "settle.safe"
DEPOSIT, DEPOSITS_OWED, DEPOSITS = "settle.deposit", "settle.deposit.owed", "settle.deposits"
ACCOUNT, ACCOUNTS = "insurance.account", "insurance.accounts"
COUNTY = uuid5(NAMESPACE_OID, "yigong.county")
_MAY_GO_NEGATIVE = {CHARGES, DEPOSITS_OWED, DEPOSITS, ACCOUNTS}

Entry = tuple[str, UUID, int]


def receivable(fund: str) -> str:
    """The account of what a fund owes the institution."""
    return f"settle.receivable.{fund}"


def taken_by(means: str) -> str:
    """The account of what came in by card or phone."""
    return f"settle.{means}"


def till_of(actor: Actor) -> UUID:
    """Whose till it is: the staff member's; the platform's own for clocks and imports."""
    return actor.staff_id or actor.account_id or uuid5(NAMESPACE_OID, f"yigong.till.{actor.name}")


def deposit_owner(resident_id: UUID, institution_id: UUID) -> UUID:
    """The owner of one person's deposit at one institution."""
    return uuid5(resident_id, str(institution_id))


def bill_entries(
    row: Any,
    *,
    till: UUID,
    from_account: Iterable[tuple[UUID, int]] = (),
    from_deposit: Iterable[tuple[UUID, int]] = (),
) -> list[Entry]:
    """The entries of a settlement (positive figures) or of a correction (negative ones).

    ``from_account`` are (resident, amount) taken from personal accounts kept here, ``from_deposit`` (deposit owner, amount).
    """
    place = row.institution_id
    entries: list[Entry] = [
        (CHARGES, place, -(row.total + row.relief)),
        (RELIEF, place, row.relief),
        (BORNE, place, row.institution_part),
    ]
    entries += [(receivable(fund), place, getattr(row, fund)) for fund in FUNDS]
    entries += [(receivable("account"), place, row.account), (receivable("family"), place, row.family)]
    entries += [
        (TILL, till, row.paid_cash),
        (taken_by("card"), place, row.paid_card),
        (taken_by("online"), place, row.paid_online),
    ]
    for owner, amount in from_deposit:
        entries += [(DEPOSIT, owner, -amount), (DEPOSITS_OWED, place, amount), (DEPOSITS, place, amount)]
    for owner, amount in from_account:
        entries += [(ACCOUNT, owner, -amount), (ACCOUNTS, COUNTY, amount)]
    return entries


def paid_in(means: str, place: UUID, till: UUID, amount: int) -> Entry:
    """The entry of money coming in (or going out) by one means."""
    return (TILL, till, amount) if means == "cash" else (taken_by(means), place, amount)


def book(
    entries: Iterable[Entry], *, key: str, actor: Actor, reason: str, about: UUID, reverses: UUID | None = None
) -> UUID:
    """Post the entries; refusals of the ledger become sentences about the till, the deposit or the account."""
    asked = booking(entries, key=key, actor=actor, reason=reason, about=about, reverses=reverses)
    with in_words():
        (posting,) = statements.answers(asked)
    return posting.id


def booking(
    entries: Iterable[Entry],
    *,
    key: str,
    actor: Actor,
    reason: str,
    about: UUID,
    reverses: UUID | None = None,
    posting_id: UUID | None = None,
) -> statements.Asked[ledger.PostingData]:
    """The same as a question that travels with others; to be answered ``in_words``."""
    wanted = [entry for entry in entries if entry[2]]
    return ledger.booking_by_name(
        wanted, unit=UNIT, negative=_MAY_GO_NEGATIVE, key=key, actor=actor, reason=reason, about=about, reverses=reverses,
        posting_id=posting_id,
    )  # fmt: skip


@contextmanager
def in_words() -> Iterator[None]:
    """Turns the ledger's refusal into a sentence about the till, the deposit or the account that is short."""
    try:
        yield
    except ledger.NotEnough as refusal:
        assert refusal.account_id is not None
        words = {name: benefits.yuan(int(str(refusal.fields[name]))) for name in ("wanted", "left")}
        known = {TILL: TillShort(**words), DEPOSIT: DepositShort(**words), ACCOUNT: AccountShort()}
        raise known.get(ledger.account(refusal.account_id).kind, refusal) from refusal


def balances(owners: Iterable[UUID], kind: str) -> dict[UUID, int]:
    """Balances by owner; owners without an account are left out."""
    asked = list(owners)
    return statements.answers(ask_balances(asked, kind))[0] if asked else {}


def ask_balances(owners: Collection[UUID], kind: str) -> statements.Asked[dict[UUID, int]]:
    """The same as a question that travels with others."""
    found = ledger.ask_accounts(owners, kind)
    return found.then(lambda accounts: {owner: account.balance for owner, account in accounts.items()})


def spread(amount: int, available: Mapping[UUID, int]) -> list[tuple[UUID, int]]:
    """An amount taken from several accounts in their order."""
    parts = []
    for owner, balance in available.items():
        part = min(amount, balance)
        if part > 0:
            parts.append((owner, part))
            amount -= part
    return parts
