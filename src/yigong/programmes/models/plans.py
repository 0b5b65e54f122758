"""An institution's year: what it means to do for the public, when, and what became of it."""

from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.states.models import Stateful
from yigong.programmes.models.sites import SiteRecord


@audited
class PlannedActivity(Stateful):
    """One thing of the year under a light definition: planned for ``on``, done by a ``record`` of the same activity, or dropped with a reason. A later
    day needs a reason too; ``first_on`` is the day as it was planned first."""

    programme = models.CharField(max_length=40)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    activity = models.CharField(max_length=30)
    topic = models.CharField(max_length=60)
    occasion = models.CharField(max_length=40, blank=True)
    on = models.DateField()
    first_on = models.DateField()
    record = models.OneToOneField(SiteRecord, null=True, on_delete=models.PROTECT, related_name="planned")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", record__isnull=False) | Q(state__in=["planned", "dropped"], record__isnull=True),
                name="programme_plan_done_by_a_record",
            ),
            models.CheckConstraint(condition=Q(on__year=models.F("year")), name="programme_plan_in_its_year"),
            models.UniqueConstraint(
                fields=["programme", "institution", "activity", "on", "topic"], condition=~Q(state="dropped"), name="programme_plan_once"
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["institution", "programme", "year", "on"], name="programme_plan_of_year")]
