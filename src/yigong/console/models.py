"""Tables of the staff shell: the maintained monthly figures."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class FigureCell(models.Model):
    """One figure of one institution in one month, as last counted. A cell that counts nothing has no row."""

    figure = models.CharField(max_length=30)
    institution_id = models.UUIDField()
    month = models.DateField()
    amount = models.PositiveIntegerField()
    of = models.PositiveIntegerField(default=0)
    minutes = ArrayField(models.PositiveIntegerField(), default=list)
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["figure", "month", "institution_id"], name="console_one_cell"),
            models.CheckConstraint(condition=models.Q(month__day=1), name="console_month_begins_on_the_first"),
        ]
