"""How somebody takes each medicine, as heard at a visit."""

from django.db import models

from yigong.core.ids import new_id
from yigong.programmes.models.people import Visit


class MedicineUse(models.Model):
    """One medicine at one visit: its name and use in words, how it is taken (a code of the definition of medicine use). It goes with its visit: a void
    one counts nowhere."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="medicines", db_index=False)
    place = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=100)
    text = models.CharField(max_length=120, db_default="", blank=True)
    taken = models.CharField(max_length=1)
    note = models.CharField(max_length=100, db_default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "name"], name="programme_medicine_once_a_visit"),
            models.CheckConstraint(
                condition=~models.Q(name="") & ~models.Q(taken=""), name="programme_medicine_is_answered"
            ),
        ]
