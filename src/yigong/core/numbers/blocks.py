"""Blocks of numbers that somebody else gives out: taken in order, none lost, the rest of a block given back with a reason."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.numbers.models import Block
from yigong.core.statements import fetch


class NoNumberLeft(Conflict):
    """No block has a number left."""

    code = "numbers.none_left"
    message = "号段已经用完：请先登记新领的号段再办理。"


class BlocksOverlap(InvalidInput):
    """Some of the numbers are in a block already."""

    code = "numbers.blocks_overlap"
    message = "这段号码与已登记的号段重叠，请核对起止号。"


class BlockClosed(Conflict):
    """The block is closed."""

    code = "numbers.block_closed"
    message = "这个号段已经停用。"


@dataclass(frozen=True, slots=True)
class Taken:
    """One number out of a block."""

    block_id: UUID
    code: str
    serial: int
    number: str


_TAKE = """
update numbers_block set next = next + 1 where id = (
    select id from numbers_block
    where kind = %(kind)s and scope = %(scope)s and holder in ('', %(holder)s) and closed_at is null and next <= last
    order by holder = '', opened_at, id limit 1 for update)
returning id, code, next - 1, width
"""


@racing("numbers.take_number")
@transaction.atomic
def take_number(kind: str, scope: str, holder: str = "") -> Taken:
    """The next number, out of the holder's own block before the common one; NoNumberLeft. It belongs to the caller's transaction: if that
    fails, the number is the next one again."""
    given = {"kind": kind, "scope": scope, "holder": holder}
    # Who waited for a block whose last number went to somebody else finds none, although another block may be there: ask again.
    while not (rows := fetch(_TAKE, given)):
        if not any(row.left for row in blocks_of([scope], kind=kind, holder=holder)):
            raise NoNumberLeft()
    block_id, code, serial, width = rows[0]
    return Taken(block_id, code, serial, f"{serial:0{width}d}")


def open_block(
    *, kind: str, scope: str, code: str, first: str, last: str, source: str, actor: Actor, holder: str = "", holder_name: str = ""
) -> Block:  # fmt: skip
    """Write down a block as it was received: its first and last number as they stand on the paper. BlocksOverlap, InvalidInput."""
    errors = {
        name: _("请按票面填写，只填数字。") for name, text in (("first", first), ("last", last)) if not text.isdecimal()
    }
    if not errors and (len(first) != len(last) or int(last) < int(first)):
        errors["last"] = _("止号应与起号位数相同，且不小于起号。")
    if errors:
        raise InvalidInput(errors=errors)
    row = Block(
        kind=kind, scope=scope, holder=holder, holder_name=holder_name[:80], code=code, first=int(first), last=int(last), width=len(first),
        next=int(first), source=source.strip()[:200], opened_by=actor.name[:80],
    )  # fmt: skip
    with refusing(number_block_no_overlap=BlocksOverlap(errors={"first": _(BlocksOverlap.message)})):
        row.save(force_insert=True)
    return row


@transaction.atomic
def close_block(*, block_id: UUID, scope: str, reason: str, actor: Actor) -> Block:
    """No more numbers out of this block: what is left of it goes back to who gave it."""
    row = Block.objects.select_for_update().filter(pk=block_id, scope=scope).first()
    if row is None:
        raise NotFound()
    if row.closed_at:
        raise BlockClosed()
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明停用原因，如：余号交回财政。")})
    row.closed_at, row.closed_by, row.closed_why = clock.now(), actor.name[:80], reason.strip()[:200]
    row.save(update_fields=["closed_at", "closed_by", "closed_why"])
    return row


def blocks_of(scopes: Collection[str], *, kind: str = "", holder: str | None = None) -> QuerySet[Block]:
    """Blocks of these scopes, newest first; with ``holder`` only those that this holder may take from."""
    rows = Block.objects.filter(scope__in=scopes)
    if kind:
        rows = rows.filter(kind=kind)
    if holder is not None:
        rows = rows.filter(holder__in=["", holder])
    return rows.order_by("-opened_at", "-id")
