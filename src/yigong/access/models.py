"""Accounts, sessions, relationships with residents, consent, emergency access and the log of reads."""

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id


class Account(AbstractBaseUser):
    """A login. Rights do not hang on it but on the posts of its staff member."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    username = models.CharField(max_length=40, unique=True)
    staff = models.ForeignKey("network.Staff", null=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField(default=True)
    lock_reason = models.CharField(max_length=200, blank=True, db_default="")
    must_change_password = models.BooleanField(default=False)
    password_changed_at = models.DateTimeField(null=True)
    # Grows with each change of password or lock; sessions compare it on every request.
    rights_version = models.PositiveIntegerField(db_default=1, default=1)
    otp_secret = models.CharField(max_length=200, blank=True, db_default="")
    otp_since = models.DateTimeField(null=True)
    otp_last_step = models.BigIntegerField(db_default=0, default=0)
    created_at = models.DateTimeField(db_default=Now())

    objects = BaseUserManager()
    USERNAME_FIELD = "username"

    def __str__(self) -> str:
        return self.username


class AccountChange(models.Model):
    """What was done to an account, by whom and why. Rows of Account hold secrets, so row history would keep them for good."""

    class Action(models.TextChoices):
        OPEN = "open", "开通"
        PASSWORD = "password", "本人修改密码"
        RESET = "reset", "重置密码"
        LOCK = "lock", "停用"
        UNLOCK = "unlock", "恢复"
        CODES_ON = "codes_on", "启用动态验证码"
        CODES_OFF = "codes_off", "关闭动态验证码"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="changes")
    action = models.CharField(max_length=12, choices=Action.choices)
    reason = models.CharField(max_length=200, blank=True)
    by_name = models.CharField(max_length=80)
    by_account_id = models.UUIDField(null=True)
    address = models.CharField(max_length=64, blank=True)
    at = models.DateTimeField(db_default=Now())


class RecoveryCode(models.Model):
    """A one-time way in when the phone is lost; only a digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64)
    used_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "digest"], name="recovery_code_once")]


class Session(AbstractBaseSession):
    """A signed-in browser, with what its owner needs to recognise it."""

    account = models.ForeignKey(Account, null=True, on_delete=models.CASCADE, related_name="sessions")
    created_at = models.DateTimeField(db_default=Now())
    last_seen_at = models.DateTimeField(db_default=Now())
    address = models.CharField(max_length=64, blank=True, db_default="")
    agent = models.CharField(max_length=200, blank=True, db_default="")


class LoginThrottle(models.Model):
    """Failed sign-ins of one name from one address; nobody else's sign-in waits for them."""

    username = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    failures = models.PositiveIntegerField(db_default=0)
    last_failure_at = models.DateTimeField(db_default=Now())
    blocked_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["username", "address"], name="login_throttle_pair")]


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
                condition=Q(institution_id__isnull=False) | Q(staff_id__isnull=False),
                name="relationship_has_a_holder",
            ),
            models.UniqueConstraint(
                fields=["resident_id", "institution_id", "staff_id", "basis", "source"],
                condition=Q(ends_at__isnull=True),
                nulls_distinct=False,
                name="relationship_open_once",
            ),
        ]
        indexes = [
            models.Index(fields=["resident_id", "institution_id"], name="relationship_by_resident"),
            models.Index(fields=["institution_id", "resident_id"], name="relationship_by_institution"),
            models.Index(
                fields=["staff_id", "resident_id"], name="relationship_by_staff", condition=Q(staff_id__isnull=False)
            ),
            models.Index(fields=["source"], name="relationship_by_source", condition=Q(source__isnull=False)),
        ]


@audited
class Consent(models.Model):
    """The resident (or guardian) allows an institution or a doctor to see the record, until it ends or is withdrawn."""

    class Giver(models.TextChoices):
        SELF = "self", "本人"
        GUARDIAN = "guardian", "监护人"
        RELATIVE = "relative", "近亲属"

    class Method(models.TextChoices):
        PAPER = "paper", "纸质签字"
        ELECTRONIC = "electronic", "电子签字"
        SPOKEN = "spoken", "口头（有见证人）"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField(db_index=True)
    institution_id = models.UUIDField()
    staff_id = models.UUIDField(null=True)
    giver = models.CharField(max_length=10, choices=Giver.choices)
    giver_name = models.CharField(max_length=60)
    method = models.CharField(max_length=10, choices=Method.choices)
    witness = models.CharField(max_length=60, blank=True)
    purpose = models.CharField(max_length=200)
    given_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    recorded_by = models.UUIDField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdraw_reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("given_at")), name="consent_ends_after_start"),
        ]


@audited
class EmergencyAccess(models.Model):
    """A doctor opened a record without a relationship, for a stated reason and a short time; somebody reviews it."""

    class Verdict(models.TextChoices):
        JUSTIFIED = "justified", "合理"
        UNCLEAR = "unclear", "需说明"
        UNJUSTIFIED = "unjustified", "不合理"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    resident_id = models.UUIDField()
    staff_id = models.UUIDField()
    staff_name = models.CharField(max_length=50)
    role = models.CharField(max_length=40)
    institution_id = models.UUIDField(db_index=True)
    reason = models.CharField(max_length=500)
    opened_at = models.DateTimeField(db_default=Now())
    ends_at = models.DateTimeField()
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    reviewed_at = models.DateTimeField(null=True)
    reviewer_id = models.UUIDField(null=True)
    reviewer_name = models.CharField(max_length=50, blank=True)
    comment = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("opened_at")), name="emergency_access_ends_after_start"),
            models.CheckConstraint(
                condition=Q(verdict="", reviewed_at__isnull=True) | (~Q(verdict="") & Q(reviewed_at__isnull=False)),
                name="emergency_access_verdict_with_time",
            ),
            models.CheckConstraint(
                condition=Q(reviewer_id__isnull=True) | ~Q(reviewer_id=F("staff_id")),
                name="emergency_access_not_reviewed_by_oneself",
            ),
        ]


class ReadLog(models.Model):
    """Who looked at whom, why, on what basis. Append-only and partitioned by month; the table is made by migration 0002."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    at = models.DateTimeField()
    account_id = models.UUIDField(null=True)
    staff_id = models.UUIDField(null=True)
    post_id = models.UUIDField(null=True)
    institution_id = models.UUIDField(null=True)
    actor_name = models.CharField(max_length=80)
    role = models.CharField(max_length=40)
    resident_id = models.UUIDField()
    subject_kind = models.CharField(max_length=40)
    subject_id = models.UUIDField()
    action = models.CharField(max_length=40)
    allowed = models.BooleanField()
    basis = models.CharField(max_length=40)
    page = models.CharField(max_length=200)
    purpose = models.CharField(max_length=200)
    address = models.CharField(max_length=64)

    class Meta:
        managed = False
        db_table = "access_readlog"
