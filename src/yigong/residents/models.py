"""Residents, the source records behind them, their numbers, households and contacts."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


@audited
class Household(models.Model):
    """People who live and are counted together; ``number`` is the register's or our own."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    number = models.CharField(max_length=30, blank=True)
    division_code = models.CharField(max_length=12, blank=True)
    address = models.CharField(max_length=200, blank=True)
    head = models.ForeignKey("Resident", null=True, on_delete=models.PROTECT, related_name="+", db_constraint=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="household_not_merged_into_itself"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(head__isnull=True), name="household_merged_has_no_head"
            ),
        ]
        indexes = [
            models.Index(fields=["division_code"], opclasses=["varchar_pattern_ops"], name="household_by_division"),
            models.Index(fields=["head"], name="household_by_head", condition=Q(head__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number or str(self.id)


class HouseholdMove(models.Model):
    """One person in, out or in another place within a household, on a day and for a reason. Append-only."""

    class Kind(models.TextChoices):
        IN = "in", "迁入"
        OUT = "out", "迁出"
        SPLIT = "split", "分户"
        MERGE = "merge", "并户"
        HEAD = "head", "变更户主"
        RELATION = "relation", "更正关系"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    resident = models.ForeignKey("Resident", on_delete=models.PROTECT, related_name="+")
    from_household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    to_household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="+")
    relation = models.CharField(max_length=2, blank=True)
    on = models.DateField()
    reason = models.CharField(max_length=200)
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(from_household__isnull=False) | Q(to_household__isnull=False),
                name="household_move_has_a_side",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="household_move_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


@audited
class Resident(models.Model):
    """The stable identity of one person: the golden view over linked source records. Rows are never deleted.

    ``name_chars``, ``pinyin``, ``initials`` and ``reading_keys`` exist for search only.
    """

    class Status(models.TextChoices):
        ACTIVE = "active", "在册"
        DECEASED = "deceased", "已死亡"
        MOVED = "moved", "已迁出"
        CANCELLED = "cancelled", "已注销"
        MERGED = "merged", "已并入"

    class Precision(models.TextChoices):
        DAY = "day", "到日"
        MONTH = "month", "到月"
        YEAR = "year", "到年"
        ESTIMATED = "estimated", "估计"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=60)
    name_chars = models.GeneratedField(
        expression=models.Func(F("name_key"), models.Value(None), function="string_to_array"),
        output_field=ArrayField(models.TextField()),
        db_persist=True,
    )
    pinyin = models.CharField(max_length=120)
    initials = models.CharField(max_length=60)
    reading_keys = ArrayField(models.CharField(max_length=120), default=list)
    sex = models.CharField(max_length=1)
    birth_date = models.DateField(null=True)
    birth_precision = models.CharField(max_length=9, choices=Precision.choices, db_default=Precision.DAY)
    ethnicity = models.CharField(max_length=2, blank=True)
    phone_sealed = models.BinaryField(null=True)
    phone_digest = models.BinaryField(null=True)
    archive_number = models.CharField(max_length=17, null=True, unique=True)
    division_code = models.CharField(max_length=12, blank=True)
    township = models.CharField(max_length=40, blank=True)
    village = models.CharField(max_length=40, blank=True)
    address = models.CharField(max_length=200, blank=True)
    household = models.ForeignKey(Household, null=True, on_delete=models.PROTECT, related_name="members")
    relation_to_head = models.CharField(max_length=2, blank=True)
    managing_institution = models.ForeignKey(
        "network.Institution", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    is_newborn = models.BooleanField(db_default=False)
    is_test = models.BooleanField(db_default=False)
    status = models.CharField(max_length=9, choices=Status.choices, db_default=Status.ACTIVE)
    closed_on = models.DateField(null=True)
    closed_reason = models.CharField(max_length=200, blank=True)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(db_default=1)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(sex__in=["0", "1", "2", "9"]), name="resident_sex_is_gbt2261"),
            models.CheckConstraint(condition=~Q(name_key=""), name="resident_has_a_name"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True, status__in=["active", "deceased", "moved", "cancelled"])
                | Q(merged_into__isnull=False, status="merged"),
                name="resident_merged_says_into_whom",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="resident_not_merged_into_itself"),
        ]
        indexes = [
            GinIndex(fields=["name_chars"], name="resident_name_chars", fastupdate=False),
            GinIndex(fields=["reading_keys"], name="resident_reading_keys", fastupdate=False),
            models.Index(fields=["name_key"], opclasses=["varchar_pattern_ops"], name="resident_name_prefix"),
            models.Index(fields=["pinyin"], opclasses=["varchar_pattern_ops"], name="resident_pinyin_prefix"),
            models.Index(fields=["initials"], opclasses=["varchar_pattern_ops"], name="resident_initials_prefix"),
            models.Index(fields=["birth_date", "pinyin"], name="resident_birth_pinyin"),
            models.Index(fields=["phone_digest"], name="resident_phone", condition=Q(phone_digest__isnull=False)),
            models.Index(fields=["managing_institution", "pinyin"], name="resident_of_institution"),
        ]

    def __str__(self) -> str:
        return self.name


class SourceRecord(models.Model):
    """One registration, import, message or card as it was given by one institution and system.

    ``given`` holds the plain fields as given, ``sealed`` the numbers and phones (JSON, encrypted). A resident is the set of source records
    linked to it; only link commands change ``resident``.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    system = models.CharField(max_length=40)
    local_number = models.CharField(max_length=60)
    given = models.JSONField()
    sealed = models.BinaryField(null=True)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="source_records")
    since = models.DateTimeField(db_default=Now())
    request_key = models.UUIDField(null=True, unique=True)
    batch = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["institution", "system", "local_number"],
                name="source_record_once_per_system",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.system}:{self.local_number}"


class LinkChange(models.Model):
    """One step in the history of links between source records and residents. Append-only."""

    class Action(models.TextChoices):
        REGISTER = "register", "建档"
        LINK = "link", "关联"
        UNLINK = "unlink", "解除关联"
        MERGE = "merge", "合并"
        SPLIT = "split", "拆分"
        UNDO = "undo", "撤销"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    source_record = models.ForeignKey(SourceRecord, on_delete=models.PROTECT, related_name="links")
    action = models.CharField(max_length=8, choices=Action.choices)
    operation = models.ForeignKey("LinkOperation", null=True, on_delete=models.PROTECT, related_name="changes")
    from_resident = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="+")
    to_resident = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=400, blank=True)
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        triggers = [
            pgtrigger.Protect(name="link_history_append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class LinkOperation(models.Model):
    """One merge, split, link, unlink or undo, with what it moved; enough to take it back at any later time.

    ``records`` went from ``origin`` to ``target``. ``moves`` keeps what went along: contacts, attributes that the target took over,
    relationships that were shared. A waiting operation has moved nothing yet.
    """

    class Kind(models.TextChoices):
        MERGE = "merge", "合并"
        SPLIT = "split", "拆分"
        LINK = "link", "关联"
        UNLINK = "unlink", "解除关联"
        UNDO = "undo", "撤销"

    class State(models.TextChoices):
        WAITING = "waiting", "待第二人确认"
        DONE = "done", "已完成"
        UNDONE = "undone", "已撤销"
        REFUSED = "refused", "未同意"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=6, choices=Kind.choices)
    state = models.CharField(max_length=7, choices=State.choices)
    origin = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    target = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    records = ArrayField(models.UUIDField(), default=list)
    moves = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="undoings")
    reason = models.CharField(max_length=400)
    why_two = models.CharField(max_length=400, blank=True)
    actor_name = models.CharField(max_length=80)
    staff_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    asked_at = models.DateTimeField(db_default=Now())
    second_name = models.CharField(max_length=80, blank=True)
    second_staff_id = models.UUIDField(null=True)
    second_note = models.CharField(max_length=400, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(origin=F("target")), name="link_operation_has_two_sides"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "refused"], done_at__isnull=True)
                | Q(state__in=["done", "undone"], done_at__isnull=False),
                name="link_operation_done_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(second_staff_id__isnull=True) | ~Q(second_staff_id=F("staff_id")),
                name="link_operation_second_is_another",
            ),
            models.UniqueConstraint(
                fields=["origin", "target"],
                condition=Q(state="waiting", kind="merge"),
                name="link_operation_asked_once",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "asked_at"], name="link_operation_by_state"),
            GinIndex(fields=["records"], name="link_operation_records", fastupdate=False),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@audited
class Identifier(models.Model):
    """A document number of a resident: the value sealed, digests for search. Nothing of it is stored in the clear.

    The area and the last four are digests as well: with the birth date beside them, plain ones would spell the whole number.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="identifiers")
    # The record that brought the number; it goes where the record goes. Empty for numbers loaded in bulk until the first change of links.
    source_record = models.ForeignKey(
        SourceRecord, null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    kind = models.CharField(max_length=3)
    issuer = models.CharField(max_length=40, blank=True)
    sealed = models.BinaryField()
    digest = models.BinaryField()
    tail_digest = models.BinaryField()
    area_digest = models.BinaryField(null=True)
    is_unique = models.BooleanField(db_default=True)
    is_active = models.BooleanField(db_default=True)
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["digest"], condition=Q(is_active=True, is_unique=True), name="one_living_holder_per_number"
            ),
        ]
        indexes = [
            models.Index(fields=["tail_digest"], name="identifier_by_tail", condition=Q(is_active=True)),
            models.Index(fields=["digest"], name="identifier_by_digest"),
        ]


@audited
class Contact(models.Model):
    """Somebody to call for a resident; a guardian answers for a child or a frail person. ``person`` when known to the index."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="contacts")
    person = models.ForeignKey(Resident, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    relation = models.CharField(max_length=2)
    phone_sealed = models.BinaryField(null=True)
    is_guardian = models.BooleanField(db_default=False)
    since = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)


class CandidatePair(models.Model):
    """Two identities that may be one person, for the review desk. A pair decided ``different`` never comes back.

    ``gain`` is the probability times what a merge would bring together (source records and rows of rooms of the smaller side). ``levels`` are
    the level of each comparison when the pair was scored: what decisions teach is counted from them.
    """

    class State(models.TextChoices):
        OPEN = "open", "待复核"
        LATER = "later", "暂缓"
        SAME = "same", "同一人"
        DIFFERENT = "different", "不是同一人"

    class FoundBy(models.TextChoices):
        REGISTRATION = "registration", "建档时"
        JOB = "job", "全库查重"
        FILE = "file", "文件比对"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    left = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    right = models.ForeignKey(Resident, on_delete=models.PROTECT, related_name="+")
    weight = models.FloatField()
    probability = models.FloatField()
    verdict = models.CharField(max_length=8)
    gain = models.FloatField()
    is_safe = models.BooleanField(db_default=False)
    levels = models.JSONField(default=dict)
    found_by = models.CharField(max_length=12, choices=FoundBy.choices)
    found_at = models.DateTimeField(db_default=Now())
    state = models.CharField(max_length=9, choices=State.choices, db_default=State.OPEN)
    reason = models.CharField(max_length=400, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_staff_id = models.UUIDField(null=True)
    decided_at = models.DateTimeField(null=True)
    operation = models.ForeignKey(LinkOperation, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["left", "right"], name="candidate_pair_once"),
            models.CheckConstraint(condition=Q(left__lt=F("right")), name="candidate_pair_in_order"),
            models.CheckConstraint(
                condition=Q(state__in=["open"], decided_at__isnull=True) | ~Q(state="open"),
                name="candidate_pair_open_is_undecided",
            ),
        ]
        indexes = [models.Index(fields=["state", "-gain"], name="candidate_pair_queue")]

    def __str__(self) -> str:
        return f"{self.left_id} {self.right_id}"


class ValueFrequency(models.Model):
    """How many residents carry a name (simplified) or a sound of a name, as last counted; values of a single resident have no row.

    The row with an empty ``column`` is the number of all residents.
    """

    column = models.CharField(max_length=10)
    value = models.CharField(max_length=200)
    residents = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["column", "value"], name="value_frequency_once")]

    def __str__(self) -> str:
        return f"{self.column}:{self.value}"
