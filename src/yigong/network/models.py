"""Places, institutions, alliances, shared centres, staff, posts and rosters.

Every span is half-open: ``starts_on`` is the first day it holds, ``ends_on`` the first day it no longer does (null: open). Ending
something today therefore takes effect at once, and a successor may start on the same day. Overlaps are refused by exclusion
constraints (in the migrations), because Django's own need an extension that the embedded server lacks.
"""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from yigong.core.audit.api import audited
from yigong.core.ids import new_id
from yigong.core.states.models import Stateful, due_index


def _span(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name=f"{name}_ends_after_start"
    )


@audited
class Place(models.Model):
    """An administrative area by its national code (GB/T 2260, GB/T 10114); codes are valid for a time and have successors."""

    class Level(models.TextChoices):
        PROVINCE = "province", "省"
        CITY = "city", "市"
        COUNTY = "county", "县"
        TOWN = "town", "乡镇街道"
        VILLAGE = "village", "村居"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=60)
    initials = models.CharField(max_length=40, db_default="")
    level = models.CharField(max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    predecessors = models.ManyToManyField("self", symmetrical=False, related_name="successors", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "starts_on"], name="place_code_once", nulls_distinct=False),
            models.CheckConstraint(condition=Q(code__regex=r"^\d{6}(\d{3}(\d{3})?)?$"), name="place_code_digits"),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class Institution(models.Model):
    """One licensed institution or site. ``parent`` is the institution that manages it (the tree for rights and escalation)."""

    class Level(models.TextChoices):
        VILLAGE = "village", "村级"
        TOWNSHIP = "township", "乡级"
        COUNTY = "county", "县级"
        OUTSIDE = "outside", "县外"
        AUTHORITY = "authority", "主管部门"

    class Ownership(models.TextChoices):
        PUBLIC = "public", "公立"
        PRIVATE = "private", "民营"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=22, unique=True)
    credit_code = models.CharField(max_length=18, unique=True, null=True, blank=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=30)
    initials = models.CharField(max_length=40, db_index=True)
    level = models.CharField(max_length=12, choices=Level.choices)
    category = models.CharField(max_length=8)
    ownership = models.CharField(max_length=8, choices=Ownership.choices, db_default="public", default="public")
    grade = models.CharField(max_length=1, blank=True, db_default="")
    grade_class = models.CharField(max_length=1, blank=True, db_default="")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="institutions")
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="institution_does_not_manage_itself"),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class CountyCounting(models.Model):
    """Whether an institution counts as "within the county" for figures, from when until when; without a row its level decides."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="countings")
    counts = models.BooleanField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200)

    class Meta:
        constraints = [_span("county_counting")]


@audited
class Location(models.Model):
    """Where an institution or a place lies, in degrees of WGS-84 as telephones report them (CGCS2000 agrees; map sites in China show GCJ-02, some
    hundred metres off). ``source`` says who measured it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.OneToOneField(Institution, null=True, on_delete=models.CASCADE, related_name="location")
    place = models.OneToOneField(Place, null=True, on_delete=models.CASCADE, related_name="location")
    latitude = models.DecimalField(max_digits=8, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)
    source = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(institution__isnull=False) ^ Q(place__isnull=False), name="location_of_one_thing"
            ),
            models.CheckConstraint(
                condition=Q(latitude__range=(3, 54)) & Q(longitude__range=(73, 136)), name="location_in_china"
            ),
        ]


class Accreditation(models.Model):
    """A verdict on an institution's standard from a day on, with the paper that says so: the latest that has begun holds, a worse verdict is another
    row. What a row says never changes; one entered by mistake is withdrawn once, with a reason, and stays to be seen.
    """

    class Kind(models.TextChoices):
        SERVICE = "service", "优质服务基层行"
        CLINIC = "clinic", "村卫生室标准化"

    class Level(models.TextChoices):
        BASIC = "basic", "基本标准"
        RECOMMENDED = "recommended", "推荐标准"
        COMMUNITY_HOSPITAL = "community_hospital", "社区医院标准"
        MET = "met", "达标"
        NONE = "none", "未达标"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, related_name="accreditations", db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level = models.CharField(max_length=20, choices=Level.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    document = models.CharField(max_length=100)
    decided_by = models.CharField(max_length=80)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(db_default=Now())
    recorded_by = models.CharField(max_length=80)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=80, blank=True, db_default="")
    withdrawn_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="service", level__in=["basic", "recommended", "community_hospital", "none"])
                | Q(kind="clinic", level__in=["met", "none"]),
                name="accreditation_level_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")), name="accreditation_ends_after_start"
            ),
            models.CheckConstraint(condition=~Q(document=""), name="accreditation_has_a_paper"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by="", withdrawn_reason="")
                | Q(withdrawn_at__isnull=False) & ~Q(withdrawn_by="") & ~Q(withdrawn_reason=""),
                name="accreditation_withdrawn_with_reason",
            ),
            models.UniqueConstraint(
                fields=["institution", "kind", "starts_on", "level", "document"],
                condition=Q(withdrawn_at__isnull=True),
                name="accreditation_once",
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="says_what_it_said",
                fields=[
                    "institution",
                    "kind",
                    "level",
                    "starts_on",
                    "ends_on",
                    "document",
                    "decided_by",
                    "note",
                    "recorded_at",
                    "recorded_by",
                ],
            ),
            pgtrigger.Protect(
                name="withdrawn_once",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__withdrawn_at__isnull=False),
            ),
        ]


@audited
class Alliance(models.Model):
    """A union of institutions of one of five kinds, with the facts of its charter."""

    class Kind(models.TextChoices):
        COMMUNITY = "community", "县域医共体"
        CITY_GROUP = "city_group", "城市医疗集团"
        CITY_COUNTY = "city_county", "市县医联体"
        SPECIALTY = "specialty", "专科联盟"
        REMOTE = "remote", "远程医疗协作网"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=80, unique=True)
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    specialty = models.CharField(max_length=8, blank=True)
    governing_body = models.CharField(max_length=80, blank=True)
    charter_number = models.CharField(max_length=60, blank=True)
    charter_signed_on = models.DateField(null=True, blank=True)
    charter_ends_on = models.DateField(null=True, blank=True)
    duties = models.TextField(blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [_span("alliance")]

    def __str__(self) -> str:
        return self.name


@audited
class Membership(models.Model):
    """An institution in an alliance for a time. ``manner``: being entrusted is not being owned (托管≠隶属)."""

    class Role(models.TextChoices):
        LEAD = "lead", "牵头"
        MEMBER = "member", "成员"
        SUB_CENTRE = "sub_centre", "次中心"
        RECEIVER = "receiver", "承接医院"
        PARTNER = "partner", "协作"

    class Manner(models.TextChoices):
        OWNED = "owned", "隶属"
        ENTRUSTED = "entrusted", "全面托管"
        AGREED = "agreed", "协议合作"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    alliance = models.ForeignKey(Alliance, on_delete=models.PROTECT, related_name="memberships")
    # Repeats alliance.kind (held equal by a composite foreign key) so that the database can refuse a second county community.
    kind = models.CharField(max_length=12, choices=Alliance.Kind.choices)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=12, choices=Role.choices)
    manner = models.CharField(max_length=12, choices=Manner.choices, db_default="agreed", default="agreed")
    agreement_ends_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    end_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [_span("membership")]


@audited
class Department(models.Model):
    """A department of one institution; ``specialty`` is the national subject code (诊疗科目)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="departments")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=40)
    specialty = models.CharField(max_length=8, blank=True)
    phone = models.CharField(max_length=30, blank=True, db_default="")
    closed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="department_code_once")]

    def __str__(self) -> str:
        return self.name


@audited
class Centre(models.Model):
    """A shared centre: one institution does a kind of work for others. Without opening hours it works around the clock."""

    class Kind(models.TextChoices):
        IMAGING = "imaging", "医学影像中心"
        ECG = "ecg", "心电诊断中心"
        LABORATORY = "laboratory", "医学检验中心"
        PATHOLOGY = "pathology", "病理诊断中心"
        CONSULTATION = "consultation", "远程会诊中心"
        STERILE = "sterile", "消毒供应中心"
        EMERGENCY = "emergency", "急诊急救中心"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=16, choices=Kind.choices)
    name = models.CharField(max_length=80)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="centres")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    opens_at = models.TimeField(null=True, blank=True)
    closes_at = models.TimeField(null=True, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            _span("centre"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True)
                | Q(opens_at__isnull=False, closes_at__isnull=False),
                name="centre_hours_both_or_none",
            ),
            models.UniqueConstraint(
                fields=["institution", "kind"], condition=Q(ends_on__isnull=True), name="centre_once_per_host"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited
class CentreService(models.Model):
    """A centre serves an institution for a time; of each kind an institution has one serving centre at a time."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="services")
    # Repeats centre.kind (composite foreign key) for the exclusion constraint.
    kind = models.CharField(max_length=16, choices=Centre.Kind.choices)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="services")
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [_span("centre_service")]


@audited
class Staff(models.Model):
    """One person who works in the community. ``rights_version`` grows with every change of posts or secondments."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=50)
    initials = models.CharField(max_length=40, db_index=True)
    sex = models.CharField(max_length=1)
    phone = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=2, blank=True)
    left_on = models.DateField(null=True, blank=True)
    rights_version = models.PositiveIntegerField(db_default=1, default=1)

    def __str__(self) -> str:
        return self.name


@audited
class Qualification(models.Model):
    """A licence or certificate of a staff member, with what it allows and until when."""

    class Kind(models.TextChoices):
        PHYSICIAN = "physician", "医师资格"
        PRACTICE = "practice", "医师执业"
        VILLAGE_DOCTOR = "village_doctor", "乡村医生执业"
        NURSE = "nurse", "护士执业"
        PHARMACIST = "pharmacist", "执业药师"
        TECHNICIAN = "technician", "卫生技术资格"
        RADIATION = "radiation", "放射工作人员"
        EQUIPMENT = "equipment", "大型设备上岗"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="qualifications")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    number = models.CharField(max_length=30)
    # 执业类别: 1 临床 2 口腔 3 公共卫生 4 中医; 执业级别: 1 执业 2 执业助理.
    practice_class = models.CharField(max_length=1, blank=True)
    practice_level = models.CharField(max_length=1, blank=True)
    scope = models.CharField(max_length=100, blank=True)
    institution = models.ForeignKey(Institution, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    may_prescribe = models.BooleanField(db_default=False, default=False)
    may_prescribe_narcotics = models.BooleanField(db_default=False, default=False)
    antibiotic_level = models.PositiveSmallIntegerField(db_default=0, default=0)
    issued_on = models.DateField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "number"], name="qualification_number_once"),
            models.CheckConstraint(condition=Q(antibiotic_level__lte=3), name="qualification_antibiotic_level"),
        ]


@audited
class Post(models.Model):
    """A staff member's role at one institution for a time; rights come from here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="posts")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="posts")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [_span("post")]
        indexes = [models.Index(fields=["institution", "role"], name="post_by_institution_role")]


@audited
class Secondment(models.Model):
    """Widens where a staff member may work, for a time and a stated reason."""

    class Form(models.TextChoices):
        STATIONED = "stationed", "派驻"
        SUPPORT = "support", "下沉帮扶"
        ROTATION = "rotation", "轮岗"
        TRAINING = "training", "进修"
        MULTI_SITE = "multi_site", "多点执业"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="secondments")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="secondments")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    form = models.CharField(max_length=12, choices=Form.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200)
    end_reason = models.CharField(max_length=200, blank=True, db_default="")

    class Meta:
        constraints = [_span("secondment")]


@audited
class Duty(models.Model):
    """One shift: who is on duty in which role at which institution. Nobody is at two places at once."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="duties")
    role = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="duties")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    cancel_reason = models.CharField(max_length=200, blank=True, db_default="")
    recorded_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_ends_after_start"),
        ]
        indexes = [models.Index(fields=["institution", "role", "starts_at"], name="duty_by_institution")]


@audited
class DutyNeed(models.Model):
    """Which shifts must be staffed: so many people of a role, between two times on some weekdays. What lacks is a gap."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="duty_needs")
    role = models.CharField(max_length=40)
    weekdays = models.CharField(max_length=7, help_text="1 for Monday to 7 for Sunday, each at most once")
    begins = models.TimeField()
    ends = models.TimeField(help_text="the next day when not later than begins")
    people = models.PositiveSmallIntegerField(default=1)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True, db_default="")
    looked_on = models.DateField(null=True, blank=True, help_text="the day on which gaps were last looked for")

    class Meta:
        constraints = [
            _span("duty_need"),
            models.CheckConstraint(condition=Q(people__range=(1, 20)), name="duty_need_people"),
            models.CheckConstraint(
                condition=Q(weekdays__regex=r"^1?2?3?4?5?6?7?$") & ~Q(weekdays=""), name="duty_need_days"
            ),
            models.UniqueConstraint(
                fields=["institution", "role", "weekdays", "begins", "ends"],
                condition=Q(ends_on__isnull=True),
                name="duty_need_once",
            ),
        ]


class DutySwap(Stateful):
    """A shift offered to a colleague, in exchange for one of his or for nothing; it changes hands when the roster's keeper agrees."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="duty_swaps")
    duty = models.ForeignKey(Duty, on_delete=models.PROTECT, related_name="offers")
    colleague = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="swaps")
    in_exchange = models.ForeignKey(Duty, null=True, blank=True, on_delete=models.PROTECT, related_name="asked_for")
    offered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["duty"], condition=Q(state__in=["offered", "agreed"]), name="duty_offered_once"
            )
        ]
        indexes = [
            due_index("duty_swap_due"),
            models.Index(fields=["institution", "state"], name="duty_swap_by_institution"),
        ]
