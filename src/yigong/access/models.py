"""Accounts, relationships with residents and the log of reads."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Now

from yigong.core.ids import new_id


class Account(AbstractBaseUser):
    """A login. Rights do not hang on it but on the posts of its staff member."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=40, unique=True)
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(db_default=Now())

    objects = BaseUserManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.username


class Relationship(models.Model):
    """Why an institution or a staff member may see one resident, from when until when."""

    class Basis(models.TextChoices):
        ENCOUNTER = "encounter", "就诊"
        ORDER = "order", "检查检验申请"
        REFERRAL = "referral", "转诊"
        CONTRACT = "contract", "家庭医生签约"
        PROGRAMME = "programme", "公共卫生管理"
        REGISTRATION = "registration", "建档登记"
        CONSENT = "consent", "本人授权"
        EMERGENCY = "emergency", "紧急调阅"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField()
    institution_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    basis = models.CharField(max_length=16, choices=Basis.choices)
    source = models.UUIDField(null=True)
    starts_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(institution_id__isnull=False) | models.Q(staff_id__isnull=False),
                name="relationship_has_a_holder",
            ),
        ]
        indexes = [
            models.Index(fields=["resident_id", "institution_id"], name="relationship_by_resident"),
            models.Index(fields=["institution_id", "resident_id"], name="relationship_by_institution"),
            models.Index(fields=["source"], name="relationship_by_source"),
        ]
