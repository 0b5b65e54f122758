"""Bills and their lines. The database holds the line: a bill that is not open takes no charge, a line is returned no further than it was
charged, and lines are never changed or deleted (a line of an open bill may be struck out, which stays visible)."""

import pgtrigger
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from yigong.clinic.data import CATEGORIES
from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

# Plausibility of the database; the tighter limits of everyday work are parameters of the pack.
MOST_QUANTITY = 10_000
MOST_AMOUNT = 100_000_000  # fen


@audited
class Bill(Stateful):
    """What one visit or stay costs. ``total`` is the sum of its lines in fen, kept by the lines' trigger; ``ready_at`` is when the doctor or the
    ward was done with it, so that the counter may settle."""

    number = models.CharField(max_length=24, unique=True)
    resident_id = models.UUIDField()
    patient_name = models.CharField(max_length=60)
    patient_initials = models.CharField(max_length=60)
    institution_id = models.UUIDField()
    institution_level = models.CharField(max_length=1)
    department_id = models.UUIDField(null=True)
    kind = models.CharField(max_length=10)
    visit = models.ForeignKey("clinic.Visit", null=True, on_delete=models.PROTECT, related_name="bills")
    stay = models.ForeignKey("clinic.Stay", null=True, on_delete=models.PROTECT, related_name="bills")
    opened_at = models.DateTimeField()
    ready_at = models.DateTimeField(null=True)
    total = models.BigIntegerField(default=0)
    settlement_ref = models.CharField(max_length=60, blank=True)
    settled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["outpatient", "inpatient"]), name="clinic_bill_kind_known"),
            models.CheckConstraint(
                condition=Q(institution_level__in=["P", "1", "2", "3"]), name="clinic_bill_level_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="outpatient", visit__isnull=False, stay__isnull=True)
                | Q(kind="inpatient", visit__isnull=True, stay__isnull=False),
                name="clinic_bill_of_visit_or_stay",
            ),
            models.CheckConstraint(
                condition=Q(total__gte=0, total__lte=100 * MOST_AMOUNT), name="clinic_bill_total_plausible"
            ),
            # One bill of a visit takes new lines; a stay has one bill.
            models.UniqueConstraint(
                fields=["visit"], condition=Q(state="open", visit__isnull=False), name="clinic_open_bill_of_visit"
            ),
            models.UniqueConstraint(fields=["stay"], condition=Q(stay__isnull=False), name="clinic_bill_of_stay"),
        ]
        indexes = [
            due_index("clinic_bill_due"),
            models.Index(
                fields=["institution_id", "ready_at"],
                condition=Q(state__in=["open", "presented", "partly_returned"], ready_at__isnull=False),
                name="clinic_bill_waiting",
            ),
            models.Index(fields=["resident_id", "-opened_at"], name="clinic_bill_of_resident"),
            models.Index(fields=["visit"], name="clinic_bill_by_visit", condition=Q(visit__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number


class ChargeLine(models.Model):
    """One charge, or (with ``reverses``) the counter-line that gives part of one back: quantity and amount are then negative."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    bill = models.ForeignKey(Bill, on_delete=models.PROTECT, related_name="lines")
    reverses = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="returns")
    key = models.CharField(max_length=120, null=True, unique=True)
    item_code = models.CharField(max_length=30)
    item_name = models.CharField(max_length=100)
    national_code = models.CharField(max_length=40, blank=True)
    category = models.CharField(max_length=14)
    front_page_group = models.CharField(max_length=6)
    unit = models.CharField(max_length=12)
    unit_price = models.DecimalField(max_digits=14, decimal_places=4)
    quantity = models.DecimalField(max_digits=10, decimal_places=2)
    amount = models.BigIntegerField()
    performed_at = models.DateTimeField()
    department_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    staff_name = models.CharField(max_length=80, blank=True)
    order_id = models.UUIDField(null=True)
    dose = models.CharField(max_length=30, blank=True)
    route = models.CharField(max_length=20, blank=True)
    frequency = models.CharField(max_length=20, blank=True)
    days = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    written_at = models.DateTimeField()
    struck_at = models.DateTimeField(null=True)
    struck_by = models.CharField(max_length=80, blank=True)
    struck_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(category__in=list(CATEGORIES)), name="clinic_line_category_known"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, unit_price__lte=1_000_000), name="clinic_line_price_plausible"
            ),
            models.CheckConstraint(
                condition=Q(
                    reverses__isnull=True,
                    quantity__gt=0,
                    quantity__lte=MOST_QUANTITY,
                    amount__gte=0,
                    amount__lte=MOST_AMOUNT,
                )
                | Q(reverses__isnull=False, quantity__lt=0, amount__lte=0, struck_at__isnull=True),
                name="clinic_line_quantity_plausible",
            ),
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__range=(1, 366)), name="clinic_line_days_plausible"
            ),
            models.CheckConstraint(
                condition=Q(struck_at__isnull=True) | ~Q(struck_reason=""), name="clinic_line_struck_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["bill", "performed_at"], name="clinic_line_of_bill"),
            # Lines are written about when they are performed: a month of millions is found by a few kilobytes.
            BrinIndex(fields=["performed_at"], name="clinic_line_by_time"),
        ]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="into_an_open_bill",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("bill_state", "text"), ("charged", "numeric"), ("returned", "numeric")],
                func="""
                    SELECT state INTO bill_state FROM clinic_bill WHERE id = NEW.bill_id FOR UPDATE;
                    IF NEW.reverses_id IS NULL THEN
                        IF bill_state <> 'open' THEN
                            RAISE EXCEPTION 'bill % takes no charge: %', NEW.bill_id, bill_state
                                USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_line_into_open_bill';
                        END IF;
                        RETURN NEW;
                    END IF;
                    IF bill_state NOT IN ('settled', 'partly_returned') THEN
                        RAISE EXCEPTION 'bill % is not settled: %', NEW.bill_id, bill_state
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_line_return_of_settled';
                    END IF;
                    SELECT quantity INTO charged FROM clinic_chargeline
                        WHERE id = NEW.reverses_id AND bill_id = NEW.bill_id AND reverses_id IS NULL AND struck_at IS NULL;
                    SELECT coalesce(sum(-quantity), 0) INTO returned FROM clinic_chargeline WHERE reverses_id = NEW.reverses_id;
                    IF charged IS NULL OR returned - NEW.quantity > charged THEN
                        RAISE EXCEPTION 'more returned than charged'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_line_returned_within_charged';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="only_struck",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                declare=[("bill_state", "text")],
                func="""
                    SELECT state INTO bill_state FROM clinic_bill WHERE id = OLD.bill_id FOR UPDATE;
                    IF bill_state <> 'open' OR OLD.struck_at IS NOT NULL OR NEW.struck_at IS NULL
                        OR (to_jsonb(NEW) - '{struck_at,struck_by,struck_reason}'::text[])
                            <> (to_jsonb(OLD) - '{struck_at,struck_by,struck_reason}'::text[]) THEN
                        RAISE EXCEPTION 'a charge line is only struck out, and only while its bill is open'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'clinic_line_only_struck';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="keep_total",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func="""
                    IF TG_OP = 'INSERT' THEN
                        UPDATE clinic_bill SET total = total + NEW.amount WHERE id = NEW.bill_id;
                    ELSE
                        UPDATE clinic_bill SET total = total - OLD.amount WHERE id = NEW.bill_id;
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]
