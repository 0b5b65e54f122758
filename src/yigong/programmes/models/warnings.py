"""Syndromic early warning: what each institution saw each day, and the days that stood out from its own past."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class SyndromeDay(models.Model):
    """``cases`` of a syndrome among the ``contacts`` of an institution on a day; no row where it had none. ``limit`` is None where its past was too short."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution_id = models.UUIDField()
    syndrome = models.CharField(max_length=30)
    on = models.DateField()
    contacts = models.PositiveIntegerField()
    cases = models.PositiveIntegerField()
    mean = models.FloatField(null=True)
    limit = models.FloatField(null=True)
    is_alarm = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution_id", "syndrome", "on"], name="programme_syndrome_day_once"),
            models.CheckConstraint(condition=Q(cases__lte=F("contacts")), name="programme_syndrome_cases_are_contacts"),
        ]
        indexes = [models.Index(fields=["on"], name="programme_syndrome_days")]


@audited
class SyndromeAlarm(Stateful):
    """An institution that stood out from its own past from ``on`` to ``last_on``; one open per syndrome. ``outcome``: real, explained, data."""

    class Outcome(models.TextChoices):
        OPEN = "", "待核实"
        REAL = "real", "确有聚集，已报告"
        EXPLAINED = "explained", "有原因，不是聚集"
        DATA = "data", "登记或编码问题"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    syndrome = models.CharField(max_length=30)
    definition = models.CharField(max_length=20)
    on = models.DateField()
    last_on = models.DateField()
    cases = models.PositiveIntegerField()
    limit = models.FloatField()
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "syndrome"], condition=Q(state="open"), name="programme_one_open_alarm"
            ),
            models.CheckConstraint(
                condition=Q(state="open", outcome="") | (Q(state="resolved") & ~Q(outcome="")),
                name="programme_alarm_resolved_says_what",
            ),
        ]
        indexes = [models.Index(fields=["state", "-on"], name="programme_alarm_list")]
