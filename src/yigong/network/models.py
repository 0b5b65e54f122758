"""Institutions, departments, staff and posts."""

from django.db import models

from yigong.core.ids import new_id


class Institution(models.Model):
    """One licensed institution or site. ``parent`` is the institution that manages it (the tree for rights and escalation)."""

    class Level(models.TextChoices):
        VILLAGE = "village", "村级"
        TOWNSHIP = "township", "乡级"
        COUNTY = "county", "县级"
        OUTSIDE = "outside", "县外"
        AUTHORITY = "authority", "主管部门"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=22, unique=True)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=30)
    initials = models.CharField(max_length=40, db_index=True)
    level = models.CharField(max_length=12, choices=Level.choices)
    category = models.CharField(max_length=8)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    phone = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    opened_on = models.DateField(null=True, blank=True)
    closed_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department of one institution; ``specialty`` is the national subject code (诊疗科目)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="departments")
    code = models.CharField(max_length=12)
    name = models.CharField(max_length=40)
    specialty = models.CharField(max_length=8, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["institution", "code"], name="department_code_once")]

    def __str__(self) -> str:
        return self.name


class Staff(models.Model):
    """One person who works in the community."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=50)
    initials = models.CharField(max_length=40, db_index=True)
    sex = models.CharField(max_length=1)
    phone = models.CharField(max_length=30, blank=True)
    title = models.CharField(max_length=2, blank=True)

    def __str__(self) -> str:
        return self.name


class Post(models.Model):
    """A staff member's role at one institution for a time; rights come from here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="posts")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="posts")
    department = models.ForeignKey(Department, null=True, blank=True, on_delete=models.PROTECT, related_name="posts")
    role = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["institution", "role"], name="post_by_institution_role")]
