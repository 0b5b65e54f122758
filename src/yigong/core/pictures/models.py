"""Pictures by what they show: the same bytes are one row, whoever keeps them and wherever they belong."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now


class Picture(models.Model):
    """A JPEG written anew by us; ``digest`` is the SHA-256 of ``content``. Rooms point at it with rows of their own that say to what it belongs."""

    digest = models.CharField(primary_key=True, max_length=64)
    content = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]
