"""Recalls and every pack in them until it is settled."""

from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.states.models import Stateful, due_index


@audited
class Recall(Stateful):
    """All packs of a machine since its last good biological test. ``since`` is None where there never was one."""

    number = models.CharField(max_length=24, unique=True)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    machine = models.ForeignKey("sterile.Machine", on_delete=models.PROTECT, related_name="recalls")
    test = models.OneToOneField("sterile.MonitoringTest", on_delete=models.PROTECT, related_name="recall")
    since = models.DateTimeField(null=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    closing_note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            due_index("sterile_recall_due"),
            models.Index(fields=["centre", "-opened_at"], name="sterile_recall_by_centre"),
        ]

    def __str__(self) -> str:
        return self.number


@audited
class RecallItem(Stateful):
    """One pack in a recall: wanted back from who holds it, or used in a patient who must be watched."""

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="items")
    pack = models.ForeignKey("sterile.Pack", on_delete=models.PROTECT, related_name="+")
    round = models.ForeignKey("sterile.Round", on_delete=models.PROTECT, related_name="recall_items")
    load = models.ForeignKey("sterile.Load", on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    pack_state = models.CharField(max_length=16)
    resident = models.ForeignKey("residents.Resident", null=True, on_delete=models.PROTECT, related_name="+")
    encounter_id = models.UUIDField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recall", "round"], name="sterile_recalled_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["exposed", "assessed"]) | Q(resident__isnull=False),
                name="sterile_exposed_is_somebody",
            ),
        ]
        indexes = [
            due_index("sterile_item_due"),
            models.Index(fields=["recall", "state", "holder"], name="sterile_item_by_recall"),
            models.Index(fields=["pack", "state"], name="sterile_item_by_pack"),
            models.Index(fields=["resident"], name="sterile_item_by_resident"),
        ]
