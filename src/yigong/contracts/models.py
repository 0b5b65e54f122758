"""Teams, contracts with their stints, what was done, key populations, fees shared.

That nobody has two valid contracts on one day is the database's word (exclusion constraint in the migrations).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index

STATES = ["offered", "valid", "ended", "expired", "withdrawn", "lapsed"]


@audited
class Team(models.Model):
    """A family-doctor team (1+1+X) of one institution; ``ended_on`` is the first day on which it no longer signs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    started_on = models.DateField()
    ended_on = models.DateField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "name"], condition=Q(ended_on__isnull=True), name="contract_team_name_once"
            )
        ]


@audited
class Member(models.Model):
    """Somebody in a seat of a team; ``role`` is the pack's. ``institution_id`` is where he works, so that it may see the people."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="members")
    staff_id = models.UUIDField(db_index=True)
    role = models.CharField(max_length=20)
    institution_id = models.UUIDField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "staff_id"], condition=Q(ends_on__isnull=True), name="contract_member_one_seat"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="contract_member_ends_after_start",
            ),
        ]


@audited
class Area(models.Model):
    """An institution whose people a team looks after."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="areas")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "institution"], name="contract_area_once")]


@audited
class Contract(Stateful):
    """One person and one team for a term from ``starts_on`` to the day before ``ends_on`` (``term_ends_on`` as agreed).

    ``packages`` are {code: version}; ``groups`` the key populations at signing; ``payers`` fen by source, ``returned`` what of it
    went back at an early end. ``institution_id`` repeats the team's,
    ``due_times``, ``done_times`` and ``first_done_on`` what items and services say, for lists and rates. ``is_renewed`` says that another one
    ``renews`` it. ``token`` is the digest of an offered contract's link.
    """

    number = models.CharField(max_length=24, unique=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+", db_index=False)
    household_id = models.UUIDField(null=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+", db_index=False)
    institution_id = models.UUIDField()
    rules_version = models.CharField(max_length=20)
    packages = models.JSONField(default=dict)
    groups = models.JSONField(default=list)
    starts_on = models.DateField()
    ends_on = models.DateField()
    term_ends_on = models.DateField()
    signed_on = models.DateField(null=True)
    way = models.CharField(max_length=8)
    signer_id = models.UUIDField(null=True)
    signer_note = models.CharField(max_length=80, blank=True)
    staff_id = models.UUIDField(null=True)
    fee_fen = models.BigIntegerField(db_default=0)
    payers = models.JSONField(default=dict)
    returned = models.JSONField(default=dict)
    due_times = models.PositiveSmallIntegerField(db_default=0)
    done_times = models.PositiveSmallIntegerField(db_default=0)
    first_done_on = models.DateField(null=True)
    ending = models.CharField(max_length=20, blank=True)
    renews = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="renewed_by", db_index=False
    )
    is_renewed = models.BooleanField(db_default=False)
    token = models.CharField(max_length=64, blank=True)
    tries = models.PositiveSmallIntegerField(db_default=0)
    merged_by = models.UUIDField(null=True)
    request_key = models.UUIDField(null=True, unique=True)
    batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=STATES), name="contract_state_known"),
            models.CheckConstraint(condition=Q(way__in=["paper", "online", "scan"]), name="contract_way_known"),
            models.CheckConstraint(
                condition=Q(term_ends_on__gt=F("starts_on"))
                & Q(ends_on__gte=F("starts_on"))
                & Q(ends_on__lte=F("term_ends_on")),
                name="contract_ends_after_start",
            ),
            models.CheckConstraint(condition=~Q(state="ended") | ~Q(ending=""), name="contract_ended_says_why"),
            models.CheckConstraint(condition=Q(done_times__lte=F("due_times")), name="contract_done_within_due"),
            models.CheckConstraint(condition=Q(fee_fen__gte=0), name="contract_fee_not_negative"),
        ]
        indexes = [
            models.Index(fields=["resident", "starts_on"], name="contract_of_resident"),
            models.Index(fields=["team", "state", "ends_on"], name="contract_by_team"),
            # The home page counts from this index alone.
            models.Index(
                fields=["institution_id", "state", "ends_on"],
                include=["starts_on", "done_times", "due_times", "is_renewed"],
                name="contract_by_institution",
            ),
            models.Index(fields=["token"], name="contract_by_token", condition=~Q(token="")),
            due_index("contract_due_clock"),
        ]


class Stint(models.Model):
    """Which team answered for a contract from a day to the day before another: fees are shared by it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="stints")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    ends_on = models.DateField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="contract_stint_ends_after_start"),
            models.UniqueConstraint(fields=["contract", "starts_on"], name="contract_stint_once"),
        ]


class Service(models.Model):
    """A record that fulfils an item of a contract, or a service noted by hand (``source_kind`` manual). One record counts once in a contract."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    contract = models.ForeignKey(Contract, on_delete=models.CASCADE, related_name="services", db_index=False)
    package = models.CharField(max_length=30)
    item = models.CharField(max_length=30)
    source_kind = models.CharField(max_length=10)
    source_id = models.UUIDField()
    on = models.DateField()
    institution_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contract", "source_kind", "source_id"], name="contract_service_counts_once"
            ),
            models.CheckConstraint(
                condition=Q(source_kind__in=["visit", "encounter", "manual"]), name="contract_service_source_known"
            ),
        ]
        indexes = [models.Index(fields=["institution_id", "on"], name="contract_service_of_place")]


class GroupMember(models.Model):
    """Somebody in a key population since a day, by what the records say; ``until`` is the first day on which it is no longer so."""

    id = models.BigAutoField(primary_key=True)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    group = models.CharField(max_length=30)
    institution_id = models.UUIDField(null=True)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["resident", "group"], condition=Q(until__isnull=True), name="contract_group_member_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["group", "institution_id"], name="contract_group_of_place", condition=Q(until__isnull=True)
            )
        ]


@audited
class FeeShare(models.Model):
    """A team's fee of one year up to a day, shared and posted. ``earned_fen`` by days served, ``paid_fen`` of it by fulfilment, ``lines`` who got
    what; a reversed one counts no more."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    until = models.DateField()
    earned_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField()
    done_times = models.PositiveIntegerField()
    due_times = models.PositiveIntegerField()
    rules_version = models.CharField(max_length=20)
    lines = models.JSONField(default=list)
    posting_id = models.UUIDField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField(db_default=Now())
    reversed_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "year"], condition=Q(reversed_because=""), name="contract_fee_shared_once"
            ),
            models.CheckConstraint(
                condition=Q(paid_fen__lte=F("earned_fen"), paid_fen__gte=0), name="contract_fee_paid_within_earned"
            ),
        ]


class Upkeep(models.Model):
    """One row of the clock: the day for which key populations were last brought up to date."""

    name = models.CharField(max_length=30, primary_key=True)
    day = models.DateField()
