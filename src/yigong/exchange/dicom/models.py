"""Studies, series and instances of the archive, the nodes it talks to, and what could not be settled by itself."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Node(models.Model):
    """A device or archive that may call us or be called: one AE title with its services."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    title = models.CharField(max_length=16, unique=True)
    name = models.CharField(max_length=60)
    institution = models.ForeignKey(
        "network.Institution", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    host = models.CharField(max_length=120, blank=True)
    port = models.PositiveIntegerField(null=True, blank=True)
    may_store = models.BooleanField(default=True)
    may_query = models.BooleanField(default=False)
    may_retrieve = models.BooleanField(default=False)
    may_worklist = models.BooleanField(default=False)
    check_address = models.BooleanField(default=False)
    character_set = models.CharField(max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    last_seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(port__isnull=True) | models.Q(port__gt=0, port__lt=65536), name="dicom_node_port"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Study(models.Model):
    """One examination as its images describe it. Counts are settled when images stop coming. What belongs to an emergency has no order and waits for none."""

    class Matching(models.TextChoices):
        WAITING = "waiting", "接收中"
        MATCHED = "matched", "已关联"
        UNMATCHED = "unmatched", "待匹配"
        CASE = "case", "已归入急救病例"

    class Reason(models.TextChoices):
        NONE = "", "—"
        NO_ORDER = "no_order", "没有找到对应的申请"
        IDENTITY = "identity", "影像中的身份与申请不一致"
        SENDER = "sender", "来自未登记的设备"
        MIXED = "mixed", "同一检查中出现不同的患者"
        DETACHED = "detached", "已由人工解除关联"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uid = models.CharField(max_length=64, unique=True)
    patient_number = models.CharField(max_length=64, blank=True)
    patient_name = models.CharField(max_length=200, blank=True)
    name_key = models.CharField(max_length=200, blank=True, db_index=True)
    pinyin = models.CharField(max_length=200, blank=True, db_index=True)
    initials = models.CharField(max_length=60, blank=True, db_index=True)
    sex = models.CharField(max_length=16, blank=True)
    birth_date = models.DateField(null=True)
    taken_on = models.DateField(null=True)
    taken_at = models.CharField(max_length=16, blank=True)
    accession_number = models.CharField(max_length=64, blank=True)
    description = models.CharField(max_length=200, blank=True)
    modalities = ArrayField(models.CharField(max_length=16), default=list)
    institution_name = models.CharField(max_length=120, blank=True)
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    sender = models.CharField(max_length=16, blank=True)
    header = models.JSONField(default=dict)
    series_count = models.PositiveIntegerField(default=0)
    image_count = models.PositiveIntegerField(default=0)
    bytes = models.BigIntegerField(default=0)
    matching = models.CharField(max_length=10, choices=Matching.choices, default=Matching.WAITING)
    reason = models.CharField(max_length=10, choices=Reason.choices, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    touched_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-taken_on", "-received_at"], name="dicom_study_newest"),
            models.Index(fields=["accession_number"], name="dicom_study_accession"),
            models.Index(fields=["patient_number"], name="dicom_study_patient"),
            models.Index(fields=["matching", "-received_at"], name="dicom_study_matching"),
            models.Index(
                fields=["touched_at"], name="dicom_study_unsettled", condition=models.Q(settled_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.patient_name} {self.taken_on or ''}"


class Series(models.Model):
    """One series of a study."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="series")
    uid = models.CharField(max_length=64, unique=True)
    modality = models.CharField(max_length=16, blank=True)
    number = models.IntegerField(null=True)
    description = models.CharField(max_length=200, blank=True)
    body_part = models.CharField(max_length=64, blank=True)
    header = models.JSONField(default=dict)
    image_count = models.PositiveIntegerField(default=0)


class Instance(models.Model):
    """One stored object: header without bulk data, where its frames lie, and the digest that is also its place on disk."""

    id = models.BigAutoField(primary_key=True)
    series = models.ForeignKey(Series, on_delete=models.CASCADE, related_name="instances", db_index=False)
    uid = models.CharField(max_length=64, unique=True)
    sop_class = models.CharField(max_length=64)
    transfer_syntax = models.CharField(max_length=64)
    number = models.IntegerField(null=True)
    frames = models.PositiveIntegerField(default=0)
    size = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    frame_index = models.JSONField(null=True)
    header = models.JSONField()
    sender = models.CharField(max_length=16, blank=True)
    received_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [models.Index(fields=["series", "number", "id"], name="dicom_instance_in_series")]
        constraints = [models.CheckConstraint(condition=models.Q(size__gt=0), name="dicom_instance_not_empty")]


class ConflictingInstance(models.Model):
    """An object that came under the UID of another object with other content; kept aside until a person has looked."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    uid = models.CharField(max_length=64)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="conflicts")
    digest = models.BinaryField(max_length=32)
    transfer_syntax = models.CharField(max_length=64)
    size = models.BigIntegerField()
    sender = models.CharField(max_length=16, blank=True)
    received_at = models.DateTimeField(db_default=Now())
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.CharField(max_length=50, blank=True)
    resolution = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["uid", "digest"], name="dicom_conflict_once")]


class StudyAttachment(models.Model):
    """A study belongs to an order: how that was found, by whom, and when and why it was undone."""

    class Method(models.TextChoices):
        ACCESSION = "accession", "检查号"
        IDENTITY = "identity", "身份信息"
        PERSON = "person", "人工关联"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="attachments")
    order_id = models.UUIDField()
    resident_id = models.UUIDField()
    method = models.CharField(max_length=10, choices=Method.choices)
    identity_differs = models.BooleanField(default=False)
    reason = models.CharField(max_length=200, blank=True)
    attached_by = models.CharField(max_length=50)
    attached_at = models.DateTimeField(db_default=Now())
    detached_by = models.CharField(max_length=50, blank=True)
    detached_at = models.DateTimeField(null=True)
    detach_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["study"], condition=models.Q(detached_at__isnull=True), name="dicom_one_order_per_study"
            )
        ]
        indexes = [
            models.Index(fields=["order_id"], name="dicom_attachment_by_order"),
            models.Index(fields=["resident_id"], name="dicom_attachment_by_resident"),
        ]


class Commitment(models.Model):
    """A storage commitment request and what was answered (PS3.4, annex J)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    transaction_uid = models.CharField(max_length=64)
    sender = models.CharField(max_length=16)
    items = models.JSONField()
    held = models.JSONField(default=list)
    missing = models.JSONField(default=list)
    requested_at = models.DateTimeField(db_default=Now())
    reported_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    last_error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["transaction_uid", "sender"], name="dicom_commitment_once"),
        ]


class StudyOpening(models.Model):
    """When a person last opened a study: one line of the read log covers the window that began then."""

    id = models.BigAutoField(primary_key=True)
    person = models.UUIDField()
    post = models.UUIDField(null=True)
    study = models.ForeignKey(Study, on_delete=models.CASCADE, related_name="+", db_index=False)
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "study"], name="dicom_opening_once")]
