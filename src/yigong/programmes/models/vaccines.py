"""Lots of vaccine at an institution, and which lot went into whom. How many doses there are is the ledger's word."""

from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.programmes.models.people import Visit


@audited
class VaccineLot(Stateful):
    """A lot at one institution: usable, stopped (temperature, doubt) or recalled. Its doses are accounts of the ledger owned by its key."""

    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=60)
    lot = models.CharField(max_length=40)
    expires_on = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "product", "lot"], name="programme_vaccine_lot_once"),
            models.CheckConstraint(
                condition=Q(state__in=["usable", "stopped", "recalled"]), name="programme_vaccine_lot_state_known"
            ),
        ]
        indexes = [models.Index(fields=["lot", "product"], name="programme_vaccine_lot_by_lot")]


class Dose(models.Model):
    """One dose given at a visit, by its lot: what a recall asks. ``posting_id`` took it from the institution's stock; none where it keeps no stock of the lot."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="+")
    institution_id = models.UUIDField()
    product = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=60, blank=True)
    lot = models.CharField(max_length=40)
    expires_on = models.DateField(null=True)
    posting_id = models.UUIDField(null=True)

    class Meta:
        indexes = [models.Index(fields=["lot", "product", "institution_id"], name="programme_dose_by_lot")]
