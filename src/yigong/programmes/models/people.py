"""Who is in which programme, what is due, what was done. Residents by today's key at the time of writing; reads follow ``identities``.

That nobody is in one programme twice at a time is the database's word (exclusion constraint in the migrations).
"""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful


def _one_of(field: str, values: list[str]) -> Q:
    return Q(**{f"{field}__in": values})


@audited
class Enrolment(Stateful):
    """One person in one programme from ``started_on`` to the day before ``ended_on``.

    ``definition`` is the version the plan follows; ``grade``, ``graded_on``, ``last_on`` and ``next_…`` repeat what visits and due rows say, for
    lists: the open visit whose window closes first. ``facts`` are the answers of the enrolment form, ``subject`` tells several at a time apart
    where a programme allows them (one per disease reported).
    """

    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+", db_index=False)
    programme = models.CharField(max_length=40)
    subject = models.CharField(max_length=40, blank=True)
    definition = models.CharField(max_length=20)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff_id = models.UUIDField(null=True)
    restricted = models.BooleanField(db_default=False)
    started_on = models.DateField()
    began_at = models.DateTimeField(db_default=Now())
    anchor_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)
    ending = models.CharField(max_length=30, blank=True)
    facts = models.JSONField(default=dict)
    grade = models.CharField(max_length=30, blank=True)
    graded_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    next_due_on = models.DateField(null=True)
    next_opens_on = models.DateField(null=True)
    next_closes_on = models.DateField(null=True)
    next_stage = models.CharField(max_length=30, blank=True)
    attempts = models.PositiveSmallIntegerField(db_default=0)
    source = models.CharField(max_length=30, blank=True)
    merged_by = models.UUIDField(null=True)
    request_key = models.UUIDField(null=True, unique=True)
    batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=_one_of("state", ["active", "ended"]), name="programme_enrolment_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state="active", ended_on__isnull=True, ending="")
                | (Q(state="ended", ended_on__isnull=False) & ~Q(ending="")),
                name="programme_enrolment_ended_says_why",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="programme_enrolment_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(state="active") | Q(next_due_on__isnull=True), name="programme_enrolment_ended_is_not_due"
            ),
        ]
        indexes = [
            models.Index(fields=["resident", "programme"], name="programme_of_resident"),
            models.Index(
                fields=["institution", "programme", "next_closes_on"],
                name="programme_due_list",
                condition=Q(state="active"),
            ),
            models.Index(fields=["programme", "state"], name="programme_by_state"),
        ]


@audited
class Visit(models.Model):
    """One follow-up. ``response`` holds the answers (``core.forms``); ``facts`` what the grading used, so that it can be done again;
    ``values`` the named rules' outcome; ``definition`` the version it was judged under. A void visit counts nowhere.
    """

    class Way(models.TextChoices):
        CLINIC = "1", "门诊"
        HOME = "2", "家庭"
        PHONE = "3", "电话"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="visits", db_index=False)
    stage = models.CharField(max_length=30)
    on = models.DateField()
    way = models.CharField(max_length=1, choices=Way.choices)
    institution_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    response_id = models.UUIDField()
    encounter_id = models.UUIDField(null=True)
    definition = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    values = models.JSONField(default=dict)
    grade = models.CharField(max_length=30, blank=True)
    is_complete = models.BooleanField(db_default=True)
    entered_late = models.BooleanField(db_default=False)
    late_reason = models.CharField(max_length=200, blank=True)
    void_reason = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    request_key = models.UUIDField(null=True, unique=True)
    batch = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=_one_of("way", ["1", "2", "3"]), name="programme_visit_way_known"),
            models.UniqueConstraint(
                fields=["enrolment", "stage", "on"], condition=Q(void_reason=""), name="programme_visit_once_a_day"
            ),
        ]
        indexes = [
            models.Index(fields=["enrolment", "on"], name="programme_visit_history"),
            models.Index(fields=["institution_id", "on"], name="programme_visit_of_place"),
            models.Index(fields=["staff_id", "on"], name="programme_visit_of_staff"),
        ]


class Due(models.Model):
    """One visit to come or gone by: the ``place``-th of its stage. An open row always has an open task."""

    class State(models.TextChoices):
        OPEN = "open", "应访"
        DONE = "done", "已访"
        MISSED = "missed", "未访"
        DECLINED = "declined", "拒绝"
        CANCELLED = "cancelled", "撤销"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="dues", db_index=False)
    stage = models.CharField(max_length=30)
    place = models.PositiveSmallIntegerField()
    due_on = models.DateField()
    opens_on = models.DateField()
    closes_on = models.DateField()
    deadline = models.DateTimeField()
    state = models.CharField(max_length=9, choices=State.choices, db_default=State.OPEN)
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    booked_on = models.DateField(null=True)
    reason = models.CharField(max_length=200, blank=True)
    changed_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["enrolment", "stage"], condition=Q(state="open"), name="programme_one_open_due_per_stage"
            ),
            models.CheckConstraint(condition=Q(opens_on__lte=F("closes_on")), name="programme_due_window_in_order"),
            models.CheckConstraint(
                condition=Q(state="done", visit__isnull=False) | (~Q(state="done") & Q(visit__isnull=True)),
                name="programme_due_done_by_a_visit",
            ),
        ]
        indexes = [
            models.Index(fields=["enrolment"], name="programme_due_of_enrolment"),
            models.Index(fields=["closes_on"], name="programme_due_open", condition=Q(state="open")),
        ]


class Attempt(models.Model):
    """An attempt to reach somebody that failed. Append-only; a visit begins the count anew."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="tries")
    at = models.DateTimeField()
    way = models.CharField(max_length=1, choices=Visit.Way.choices)
    note = models.CharField(max_length=200)
    staff_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())


@audited
class Hold(models.Model):
    """A contraindication or other reason to put a track off: until a day, or until it is lifted with a reason. Never for ever by itself."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="holds")
    track = models.CharField(max_length=30, blank=True)
    is_lasting = models.BooleanField(db_default=False)
    reason = models.CharField(max_length=200)
    since = models.DateField()
    until = models.DateField(null=True)
    lifted_on = models.DateField(null=True)
    lifted_reason = models.CharField(max_length=200, blank=True)
    actor_name = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(is_lasting=True, until__isnull=True) | Q(is_lasting=False, until__isnull=False),
                name="programme_hold_lasts_or_ends",
            ),
            models.CheckConstraint(
                condition=Q(lifted_on__isnull=True) | ~Q(lifted_reason=""), name="programme_hold_lifted_says_why"
            ),
            models.UniqueConstraint(
                fields=["enrolment", "track"], condition=Q(lifted_on__isnull=True), name="programme_one_hold_per_track"
            ),
        ]


class Candidate(models.Model):
    """Somebody whom the record shows to belong into a programme and who is not in it."""

    class State(models.TextChoices):
        WAITING = "waiting", "待核实"
        ACCEPTED = "accepted", "已纳入"
        DECLINED = "declined", "不纳入"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=40)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    why = models.CharField(max_length=200)
    found_on = models.DateField()
    state = models.CharField(max_length=8, choices=State.choices, db_default=State.WAITING)
    reason = models.CharField(max_length=200, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "resident"], name="programme_candidate_once"),
            models.CheckConstraint(
                condition=~Q(state="declined") | ~Q(reason=""), name="programme_candidate_declined_says_why"
            ),
        ]
        indexes = [
            models.Index(
                fields=["institution", "programme"], name="programme_candidate_list", condition=Q(state="waiting")
            )
        ]


class Standing(models.Model):
    """Whether one person counts in one rate of one year: the rows behind every figure, and what figures are counted from."""

    id = models.BigAutoField(primary_key=True)
    programme = models.CharField(max_length=40)
    rate = models.CharField(max_length=30)
    year = models.PositiveSmallIntegerField()
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+", db_index=False)
    institution_id = models.UUIDField()
    counts = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["enrolment", "rate", "year"], name="programme_standing_once"),
        ]
        indexes = [
            models.Index(
                fields=["programme", "year", "rate", "institution_id", "counts"], name="programme_standing_count"
            ),
        ]


class Notice(models.Model):
    """One visit that somebody was told of by a message: exported once, with the list (``batch``) it stood on."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    due = models.OneToOneField(Due, on_delete=models.PROTECT, related_name="+")
    batch = models.UUIDField(db_index=True)
    on = models.DateField()
    actor_name = models.CharField(max_length=80)


@audited
class Check(models.Model):
    """One visit for the check by telephone (``why``: the screen that pointed at it, blank for a random one; ``draw``: the draw by chance it came from), what the caller heard, and what
    was done about a visit that was not real. ``outcome``: real, not, unreached."""

    class Outcome(models.TextChoices):
        OPEN = "", "待核查"
        REAL = "real", "属实"
        NOT = "not", "不属实"
        UNREACHED = "unreached", "未联系上"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="+")
    drawn_on = models.DateField()
    draw = models.ForeignKey("programmes.SampleDraw", null=True, on_delete=models.PROTECT, related_name="checks")
    outcome = models.CharField(max_length=9, choices=Outcome.choices, blank=True)
    note = models.CharField(max_length=200, blank=True)
    checked_by = models.CharField(max_length=80, blank=True)
    checked_at = models.DateTimeField(null=True)
    why = models.CharField(max_length=30, blank=True)
    handled = models.CharField(max_length=200, blank=True)
    handled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(handled="") | Q(outcome="not"), name="programme_check_handled_is_untrue")
        ]


class Upkeep(models.Model):
    """One row of the clock: the day for which due rows and rates were last brought up to date."""

    name = models.CharField(max_length=30, primary_key=True)
    day = models.DateField()


class Trial(models.Model):
    """What another version would change for everybody under management, as reckoned on a day; one per version, a new reckoning replaces it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    programme = models.CharField(max_length=40)
    definition = models.CharField(max_length=20)
    on = models.DateField()
    people = models.PositiveIntegerField(db_default=0)
    moved = models.PositiveIntegerField(db_default=0)
    opened = models.PositiveIntegerField(db_default=0)
    closed = models.PositiveIntegerField(db_default=0)
    regraded = models.PositiveIntegerField(db_default=0)
    is_whole = models.BooleanField(db_default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["programme", "definition"], name="programme_trial_once_per_version")
        ]


class TrialRow(models.Model):
    """One person for whom something would change: next day and last grade before and after, visits that would move, open or close."""

    id = models.BigAutoField(primary_key=True)
    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="rows", db_index=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="+", db_index=False)
    next_before = models.DateField(null=True)
    next_after = models.DateField(null=True)
    grade_before = models.CharField(max_length=60, blank=True)
    grade_after = models.CharField(max_length=60, blank=True)
    shifted = models.PositiveSmallIntegerField(db_default=0)
    opened = models.PositiveSmallIntegerField(db_default=0)
    closed = models.PositiveSmallIntegerField(db_default=0)

    class Meta:
        indexes = [models.Index(fields=["trial", "id"], name="programme_trial_rows")]
