"""Answers to forms. The definition is a pack; the answer keeps the version it was given under."""

from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class FormResponse(models.Model):
    """One filled form about one subject. Never edited: a correction is a new response that names the one it replaces."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    form_code = models.CharField(max_length=60)
    form_version = models.CharField(max_length=20)
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    resident_id = models.UUIDField(null=True)
    answers = models.JSONField()
    replaces = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="replaced_by")
    author_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    answered_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            models.Index(fields=["subject_kind", "subject_id"], name="form_response_by_subject"),
            models.Index(fields=["resident_id", "form_code", "answered_at"], name="form_response_by_resident"),
        ]
