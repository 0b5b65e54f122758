"""Departments, staff, posts and shifts."""

from collections.abc import Iterable
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from yigong.core import clock, statements
from yigong.network import data, rules
from yigong.network.models import (
    Department,
    Duty,
    Post,
    Secondment,
    Staff,
)
from yigong.network.queries.basis import get, holding


def department_data(row: Department) -> data.DepartmentData:
    """The row as other rooms see it."""
    return data.DepartmentData(row.id, row.institution_id, row.code, row.name, row.specialty)


def departments(institution_id: UUID) -> list[data.DepartmentData]:
    """The open departments of one institution in code order."""
    rows = Department.objects.filter(institution_id=institution_id, closed_on__isnull=True).order_by("code")
    return [department_data(row) for row in rows]


def department(department_id: UUID) -> data.DepartmentData:
    """One department."""
    return department_data(get(Department, department_id))


def departments_many(ids: Iterable[UUID]) -> dict[UUID, data.DepartmentData]:
    """Departments by key."""
    return {row.id: department_data(row) for row in Department.objects.filter(pk__in={key for key in ids if key})}


def departments_by_code(institution_ids: Iterable[UUID]) -> dict[tuple[UUID, str], data.DepartmentData]:
    """All departments of some institutions by institution and code, closed ones included."""
    rows = Department.objects.filter(institution_id__in=set(institution_ids))
    return {(row.institution_id, row.code): department_data(row) for row in rows}


def staff_data(row: Staff) -> data.StaffData:
    """The row as other rooms see it."""
    return data.StaffData(row.id, row.code, row.name, row.title, row.phone, row.sex)


def staff(staff_id: UUID) -> data.StaffData:
    """One staff member."""
    return staff_data(get(Staff, staff_id))


def staff_many(ids: Iterable[UUID]) -> dict[UUID, data.StaffData]:
    """Staff by key; unknown keys are left out."""
    rows = statements.objects(Staff, "where id = any(%(ids)s)", {"ids": [key for key in ids if key]})
    return {row.id: staff_data(row) for row in rows}


def staff_by_code(codes: Iterable[str]) -> dict[str, data.StaffData]:
    """Staff by number as stored (``rules.fold``); unknown numbers are left out."""
    return {row.code: staff_data(row) for row in Staff.objects.filter(code__in={rules.fold(code) for code in codes})}


def matching_staff(text: str = "", institution_ids: Iterable[UUID] | None = None) -> QuerySet[Staff]:
    """Staff still employed by part of the name, initials or code; optionally only with a post at these places today."""
    rows = Staff.objects.filter(Q(left_on__isnull=True) | Q(left_on__gt=clock.today()))
    if institution_ids is not None:
        posts = Post.objects.filter(holding(), institution_id__in=institution_ids)
        rows = rows.filter(pk__in=posts.values("staff_id"))
    for word in text.split():
        folded = rules.fold(word)
        rows = rows.filter(
            Q(name__icontains=word) | Q(initials__startswith=folded.lower()) | Q(code__startswith=folded)
        )
    return rows


def search_staff(text: str, institution_id: UUID | None = None, limit: int = 20) -> list[data.StaffData]:
    """Staff by name, initials or code, for pickers."""
    rows = matching_staff(text, None if institution_id is None else [institution_id])
    return [staff_data(row) for row in rows.order_by("code")[:limit]]


def post_data(row: Post) -> data.PostData:
    """The row as other rooms see it; ``staff`` and ``institution`` should be joined."""
    return data.PostData(
        id=row.id,
        staff_id=row.staff_id,
        staff_name=row.staff.name,
        institution_id=row.institution_id,
        institution_name=row.institution.short_name,
        department_id=row.department_id,
        role=row.role,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
    )


def posts_at(institution_id: UUID, role: str | None = None, on: date | None = None) -> list[data.PostData]:
    """Posts held at an institution on a day, optionally of one role."""
    rows = Post.objects.filter(holding(on), institution_id=institution_id).select_related("staff", "institution")
    return [post_data(row) for row in (rows.filter(role=role) if role else rows).order_by("starts_on", "id")]


def posts_at_many(institution_ids: Iterable[UUID], on: date | None = None) -> list[data.PostData]:
    """Posts held at any of some institutions on a day, in one statement."""
    rows = Post.objects.filter(holding(on), institution_id__in=set(institution_ids))
    return [post_data(row) for row in rows.select_related("staff", "institution").order_by("starts_on", "id")]


def posts_of(staff_id: UUID, on: date | None = None) -> list[data.PostData]:
    """Posts a staff member holds on a day, oldest first."""
    rows = Post.objects.filter(holding(on), staff_id=staff_id).select_related("staff", "institution")
    return [post_data(row) for row in rows.order_by("starts_on", "id")]


def posts_of_many(staff_ids: Iterable[UUID], on: date | None = None) -> dict[UUID, list[data.PostData]]:
    """Posts of several people on a day, in one statement."""
    found: dict[UUID, list[data.PostData]] = {}
    rows = Post.objects.filter(holding(on), staff_id__in=set(staff_ids)).select_related("staff", "institution")
    for row in rows.order_by("starts_on", "id"):
        found.setdefault(row.staff_id, []).append(post_data(row))
    return found


def workplace(staff_id: UUID, on: date | None = None) -> data.Workplace:
    """What rights are built from: posts and secondments that hold on the day."""
    row = get(Staff, staff_id)
    seconded = Secondment.objects.filter(holding(on), staff_id=staff_id).values_list("institution_id", flat=True)
    return data.Workplace(
        staff_id=row.id,
        staff_name=row.name,
        rights_version=row.rights_version,
        posts=tuple(posts_of(staff_id, on)),
        seconded_to=frozenset(seconded),
    )


def duty_data(row: Duty) -> data.DutyData:
    """The row as other rooms see it; ``staff`` should be joined."""
    return data.DutyData(row.id, row.institution_id, row.role, row.staff_id, row.staff.name, row.starts_at, row.ends_at)


def duty_staff(institution_id: UUID, role: str, at: datetime | None = None) -> data.StaffData | None:
    """Who is on duty in this role at this instant (now when not given), or None."""
    at = at or clock.now()
    rows = Duty.objects.filter(
        institution_id=institution_id, role=role, starts_at__lte=at, ends_at__gt=at, cancelled_at__isnull=True
    )
    row = rows.select_related("staff").order_by("starts_at").first()
    return staff_data(row.staff) if row else None


def duties_between(institution_id: UUID, begin: datetime, end: datetime) -> list[data.DutyData]:
    """The shifts at an institution that touch the time span, in order."""
    rows = Duty.objects.filter(
        institution_id=institution_id, starts_at__lt=end, ends_at__gt=begin, cancelled_at__isnull=True
    )
    return [duty_data(row) for row in rows.select_related("staff").order_by("starts_at", "role")]


def listed_staff(text: str, role: str, institution_id: UUID | None) -> QuerySet[Staff]:
    """Rows of the list of staff."""
    rows = matching_staff(text, None if institution_id is None else [institution_id])
    if role:
        rows = rows.filter(pk__in=Post.objects.filter(holding(), role=role).values("staff_id"))
    return rows.order_by("code")


def seconded_to(institution_id: UUID) -> QuerySet[Secondment]:
    """Who works here today from elsewhere."""
    return Secondment.objects.filter(holding(), institution_id=institution_id).select_related("staff")
