"""Reads of accounts, the read log and emergency access."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access import data, decisions
from yigong.access.models import Account, Consent, EmergencyAccess, LoginThrottle, ReadLog, Relationship, Session
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.network import api as network
from yigong.network.data import PostData

PAGE_SIZE = 50
Names = Callable[[set[UUID]], dict[UUID, str]]
_names: list[Names] = []


def register_names(provider: Names) -> None:
    """The room of residents tells names by key, for pages here whose reader the log or the review already entitles."""
    _names[:] = [provider]


def page_number(text: str | None) -> int:
    """The page asked for, 1 for anything that is none."""
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 8 else 1


def account_data(row: Account) -> data.AccountData:
    """The row as other rooms see it."""
    return data.AccountData(row.id, row.username, row.staff_id, row.is_active, row.must_change_password)


def account(account_id: UUID) -> Account:
    """One account, or NotFound."""
    row = Account.objects.filter(pk=account_id).select_related("staff").first()
    if row is None:
        raise NotFound
    return row


def matching_accounts(text: str = "", state: str = "") -> QuerySet[Account]:
    """Accounts by name of login or owner; ``state`` is locked, first (password not yet changed) or codes."""
    rows = Account.objects.select_related("staff").order_by("username")
    for word in text.split():
        named = (
            Q(staff__name__contains=word) | Q(staff__initials__startswith=word.lower()) | Q(staff__code=word.upper())
        )
        rows = rows.filter(Q(username__contains=word.lower()) | named)
    states = {"locked": Q(is_active=False), "first": Q(must_change_password=True), "codes": ~Q(otp_secret="")}
    return rows.filter(states[state]) if state in states else rows


def posts_by_staff(staff_ids: Iterable[UUID | None]) -> dict[UUID, list[PostData]]:
    """The posts held today of several people, in one statement."""
    return network.posts_of_many([key for key in staff_ids if key])


def sessions_of(account_id: UUID) -> list[dict[str, Any]]:
    """The live sessions of an account; ``digest`` names one without giving its key away."""
    rows = Session.objects.filter(account_id=account_id, expire_date__gt=clock.now()).order_by("-last_seen_at")
    keys = ("session_key", "created_at", "last_seen_at", "address", "agent")
    return [row | {"digest": session_digest(row["session_key"])} for row in rows.values(*keys)]


def session_digest(key: str) -> str:
    """A name for a session that cannot be used to act in it."""
    return hashlib.sha256(key.encode()).hexdigest()


def waits_of(username: str) -> QuerySet[LoginThrottle]:
    """Sources from which this name has failed to sign in."""
    return LoginThrottle.objects.filter(username=username).order_by("-last_failure_at")


def read_rows(resident_id: UUID) -> QuerySet[ReadLog]:
    """Who looked at a resident, newest first."""
    return ReadLog.objects.filter(resident_id=resident_id).order_by("-at", "-id")


def reads_by(staff_id: UUID | None) -> QuerySet[ReadLog]:
    """What one staff member looked at in the last 90 days, newest first."""
    since = clock.now() - timedelta(days=90)
    return ReadLog.objects.filter(staff_id=staff_id, at__gte=since).order_by("-at", "-id")


def reads_during(row: EmergencyAccess) -> list[ReadLog]:
    """What the doctor looked at while the emergency access was open."""
    found = ReadLog.objects.filter(
        staff_id=row.staff_id, resident_id=row.resident_id, at__gte=row.opened_at, at__lte=row.ends_at
    )
    return list(found.order_by("at")[:200])


def places_of(rows: Iterable[Any]) -> dict[UUID, str]:
    """Short names of the institutions that the rows name."""
    found = network.institutions({row.institution_id for row in rows if row.institution_id})
    return {key: row.short_name for key, row in found.items()}


def names_of(rows: Iterable[Any]) -> dict[UUID, str]:
    """Names of the residents that the rows name, where the room of residents tells them."""
    keys = {row.resident_id for row in rows}
    return _names[0](keys) if _names and keys else {}


def resident_name(resident_id: UUID) -> str:
    """One resident's name, empty where nobody tells it."""
    return (_names[0]({resident_id}) if _names else {}).get(resident_id, "")


def words() -> dict[str, dict[str, str]]:
    """Labels of the log's codes in the reader's language."""
    actions = {
        "read_detail": _("查看明细"),
        "write": _("书写"),
        "read_statistics": _("查看统计"),
        "read_log": _("查看查阅记录"),
    }
    codes = [*Relationship.Basis.values, "tree", "permission", "system", "none"]
    return {"action": actions, "basis": {code: decisions.basis_label(code) for code in codes}}


def reads_of(resident_id: UUID, page: int = 1, size: int = PAGE_SIZE) -> data.ReadPage:
    """Who looked at a resident, newest first; ask ``require(actor, "read_log", …)`` before showing it."""
    rows = read_rows(resident_id)
    begin = (max(page, 1) - 1) * size
    found = rows[begin : begin + size]
    return data.ReadPage(tuple(_read_data(row) for row in found), rows.count(), max(page, 1), size)


def _read_data(row: ReadLog) -> data.ReadData:
    return data.ReadData(
        row.at, row.actor_name, row.role, row.institution_id, row.action, row.allowed, row.basis, row.page, row.purpose
    )


def open_relationships(resident_id: UUID) -> list[Relationship]:
    """Today's relationships of one resident, oldest first."""
    now = clock.now()
    rows = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), resident_id=resident_id)
    return list(rows.order_by("starts_at"))


def consents_of(resident_id: UUID, actor: Actor) -> QuerySet[Consent]:
    """The consents that the actor's institutions recorded, newest first."""
    rows = Consent.objects.filter(resident_id=resident_id, institution_id__in=actor.institution_ids)
    return rows.order_by("-given_at")


def emergency(emergency_id: UUID) -> EmergencyAccess:
    """One emergency access, or NotFound."""
    row = EmergencyAccess.objects.filter(pk=emergency_id).first()
    if row is None:
        raise NotFound
    return row


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
