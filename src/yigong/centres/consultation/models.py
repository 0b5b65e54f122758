"""What a consultation adds to its order: the file, the experts, their opinions, the advice and its follow-through."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


class Consultation(models.Model):
    """One consultation; its life is the life of its order."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.OneToOneField("orders.Order", on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=8, db_default="video")
    purpose_code = models.CharField(max_length=16, blank=True)
    wanted_at = models.DateTimeField(null=True)
    consent = models.BooleanField(db_default=False)
    missing = models.JSONField(default=list, blank=True)
    gap = models.TextField(blank=True)
    meeting_url = models.URLField(max_length=500, blank=True)
    starts_at = models.DateTimeField(null=True)
    ends_at = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(form__in=["video", "text"]), name="consultation_form_known"),
            models.CheckConstraint(
                condition=Q(starts_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="consultation_span_forward"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(began_at__isnull=False), name="consultation_began_before_end"
            ),
        ]


class NamedRecord(models.Model):
    """One entry of the resident's record that the experts are shown; ``pieces`` are what it answers for."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="records")
    kind = models.CharField(max_length=16)
    entry_id = models.UUIDField()
    title = models.CharField(max_length=160)
    at = models.DateTimeField()
    institution_name = models.CharField(max_length=80)
    pieces = models.JSONField(default=list, blank=True)
    added_by = models.CharField(max_length=80)
    added_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "kind", "entry_id"], name="consultation_record_once")
        ]


class Invitation(Stateful):
    """One expert asked for one span of time. While it is asked or accepted the span is held: an exclusion constraint (migration 0002)."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="invitations")
    expert = models.ForeignKey("network.Staff", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    is_lead = models.BooleanField(db_default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    off_roster = models.CharField(max_length=120, blank=True)
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replacement")
    reason_code = models.CharField(max_length=16, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)
    attended = models.BooleanField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="consultation_slot_forward"),
            models.UniqueConstraint(
                fields=["consultation", "expert"], condition=Q(state__in=["invited", "accepted", "opined"]),
                name="consultation_expert_once",
            ),
            models.UniqueConstraint(
                fields=["consultation"], condition=Q(is_lead=True, state__in=["invited", "accepted", "opined"]),
                name="consultation_one_lead",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["expert", "state", "starts_at"], name="consultation_by_expert"),
            due_index("consultation_invitation_due"),
        ]


class Attendance(models.Model):
    """Somebody who took part."""

    class Side(models.TextChoices):
        ASKING = "asking", "申请方"
        INVITED = "invited", "受邀方"

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="attendances")
    side = models.CharField(max_length=8, choices=Side.choices)
    name = models.CharField(max_length=80)
    institution_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consultation", "side", "name"], name="consultation_attendance_once"),
            models.CheckConstraint(condition=Q(side__in=["asking", "invited"]), name="consultation_side_known"),
        ]


class Opinion(models.Model):
    """One signed version of one expert's opinion. Append-only, held by a trigger: a correction is another version with its reason."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    invitation = models.ForeignKey(Invitation, on_delete=models.PROTECT, related_name="opinions")
    number = models.PositiveSmallIntegerField()
    text = models.TextField()
    basis = models.TextField(blank=True)
    author_name = models.CharField(max_length=80)
    signed_at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "number"], name="consultation_opinion_version_once"),
            models.CheckConstraint(condition=Q(number=1) | ~Q(reason=""), name="consultation_amended_with_reason"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]


class Advice(Stateful):
    """One item of the conclusion, carried out (or not, with a reason) by the asking side."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="advice")
    position = models.PositiveSmallIntegerField()
    category = models.CharField(max_length=16)
    text = models.CharField(max_length=300)
    limit_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "category", "text"], condition=~Q(state="superseded"),
                name="consultation_advice_once",
            )
        ]  # fmt: skip


class Evaluation(models.Model):
    """What the asking side thinks of it, once."""

    consultation = models.OneToOneField(Consultation, on_delete=models.PROTECT, related_name="evaluation")
    promptness = models.PositiveSmallIntegerField()
    usefulness = models.PositiveSmallIntegerField()
    adoption = models.CharField(max_length=8)
    comment = models.CharField(max_length=500, blank=True)
    by_name = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(promptness__range=(1, 5), usefulness__range=(1, 5)), name="consultation_scores_1_to_5"
            ),
            models.CheckConstraint(condition=Q(adoption__in=["all", "part", "none"]), name="consultation_adoption"),
        ]


class FeeShare(models.Model):
    """One part of a consultation's fee, in fen; the parts add up to the price. A withdrawn conclusion takes them back."""

    consultation = models.ForeignKey(Consultation, on_delete=models.PROTECT, related_name="shares")
    kind = models.CharField(max_length=12)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    expert = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    weight = models.PositiveIntegerField()
    amount = models.PositiveIntegerField()
    shared_at = models.DateTimeField(db_default=Now())
    taken_back_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["consultation", "kind", "institution", "expert"], condition=Q(taken_back_at__isnull=True),
                nulls_distinct=False, name="consultation_share_once",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["inviting", "centre", "institutions", "experts"]), name="consultation_share_kind"
            ),
        ]  # fmt: skip
