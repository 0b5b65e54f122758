"""Issuing an invoice, spoiling a sheet, taking an invoice back, and the cashier's account of numbers at the end of the day."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.numbers import api as numbers
from yigong.core.states.api import start, transition
from yigong.insurance.invoices import policies, queries
from yigong.insurance.invoices.data import KINDS, InvoiceData, NewInvoice, Use
from yigong.insurance.invoices.errors import AnotherNumber, GoneAlready, NotHere
from yigong.insurance.invoices.models import Invoice
from yigong.insurance.invoices.rules import INVOICE

_SUMS = ("amount", "pool", "other", "account", "cash", "self_pay", "own")


@racing("invoices.issue")
@transaction.atomic
def issue(*, given: NewInvoice, actor: Actor) -> InvoiceData:
    """The invoice of a settlement; asked again, the one that counts. NoNumberLeft where a new block has to be written down first."""
    _may(actor, given.institution_id)
    one_at_a_time("invoice.source", given.source_id)
    if known := Invoice.objects.filter(source_id=given.source_id, state="issued").first():
        return queries.to_data(known)
    row = _numbered(given.kind, given.institution_id, actor)
    for name in ("source_id", "source_number", "institution_name", "resident_id", "payer", *_SUMS):
        setattr(row, name, getattr(given, name))
    row.groups = dict(given.groups)
    start(INVOICE, row, "issued", actor=actor)
    return queries.to_data(row)


def _may(actor: Actor, institution_id: UUID) -> None:
    if not actor.has(policies.ISSUE):
        raise Forbidden()
    if not actor.is_system and institution_id not in actor.institution_ids:
        raise NotHere()


def _numbered(kind: str, institution_id: UUID, actor: Actor) -> Invoice:
    """An unsaved invoice with the next number."""
    cashier = queries.cashier_of(actor)
    taken = numbers.take_number(queries.block_kind(kind), str(institution_id), str(cashier))
    return Invoice(
        block_id=taken.block_id, code=taken.code, serial=taken.serial, number=taken.number, kind=kind, institution_id=institution_id,
        institution_name=actor.institution_name[:100], issued_at=clock.now(), cashier_id=cashier, cashier_name=actor.name[:80],
    )  # fmt: skip


@transaction.atomic
def spoil(*, kind: str, number: str, reason: str, actor: Actor) -> InvoiceData:
    """Write a damaged or misprinted sheet down as spoiled. ``number`` stands on the sheet and must be the one that comes next."""
    if actor.institution_id is None or kind not in KINDS:
        raise InvalidInput()
    _may(actor, actor.institution_id)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明原因，如：打印错位、卡纸。")})
    row = _numbered(kind, actor.institution_id, actor)
    if row.number != number.strip():
        wrong = str(AnotherNumber(next=row.number, given=number.strip()))
        raise AnotherNumber(wrong, errors={"number": wrong})
    start(INVOICE, row, "spoiled", actor=actor, reason=reason)
    return queries.to_data(row)


@racing("invoices.cancel")
@transaction.atomic
def cancel(*, invoice_id: UUID, reason: str, actor: Actor) -> InvoiceData:
    """Void an invoice whose cashier's day is still open, otherwise take it back with a red one."""
    row = Invoice.objects.select_for_update().filter(pk=invoice_id).first()
    if row is None:
        raise NotFound()
    _may(actor, row.institution_id)
    return _cancel(row, reason, actor)


def _cancel(row: Invoice, reason: str, actor: Actor) -> InvoiceData:
    if row.state == "awaiting":
        return _redden(row, actor)
    if row.state != "issued":
        raise GoneAlready(number=row.number)
    if row.closed_in is None:
        return queries.to_data(transition(INVOICE, row, "void", actor=actor, reason=reason))
    return _redden(transition(INVOICE, row, "take_back", actor=actor, reason=reason), actor)


def cancel_of(*, source_id: UUID, reason: str, actor: Actor) -> None:
    """A settlement was taken back: its invoice counts no more. Never in the way of the refund: without a number left, the red one waits; and who
    may take the settlement back (of another institution only the insurance office) was decided there."""
    row = Invoice.objects.select_for_update().filter(source_id=source_id, state="issued").first()
    if row is not None:
        _cancel(row, reason, actor)


def _redden(row: Invoice, actor: Actor) -> InvoiceData:
    """The red invoice with the opposite sums; where no number is left the invoice waits for it."""
    try:
        red = _numbered(row.kind, row.institution_id, actor)
    except numbers.NoNumberLeft:
        return queries.to_data(row)
    for name in ("source_id", "source_number", "institution_name", "resident_id", "payer"):
        setattr(red, name, getattr(row, name))
    for name in _SUMS:
        setattr(red, name, -getattr(row, name))
    red.groups, red.reverses = {name: -amount for name, amount in row.groups.items()}, row
    start(INVOICE, red, "red", actor=actor)
    return queries.to_data(transition(INVOICE, row, "redden", actor=actor))


def open_numbers(
    *, institution_id: UUID, kind: str, code: str, first: str, last: str, source: str, actor: Actor, holder_id: UUID | None = None,
    holder_name: str = "",
) -> None:  # fmt: skip
    """Write down a block of numbers received from the finance bureau, for everybody at the institution or for one window."""
    if not actor.has(policies.KEEP):
        raise Forbidden()
    if not actor.is_system and institution_id not in queries.keeps_for(actor):
        raise NotHere()
    numbers.open_block(
        kind=queries.block_kind(kind), scope=str(institution_id), code=code.strip(), first=first.strip(), last=last.strip(), source=source,
        holder=str(holder_id or ""), holder_name=holder_name, actor=actor,
    )  # fmt: skip


def close_numbers(*, block_id: UUID, institution_id: UUID, reason: str, actor: Actor) -> None:
    """No more numbers out of a block; what is left goes back to the bureau."""
    if not actor.has(policies.KEEP):
        raise Forbidden()
    if institution_id not in queries.keeps_for(actor):
        raise NotHere()
    numbers.close_block(block_id=block_id, scope=str(institution_id), reason=reason, actor=actor)


@transaction.atomic
def account_for(*, cashier_id: UUID, closing_id: UUID) -> Sequence[Use]:
    """The numbers that a cashier used since the last closing, now part of this one: locked first, so that none is voided meanwhile. Also those of
    another institution, for which the insurance office took something back."""
    mine = Invoice.objects.filter(cashier_id=cashier_id, closed_in__isnull=True)
    keys = list(mine.select_for_update().values_list("id", flat=True))
    found = queries.uses(cashier_id)
    Invoice.objects.filter(id__in=keys).update(closed_in=closing_id)
    return found
