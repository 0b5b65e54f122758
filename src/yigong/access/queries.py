"""Reads of accounts, the read log and emergency access."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from yigong.access import data
from yigong.access.models import Account, Consent, EmergencyAccess, ReadLog, Relationship

PAGE_SIZE = 50


def account_data(row: Account) -> data.AccountData:
    """The row as other rooms see it."""
    return data.AccountData(row.id, row.username, row.staff_id, row.is_active, row.must_change_password)


def reads_of(resident_id: UUID, page: int = 1, size: int = PAGE_SIZE) -> data.ReadPage:
    """Who looked at a resident, newest first; ask ``require(actor, "read_log", …)`` before showing it."""
    rows = ReadLog.objects.filter(resident_id=resident_id)
    begin = (max(page, 1) - 1) * size
    found = rows.order_by("-at")[begin : begin + size]
    return data.ReadPage(tuple(_read_data(row) for row in found), rows.count(), max(page, 1), size)


def _read_data(row: ReadLog) -> data.ReadData:
    return data.ReadData(
        row.at, row.actor_name, row.role, row.institution_id, row.action, row.allowed, row.basis, row.page, row.purpose
    )


def relationships_of(resident_id: UUID) -> QuerySet[Relationship]:
    """All relationships of one resident, newest first."""
    return Relationship.objects.filter(resident_id=resident_id).order_by("-starts_at")


def consents_of(resident_id: UUID) -> QuerySet[Consent]:
    """All consents of one resident, newest first."""
    return Consent.objects.filter(resident_id=resident_id).order_by("-given_at")


def emergency_data(row: EmergencyAccess) -> data.EmergencyData:
    """The row as other rooms see it."""
    return data.EmergencyData(
        id=row.id,
        resident_id=row.resident_id,
        staff_id=row.staff_id,
        staff_name=row.staff_name,
        role=row.role,
        institution_id=row.institution_id,
        reason=row.reason,
        opened_at=row.opened_at,
        ends_at=row.ends_at,
        verdict=row.verdict,
        reviewed_at=row.reviewed_at,
        reviewer_name=row.reviewer_name,
        comment=row.comment,
    )


def emergencies(institution_ids: Iterable[UUID], *, reviewed: bool) -> QuerySet[EmergencyAccess]:
    """Emergency accesses at these institutions: those waiting for review (oldest first) or those reviewed (newest first)."""
    rows = EmergencyAccess.objects.filter(institution_id__in=institution_ids, reviewed_at__isnull=not reviewed)
    return rows.order_by("-reviewed_at") if reviewed else rows.order_by("opened_at")
