"""The front page of an inpatient record (病案首页): coded diagnoses and procedures and the items that the national layout asks for."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


@audited
class FrontPage(Stateful):
    """One front page per stay. Codes by the lists RC… of the national layout; what is unknown stays blank, never a guessed default.

    Weights in g, coma in minutes, ventilation in hours. What person, stay and bill know (identity, dates, departments, fees) is read from
    there and not kept twice.
    """

    stay = models.OneToOneField("clinic.Stay", on_delete=models.PROTECT, related_name="front_page")
    institution_id = models.UUIDField()
    payment_method = models.CharField(max_length=3, blank=True)
    marital_status = models.CharField(max_length=1, blank=True)
    occupation = models.CharField(max_length=2, blank=True)
    employer = models.CharField(max_length=200, blank=True)
    contact_name = models.CharField(max_length=40, blank=True)
    contact_relation = models.CharField(max_length=1, blank=True)
    contact_phone = models.CharField(max_length=40, blank=True)
    contact_address = models.CharField(max_length=200, blank=True)
    outpatient_code = models.CharField(max_length=20, blank=True)
    outpatient_name = models.CharField(max_length=100, blank=True)
    pathology_code = models.CharField(max_length=20, blank=True)
    pathology_name = models.CharField(max_length=100, blank=True)
    pathology_number = models.CharField(max_length=50, blank=True)
    external_cause_code = models.CharField(max_length=20, blank=True)
    external_cause_name = models.CharField(max_length=100, blank=True)
    drug_allergy = models.CharField(max_length=1, blank=True)
    allergy_drugs = models.CharField(max_length=200, blank=True)
    blood_abo = models.CharField(max_length=1, blank=True)
    blood_rh = models.CharField(max_length=1, blank=True)
    autopsy = models.CharField(max_length=1, blank=True)
    department_head = models.CharField(max_length=40, blank=True)
    chief_doctor = models.CharField(max_length=40, blank=True)
    attending_doctor = models.CharField(max_length=40, blank=True)
    resident_doctor = models.CharField(max_length=40, blank=True)
    responsible_nurse = models.CharField(max_length=40, blank=True)
    coder_name = models.CharField(max_length=40, blank=True)
    quality_grade = models.CharField(max_length=1, blank=True)
    quality_doctor = models.CharField(max_length=40, blank=True)
    quality_nurse = models.CharField(max_length=40, blank=True)
    quality_on = models.DateField(null=True)
    newborn_weights = ArrayField(models.PositiveIntegerField(), default=list, blank=True, size=5)
    newborn_admission_weight = models.PositiveIntegerField(null=True)
    coma_before_minutes = models.PositiveIntegerField(null=True)
    coma_after_minutes = models.PositiveIntegerField(null=True)
    ventilator_hours = models.PositiveIntegerField(null=True)
    readmission_plan = models.CharField(max_length=1, blank=True)
    readmission_purpose = models.CharField(max_length=100, blank=True)
    completed_at = models.DateTimeField(null=True)
    coded_at = models.DateTimeField(null=True)
    # Only of a page taken on from elsewhere, which has no bill here: fen by code of the layout (D01 all, D09 paid by the person, D11 …).
    fees_taken = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(newborn_admission_weight__isnull=True) | Q(newborn_admission_weight__range=(100, 9999)),
                name="clinic_newborn_weight_plausible",
            ),
            models.CheckConstraint(
                condition=Q(drug_allergy__in=["", "1", "2"]), name="clinic_front_page_allergy_known"
            ),
            models.CheckConstraint(
                condition=Q(ventilator_hours__isnull=True) | Q(ventilator_hours__lte=20_000),
                name="clinic_front_page_ventilation",
            ),
        ]
        indexes = [
            due_index("clinic_front_page_due"),
            models.Index(fields=["institution_id", "state", "state_since"], name="clinic_front_page_list"),
        ]


class FrontPageDiagnosis(models.Model):
    """One discharge diagnosis, place 1 the principal one; ``admission_condition`` by RC027 (1 有 2 临床未确定 3 情况不明 4 无)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    front_page = models.ForeignKey(FrontPage, on_delete=models.CASCADE, related_name="diagnoses")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=100)
    admission_condition = models.CharField(max_length=1, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["front_page", "place"], name="clinic_front_page_diagnosis_place"),
            models.CheckConstraint(condition=Q(place__range=(1, 41)), name="clinic_front_page_diagnosis_count"),
            models.CheckConstraint(
                condition=Q(admission_condition__in=["", "1", "2", "3", "4"]), name="clinic_admission_condition_known"
            ),
        ]
        ordering = ["place"]


class FrontPageProcedure(models.Model):
    """One operation or procedure, place 1 the main one; level RC029, wound RC014, anaesthesia RC013."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    front_page = models.ForeignKey(FrontPage, on_delete=models.CASCADE, related_name="procedures")
    place = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=20, blank=True)
    name = models.CharField(max_length=100)
    performed_at = models.DateTimeField(null=True)
    level = models.CharField(max_length=1, blank=True)
    operator_id = models.UUIDField(null=True)
    operator_name = models.CharField(max_length=40, blank=True)
    first_assistant = models.CharField(max_length=40, blank=True)
    second_assistant = models.CharField(max_length=40, blank=True)
    wound = models.CharField(max_length=2, blank=True)
    anaesthesia = models.CharField(max_length=6, blank=True)
    anaesthetist = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["front_page", "place"], name="clinic_front_page_procedure_place"),
            models.CheckConstraint(condition=Q(place__range=(1, 41)), name="clinic_front_page_procedure_count"),
        ]
        ordering = ["place"]
