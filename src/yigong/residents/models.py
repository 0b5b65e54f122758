"""Residents and the source records behind them."""

from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Resident(models.Model):
    """The stable identity of one person: the golden view over linked source records. Rows are never deleted."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    initials = models.CharField(max_length=40)
    sex = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.name
