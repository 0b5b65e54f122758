"""Machines, their loads and what was monitored."""

from django.db import models
from django.db.models import F, Q

from yigong.centres.sterile.models.packs import APPEND_ONLY
from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


@audited
class Machine(models.Model):
    """A washer or steriliser. While ``stopped_at`` stands nothing may be started on it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    method = models.CharField(max_length=16)
    stopped_at = models.DateTimeField(null=True)
    stop_reason = models.CharField(max_length=200, blank=True)
    stopped_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["centre", "code"], name="sterile_machine_code_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@audited
class Load(Stateful):
    """One cycle of one machine with the packs in it. ``waits_biological``: not released before the result."""

    number = models.CharField(max_length=32, unique=True)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="loads")
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10)
    programme = models.CharField(max_length=16)
    programme_label = models.CharField(max_length=60)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80)
    started_at = models.DateTimeField(null=True)
    started_by = models.CharField(max_length=80, blank=True)
    finished_at = models.DateTimeField(null=True)
    finished_by = models.CharField(max_length=80, blank=True)
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=80, blank=True)
    takes_biological = models.BooleanField(default=False)
    waits_biological = models.BooleanField(default=False)
    early_reason = models.CharField(max_length=200, blank=True)
    curve = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["machine"], condition=Q(state__in=["open", "running"]), name="sterile_machine_runs_one_load"
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("started_at")),
                name="sterile_load_ends_after_start",
            ),
        ]
        indexes = [
            due_index("sterile_load_due"),
            models.Index(fields=["centre", "-opened_at"], name="sterile_load_by_centre"),
            models.Index(fields=["machine", "started_at"], name="sterile_load_by_machine"),
        ]

    def __str__(self) -> str:
        return self.number


class MonitoringTest(models.Model):
    """One result: of a load, or of a machine alone (Bowie-Dick, empty cycle). Append-only; ``taken_at`` is the cycle it speaks for."""

    class Kind(models.TextChoices):
        PHYSICAL = "physical", "物理监测"
        CHEMICAL = "chemical", "化学监测"
        BIOLOGICAL = "biological", "生物监测"
        BOWIE_DICK = "bowie_dick", "B-D 试验"
        CLEANING = "cleaning", "清洗效果"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    machine = models.ForeignKey(Machine, on_delete=models.PROTECT, related_name="tests")
    load = models.ForeignKey(Load, null=True, on_delete=models.PROTECT, related_name="tests")
    kind = models.CharField(max_length=12, choices=Kind.choices)
    good = models.BooleanField()
    taken_at = models.DateTimeField()
    read_at = models.DateTimeField()
    read_by = models.CharField(max_length=80)
    temperature = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    minutes = models.DecimalField(max_digits=6, decimal_places=1, null=True)
    pressure = models.DecimalField(max_digits=5, decimal_places=1, null=True)
    a0 = models.PositiveIntegerField(null=True)
    lot = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(read_at__gte=F("taken_at")), name="sterile_test_read_after_taking"),
            models.UniqueConstraint(
                fields=["load", "kind"],
                condition=Q(kind__in=["physical", "biological"]),
                name="sterile_one_result_a_load",
            ),
        ]
        indexes = [
            models.Index(fields=["machine", "kind", "-taken_at"], name="sterile_test_by_machine"),
            models.Index(fields=["load"], name="sterile_test_by_load"),
        ]
        triggers = [APPEND_ONLY]
