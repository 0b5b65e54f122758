"""Settled bills, the sums of a person's year, deposits, differences and closed months. Residents and bills by key; money in fen.

The database holds the identities of every settlement: the parts of a bill make its total, what everybody pays makes it too, and what the
person pays is what came in by account and by each means. Once posted, figures do not change: a correction is a settlement of its own with
the opposite sign, in the month in which it is made.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

FUNDS = ("pool", "large", "critical", "civil", "aid", "tilt", "other")
MEANS = ("cash", "card", "online", "deposit")
FIGURES = (
    "total", "own", "over", "first_self_pay", "in_scope", "relief", "deductible", *FUNDS, "institution_part", "person", "account",
    "family", *(f"paid_{means}" for means in MEANS),
)  # fmt: skip
ACTIVE = ("presettled", "settling", "unknown", "disputed", "settled", "reversing", "reverse_unknown")


def _sum(*names: str) -> models.expressions.Combinable:
    whole: models.expressions.Combinable = F(names[0])
    for name in names[1:]:
        whole += F(name)
    return whole


class PersonYear(models.Model):
    """The sums of one person's year under one scheme. Settling and reversing lock this row, so that they happen one after the other."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField()
    scheme = models.CharField(max_length=3)
    year = models.PositiveSmallIntegerField()
    sums = models.JSONField(default=dict)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["resident_id", "scheme", "year"], name="one_year_per_person")]


class Settlement(Stateful):
    """One settlement of a bill, or the correction of one.

    A fact is a row with ``settled_on``: settled, or a correction (then all sums are negative and ``reverses`` names the settlement).
    ``scheme`` is empty for people who pay all themselves; ``kind`` is ``inpatient``, an outpatient benefit of the plan, or ``self``.
    ``place`` says where the treatment was: ``inside`` the county, or outside it with or without registration.
    """

    number = models.CharField(max_length=24, unique=True)
    key = models.UUIDField(unique=True)
    bill_id = models.UUIDField(null=True)
    bill_number = models.CharField(max_length=32, blank=True)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    institution_name = models.CharField(max_length=100, blank=True)
    place = models.CharField(max_length=12, default="inside")
    scheme = models.CharField(max_length=3, blank=True)
    region = models.CharField(max_length=6, blank=True)
    kind = models.CharField(max_length=20)
    level = models.CharField(max_length=2, blank=True)
    year = models.ForeignKey(PersonYear, null=True, on_delete=models.PROTECT, related_name="+")
    place_in_year = models.PositiveIntegerField(null=True)
    reverses = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="reversed_by")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    settled_on = models.DateField(null=True)
    month = models.DateField(null=True)
    settled_at = models.DateTimeField(null=True)
    cashier_id = models.UUIDField(null=True)
    cashier_name = models.CharField(max_length=80, blank=True)
    closing = models.ForeignKey("DayClosing", null=True, on_delete=models.PROTECT, related_name="+")

    total = models.BigIntegerField(default=0)
    own = models.BigIntegerField(default=0)
    over = models.BigIntegerField(default=0)
    first_self_pay = models.BigIntegerField(default=0)
    in_scope = models.BigIntegerField(default=0)
    relief = models.BigIntegerField(default=0)
    deductible = models.BigIntegerField(default=0)
    pool = models.BigIntegerField(default=0)
    large = models.BigIntegerField(default=0)
    critical = models.BigIntegerField(default=0)
    civil = models.BigIntegerField(default=0)
    aid = models.BigIntegerField(default=0)
    tilt = models.BigIntegerField(default=0)
    other = models.BigIntegerField(default=0)
    institution_part = models.BigIntegerField(default=0)
    person = models.BigIntegerField(default=0)
    account = models.BigIntegerField(default=0)
    family = models.BigIntegerField(default=0)
    paid_cash = models.BigIntegerField(default=0)
    paid_card = models.BigIntegerField(default=0)
    paid_online = models.BigIntegerField(default=0)
    paid_deposit = models.BigIntegerField(default=0)
    tendered = models.BigIntegerField(default=0)

    plan_code = models.CharField(max_length=40, blank=True)
    plan_version = models.CharField(max_length=20, blank=True)
    lines = models.JSONField(default=list)
    working = models.JSONField(default=dict)
    posting_id = models.UUIDField(null=True)

    channel = models.CharField(max_length=8, default="local")
    message_id = models.CharField(max_length=30, blank=True)
    visit_ref = models.CharField(max_length=40, blank=True)
    settlement_ref = models.CharField(max_length=40, blank=True)
    person_ref = models.CharField(max_length=40, blank=True)

    # How the case is paid to the institution; the person's bill never depends on it. Empty until somebody has grouped the case.
    drg_scheme = models.CharField(max_length=40, blank=True)
    drg_code = models.CharField(max_length=12, blank=True)
    drg_name = models.CharField(max_length=120, blank=True)
    drg_weight = models.BigIntegerField(null=True)
    drg_payable = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=_sum("own", "over", "first_self_pay", "in_scope")),
                name="settlement_parts_make_the_total",
            ),
            models.CheckConstraint(
                condition=Q(total=_sum(*FUNDS, "institution_part", "person")), name="settlement_payers_make_the_total"
            ),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True)
                | Q(person=_sum("account", "family", *(f"paid_{means}" for means in MEANS))),
                name="settlement_paid_is_the_persons_part",
            ),
            models.CheckConstraint(
                condition=(Q(reverses__isnull=True) & Q(**{f"{name}__gte": 0 for name in FIGURES}))
                | (Q(reverses__isnull=False) & Q(**{f"{name}__lte": 0 for name in FIGURES})),
                name="settlement_has_one_sign",
            ),
            models.CheckConstraint(
                condition=Q(settled_on__isnull=True, month__isnull=True, posting_id__isnull=True)
                | Q(settled_on__isnull=False, month__isnull=False, settled_at__isnull=False),
                name="settlement_posted_wholly",
            ),
            models.CheckConstraint(
                condition=Q(place="inside") | Q(bill_id__isnull=True), name="bills_are_settled_inside"
            ),
            models.CheckConstraint(
                condition=Q(place__in=["inside", "registered", "unregistered"]), name="settlement_place_known"
            ),
            models.CheckConstraint(
                condition=Q(channel__in=["local", "platform", "file"]), name="settlement_channel_known"
            ),
            models.CheckConstraint(
                condition=Q(institution_id__isnull=False) | ~Q(place="inside"), name="settlement_says_where"
            ),
            models.UniqueConstraint(
                fields=["bill_id"],
                condition=Q(reverses__isnull=True, state__in=ACTIVE),
                name="one_settlement_of_a_bill",
            ),
            models.UniqueConstraint(
                fields=["year", "place_in_year"], condition=Q(reverses__isnull=True), name="one_place_in_the_year"
            ),
        ]
        indexes = [
            models.Index(fields=["resident_id", "-id"], name="settlement_by_person"),
            models.Index(
                fields=["settlement_ref"], condition=~Q(settlement_ref=""), name="settlement_by_platform_number"
            ),
            models.Index(fields=["month", "institution_id"], name="settlement_by_month"),
            models.Index(fields=["institution_id", "settled_on"], name="settlement_by_day"),
            models.Index(
                fields=["cashier_id", "institution_id"], condition=Q(closing__isnull=True), name="settlement_not_closed"
            ),
            models.Index(
                fields=["state"],
                condition=~Q(state__in=["settled", "reversed", "correction", "dropped"]),
                name="settlement_open",
            ),
            due_index("settlement_due"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="kept", operation=pgtrigger.Delete, condition=pgtrigger.Q(old__settled_on__isnull=False)
            ),
            pgtrigger.Protect(
                name="figures_kept",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.settled_on IS NOT NULL AND ("
                    + " OR ".join(
                        f"OLD.{name} IS DISTINCT FROM NEW.{name}"
                        for name in (
                            *FIGURES,
                            "settled_on",
                            "month",
                            "posting_id",
                            "resident_id",
                            "institution_id",
                            "bill_id",
                            "scheme",
                            "kind",
                        )
                    )
                    + ")"
                ),
            ),
            pgtrigger.Trigger(
                name="month_is_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Condition("NEW.settled_on IS NOT NULL AND NEW.institution_id IS NOT NULL"),
                # Shared with other settlements, exclusive for who closes the month: nobody posts while it is being closed.
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.settled_on IS NOT NULL THEN RETURN NEW; END IF;
                    PERFORM pg_advisory_xact_lock_shared(hashtext('settlement.month ' || NEW.institution_id || NEW.month));
                    IF EXISTS (SELECT 1 FROM settlement_closedmonth
                               WHERE institution_id = NEW.institution_id AND month = NEW.month) THEN
                        RAISE EXCEPTION 'the month is closed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'settlement_month_is_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]


@audited
class ClosedMonth(models.Model):
    """A month of one institution into which nothing is posted any more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    month = models.DateField()
    sums = models.JSONField(default=dict)
    closed_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution_id", "month"], name="month_closed_once")]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]


class DayClosing(models.Model):
    """What one cashier handed in: sums by means of payment since the closing before."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True)
    institution_id = models.UUIDField()
    cashier_id = models.UUIDField()
    cashier_name = models.CharField(max_length=80)
    closed_at = models.DateTimeField()
    key = models.UUIDField(unique=True)
    sums = models.JSONField()
    counted_cash = models.BigIntegerField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["institution_id", "-closed_at"], name="closing_by_institution")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class DepositMovement(models.Model):
    """Money taken in advance, used for a bill or given back; the balance is the ledger's, which never falls below nothing."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=24, unique=True)
    key = models.UUIDField(unique=True)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField()
    what = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    means = models.CharField(max_length=8)
    at = models.DateTimeField()
    cashier_id = models.UUIDField(null=True)
    cashier_name = models.CharField(max_length=80)
    closing = models.ForeignKey(DayClosing, null=True, on_delete=models.PROTECT, related_name="+")
    posting_id = models.UUIDField()
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what="take", amount__gt=0) | Q(what="return", amount__lt=0),
                name="deposit_movement_has_its_sign",
            ),
            models.CheckConstraint(condition=Q(means__in=["cash", "card", "online"]), name="deposit_means_known"),
        ]
        indexes = [
            models.Index(fields=["resident_id", "institution_id"], name="deposit_by_person"),
            models.Index(
                fields=["cashier_id", "institution_id"], condition=Q(closing__isnull=True), name="deposit_not_closed"
            ),
        ]


@audited
class FamilyShare(models.Model):
    """Somebody lets a member of the family pay with the own personal account, for a period."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    giver_id = models.UUIDField()
    user_id = models.UUIDField(db_index=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(giver_id=F("user_id")), name="family_share_is_for_another"),
            models.UniqueConstraint(
                fields=["giver_id", "user_id"], condition=Q(ends_on__isnull=True), name="family_share_once"
            ),
        ]


class Reconciliation(models.Model):
    """One day of one institution held against the platform."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    day = models.DateField()
    scheme = models.CharField(max_length=3)
    ours = models.JSONField()
    theirs = models.JSONField(null=True)
    equal = models.BooleanField(default=False)
    done_at = models.DateTimeField(db_default=Now())
    done_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution_id", "day", "scheme"], name="one_reconciliation_a_day")
        ]


class Difference(Stateful):
    """Something on which we and the platform do not agree, with the evidence of both sides."""

    what = models.CharField(max_length=16)
    settlement = models.ForeignKey(Settlement, null=True, on_delete=models.PROTECT, related_name="differences")
    institution_id = models.UUIDField()
    day = models.DateField()
    settlement_ref = models.CharField(max_length=40, blank=True)
    message_id = models.CharField(max_length=30, blank=True)
    resident_id = models.UUIDField(null=True)
    ours = models.JSONField(null=True)
    theirs = models.JSONField(null=True)
    resolution = models.CharField(max_length=16, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(what__in=["sums", "only_here", "only_there", "unknown"]), name="difference_kind_known"
            ),
            models.UniqueConstraint(
                fields=["settlement", "what"], condition=Q(state="open"), name="one_open_difference_of_a_settlement"
            ),
            models.UniqueConstraint(
                fields=["settlement_ref"],
                condition=Q(state="open", settlement__isnull=True),
                name="one_open_difference_of_a_reference",
            ),
        ]
        indexes = [
            models.Index(fields=["institution_id", "state", "-day"], name="difference_by_institution"),
            due_index("difference_due"),
        ]
