"""Counters behind business numbers, and blocks of numbers that somebody else gives out."""

import pgtrigger
from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Counter(models.Model):
    """The last number given out for one kind and scope."""

    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=60)
    value = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "scope"], name="one_counter_per_kind_and_scope")]


class Block(models.Model):
    """Numbers that somebody else gives out (the finance bureau's invoice numbers): ``first`` to ``last``, used one after the other.

    ``next`` is the number that comes next; it moves by one with each number taken and never back, so that every number below it was taken by
    a change that was committed. Kept for one ``holder`` (a window's own stack of paper), or for all when empty. Blocks of one kind and code
    do not overlap, whoever holds them.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=40)
    scope = models.CharField(max_length=60)
    holder = models.CharField(max_length=60, blank=True)
    holder_name = models.CharField(max_length=80, blank=True)
    code = models.CharField(max_length=20, blank=True)
    first = models.BigIntegerField()
    last = models.BigIntegerField()
    width = models.PositiveSmallIntegerField()
    next = models.BigIntegerField()
    source = models.CharField(max_length=200)
    opened_by = models.CharField(max_length=80)
    opened_at = models.DateTimeField(db_default=Now())
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)
    closed_why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(first__gte=0, last__gte=models.F("first")), name="number_block_has_an_order"
            ),
            models.CheckConstraint(
                condition=models.Q(next__gte=models.F("first"), next__lte=models.F("last") + 1),
                name="number_block_next_inside",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at__isnull=True, closed_why="") | models.Q(closed_at__isnull=False) & ~models.Q(closed_why=""),
                name="number_block_closed_why",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["scope", "kind"], name="number_block_of_scope")]
        triggers = [
            pgtrigger.Protect(name="kept", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="one_after_the_other",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "NEW.next NOT IN (OLD.next, OLD.next + 1) OR OLD.closed_at IS NOT NULL OR "
                    + " OR ".join(
                        f"OLD.{name} IS DISTINCT FROM NEW.{name}"
                        for name in ("kind", "scope", "holder", "code", "first", "last", "width")
                    )
                ),
            ),
        ]

    @property
    def left(self) -> int:
        """How many numbers are still there."""
        return 0 if self.closed_at else self.last - self.next + 1

    @property
    def taken(self) -> int:
        """How many numbers were taken."""
        return self.next - self.first

    def written(self, serial: int) -> str:
        """A number as it stands on the paper."""
        return f"{serial:0{self.width}d}"
