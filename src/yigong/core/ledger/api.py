"""Append-only double entry in whole units: fen, tablets, slots, beds, packs.

free = open_account("slots", clinic_day, "slot")
source = open_account("slots.published", clinic_day, "slot", may_go_negative=True)
post([(source.id, -3), (free.id, 3)], key="publish-1", actor=actor, reason="发布号源")
place = hold(free.id, 1, key="referral-7", actor=actor)      # balance of free: 2
release(place.id, actor=actor)                               # and 3 again
"""

from collections.abc import Callable, Collection, Container, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum

from yigong.core import clock, statements
from yigong.core.actor import Actor, system
from yigong.core.audit.context import MARK
from yigong.core.commands import racing
from yigong.core.errors import Conflict, NotFound
from yigong.core.ids import new_id
from yigong.core.ledger.data import AccountData, HoldData, PostingData, Statement, StatementLine
from yigong.core.ledger.models import Hold, LedgerAccount, Posting
from yigong.core.states.api import State, StateTable, Step, bind, start, transition

K = TypeVar("K")

__all__ = ["AccountData", "AlreadyReversed", "HoldData", "KeyReused", "NotEnough", "PostingData", "Statement",
           "StatementLine", "account", "accounts_of", "ask_accounts", "balance", "booking", "booking_by_name", "hold", "hold_of", "holds_about", "open_account", "open_accounts", "post",
           "release", "reverse", "settle", "statement"]  # fmt: skip


class NotEnough(Conflict):
    """The account does not hold that much."""

    code = "ledger.not_enough"
    message = "余量不足：需要 %(wanted)s，还剩 %(left)s。"
    account_id: UUID | None = None


class KeyReused(Conflict):
    """The same idempotency key came with other entries."""

    code = "ledger.key_reused"
    message = "这次提交的编号已用于另一笔内容，请刷新页面后重试。"


class AlreadyReversed(Conflict):
    """A posting is reversed once."""

    code = "ledger.already_reversed"
    message = "这一笔已经冲销过，不能重复冲销。"


def _span(row: Hold) -> timedelta | None:
    return max(row.until - clock.now(), timedelta()) if row.until else None


def _expire(row: Hold) -> None:
    _let_go(row.pk, "expire", system("clock"), "占用到期自动释放")


HOLD = StateTable(
    name="ledger.hold",
    states={
        "held": State("占用中", due=_span),
        "released": State("已释放", final=True),
        "settled": State("已使用", final=True),
        "expired": State("已到期释放", final=True),
    },
    steps=[
        Step("release", {"held"}, "released", "释放"),
        Step("settle", {"held"}, "settled", "使用"),
        Step("expire", {"held"}, "expired", "到期释放", system_only=True),
    ],
    on_due=_expire,
    mechanism=True,
)
bind(HOLD, Hold)


def open_account(kind: str, owner_id: UUID, unit: str, may_go_negative: bool = False) -> AccountData:
    """The account of this kind, owner and unit, opened when it does not exist yet."""
    row, _ = LedgerAccount.objects.get_or_create(
        kind=kind, owner_id=owner_id, unit=unit, defaults={"may_go_negative": may_go_negative}
    )
    return _account(row)


def open_accounts(wanted: Mapping[tuple[str, UUID], bool], unit: str) -> dict[tuple[str, UUID], UUID]:
    """The keys of many accounts by (kind, owner), opened when they do not exist yet; the value says whether one may go negative.

    One statement: for a posting that touches many accounts.
    """
    ((keys,),) = statements.fetch(MARK + "select ledger_accounts" + _NAMED, _names(wanted, unit))
    return dict(zip(wanted, keys, strict=True))


_NAMED = "(%(kinds)s::text[], %(owners)s::uuid[], %(unit)s, %(negative)s::boolean[], %(fresh)s::uuid[])"


def _names(wanted: Mapping[tuple[str, UUID], bool], unit: str) -> dict[str, Any]:
    return {
        "kinds": [kind for kind, _ in wanted],
        "owners": [owner for _, owner in wanted],
        "unit": unit,
        "negative": _array("t" if one else "f" for one in wanted.values()),
        "fresh": [new_id() for _ in wanted],
    }


def account(account_id: UUID) -> AccountData:
    """One account with its balance; NotFound."""
    return _account(_get(LedgerAccount, account_id))


def accounts_of(owner_ids: Sequence[UUID], kind: str) -> dict[UUID, AccountData]:
    """The accounts of this kind by owner; owners without one are left out. One query for a whole page."""
    return statements.answers(ask_accounts(owner_ids, kind))[0] if owner_ids else {}


def ask_accounts(owner_ids: Collection[UUID], kind: str) -> statements.Asked[dict[UUID, AccountData]]:
    """The same as a question that travels with others."""
    sql, values = statements.of_keys("where kind = %(kind)s and owner_id = any(%(keys)s)", owner_ids)
    rows = statements.asked_objects(LedgerAccount, sql, values | {"kind": kind})
    return rows.then(lambda found: {row.owner_id: _account(row) for row in found})


def balance(account_id: UUID) -> int:
    """The account's balance in whole units."""
    return _get(LedgerAccount, account_id).balance


@racing("ledger.post")
def post(
    entries: Sequence[tuple[UUID, int]],
    *,
    key: str,
    actor: Actor,
    reason: str = "",
    about: UUID | None = None,
    reverses: UUID | None = None,
) -> PostingData:
    """Book the entries, which sum to zero. The same key with the same entries is the same posting, returned again.

    Raises NotEnough when an account would fall below zero, KeyReused when the key stands for other entries.
    """
    (posting,) = statements.answers(
        booking(entries, key=key, actor=actor, reason=reason, about=about, reverses=reverses)
    )
    return posting


def booking(
    entries: Sequence[tuple[UUID, int]],
    *,
    key: str,
    actor: Actor,
    reason: str = "",
    about: UUID | None = None,
    reverses: UUID | None = None,
) -> statements.Asked[PostingData]:
    """The same as a question that travels with others of the change (``statements.answers``)."""
    wanted = _merged(entries)
    fresh = PostingData(new_id(), key, _in_order(wanted), reason[:200], about, clock.now(), reverses)
    accounts = {"accounts": list(wanted)}
    return _booking(fresh, wanted, actor, _BY_KEY, accounts, _entries)


def booking_by_name(
    entries: Sequence[tuple[str, UUID, int]],
    *,
    unit: str,
    negative: Container[str],
    key: str,
    actor: Actor,
    reason: str = "",
    about: UUID | None = None,
    reverses: UUID | None = None,
    posting_id: UUID | None = None,
) -> statements.Asked[PostingData]:
    """The same on accounts by kind and owner, opened when they do not exist yet: those whose kind is ``negative`` may go below zero.

    ``posting_id`` is the key of a new posting, for a change that names it in the same journey. A new posting is given back without entries: the
    accounts' keys stay on the server.
    """
    wanted = _merged([((kind, owner), amount) for kind, owner, amount in entries])
    fresh = PostingData(posting_id or new_id(), key, (), reason[:200], about, clock.now(), reverses)
    names = _names({name: name[0] in negative for name in wanted}, unit)
    return _booking(fresh, wanted, actor, _BY_NAME, names, _named_entries)


def _array(values: Iterable[str]) -> str:
    # Of numbers and flags only: they need no quotes.
    return f"{{{','.join(values)}}}"


# Says "booked", "known" (the key stands already) or "short", and which account is short of what it holds.
_BOOK = f"""
    {MARK} select * from ledger_book(%(id)s, %(key)s, %(reverses)s::uuid, %(actor)s, %(staff)s::uuid, %(reason)s, %(about)s::uuid, %(at)s,
        ACCOUNTS, %(amounts)s::bigint[])
"""
_BY_KEY = _BOOK.replace("ACCOUNTS", "%(accounts)s::uuid[]")
_BY_NAME = _BOOK.replace("ACCOUNTS", "ledger_accounts" + _NAMED)


def _booking(
    fresh: PostingData,
    wanted: Mapping[Any, int],
    actor: Actor,
    sql: str,
    accounts: Mapping[str, Any],
    entries_of: Callable[[Posting], dict[Any, int]],
) -> statements.Asked[PostingData]:
    def read(rows: list[Any]) -> PostingData:
        ((outcome, short, needed, left),) = rows
        if outcome == "short":
            refusal = NotEnough(wanted=needed, left=left)
            refusal.account_id = short
            raise refusal
        if outcome == "known":
            return _same_again(Posting.objects.get(key=fresh.key), wanted, entries_of)
        return fresh

    values = {
        "id": fresh.id, "key": fresh.key, "reverses": fresh.reverses, "actor": actor.name, "staff": actor.staff_id, "reason": fresh.reason,
        "about": fresh.about, "at": fresh.at, "amounts": _array(map(str, wanted.values())), **accounts,
    }  # fmt: skip
    return statements.Asked(sql, values, read)


@racing("ledger.reverse")
@transaction.atomic
def reverse(posting_id: UUID, *, key: str, actor: Actor, reason: str) -> PostingData:
    """Book the counter-posting; once only. The same key again returns the same counter-posting."""
    row = _get(Posting, posting_id)
    done = Posting.objects.filter(reverses=row).first()
    if done and done.key != key:
        raise AlreadyReversed()
    counter = [(e.account_id, -e.amount) for e in row.entries.all()]
    try:
        with transaction.atomic():
            return post(counter, key=key, actor=actor, reason=reason, about=row.about, reverses=row.pk)
    except (IntegrityError, NotEnough) as refusal:
        # Who waited for the other reversal may find the account short because of it.
        if isinstance(refusal, NotEnough) and not Posting.objects.filter(reverses=row).exists():
            raise
        raise AlreadyReversed() from refusal


@racing("ledger.hold")
@transaction.atomic
def hold(
    account_id: UUID,
    amount: int,
    *,
    key: str,
    actor: Actor,
    reason: str = "",
    about: UUID | None = None,
    until: datetime | None = None,
) -> HoldData:
    """Set units aside until ``until`` (None: without end). The same key is the same hold. Raises NotEnough."""
    known = Hold.objects.filter(key=key).first()
    if known:
        return _hold(known)
    free = _get(LedgerAccount, account_id)
    held = open_account(f"{free.kind}.held", free.owner_id, free.unit)
    booked = post([(free.id, -amount), (held.id, amount)], key=f"hold:{key}", actor=actor, reason=reason, about=about)
    known = Hold.objects.filter(key=key).first()
    if known:
        return _hold(known)
    row = Hold(key=key, free_id=free.id, held_id=held.id, amount=amount, about=booked.about, until=until)
    start(HOLD, row, "held", actor=actor, reason=reason)
    return _hold(row)


def release(hold_id: UUID, *, actor: Actor, reason: str = "") -> HoldData:
    """Give the units back. A hold that has ended already is returned as it is."""
    return _let_go(hold_id, "release", actor, reason)


@transaction.atomic
def settle(hold_id: UUID, *, actor: Actor, to: UUID | None = None, reason: str = "") -> HoldData:
    """Use the held units up: they move to ``to`` (default: the owner's ``<kind>.used`` account). WrongState when ended."""
    row = transition(HOLD, _get(Hold, hold_id), "settle", actor=actor, reason=reason)
    target = to or open_account(f"{row.free.kind}.used", row.free.owner_id, row.free.unit).id
    post(
        [(row.held_id, -row.amount), (target, row.amount)],
        key=f"settle:{row.key}",
        actor=actor,
        reason=reason,
        about=row.about,
    )
    return _hold(row)


def hold_of(key: str) -> HoldData | None:
    """The hold with this key, if any."""
    row = Hold.objects.filter(key=key).first()
    return _hold(row) if row else None


def holds_about(about: UUID) -> list[HoldData]:
    """All holds of one object, oldest first."""
    return [_hold(row) for row in Hold.objects.filter(about=about).order_by("id")]


def statement(account_id: UUID, page: int = 1, size: int = 50) -> Statement:
    """One page of the account's entries, newest first, each with the balance after it."""
    row = _get(LedgerAccount, account_id)
    entries = row.entries.select_related("posting").order_by("-id")
    place = max(page - 1, 0) * size
    newer = entries[:place].aggregate(sum=Sum("amount"))["sum"] if place else 0
    left, lines = row.balance - (newer or 0), []
    for entry in entries[place : place + size]:
        p = entry.posting
        lines.append(StatementLine(p.at, entry.amount, left, p.reason, p.actor_name, p.about, p.id))
        left -= entry.amount
    return Statement(lines, entries.count())


@transaction.atomic
def _let_go(hold_id: UUID, action: str, actor: Actor, reason: str) -> HoldData:
    row = Hold.objects.select_for_update().filter(pk=hold_id).first()
    if row is None:
        raise NotFound()
    if row.state != "held":
        return _hold(row)
    row = transition(HOLD, row, action, actor=actor, reason=reason)
    entries = [(row.held_id, -row.amount), (row.free_id, row.amount)]
    post(entries, key=f"{action}:{row.key}", actor=actor, reason=reason, about=row.about)
    return _hold(row)


def _merged(entries: Iterable[tuple[K, int]]) -> dict[K, int]:
    sums: dict[K, int] = {}
    for account, amount in entries:
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise TypeError("ledger amounts are whole units")
        sums[account] = sums.get(account, 0) + amount
    wanted = {account: amount for account, amount in sums.items() if amount}
    if len(wanted) < 2 or sum(wanted.values()) != 0:
        raise ValueError("a posting has at least two entries with the sum zero")
    return wanted


def _in_order(wanted: Mapping[UUID, int]) -> tuple[tuple[UUID, int], ...]:
    return tuple(sorted(wanted.items()))


def _entries(row: Posting) -> dict[UUID, int]:
    return dict(row.entries.values_list("account_id", "amount"))


def _named_entries(row: Posting) -> dict[tuple[str, UUID], int]:
    found = row.entries.values_list("account__kind", "account__owner_id", "amount")
    return {(kind, owner): amount for kind, owner, amount in found}


def _same_again(
    row: Posting, wanted: Mapping[Any, int], entries_of: Callable[[Posting], dict[Any, int]]
) -> PostingData:
    if entries_of(row) != wanted:
        raise KeyReused()
    return _posting(row)


def _get(model: Any, key: UUID) -> Any:
    row = model.objects.filter(pk=key).first()
    if row is None:
        raise NotFound()
    return row


def _account(row: LedgerAccount) -> AccountData:
    return AccountData(row.id, row.kind, row.owner_id, row.unit, row.balance)


def _posting(row: Posting) -> PostingData:
    entries = tuple(row.entries.order_by("account_id").values_list("account_id", "amount"))
    return PostingData(row.id, row.key, entries, row.reason, row.about, row.at, row.reverses_id)


def _hold(row: Hold) -> HoldData:
    return HoldData(row.id, row.key, row.free_id, row.amount, row.state, row.about, row.until)
