"""Routes and their runs, and what travels on them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


class Van(models.Model):
    """A vehicle that carries goods, of the institution that sends it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    base = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    plate = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=40)
    is_active = models.BooleanField(db_default=True)

    def __str__(self) -> str:
        return f"{self.name} {self.plate}"


@audited
class Route(models.Model):
    """Stops in their order with their times, on some days of the week (1 is Monday); who drives it and with what unless said otherwise."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    base = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    weekdays = ArrayField(models.PositiveSmallIntegerField())
    van = models.ForeignKey(Van, null=True, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(db_default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["base", "name"], name="logistics_route_once"),
            models.CheckConstraint(
                condition=Q(weekdays__contained_by=[1, 2, 3, 4, 5, 6, 7]) & Q(weekdays__len__gt=0), name="logistics_weekdays_known"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class RouteStop(models.Model):
    """One stop of a route and its time of day."""

    route = models.ForeignKey(Route, on_delete=models.CASCADE, related_name="stops")
    rank = models.PositiveSmallIntegerField()
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    at = models.TimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["route", "rank"], name="logistics_stop_rank_once")]
        ordering = ["rank"]


class Run(Stateful):
    """One tour of a day with its vehicle and driver. Without a route it says why it was sent."""

    number = models.CharField(max_length=24, unique=True)
    base = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    route = models.ForeignKey(Route, null=True, on_delete=models.PROTECT, related_name="runs")
    name = models.CharField(max_length=40)
    on = models.DateField()
    van = models.ForeignKey(Van, null=True, on_delete=models.PROTECT, related_name="+")
    driver = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    why = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "on"], name="logistics_run_of_the_day_once"),
            models.UniqueConstraint(
                fields=["van"], condition=Q(state="under_way"), name="logistics_van_on_one_run"
            ),
            models.UniqueConstraint(
                fields=["driver"], condition=Q(state="under_way"), name="logistics_driver_on_one_run"
            ),
            models.CheckConstraint(condition=Q(route__isnull=False) | ~Q(why=""), name="logistics_unplanned_says_why"),
            models.CheckConstraint(
                condition=~Q(state__in=["under_way", "done"]) | Q(van__isnull=False, driver__isnull=False),
                name="logistics_run_has_van_and_driver",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["base", "on"], name="logistics_run_by_day"),
            models.Index(fields=["driver", "on"], name="logistics_run_by_driver"),
        ]

    def __str__(self) -> str:
        return self.number


class RunStop(models.Model):
    """One stop of one run: when it should be reached, when it was, or why it was passed by."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="stops")
    rank = models.PositiveSmallIntegerField()
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    skipped = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["run", "rank"], name="logistics_run_stop_rank_once"),
            models.CheckConstraint(
                condition=Q(left_at__isnull=True) | Q(arrived_at__isnull=False, left_at__gte=F("arrived_at")),
                name="logistics_left_after_arrival",
            ),
            models.CheckConstraint(
                condition=Q(arrived_at__isnull=True) | Q(skipped=""), name="logistics_reached_or_skipped"
            ),
        ]
        ordering = ["rank"]
        indexes = [models.Index(fields=["institution", "planned_at"], name="logistics_stop_by_place")]


@audited
class Consignment(Stateful):
    """A unit of another room on its way from one institution to another: a box of tubes, packs, containers, medicines.

    ``courier`` is who carries it: the driver of ``run``, or somebody named when it was handed over without one. ``box`` is the box of the
    vehicle in which it lies.
    """

    number = models.CharField(max_length=32, unique=True)
    kind = models.CharField(max_length=16)
    sender = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+")
    band = models.CharField(max_length=12)
    note = models.CharField(max_length=120, blank=True)
    pieces_out = models.PositiveSmallIntegerField(db_default=0)
    pieces_in = models.PositiveSmallIntegerField(null=True)
    packed_by = models.CharField(max_length=80)
    seal = models.CharField(max_length=80, blank=True)
    run = models.ForeignKey(Run, null=True, on_delete=models.PROTECT, related_name="consignments")
    box = models.CharField(max_length=16, blank=True)
    courier = models.CharField(max_length=80, blank=True)
    courier_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField(null=True)
    arrived_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    received_staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    difference = models.CharField(max_length=200, blank=True)
    signature = models.ForeignKey("Signature", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(sender=F("receiver")), name="logistics_goes_elsewhere"),
            models.CheckConstraint(
                condition=~Q(state__in=["aboard", "arrived"]) | (Q(loaded_at__isnull=False) & ~Q(courier="")),
                name="logistics_carried_by_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state="received") | (Q(received_at__isnull=False) & ~Q(received_by="")),
                name="logistics_received_by_somebody",
            ),
            # Whoever carried it does not sign for its receipt.
            models.CheckConstraint(
                condition=Q(received_staff__isnull=True)
                | Q(courier_staff__isnull=True)
                | ~Q(received_staff=F("courier_staff")),
                name="logistics_courier_does_not_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["sender", "state"], name="logistics_by_sender"),
            models.Index(fields=["receiver", "state"], name="logistics_by_receiver"),
            models.Index(fields=["run"], name="logistics_by_run"),
            models.Index(fields=["state", "state_since"], name="logistics_by_state"),
        ]

    def __str__(self) -> str:
        return self.number


LONGEST_STROKES = 12000


class Signature(models.Model):
    """Who took things over at a stop, signed with a finger on the driver's telephone: a name and the line of the finger. It is a proof of the
    hand-over and no receipt: what was counted is signed for by the receiver with his own account.

    ``strokes`` is the path of an SVG of 300 by 120.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    stop = models.ForeignKey(RunStop, on_delete=models.PROTECT, related_name="signatures")
    name = models.CharField(max_length=40)
    strokes = models.CharField(max_length=LONGEST_STROKES)
    at = models.DateTimeField()
    taken_by = models.CharField(max_length=80)
    is_late = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="") & ~Q(strokes=""), name="logistics_signed_by_somebody"),
            models.CheckConstraint(condition=~Q(name=F("taken_by")), name="logistics_driver_does_not_sign_over"),
            models.CheckConstraint(condition=Q(strokes__regex=r"^[ML0-9 ]*$"), name="logistics_strokes_drawn"),
        ]
        indexes = [models.Index(fields=["stop", "at"], name="logistics_signed_at_stop")]


class Temperature(models.Model):
    """One reading beside a consignment; ``is_within`` says whether it keeps the limits of its band. Never changed."""

    consignment = models.ForeignKey(Consignment, on_delete=models.PROTECT, related_name="readings")
    celsius = models.DecimalField(max_digits=5, decimal_places=1)
    is_within = models.BooleanField()
    at = models.DateTimeField(db_default=Now())
    recorded_by = models.CharField(max_length=80)
    is_late = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(celsius__range=(-100, 80)), name="logistics_temperature_plausible")
        ]
        indexes = [models.Index(fields=["consignment", "at"], name="logistics_reading_of")]


class Trouble(models.Model):
    """What held a run up, and the way on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="troubles")
    kind = models.CharField(max_length=16)
    note = models.CharField(max_length=200)
    way_on = models.CharField(max_length=200)
    minutes = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(note="") & ~Q(way_on=""), name="logistics_trouble_has_a_way_on"),
            models.CheckConstraint(condition=Q(minutes__lte=1440), name="logistics_delay_plausible"),
        ]
        indexes = [models.Index(fields=["run", "at"], name="logistics_trouble_of_run")]


class Tap(Stateful):
    """One tap of a driver as his telephone sent it; the key is the telephone's, so that sending twice is once. ``given`` as tapped, never changed.

    ``device_at`` is the telephone's time, ``at`` the same put right. ``is_late``: it lay on the telephone for want of a line. What contradicts the
    platform waits with both versions, ``sentence`` says how and ``before`` what the platform had then.
    """

    run = models.ForeignKey(Run, on_delete=models.PROTECT, related_name="taps")
    staff_id = models.UUIDField()
    by = models.CharField(max_length=80)
    action = models.CharField(max_length=12)
    target = models.UUIDField(null=True)
    given = models.JSONField(default=dict)
    device_at = models.DateTimeField()
    at = models.DateTimeField()
    sent_at = models.DateTimeField(db_default=Now())
    is_late = models.BooleanField()
    why = models.CharField(max_length=12, blank=True)
    sentence = models.CharField(max_length=400, blank=True)
    before = models.CharField(max_length=400, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "review", "dropped"]), name="logistics_tap_state_known"
            ),
            models.CheckConstraint(condition=~Q(state="review") | ~Q(why=""), name="logistics_tap_waits_for_a_reason"),
        ]
        indexes = [
            models.Index(fields=["run", "at"], name="logistics_taps_of_run"),
            models.Index(fields=["sent_at"], name="logistics_taps_waiting", condition=Q(state="review")),
        ]
