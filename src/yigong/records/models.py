"""What was found, thought, given and written about a resident, each entry with its place, time and source."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


class Entry(models.Model):
    """What every entry of a record carries. ``occurred_at`` is when it happened, ``recorded_at`` when it was written down.

    ``institution`` is where, ``staff`` who answers for it; ``source_system`` and ``source_number`` where it came from. Staff and departments are
    kept by key without a database check: a year of visits is loaded in minutes, and network rows are never deleted.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident = models.ForeignKey("residents.Resident", on_delete=models.PROTECT, related_name="+", db_index=False)
    institution = models.ForeignKey("network.Institution", on_delete=models.PROTECT, related_name="+", db_index=False)
    staff_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    source_system = models.CharField(max_length=40, db_default="yigong")
    source_number = models.CharField(max_length=60, db_default="")
    request_key = models.UUIDField(null=True)
    batch = models.UUIDField(null=True)

    class Meta:
        abstract = True


def _timeline(name: str) -> models.Index:
    return models.Index(F("resident"), F("occurred_at").desc(), F("id").desc(), name=f"{name}_timeline")


def _once(name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(
        fields=["request_key"], condition=Q(request_key__isnull=False), name=f"{name}_once_per_request"
    )


def _not_before_birth_of_records(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(condition=Q(occurred_at__gte="1900-01-01T00:00:00Z"), name=f"{name}_has_a_real_time")


@audited
class Encounter(Entry):
    """One contact with care. ``is_automatic`` marks a visit that a system opens beside an admission; it is not an outpatient visit."""

    class Kind(models.TextChoices):
        OUTPATIENT = "outpatient", "门诊"
        EMERGENCY = "emergency", "急诊"
        INPATIENT = "inpatient", "住院"
        HOME = "home", "入户"
        CHECKUP = "checkup", "体检"
        FOLLOWUP = "followup", "随访"
        REMOTE = "remote", "远程"

    class Status(models.TextChoices):
        OPEN = "open", "进行中"
        FINISHED = "finished", "已结束"
        CANCELLED = "cancelled", "已作废"

    kind = models.CharField(max_length=12, choices=Kind.choices)
    class_code = models.CharField(max_length=6)
    is_automatic = models.BooleanField(db_default=False)
    department_id = models.UUIDField(null=True)
    status = models.CharField(max_length=9, choices=Status.choices, db_default=Status.OPEN)
    ended_at = models.DateTimeField(null=True)
    complaint = models.TextField(db_default="")
    advice = models.TextField(db_default="")

    class Meta:
        constraints = [
            _once("encounter"),
            _not_before_birth_of_records("encounter"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("occurred_at")),
                name="encounter_ends_after_it_begins",
            ),
        ]
        indexes = [
            _timeline("encounter"),
            models.Index(fields=["institution", "occurred_at"], name="encounter_of_institution"),
        ]


class Within(Entry):
    """An entry that may belong to an encounter."""

    encounter = models.ForeignKey(Encounter, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        abstract = True


def _within(name: str) -> models.Index:
    return models.Index(fields=["encounter"], name=f"{name}_of_encounter", condition=Q(encounter__isnull=False))


@audited
class Condition(Within):
    """A diagnosis or lasting problem."""

    class Status(models.TextChoices):
        ACTIVE = "active", "现患"
        RESOLVED = "resolved", "已愈"
        WRONG = "wrong", "误登"

    code_system = models.CharField(max_length=20, db_default="ICD-10")
    code = models.CharField(max_length=20, db_default="")
    text = models.CharField(max_length=200)
    status = models.CharField(max_length=8, choices=Status.choices, db_default=Status.ACTIVE)
    is_primary = models.BooleanField(db_default=False)
    is_lasting = models.BooleanField(db_default=False)
    onset_on = models.DateField(null=True)
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [_once("condition"), _not_before_birth_of_records("condition")]
        indexes = [_timeline("condition"), _within("condition")]


@audited
class Allergy(Within):
    """Something that harms this person."""

    class Category(models.TextChoices):
        DRUG = "drug", "药物"
        FOOD = "food", "食物"
        OTHER = "other", "其他"

    class Severity(models.TextChoices):
        UNKNOWN = "unknown", "程度不详"
        MILD = "mild", "轻"
        MODERATE = "moderate", "中"
        SEVERE = "severe", "重"

    category = models.CharField(max_length=6, choices=Category.choices)
    code = models.CharField(max_length=20, db_default="")
    substance = models.CharField(max_length=100)
    reaction = models.CharField(max_length=200, db_default="")
    severity = models.CharField(max_length=8, choices=Severity.choices, db_default=Severity.UNKNOWN)
    is_active = models.BooleanField(db_default=True)
    ended_reason = models.CharField(max_length=200, db_default="")

    class Meta:
        constraints = [_once("allergy"), _not_before_birth_of_records("allergy")]
        indexes = [_timeline("allergy")]


class ResultGroup(Within):
    """Results reported together: a blood count, one measuring of vital signs."""

    class Category(models.TextChoices):
        VITAL = "vital", "生命体征"
        LABORATORY = "laboratory", "检验"
        EXAM = "exam", "检查"
        ASSESSMENT = "assessment", "评估"

    category = models.CharField(max_length=10, choices=Category.choices)
    code = models.CharField(max_length=20, db_default="")
    title = models.CharField(max_length=100)
    worst_flag = models.CharField(max_length=2, db_default="")

    class Meta:
        constraints = [_once("result_group"), _not_before_birth_of_records("result_group")]
        indexes = [_timeline("result_group"), _within("result_group")]


class Result(models.Model):
    """One measured or judged value. ``value`` is the number where there is one; ``text`` is what the reporter wrote otherwise."""

    class Flag(models.TextChoices):
        NORMAL = "N", "正常"
        LOW = "L", "偏低"
        HIGH = "H", "偏高"
        VERY_LOW = "LL", "危急低"
        VERY_HIGH = "HH", "危急高"
        ABNORMAL = "A", "异常"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(ResultGroup, on_delete=models.PROTECT, related_name="results")
    resident_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    code_system = models.CharField(max_length=20, db_default="LOINC")
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    value = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    text = models.CharField(max_length=400, db_default="")
    unit = models.CharField(max_length=20, db_default="")
    low = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    high = models.DecimalField(max_digits=16, decimal_places=4, null=True)
    flag = models.CharField(max_length=2, choices=Flag.choices, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(value__isnull=False) | ~Q(text=""), name="result_says_something"),
        ]
        indexes = [models.Index(F("resident_id"), F("code"), F("occurred_at").desc(), name="result_trend")]


@audited
class Prescription(Within):
    """Medicines ordered together."""

    class Kind(models.TextChoices):
        WESTERN = "western", "西药"
        CHINESE = "chinese", "中药"

    kind = models.CharField(max_length=8, choices=Kind.choices, db_default=Kind.WESTERN)
    is_active = models.BooleanField(db_default=True)
    cancelled_reason = models.CharField(max_length=200, db_default="")
    note = models.CharField(max_length=400, db_default="")

    class Meta:
        constraints = [_once("prescription"), _not_before_birth_of_records("prescription")]
        indexes = [_timeline("prescription"), _within("prescription")]


class PrescriptionLine(models.Model):
    """One medicine of a prescription."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    prescription = models.ForeignKey(Prescription, on_delete=models.PROTECT, related_name="lines")
    place = models.PositiveSmallIntegerField(db_default=1)
    code = models.CharField(max_length=27, db_default="")
    name = models.CharField(max_length=100)
    form = models.CharField(max_length=60, db_default="")
    dose = models.CharField(max_length=30, db_default="")
    route = models.CharField(max_length=20, db_default="")
    frequency = models.CharField(max_length=20, db_default="")
    days = models.PositiveSmallIntegerField(null=True)
    quantity = models.DecimalField(max_digits=10, decimal_places=2, null=True)
    unit = models.CharField(max_length=10, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(days__isnull=True) | Q(days__range=(1, 366)), name="prescription_days_sane"
            ),
            models.CheckConstraint(
                condition=Q(quantity__isnull=True) | Q(quantity__gt=0, quantity__lte=10000),
                name="prescription_quantity_sane",
            ),
        ]


@audited
class Procedure(Within):
    """Something done to the person."""

    code_system = models.CharField(max_length=20, db_default="ICD-9-CM-3")
    code = models.CharField(max_length=20, db_default="")
    text = models.CharField(max_length=200)
    note = models.CharField(max_length=400, db_default="")

    class Meta:
        constraints = [_once("procedure"), _not_before_birth_of_records("procedure")]
        indexes = [_timeline("procedure"), _within("procedure")]


class Document(Within):
    """One version of a document. A final version never changes: an amendment is a new version of the same series."""

    class Status(models.TextChoices):
        DRAFT = "draft", "草稿"
        FINAL = "final", "正式"
        SUPERSEDED = "superseded", "已被修订"
        VOID = "void", "已作废"

    series_id = models.UUIDField()
    version = models.PositiveSmallIntegerField(db_default=1)
    supersedes = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="superseded_by")
    kind = models.CharField(max_length=30)
    title = models.CharField(max_length=120)
    content = models.JSONField()
    text = models.TextField(db_default="")
    author_name = models.CharField(max_length=80, db_default="")
    status = models.CharField(max_length=10, choices=Status.choices)
    reason = models.CharField(max_length=400, db_default="")
    source_app = models.CharField(max_length=30, db_default="records")
    source_id = models.UUIDField(null=True)
    finalised_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            _once("document"),
            _not_before_birth_of_records("document"),
            models.UniqueConstraint(fields=["series_id", "version"], name="document_version_once"),
            models.UniqueConstraint(
                fields=["series_id"],
                condition=Q(status__in=["draft", "final"]),
                name="one_current_version_per_document",
            ),
        ]
        indexes = [
            _timeline("document"),
            _within("document"),
            models.Index(
                fields=["source_app", "source_id"], name="document_of_source", condition=Q(source_id__isnull=False)
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="document_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="final_document_unchanged",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.status <> 'draft' AND (OLD.content IS DISTINCT FROM NEW.content OR OLD.text IS DISTINCT FROM NEW.text "
                    "OR OLD.title IS DISTINCT FROM NEW.title OR OLD.kind IS DISTINCT FROM NEW.kind OR OLD.version <> NEW.version "
                    "OR OLD.resident_id <> NEW.resident_id OR OLD.author_name <> NEW.author_name OR OLD.series_id <> NEW.series_id "
                    "OR OLD.occurred_at <> NEW.occurred_at OR NEW.status = 'draft')"
                ),
            ),
        ]
