"""What the ECG centre adds to an order: the recordings and what a machine proposes about them."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Recording(models.Model):
    """One electrocardiogram. Never changed: only which order it belongs to may be settled by a person.

    ``signal`` holds the leads of ``leads`` in µV (``signals.packing``); ``original`` the file as it came, packed, unless the image
    archive keeps it (``study_uid``).
    """

    class Form(models.TextChoices):
        DICOM = "dicom", "DICOM"
        AECG = "aecg", "HL7 aECG"
        SCP = "scp", "SCP-ECG"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    order = models.ForeignKey("orders.Order", null=True, on_delete=models.PROTECT, related_name="+")
    # Recorded on the way to a hospital, for an emergency that has no order: the key of its case.
    case = models.UUIDField(null=True)
    resident = models.ForeignKey("residents.Resident", null=True, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey("network.Institution", null=True, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=8, choices=Form.choices)
    digest = models.CharField(max_length=64, unique=True)
    study_uid = models.CharField(max_length=64, blank=True)
    original = models.BinaryField(null=True)
    file_name = models.CharField(max_length=120, blank=True)
    taken_at = models.DateTimeField(null=True)
    device = models.CharField(max_length=80, blank=True)
    leads = models.JSONField()
    derived = models.JSONField(default=list)
    rate = models.FloatField()
    samples = models.PositiveIntegerField()
    signal = models.BinaryField()
    patient_number = models.CharField(max_length=64, blank=True)
    patient_name = models.CharField(max_length=200, blank=True)
    patient_sex = models.CharField(max_length=4, blank=True)
    birth_date = models.DateField(null=True)
    received_at = models.DateTimeField(db_default=Now())
    received_by = models.CharField(max_length=80)
    attached_by = models.CharField(max_length=80, blank=True)
    attach_reason = models.CharField(max_length=200, blank=True)
    discarded_at = models.DateTimeField(null=True)
    discard_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(samples__gt=0, rate__gt=0), name="ecg_recording_not_empty"),
            models.CheckConstraint(condition=Q(original__isnull=False) | ~Q(study_uid=""), name="ecg_original_is_kept"),
            models.CheckConstraint(
                condition=Q(order__isnull=True) | Q(discarded_at__isnull=True), name="ecg_discarded_is_nobodys"
            ),
        ]
        indexes = [
            models.Index(fields=["order"], name="ecg_recording_by_order"),
            models.Index(fields=["case"], name="ecg_recording_by_case", condition=Q(case__isnull=False)),
            models.Index(fields=["resident", "-taken_at"], name="ecg_recording_by_resident"),
            models.Index(
                fields=["received_at"], name="ecg_recording_waiting",
                condition=Q(order__isnull=True, discarded_at__isnull=True),
            ),
        ]  # fmt: skip


class Measurement(models.Model):
    """A machine's proposals about one recording; the doctor's own values are in the signed report."""

    recording = models.OneToOneField(Recording, primary_key=True, on_delete=models.CASCADE, related_name="measurement")
    method = models.CharField(max_length=40)
    measured_at = models.DateTimeField(db_default=Now())
    beats = models.PositiveIntegerField()
    heart_rate = models.PositiveSmallIntegerField(null=True)
    pr = models.PositiveSmallIntegerField(null=True)
    qrs = models.PositiveSmallIntegerField(null=True)
    qt = models.PositiveSmallIntegerField(null=True)
    qtc = models.PositiveSmallIntegerField(null=True)
    axis = models.SmallIntegerField(null=True)
    rv5_sv1 = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    regular = models.BooleanField(null=True)
    longest_rr = models.PositiveIntegerField(null=True)
    st_levels = models.JSONField(default=dict)
    suspicion = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(axis__isnull=True) | Q(axis__range=(-180, 180)), name="ecg_axis_is_an_angle"
            )
        ]


class AtRecording(models.Model):
    """The resident's condition while the electrodes were on."""

    class Pain(models.TextChoices):
        NO = "no", "无"
        NOW = "now", "正在发作"
        RELIEVED = "relieved", "已缓解"

    order = models.OneToOneField("orders.Order", primary_key=True, on_delete=models.CASCADE, related_name="+")
    chest_pain = models.CharField(max_length=10, choices=Pain.choices, blank=True)
    systolic = models.PositiveSmallIntegerField(null=True)
    diastolic = models.PositiveSmallIntegerField(null=True)
    note = models.CharField(max_length=200, blank=True)
    operator = models.CharField(max_length=80)
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(systolic__isnull=True) | Q(systolic__range=(30, 350)), name="ecg_systolic_plausible"
            ),
            models.CheckConstraint(
                condition=Q(diastolic__isnull=True) | Q(diastolic__range=(20, 250)), name="ecg_diastolic_plausible"
            ),
        ]
