"""Lots of vaccine at an institution, where they lie, and which lot went into whom. How many doses there are is the ledger's word."""

from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful
from yigong.programmes.models.people import Visit
from yigong.programmes.models.sites import Site, SiteRecord


@audited
class VaccineLot(Stateful):
    """A lot at one institution: usable, held for a person to judge (``held_by`` what was measured where it lies), stopped by hand, recalled or
    discarded. Its doses are accounts of the ledger owned by its key."""

    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=60)
    lot = models.CharField(max_length=40)
    expires_on = models.DateField()
    held_by = models.ForeignKey(SiteRecord, null=True, on_delete=models.PROTECT, related_name="lots")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["institution", "product", "lot"], name="programme_vaccine_lot_once"),
            models.CheckConstraint(
                condition=Q(state__in=["usable", "held", "stopped", "recalled", "discarded"]),
                name="programme_vaccine_lot_state_known",
            ),
            # A recall does not judge the temperature: a held lot stays to be judged when the recall is lifted.
            models.CheckConstraint(
                condition=Q(state="held", held_by__isnull=False)
                | Q(state="recalled")
                | (~Q(state="held") & Q(held_by=None)),
                name="programme_vaccine_lot_held_says_by_what",
            ),
        ]
        indexes = [models.Index(fields=["lot", "product"], name="programme_vaccine_lot_by_lot")]


class LotStay(models.Model):
    """A lot lay at a place (a refrigerator) from a day to a day; it may lie at two at once. What is measured there concerns it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    lot = models.ForeignKey(VaccineLot, on_delete=models.PROTECT, related_name="stays", db_index=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "site"], condition=Q(until=None), name="programme_lot_stay_once"),
            models.CheckConstraint(
                condition=Q(until=None) | Q(until__gte=F("since")), name="programme_lot_stay_in_order"
            ),
        ]
        indexes = [models.Index(fields=["site", "since"], name="programme_lot_stays_at")]


class Dose(models.Model):
    """One dose given at a visit, by its lot: what a recall asks. ``posting_id`` took it from the institution's stock; none where it keeps no stock of
    the lot. ``despite`` says why it stands although the lot was blocked or used up."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="+")
    institution_id = models.UUIDField()
    product = models.CharField(max_length=60)
    manufacturer = models.CharField(max_length=60, blank=True)
    lot = models.CharField(max_length=40)
    expires_on = models.DateField(null=True)
    posting_id = models.UUIDField(null=True)
    despite = models.CharField(max_length=200, db_default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["lot", "product", "institution_id"], name="programme_dose_by_lot")]
