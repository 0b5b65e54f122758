"""Packs, their rounds from return to use, and every scan. Where a pack is, the ledger says too: one unit in exactly one account."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

APPEND_ONLY = pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)


@audited
class Pack(Stateful):
    """One physical set of instruments with a lasting code. ``holder`` is where it is; ``blocked`` while it is being recalled."""

    number = models.CharField(max_length=16, unique=True)
    set_code = models.CharField(max_length=15)
    set_version = models.CharField(max_length=20)
    set_name = models.CharField(max_length=60)
    set_initials = models.CharField(max_length=60)
    kind = models.CharField(max_length=8)
    centre = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    holder = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    round = models.OneToOneField("sterile.Round", null=True, on_delete=models.PROTECT, related_name="+")
    blocked = models.BooleanField(default=False)

    class Meta:
        indexes = [
            due_index("sterile_pack_due"),
            models.Index(fields=["holder", "state", "set_code"], name="sterile_pack_by_place"),
            models.Index(fields=["centre", "state"], name="sterile_pack_by_centre"),
        ]

    def __str__(self) -> str:
        return self.number


class Round(models.Model):
    """One journey of a pack from its return to its use: machines, dates, who got it, in whom it was used, what it cost."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="rounds")
    number = models.PositiveIntegerField()
    label = models.CharField(max_length=24, unique=True)
    returned_from = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    returned_at = models.DateTimeField()
    infection = models.CharField(max_length=16, blank=True)
    wash = models.ForeignKey("sterile.Load", null=True, on_delete=models.PROTECT, related_name="washed")
    load = models.ForeignKey("sterile.Load", null=True, on_delete=models.PROTECT, related_name="rounds")
    material = models.CharField(max_length=16, blank=True)
    packed_at = models.DateTimeField(null=True)
    packed_by = models.CharField(max_length=80, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    incomplete = models.CharField(max_length=200, blank=True)
    sterilised_on = models.DateField(null=True)
    expires_on = models.DateField(null=True)
    stored_at = models.DateTimeField(null=True)
    delivery = models.ForeignKey("sterile.Delivery", null=True, on_delete=models.PROTECT, related_name="rounds")
    destination = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField(null=True)
    issued_on = models.DateField(null=True)
    received_at = models.DateTimeField(null=True)
    price = models.PositiveIntegerField(null=True)
    used_at = models.DateTimeField(null=True)
    used_on = models.DateField(null=True)
    resident = models.ForeignKey("residents.Resident", null=True, on_delete=models.PROTECT, related_name="+")
    encounter = models.ForeignKey("records.Encounter", null=True, on_delete=models.PROTECT, related_name="+")
    used_for = models.CharField(max_length=100, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["pack", "number"], name="sterile_round_counted_once"),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(resident__isnull=False, encounter__isnull=False),
                name="sterile_use_names_the_patient",
            ),
            models.CheckConstraint(
                condition=Q(used_on__isnull=True) | Q(used_on__lte=F("expires_on")), name="sterile_used_in_date"
            ),
            models.CheckConstraint(
                condition=Q(issued_on__isnull=True) | Q(issued_on__lte=F("expires_on")), name="sterile_issued_in_date"
            ),
            models.CheckConstraint(
                condition=Q(packed_at__isnull=True) | ~Q(packed_by=F("checked_by")), name="sterile_packed_by_two"
            ),
        ]
        indexes = [
            models.Index(fields=["load"], name="sterile_round_by_load"),
            models.Index(fields=["wash"], name="sterile_round_by_wash"),
            models.Index(fields=["delivery"], name="sterile_round_by_delivery"),
            models.Index(fields=["destination", "received_at"], name="sterile_round_received"),
            models.Index(fields=["resident", "-used_at"], name="sterile_round_by_resident"),
            models.Index(fields=["encounter"], name="sterile_round_by_encounter"),
        ]


class Scan(models.Model):
    """One step of one pack: who, the second person, machine, load, from and to where. Append-only; an undone step has a counter-line."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    pack = models.ForeignKey(Pack, on_delete=models.PROTECT, related_name="scans")
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="scans")
    action = models.CharField(max_length=24)
    undoes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="undone_by")
    from_state = models.CharField(max_length=16)
    to_state = models.CharField(max_length=16)
    at = models.DateTimeField()
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    second = models.CharField(max_length=80, blank=True)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    load = models.ForeignKey("sterile.Load", null=True, on_delete=models.PROTECT, related_name="+")
    method = models.CharField(max_length=40, blank=True)
    posting_id = models.UUIDField(unique=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["pack", "-at"], name="sterile_scan_by_pack"),
            models.Index(fields=["round", "at"], name="sterile_scan_by_round"),
            models.Index(fields=["institution", "action", "-at"], name="sterile_scan_by_step"),
            models.Index(fields=["staff_id", "-at"], name="sterile_scan_by_staff"),
        ]
        triggers = [APPEND_ONLY]
