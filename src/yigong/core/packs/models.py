"""The archive of released definitions, so that old records can be read with the version they were made under."""

from django.db import models
from django.db.models.functions import Now


class ReleasedDefinition(models.Model):
    """One version of one definition as it was loaded. A released version never changes its content."""

    kind = models.CharField(max_length=40)
    code = models.CharField(max_length=60)
    version = models.CharField(max_length=20)
    effective_from = models.DateField()
    content = models.JSONField()
    digest = models.CharField(max_length=64)
    source = models.CharField(max_length=200)
    loaded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "code", "version"], name="definition_version_once")]
