"""Files taken on: where they came from, what became of each row, and what was wrong with it."""

from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


class Source(models.Model):
    """A system of an institution that gives rows of one layout: numbers are unique within it. Its row is the lock of everything written from it.

    ``columns`` remembers which header stood for which column the last time.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    layout = models.CharField(max_length=30)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=40)
    columns = models.JSONField(default=dict)
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["layout", "institution", "system"], name="takeon_source_once", nulls_distinct=False
            )
        ]

    def __str__(self) -> str:
        return self.system


class Import(Stateful):
    """One file: uploaded, tried, taken on, perhaps undone. ``counts`` tell how many rows became what."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="imports")
    layout = models.CharField(max_length=30)
    layout_version = models.CharField(max_length=20)
    file_name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    size = models.BigIntegerField()
    header = models.JSONField(default=list)
    sample = models.JSONField(default=list)
    sheet = models.PositiveSmallIntegerField(db_default=0)
    sheet_name = models.CharField(max_length=40, blank=True, db_default="")
    columns = models.JSONField(default=dict)
    job_id = models.UUIDField(null=True)
    counts = models.JSONField(default=dict)
    trouble = models.CharField(max_length=400, blank=True)
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.CharField(max_length=80, blank=True)
    undone_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        indexes = [models.Index(fields=["-asked_at"], name="takeon_newest"), due_index("takeon_due")]

    def __str__(self) -> str:
        return self.file_name


class TakenRow(models.Model):
    """A row of a source by its number, and what it is here. ``made``: it was made from the row, not found; ``digest`` tells a changed row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+", db_index=False)
    number = models.CharField(max_length=120)
    target = models.UUIDField()
    digest = models.BinaryField()
    made = models.BooleanField()
    brought_by = models.ForeignKey(Import, on_delete=models.PROTECT, related_name="+")
    touched_by = models.ForeignKey(Import, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="takeon_row_once")]


class Fault(models.Model):
    """What is wrong with a row of a file: where, which value (masked where it is secret), which rule with what it says."""

    id = models.BigAutoField(primary_key=True)
    of = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="faults", db_index=False)
    line = models.PositiveIntegerField()
    column = models.CharField(max_length=40, blank=True)
    value = models.CharField(max_length=80, blank=True)
    rule = models.CharField(max_length=20)
    said = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["of", "line"], name="takeon_fault_by_line")]
