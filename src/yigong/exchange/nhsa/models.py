"""Messages to the platform as they went, with numbers masked, and the institutions' codes there."""

from django.db import models

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class ContractedInstitution(models.Model):
    """An institution's code and name at the platform (定点医药机构)."""

    institution_id = models.UUIDField(primary_key=True)
    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=200)


class PlatformMessage(models.Model):
    """One transaction: request and answer with personal numbers masked, what became of it, how long it took."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    infno = models.CharField(max_length=6)
    message_id = models.CharField(max_length=30)
    institution_id = models.UUIDField()
    about = models.CharField(max_length=40, blank=True)
    request = models.JSONField()
    answer = models.JSONField(null=True)
    outcome = models.CharField(max_length=8)
    said = models.CharField(max_length=300, blank=True)
    sent_at = models.DateTimeField()
    took_ms = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome__in=["answered", "refused", "lost", "down"]), name="platform_outcome_known"
            )
        ]
        indexes = [
            models.Index(fields=["institution_id", "-sent_at"], name="platform_message_by_place"),
            models.Index(fields=["message_id"], name="platform_message_by_id"),
            models.Index(fields=["about"], name="platform_message_by_bill"),
        ]
