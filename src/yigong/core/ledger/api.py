"""Append-only double entry in whole units: fen, tablets, slots, beds, packs.

free = open_account("slots", clinic_day, "slot")
source = open_account("slots.published", clinic_day, "slot", may_go_negative=True)
post([(source.id, -3), (free.id, 3)], key="publish-1", actor=actor, reason="发布号源")
place = hold(free.id, 1, key="referral-7", actor=actor)      # balance of free: 2
release(place.id, actor=actor)                               # and 3 again
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Sum

from yigong.core import clock, statements
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Conflict, NotFound
from yigong.core.ids import new_id
from yigong.core.ledger.data import AccountData, HoldData, PostingData, Statement, StatementLine
from yigong.core.ledger.models import Hold, LedgerAccount, Posting
from yigong.core.states.api import State, StateTable, Step, bind, start, transition

__all__ = ["AccountData", "AlreadyReversed", "HoldData", "KeyReused", "NotEnough", "PostingData", "Statement",
           "StatementLine", "account", "accounts_of", "balance", "hold", "hold_of", "holds_about", "open_account", "open_accounts", "post",
           "release", "reverse", "settle", "statement"]  # fmt: skip


class NotEnough(Conflict):
    """The account does not hold that much."""

    code = "ledger.not_enough"
    message = "余量不足：需要 %(wanted)s，还剩 %(left)s。"


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

    One question where all exist: for a posting that touches many accounts.
    """
    found = _accounts_at(wanted, unit)
    for (kind, owner_id), negative in sorted(wanted.items()):
        if (kind, owner_id) not in found:
            found[kind, owner_id] = open_account(kind, owner_id, unit, negative).id
    return found


def _accounts_at(wanted: Collection[tuple[str, UUID]], unit: str) -> dict[tuple[str, UUID], UUID]:
    rows = statements.fetch(
        "select a.kind, a.owner_id, a.id from unnest(%(kinds)s::text[], %(owners)s::uuid[]) as w (kind, owner_id) "
        "join ledger_ledgeraccount a on a.kind = w.kind and a.owner_id = w.owner_id and a.unit = %(unit)s",
        {"kinds": [kind for kind, _ in wanted], "owners": [owner for _, owner in wanted], "unit": unit},
    )
    return {(kind, owner): key for kind, owner, key in rows}


def account(account_id: UUID) -> AccountData:
    """One account with its balance; NotFound."""
    return _account(_get(LedgerAccount, account_id))


def accounts_of(owner_ids: Sequence[UUID], kind: str) -> dict[UUID, AccountData]:
    """The accounts of this kind by owner; owners without one are left out. One query for a whole page."""
    if not owner_ids:
        return {}
    values = {"owners": list(owner_ids), "kind": kind}
    rows = statements.objects(LedgerAccount, "where owner_id = any(%(owners)s) and kind = %(kind)s", values)
    return {row.owner_id: _account(row) for row in rows}


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
    wanted = _merged(entries)
    if len(wanted) < 2 or sum(wanted.values()) != 0:
        raise ValueError("a posting has at least two entries with the sum zero")
    fresh = PostingData(new_id(), key, _in_order(wanted), reason[:200], about, clock.now(), reverses)
    with _refusing(wanted):
        if statements.fetch(_BOOK, _values(fresh, actor)):
            return fresh
    return _same_again(Posting.objects.get(key=key), wanted)


# One statement for a posting and its entries; nothing is written when the key is known. Entries come in the order of the account's key, so
# that two postings never wait for each other.
_BOOK = """
    with claimed as (
        insert into ledger_posting (id, key, reverses_id, actor_name, staff_id, reason, about, at)
        values (%(id)s, %(key)s, %(reverses)s::uuid, %(actor)s, %(staff)s::uuid, %(reason)s, %(about)s::uuid, %(at)s)
        on conflict (key) do nothing returning id
    )
    insert into ledger_entry (posting_id, account_id, amount)
    select claimed.id, e.account_id, e.amount
    from claimed, unnest(%(accounts)s::uuid[], %(amounts)s::bigint[]) with ordinality as e (account_id, amount, place)
    order by e.place
    returning id
"""


def _values(fresh: PostingData, actor: Actor) -> dict[str, Any]:
    return {
        "id": fresh.id,
        "key": fresh.key,
        "reverses": fresh.reverses,
        "actor": actor.name,
        "staff": actor.staff_id,
        "reason": fresh.reason,
        "about": fresh.about,
        "at": fresh.at,
        "accounts": [account_id for account_id, _ in fresh.entries],
        "amounts": [amount for _, amount in fresh.entries],
    }


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
    except IntegrityError as clash:
        raise AlreadyReversed() from clash


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


def _merged(entries: Sequence[tuple[UUID, int]]) -> dict[UUID, int]:
    sums: dict[UUID, int] = {}
    for account_id, amount in entries:
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise TypeError("ledger amounts are whole units")
        sums[account_id] = sums.get(account_id, 0) + amount
    return {account_id: amount for account_id, amount in sums.items() if amount}


def _in_order(wanted: dict[UUID, int]) -> tuple[tuple[UUID, int], ...]:
    return tuple(sorted(wanted.items()))


def _same_again(row: Posting, wanted: dict[UUID, int]) -> PostingData:
    found = _posting(row)
    if found.entries != _in_order(wanted):
        raise KeyReused()
    return found


@contextmanager
def _refusing(wanted: dict[UUID, int]) -> Any:
    try:
        with transaction.atomic():
            yield
    except IntegrityError as clash:
        if "ledger_balance_not_negative" not in str(clash):
            raise
        raise _not_enough(wanted) from clash


def _not_enough(wanted: dict[UUID, int]) -> NotEnough:
    for row in LedgerAccount.objects.filter(pk__in=wanted, may_go_negative=False):
        if row.balance + wanted[row.id] < 0:
            return NotEnough(wanted=-wanted[row.id], left=row.balance)
    return NotEnough(wanted=max(-amount for amount in wanted.values()), left=0)


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
