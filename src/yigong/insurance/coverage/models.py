"""Periods of insurance. Residents by key. Periods are half-open: ``ends_on`` is the first day that no longer counts.

What was recorded by mistake is called off and becomes a period without a day (``ends_on`` is ``starts_on``): it holds on no day and stands in
nobody's way, and whoever asks for a day needs not know of it.

That nobody is insured twice on one day, nor holds one category or registration twice, is the database's word (exclusion constraints in the
migrations).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


def _span(name: str) -> models.CheckConstraint:
    condition = Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on"))
    return models.CheckConstraint(condition=condition, name=f"{name}_ends_not_before_start")


class _Period(models.Model):
    """``planned_until``: the end that was recorded at first, to which an end or a calling off by mistake is undone."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField(db_index=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    planned_until = models.DateField(null=True)
    source = models.CharField(max_length=100, blank=True)
    ended_because = models.CharField(max_length=100, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        abstract = True


@audited
class Enrolment(_Period):
    """Insurance of one person: scheme, insured region, kind of person; when the contribution was paid, and years without insurance before
    (of which some paid afterwards): late payers wait for their benefits."""

    insurance = models.CharField(max_length=3)
    region = models.CharField(max_length=6)
    person_type = models.CharField(max_length=4)
    paid_on = models.DateField(null=True)
    missed_years = models.PositiveSmallIntegerField(db_default=0)
    repaired_years = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        constraints = [
            _span("enrolment"),
            models.CheckConstraint(
                condition=Q(repaired_years__lte=F("missed_years")), name="enrolment_repairs_what_was_missed"
            ),
        ]


@audited
class Category(_Period):
    """A category of person (special hardship, minimum living allowance …) as the civil-affairs roll says it."""

    code = models.CharField(max_length=30)

    class Meta:
        constraints = [_span("category")]


@audited
class Entitlement(_Period):
    """What is registered for a person: a chronic or special disease, one of the two diseases, the chosen institution, care elsewhere,
    a dual-channel drug."""

    class Kind(models.TextChoices):
        CHRONIC = "chronic", "门诊慢特病"
        TWO_DISEASES = "two_diseases", "两病"
        INSTITUTION = "institution", "选定机构"
        ELSEWHERE = "elsewhere", "异地就医备案"
        DRUG = "drug", "双通道药品"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    code = models.CharField(max_length=30, blank=True)
    institution_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            _span("entitlement"),
            models.CheckConstraint(
                condition=Q(kind__in=["chronic", "two_diseases", "institution", "elsewhere", "drug"]),
                name="entitlement_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(kind="institution", institution_id__isnull=False) | (~Q(kind="institution") & ~Q(code="")),
                name="entitlement_says_what",
            ),
        ]


@audited
class Exemption(models.Model):
    """Why a resident of the register need not be enrolled here in a year: insured elsewhere, in the army, abroad … One that holds a year."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField(db_index=True)
    year = models.PositiveSmallIntegerField()
    reason = models.CharField(max_length=30)
    evidence = models.CharField(max_length=200)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField(db_default=Now())
    withdrawn_because = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resident_id", "year"], condition=Q(withdrawn_because=""), name="one_exemption_a_year"
            ),
            models.CheckConstraint(condition=Q(year__gte=2000, year__lte=2100), name="exemption_year_plausible"),
            models.CheckConstraint(condition=~Q(evidence=""), name="exemption_has_evidence"),
        ]


class Application(Stateful):
    """A doctor asks the insurance office for an entitlement of somebody: a chronic or special disease, one of the two diseases, a dual-channel
    drug, or care elsewhere (then ``destination`` says where to). ``evidence`` is what of the record was handed in, as it read then. A granted
    one is the entitlement it led to."""

    number = models.CharField(max_length=24, unique=True)
    resident_id = models.UUIDField(db_index=True)
    kind = models.CharField(max_length=12, choices=Entitlement.Kind.choices)
    code = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    institution_id = models.UUIDField()
    institution_name = models.CharField(max_length=100)
    doctor_id = models.UUIDField(null=True)
    doctor_name = models.CharField(max_length=80)
    diagnosis = models.CharField(max_length=200)
    opinion = models.TextField()
    destination = models.CharField(max_length=200, blank=True)
    evidence = models.JSONField(default=list)
    starts_on = models.DateField()
    decided_by = models.CharField(max_length=80, blank=True)
    decided_on = models.DateField(null=True)
    entitlement = models.OneToOneField(Entitlement, null=True, on_delete=models.PROTECT, related_name="application")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(kind="institution"), name="application_kind_is_asked_for"),
            models.CheckConstraint(
                condition=Q(state="granted", entitlement__isnull=False)
                | ~Q(state="granted") & Q(entitlement__isnull=True),
                name="granted_application_is_an_entitlement",
            ),
            models.CheckConstraint(
                condition=~Q(kind="elsewhere") | ~Q(destination=""), name="care_elsewhere_says_where"
            ),
            models.UniqueConstraint(
                fields=["resident_id", "kind", "code"],
                condition=Q(state__in=["asked", "returned"]),
                name="one_open_application",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "state_since"], name="application_by_state"),
            models.Index(fields=["institution_id", "-id"], name="application_by_place"),
        ]
