"""Fiscal invoices: one row per number that was used, whatever became of it. Residents, institutions and settlements by key; money in fen.

A number comes out of a block of ``core.numbers``; a row is written in the same transaction, so that no number is lost. Nothing that was
written on an invoice changes: a wrong one is voided or taken back by a red one.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yigong.core.states.models import Stateful

_WRITTEN = (
    "block_id", "code", "serial", "number", "kind", "institution_id", "source_id", "resident_id", "payer", "amount", "pool", "other", "account",
    "cash", "self_pay", "own", "groups", "issued_at", "reverses_id",
)  # fmt: skip


class Invoice(Stateful):
    """One invoice. ``closed_in`` is the day's closing with which its cashier accounted for it."""

    block_id = models.UUIDField()
    code = models.CharField(max_length=20, blank=True)
    serial = models.BigIntegerField()
    number = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    institution_id = models.UUIDField()
    institution_name = models.CharField(max_length=100)
    source_id = models.UUIDField(null=True)
    source_number = models.CharField(max_length=24, blank=True)
    resident_id = models.UUIDField(null=True)
    payer = models.CharField(max_length=80, blank=True)
    amount = models.BigIntegerField(default=0)
    pool = models.BigIntegerField(default=0)
    other = models.BigIntegerField(default=0)
    account = models.BigIntegerField(default=0)
    cash = models.BigIntegerField(default=0)
    self_pay = models.BigIntegerField(default=0)
    own = models.BigIntegerField(default=0)
    groups = models.JSONField(default=dict)
    issued_at = models.DateTimeField()
    cashier_id = models.UUIDField()
    cashier_name = models.CharField(max_length=80)
    closed_in = models.UUIDField(null=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "code", "serial"], name="invoice_number_used_once"),
            models.UniqueConstraint(
                fields=["source_id"], condition=Q(state="issued"), name="one_invoice_of_a_settlement"
            ),
            models.CheckConstraint(
                condition=Q(amount=F("pool") + F("other") + F("account") + F("cash")),
                name="invoice_payers_make_the_sum",
            ),
            models.CheckConstraint(
                condition=Q(state="red", reverses__isnull=False, amount__lte=0)
                | Q(state="spoiled", source_id__isnull=True, amount=0, reverses__isnull=True)
                | Q(source_id__isnull=False, amount__gte=0, reverses__isnull=True) & ~Q(state__in=["red", "spoiled"]),
                name="invoice_state_fits_what_it_says",
            ),
        ]
        indexes = [
            models.Index(fields=["institution_id", "-id"], name="invoice_register"),
            models.Index(fields=["block_id"], name="invoice_of_block"),
            models.Index(fields=["source_id"], name="invoice_of_source", condition=Q(source_id__isnull=False)),
            models.Index(
                fields=["cashier_id", "institution_id"], condition=Q(closed_in__isnull=True), name="invoice_not_closed"
            ),
            models.Index(fields=["institution_id"], condition=Q(state="awaiting"), name="invoice_awaiting_red"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="written_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _WRITTEN)
                    + " OR (OLD.closed_in IS NOT NULL AND OLD.closed_in IS DISTINCT FROM NEW.closed_in)"
                ),
            ),
        ]
