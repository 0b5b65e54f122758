"""Changes of accounts, relationships, consent and emergency access, one function each."""

import secrets
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from yigong.access import data, errors, events, queries, rules
from yigong.access.models import Account, AccountChange, Consent, EmergencyAccess, LoginThrottle, Relationship, Session
from yigong.access.policies import ACCOUNTS, EMERGENCY, REVIEW, WRITE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.network import api as network

EMERGENCY_LASTS = timedelta(hours=8)
_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"

# Relationships


def open_relationship(
    *,
    resident_id: UUID,
    basis: str,
    source: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    ends_at: datetime | None = None,
    note: str = "",
) -> UUID:
    """Open a reason to see a resident; called inside the command that creates the reason. The same open reason twice is one.

    With ``staff_id`` the relationship is that person's alone. Returns the relationship's key.
    """
    if basis not in Relationship.Basis.values:
        raise ValueError(f"unknown basis {basis}")
    values = {"resident_id": resident_id, "institution_id": institution_id, "staff_id": staff_id, "basis": basis}
    row = Relationship(**values, source=source, starts_at=clock.now(), ends_at=ends_at, note=note[:200])
    if ends_at is not None:
        row.save(force_insert=True)
        return row.id
    Relationship.objects.bulk_create([row], ignore_conflicts=True)
    found = Relationship.objects.filter(**values, source=source, ends_at__isnull=True)
    return found.values_list("id", flat=True)[0]


def close_relationships(*, source: UUID, ends_at: datetime | None = None) -> int:
    """End every relationship that this source opened (now, or at a given later time); returns how many."""
    rows = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=clock.now()), source=source)
    return rows.update(ends_at=ends_at or clock.now())


def open_past_relationships(rows: Iterable[data.PastRelationship]) -> int:
    """Reasons that come with many encounters of the past, each with its own end; those that have ended by now are left out."""
    now = clock.now()
    wanted = [
        Relationship(
            resident_id=one.resident_id, institution_id=one.institution_id, basis=Relationship.Basis.ENCOUNTER, source=one.source,
            starts_at=one.starts_at, ends_at=one.ends_at,
        )
        for one in rows
        if one.ends_at > now
    ]  # fmt: skip
    Relationship.objects.bulk_create(wanted, batch_size=2000)
    return len(wanted)


def drop_relationships(sources: Collection[UUID]) -> int:
    """End what these sources opened: they were entered by mistake."""
    now = clock.now()
    rows = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), source__in=sources)
    return rows.update(ends_at=now)


def share_relationships(*, from_resident: UUID, to_resident: UUID) -> list[UUID]:
    """Give another identity of the same person the reasons that hold for this one: same holder, basis, source and end, so that they
    close together. Returns the keys of those that are new."""
    now = clock.now()
    held = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), resident_id=from_resident)
    facts = ("institution_id", "staff_id", "basis", "source", "starts_at", "ends_at", "note")
    copies = [Relationship(resident_id=to_resident, **values) for values in held.values(*facts)]
    Relationship.objects.bulk_create(copies, ignore_conflicts=True)
    made = Relationship.objects.filter(pk__in=[row.id for row in copies])
    return list(made.values_list("id", flat=True))


def end_relationships(keys: Collection[UUID]) -> int:
    """End these relationships now; returns how many still held."""
    now = clock.now()
    rows = Relationship.objects.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now), pk__in=keys)
    return rows.update(ends_at=now)


def move_relationships(*, sources: Collection[UUID], from_resident: UUID, to_resident: UUID) -> int:
    """What these sources opened for one identity now holds for another; returns how many."""
    return Relationship.objects.filter(source__in=sources, resident_id=from_resident).update(resident_id=to_resident)


@change
def record_consent(
    *,
    resident_id: UUID,
    giver: str,
    giver_name: str,
    method: str,
    purpose: str,
    ends_at: datetime,
    actor: Actor,
    witness: str = "",
) -> UUID:
    """Record that the resident (or guardian) lets the actor's institution see the record until ``ends_at``."""
    if not actor.has(WRITE) or actor.institution_id is None:
        raise Forbidden
    problems = {}
    if not giver_name.strip():
        problems["giver_name"] = _("请填写授权人姓名。")
    if not purpose.strip():
        problems["purpose"] = _("请填写查阅目的。")
    if method == "spoken" and not witness.strip():
        problems["witness"] = _("口头授权请填写见证人。")
    if ends_at <= clock.now() or ends_at > clock.now() + timedelta(days=366):
        problems["ends_at"] = _("授权截止时间应在今后一年之内。")
    if giver not in Consent.Giver.values or method not in Consent.Method.values:
        problems["giver"] = _("请选择授权人和授权方式。")
    if problems:
        raise InvalidInput(errors=problems)
    row = Consent.objects.create(
        resident_id=resident_id,
        institution_id=actor.institution_id,
        giver=giver,
        giver_name=giver_name.strip(),
        method=method,
        witness=witness.strip(),
        purpose=purpose.strip(),
        given_at=clock.now(),
        ends_at=ends_at,
        recorded_by=actor.staff_id,
    )
    open_relationship(
        resident_id=resident_id, institution_id=actor.institution_id, basis="consent", source=row.id, ends_at=ends_at
    )
    return row.id


@change
def withdraw_consent(*, consent_id: UUID, reason: str, actor: Actor) -> None:
    """The resident takes the consent back; what it opened closes at once."""
    row = Consent.objects.select_for_update().filter(pk=consent_id).first()
    if row is None:
        raise NotFound
    if not actor.is_system and (not actor.has(WRITE) or row.institution_id not in actor.institution_ids):
        raise Forbidden(_("请由登记这项授权的机构办理撤回。"))
    if row.withdrawn_at is None:
        row.withdrawn_at, row.withdraw_reason = clock.now(), reason.strip()[:200]
        row.save(update_fields=["withdrawn_at", "withdraw_reason"])
        close_relationships(source=row.id)
        record(events.ConsentWithdrawn(consent_id=row.id, resident_id=row.resident_id))


# Emergency access


@racing("access.open_emergency_access")
@change
def open_emergency_access(*, resident_id: UUID, reason: str, actor: Actor) -> data.EmergencyData:
    """Open a resident's record for eight hours for a stated reason; it goes on the review list. A second click is the same access."""
    if not actor.has(EMERGENCY) or actor.staff_id is None or actor.institution_id is None:
        raise Forbidden(_("您的岗位不能紧急调阅，请找值班医生或总值班。"))
    if len(reason.strip()) < 6:
        raise InvalidInput(errors={"reason": _("请写明紧急情况和需要查阅的内容，至少 6 个字；事后会评审。")})
    # Clicks of one doctor queue at the account, so the second finds the first one's access.
    if actor.account_id:
        Account.objects.select_for_update().filter(pk=actor.account_id).first()
    now = clock.now()
    open_row = EmergencyAccess.objects.filter(resident_id=resident_id, staff_id=actor.staff_id, ends_at__gt=now).first()
    if open_row:
        return queries.emergency_data(open_row)
    row = EmergencyAccess(resident_id=resident_id, staff_id=actor.staff_id, staff_name=actor.name, role=actor.role)
    row.institution_id, row.reason = actor.institution_id, reason.strip()[:500]
    row.opened_at, row.ends_at = now, now + EMERGENCY_LASTS
    with refusing(emergency_access_open_once=errors.Conflict()):
        row.save(force_insert=True)
    open_relationship(
        resident_id=resident_id, staff_id=actor.staff_id, basis="emergency", source=row.id, ends_at=row.ends_at
    )
    record(
        events.EmergencyAccessOpened(
            emergency_id=row.id, resident_id=resident_id, staff_id=row.staff_id, institution_id=row.institution_id
        )
    )
    return queries.emergency_data(row)


@change
def review_emergency_access(*, emergency_id: UUID, verdict: str, comment: str, actor: Actor) -> data.EmergencyData:
    """Judge an emergency access: not one's own, of one's own institution or one below it, once."""
    row = EmergencyAccess.objects.select_for_update().filter(pk=emergency_id).first()
    if row is None:
        raise NotFound
    check_may_review(row, actor)
    if row.reviewed_at is not None:
        at = row.reviewed_at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
        raise errors.AlreadyReviewed(who=row.reviewer_name, at=at)
    if verdict not in EmergencyAccess.Verdict.values:
        raise InvalidInput(errors={"verdict": _("请选择评审结论。")})
    if verdict != "justified" and not comment.strip():
        raise InvalidInput(errors={"comment": _("结论为“需说明”或“不合理”时请写明理由。")})
    row.verdict, row.comment, row.reviewed_at = verdict, comment.strip()[:500], clock.now()
    row.reviewer_id, row.reviewer_name = actor.staff_id, actor.name
    row.save(update_fields=["verdict", "comment", "reviewed_at", "reviewer_id", "reviewer_name"])
    record(events.EmergencyAccessReviewed(emergency_id=row.id, staff_id=row.staff_id, verdict=verdict))
    return queries.emergency_data(row)


def check_may_review(row: EmergencyAccess, actor: Actor) -> None:
    """Refuse unless the actor reviews for this institution and is not the one to be reviewed."""
    if not actor.has(REVIEW) or actor.institution_id is None:
        raise Forbidden
    if row.staff_id == actor.staff_id:
        raise Forbidden(_("不能评审自己的紧急调阅，请由其他质控员或院长评审。"))
    if not network.is_above(actor.institution_id, row.institution_id):
        raise Forbidden(_("只能评审本机构及所管理机构的紧急调阅。"))


# Accounts


@change
def create_account(
    *,
    username: str,
    password: str,
    staff_id: UUID | None,
    actor: Actor,
    must_change_password: bool = True,
    check_policy: bool = True,
) -> data.AccountData:
    """A login for a staff member. The password policy holds unless an import brings one that must be changed at the first login."""
    _check_keeper(actor)
    username = username.strip().lower()
    if not username.isascii() or not (3 <= len(username) <= 40) or " " in username:
        raise InvalidInput(errors={"username": _("用户名为 3 至 40 个字母、数字或符号，不含空格和汉字。")})
    if check_policy:
        check_password_policy(password, username)
    row = Account(username=username, staff_id=staff_id, must_change_password=must_change_password)
    row.set_password(password)
    taken = InvalidInput(errors={"username": _("用户名已被使用，请换一个。")})
    with refusing(access_account_username_key=taken):
        row.save(force_insert=True)
    note_change(row, "open", actor)
    return queries.account_data(row)


@change
def open_account(*, username: str, staff_id: UUID, actor: Actor) -> tuple[data.AccountData, str]:
    """A login with a first secret that the administrator sees once and hands over; the owner must change it."""
    network.staff(staff_id)
    secret = _one_time_secret()
    return create_account(
        username=username, password=secret, staff_id=staff_id, actor=actor, check_policy=False
    ), secret


@transaction.atomic
def change_password(*, account_id: UUID, old: str, new: str, keep_session: str | None = None) -> None:
    """The owner changes the password; every other session of the account ends."""
    row = Account.objects.select_for_update().get(pk=account_id)
    if not row.check_password(old):
        raise InvalidInput(errors={"old": _("原密码不对，请重新输入。")})
    if row.check_password(new):
        raise InvalidInput(errors={"new": _("新密码不能与原密码相同。")})
    check_password_policy(new, row.username)
    _set_password(row, new, must_change=False)
    note_change(row, "password", None)
    Session.objects.filter(account=row).exclude(session_key=keep_session).delete()


@change
def reset_password(*, account_id: UUID, reason: str, actor: Actor) -> str:
    """Give the account a one-time secret, shown once to the administrator; it must be changed at the next sign-in."""
    _check_keeper(actor)
    row = _account(account_id)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写重置原因。")})
    secret = _one_time_secret()
    _set_password(row, secret, must_change=True)
    note_change(row, "reset", actor, reason)
    Session.objects.filter(account=row).delete()
    LoginThrottle.objects.filter(username=row.username).delete()
    return secret


@change
def lock_account(*, account_id: UUID, reason: str, actor: Actor) -> None:
    """Stop an account at once; its sessions end with their next request."""
    _check_keeper(actor)
    if account_id == actor.account_id:
        raise Forbidden(_("不能停用自己正在使用的账号。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写停用原因。")})
    row = _account(account_id)
    row.is_active, row.lock_reason, row.rights_version = False, reason.strip()[:200], row.rights_version + 1
    row.save(update_fields=["is_active", "lock_reason", "rights_version"])
    Session.objects.filter(account=row).delete()
    note_change(row, "lock", actor, reason)
    record(events.AccountLocked(account_id=row.id))


@change
def unlock_account(*, account_id: UUID, reason: str, actor: Actor) -> None:
    """Let a locked account sign in again and lift its waits."""
    _check_keeper(actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写恢复原因。")})
    row = _account(account_id)
    row.is_active, row.lock_reason, row.rights_version = True, "", row.rights_version + 1
    row.save(update_fields=["is_active", "lock_reason", "rights_version"])
    note_change(row, "unlock", actor, reason)
    LoginThrottle.objects.filter(username=row.username).delete()


def end_session(*, account_id: UUID, session_digest: str) -> None:
    """The owner ends one of the own sessions elsewhere; ``session_digest`` is the name that the list shows."""
    keys = Session.objects.filter(account_id=account_id).values_list("session_key", flat=True)
    named = [key for key in keys if queries.session_digest(key) == session_digest]
    Session.objects.filter(session_key__in=named).delete()


def note_change(row: Account, action: str, actor: Actor | None, reason: str = "") -> None:
    """Write one line of the account's history; without an actor the owner did it."""
    name = actor.name if actor else row.username
    facts = {"by_account_id": actor.account_id if actor else row.id, "address": actor.address if actor else ""}
    AccountChange.objects.create(account=row, action=action, reason=reason.strip()[:200], by_name=name, **facts)


def check_password_policy(password: str, username: str) -> None:
    """Raise WeakPassword with all that is missing."""
    if problems := rules.password_problems(password, username):
        raise errors.WeakPassword(errors={"new": " ".join(_(problem) for problem in problems)})


def _one_time_secret() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _n in range(4)) for _group in range(4))


def _check_keeper(actor: Actor) -> None:
    if not actor.has(ACCOUNTS):
        raise Forbidden(_("维护账号需要系统管理员岗位。"))


def _account(account_id: UUID) -> Account:
    row = Account.objects.select_for_update().filter(pk=account_id).first()
    if row is None:
        raise NotFound
    return row


def _set_password(row: Account, password: str, *, must_change: bool) -> None:
    row.set_password(password)
    row.must_change_password, row.password_changed_at = must_change, clock.now()
    row.save(update_fields=["password", "must_change_password", "password_changed_at"])
    Account.objects.filter(pk=row.pk).update(rights_version=F("rights_version") + 1)
