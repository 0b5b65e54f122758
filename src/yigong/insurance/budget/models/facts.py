"""What the fund paid: facts that only grow, their monthly sums, what came by file, closed months.

A fact is never changed: a correction or a later version of a late return is a row with the opposite sums and a new row. The sums by month are
written by the database itself with each statement, so that they cannot differ from the facts.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id

FIGURES = ("total", "own", "over", "first_self_pay", "in_scope", "pool", "other_funds", "institution_part", "person")
SUMMED = ("cases", "total", "pool", "other_funds", "person")
KEYS = ("region", "scheme", "month", "booked", "institution_id", "home_id", "inside", "kind", "provisional")
APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)
NOBODY = "00000000-0000-0000-0000-000000000000"

# The same question builds the sums anew after a bulk load.
SUMS = f"""
    select region, scheme, month, booked, coalesce(institution_id, '{NOBODY}'::uuid) as institution_id,
           coalesce(home_id, '{NOBODY}'::uuid) as home_id, place = 'inside' as inside, kind, provisional,
           sum(cases) as cases, sum(total) as total, sum(pool) as pool, sum(other_funds) as other_funds, sum(person) as person
    from {{rows}} group by 1, 2, 3, 4, 5, 6, 7, 8, 9 order by 1, 2, 3, 4, 5, 6, 7, 8, 9
"""
ADD_SUMS = f"""
    insert into budget_fundmonth ({", ".join((*KEYS, *SUMMED))}) {SUMS}
    on conflict ({", ".join(KEYS)}) do update set
    {", ".join(f"{name} = budget_fundmonth.{name} + excluded.{name}" for name in SUMMED)}
"""


class FundFact(models.Model):
    """One settlement of an insured person of the county, or what corrects one (then all sums are negative). ``source`` is the counter, a file
    (``return``) or a sum carried over.

    ``ref`` names the settlement; all rows of one ref together are what it is today. ``month`` is the month of the settlement, ``booked`` the
    open month in which it became known. ``cases`` counts settlements: 1, -1, or the number behind a carried-over monthly sum.
    ``home_id`` is the township centre of the place where the person is at home.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.CharField(max_length=140, unique=True)
    source = models.CharField(max_length=10)
    ref = models.CharField(max_length=60)
    region = models.CharField(max_length=6)
    scheme = models.CharField(max_length=3)
    month = models.DateField()
    booked = models.DateField()
    settled_on = models.DateField()
    kind = models.CharField(max_length=20)
    place = models.CharField(max_length=12, default="inside")
    level = models.CharField(max_length=2, blank=True)
    institution_id = models.UUIDField(null=True)
    institution_name = models.CharField(max_length=100, blank=True)
    home_id = models.UUIDField(null=True)
    resident_id = models.UUIDField(null=True)
    identities = models.CharField(max_length=60, blank=True)
    disease = models.CharField(max_length=30, blank=True)
    cases = models.IntegerField(default=1)
    total = models.BigIntegerField()
    own = models.BigIntegerField(default=0)
    over = models.BigIntegerField(default=0)
    first_self_pay = models.BigIntegerField(default=0)
    in_scope = models.BigIntegerField(default=0)
    pool = models.BigIntegerField(default=0)
    other_funds = models.BigIntegerField(default=0)
    institution_part = models.BigIntegerField(default=0)
    person = models.BigIntegerField(default=0)
    provisional = models.BooleanField(default=False)
    written_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(total=F("own") + F("over") + F("first_self_pay") + F("in_scope")),
                name="fact_parts_make_the_total",
            ),
            models.CheckConstraint(
                condition=Q(total=F("pool") + F("other_funds") + F("institution_part") + F("person")),
                name="fact_payers_make_the_total",
            ),
            models.CheckConstraint(condition=Q(booked__gte=F("month")), name="fact_not_booked_before_its_month"),
            models.CheckConstraint(condition=Q(month__day=1, booked__day=1), name="fact_months_are_first_days"),
            models.CheckConstraint(
                condition=Q(source__in=["settlement", "return", "carried"]), name="fact_source_known"
            ),
            models.CheckConstraint(
                condition=Q(place__in=["inside", "registered", "unregistered"]), name="fact_place_known"
            ),
            models.CheckConstraint(
                condition=Q(provisional=False) | Q(source="return"), name="fact_provisional_from_outside"
            ),
        ]
        indexes = [
            models.Index(fields=["ref"], name="fact_by_ref"),
            models.Index(fields=["month", "institution_id", "kind"], name="fact_by_month"),
            models.Index(fields=["month", "home_id"], name="fact_by_home"),
            models.Index(fields=["resident_id", "settled_on"], name="fact_by_person"),
        ]
        triggers = [
            APPEND_ONLY,
            pgtrigger.Trigger(
                name="month_is_open",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # Shared with other facts, exclusive for who closes the month: nobody books while it is being closed.
                func="""
                    PERFORM pg_advisory_xact_lock_shared(hashtext('budget.month ' || NEW.region || NEW.scheme || NEW.booked::text));
                    IF EXISTS (SELECT 1 FROM budget_budgetmonth
                               WHERE region = NEW.region AND scheme = NEW.scheme AND month = NEW.booked) THEN
                        RAISE EXCEPTION 'the month is closed'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'budget_month_is_open';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="sums",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="new_rows"),
                func=ADD_SUMS.format(rows="new_rows") + "; RETURN NULL;",
            ),
        ]


class FundMonth(models.Model):
    """Sums of the facts by month, institution, home, kind: written by the facts' trigger only."""

    id = models.BigAutoField(primary_key=True)
    region = models.CharField(max_length=6)
    scheme = models.CharField(max_length=3)
    month = models.DateField()
    booked = models.DateField()
    institution_id = models.UUIDField()
    home_id = models.UUIDField()
    inside = models.BooleanField()
    kind = models.CharField(max_length=20)
    provisional = models.BooleanField()
    cases = models.IntegerField()
    total = models.BigIntegerField()
    pool = models.BigIntegerField()
    other_funds = models.BigIntegerField()
    person = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=list(KEYS), name="one_sum_of_a_month")]


@audited
class BudgetMonth(models.Model):
    """A closed month of a scheme: nothing is booked into it any more; what comes later is booked in the next open month."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    region = models.CharField(max_length=6)
    scheme = models.CharField(max_length=3)
    month = models.DateField()
    sums = models.JSONField(default=dict)
    closed_by = models.CharField(max_length=80)
    closed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "scheme", "month"], name="budget_month_closed_once")]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]


class FiledSettlement(models.Model):
    """One revision of a settlement that came by file, in the county or outside it. Of all revisions the highest counts. ``figures`` are those of
    its fact, with ``funds`` beside the pooled one by name."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    ref = models.CharField(max_length=60)
    revision = models.PositiveSmallIntegerField()
    figures = models.JSONField()
    counts = models.BooleanField(default=False)
    taken_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ref", "revision"], name="filed_revision_once"),
            models.UniqueConstraint(fields=["ref"], condition=Q(counts=True), name="one_filed_revision_counts"),
        ]
        indexes = [
            models.Index(fields=["-taken_at", "-id"], name="filed_newest"),
            models.Index(
                fields=["-taken_at", "-id"],
                condition=Q(counts=True, figures__provisional=True),
                name="filed_provisional",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.ref}/{self.revision}"
