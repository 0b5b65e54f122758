"""What phones took along and what they brought back. Nothing of a person lies in a bundle's row: the people are on the phone, encrypted."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


@audited
class Bundle(models.Model):
    """One taking-along: whose, how much, until when it lives. ``clock_ahead`` is by how many seconds the phone's clock was ahead."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff_id = models.UUIDField(db_index=True)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    taken_at = models.DateTimeField(db_default=Now())
    until = models.DateField()
    expires_at = models.DateTimeField()
    clock_ahead = models.IntegerField()
    people = models.PositiveSmallIntegerField()
    dues = models.PositiveSmallIntegerField()
    left_out = models.PositiveSmallIntegerField(db_default=0)
    device = models.CharField(max_length=120, blank=True)
    returned_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.CharField(max_length=80, blank=True)
    revoked_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | ~Q(revoked_because=""), name="village_bundle_revoked_says_why"
            )
        ]
        indexes = [models.Index(fields=["institution", "-taken_at"], name="village_bundle_of_place")]


class Entry(Stateful):
    """One visit written on a phone; the key is the phone's, so that sending twice is once. ``answers`` and ``medicines`` as typed and never changed; ``said_on`` is the
    phone's day, ``on`` the day put right; ``basis`` what the phone knew of the management. ``moved_to`` is the institution that manages the person by
    now, where that is another one: it decides."""

    bundle = models.ForeignKey(Bundle, on_delete=models.PROTECT, related_name="entries")
    enrolment_id = models.UUIDField()
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    stage = models.CharField(max_length=30)
    said_on = models.DateField()
    on = models.DateField()
    device_at = models.DateTimeField()
    sent_at = models.DateTimeField(db_default=Now())
    way = models.CharField(max_length=1)
    answers = models.JSONField(default=dict)
    medicines = models.JSONField(default=list, db_default=[])
    confirmed = models.BooleanField(db_default=False)
    basis = models.JSONField(default=dict)
    why = models.CharField(max_length=12, blank=True)
    moved_to = models.UUIDField(null=True)
    sentence = models.CharField(max_length=400, blank=True)
    visit_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "review", "dropped"]), name="village_entry_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="accepted", visit_id__isnull=False)
                | (~Q(state="accepted") & Q(visit_id__isnull=True)),
                name="village_entry_accepted_is_a_visit",
            ),
        ]
        indexes = [models.Index(fields=["bundle"], name="village_entry_waiting", condition=Q(state="review"))]
