"""Quality sampling: one draw of a period, and each report that was drawn with its score, its finding and what became of it."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index
from yigong.orders.models.orders import Order
from yigong.orders.models.reports import ReportVersion


class QualityRound(models.Model):
    """One draw of one definition at one centre for one period. Append-only: the seed and the digest of all reports that could be drawn stay, so
    that anybody can draw again and must find the same."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    definition = models.CharField(max_length=40)
    definition_version = models.CharField(max_length=20)
    service = models.CharField(max_length=20)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    period = models.DateField()
    seed = models.CharField(max_length=64)
    eligible = models.PositiveIntegerField()
    drawn = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    drawn_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    drawn_by_name = models.CharField(max_length=80)
    drawn_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["definition", "institution", "period"], name="quality_drawn_once"),
            models.CheckConstraint(
                condition=Q(drawn__gte=1) & Q(drawn__lte=F("eligible")), name="quality_drawn_of_eligible"
            ),
        ]
        indexes = [models.Index(fields=["institution", "-period"], name="quality_round_by_institution")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class QualitySample(Stateful):
    """One drawn report. ``parties`` is everybody who had a hand in it: none of them may read it again or score it; nor may who scored it
    ``earlier``, where that score was made void."""

    round = models.ForeignKey(QualityRound, on_delete=models.PROTECT, related_name="samples")
    number = models.PositiveSmallIntegerField()
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    report_version = models.ForeignKey(ReportVersion, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    answerer = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    parties = ArrayField(models.UUIDField(), default=list)
    earlier = ArrayField(models.UUIDField(), default=list)

    second = models.BooleanField(null=True)
    second_text = models.TextField(blank=True)
    second_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    agrees = models.BooleanField(null=True)

    response_id = models.UUIDField(null=True)
    form_version = models.CharField(max_length=20, blank=True)
    defects = ArrayField(models.CharField(max_length=24), default=list)
    points = models.PositiveSmallIntegerField(null=True)
    grade = models.CharField(max_length=8, blank=True)
    passed = models.BooleanField(null=True)
    comment = models.TextField(blank=True)
    scored_by = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    scored_by_name = models.CharField(max_length=80, blank=True)
    scored_at = models.DateTimeField(null=True)

    rectify_by = models.DateField(null=True)
    cause = models.TextField(blank=True)
    measure = models.TextField(blank=True)
    looked_at = models.PositiveIntegerField(null=True)
    answered_by_name = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "report_version"], name="quality_sample_once"),
            models.UniqueConstraint(fields=["round", "number"], name="quality_sample_number"),
            # Nobody judges his own work, nor work he had a hand in.
            models.CheckConstraint(condition=~Q(parties__contains=[F("scored_by")]), name="quality_scored_by_another"),
            models.CheckConstraint(condition=~Q(parties__contains=[F("second_by")]), name="quality_read_by_another"),
            models.CheckConstraint(
                condition=~Q(earlier__contains=[F("scored_by")]), name="quality_scored_anew_by_another"
            ),
            models.CheckConstraint(
                condition=Q(scored_at__isnull=True, points__isnull=True, passed__isnull=True)
                | Q(scored_at__isnull=False, points__isnull=False, passed__isnull=False),
                name="quality_score_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(second__isnull=True) | Q(second_by__isnull=False), name="quality_reading_has_reader"
            ),
            models.CheckConstraint(
                condition=~Q(state="feedback") | Q(rectify_by__isnull=False), name="quality_finding_has_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["institution", "state"], name="quality_by_institution"),
            models.Index(fields=["person", "state"], name="quality_by_person"),
            models.Index(fields=["order"], name="quality_by_order"),
            due_index("quality_sample_clock"),
        ]
