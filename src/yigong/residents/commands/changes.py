"""Corrections, completions, closing and reopening."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.residents import policies, queries
from yigong.residents.commands.checking import Checked, check
from yigong.residents.commands.registration import taken
from yigong.residents.commands.writing import (
    add_identifier,
    locked,
    number_digests,
    search_fields,
    set_phone,
    write_contact,
    write_correction,
)
from yigong.residents.data import GivenNumber, NewResident, ResidentData
from yigong.residents.errors import Closed, NumberTaken
from yigong.residents.events import ResidentChanged, ResidentClosed, ResidentReopened
from yigong.residents.models import Identifier, Resident, SourceRecord
from yigong.residents.rules import golden, numbers, sealing

_PLAIN = frozenset(
    "sex birth_date birth_precision ethnicity division_code township village address household_id relation_to_head "
    "managing_institution_id archive_number".split()
)


@transaction.atomic
def change_resident(
    *, resident_id: UUID, changes: dict[str, Any], reason: str, actor: Actor, version: int | None = None
) -> ResidentData:
    """Correct or complete particulars. ``changes`` maps field names of NewResident (and ``number`` → GivenNumber) to new values.

    A reason is required. ``version`` is the one the user saw; a newer one in between raises Conflict.
    """
    policies.require(actor, policies.CHANGE)
    resident = locked(resident_id)
    _refuse_closed(resident)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写修改原因，例如“核对身份证后更正”。")})
    if version is not None and version != resident.version:
        raise Conflict(_("该居民信息刚刚被他人修改，请核对最新内容后重新保存。"))
    access.require(actor, "write", Subject("resident", resident.id))
    with acting(actor, reason=reason.strip()):
        changed = _apply(resident, changes, actor, reason.strip())
    if changed:
        record(ResidentChanged(resident.id, tuple(changed)))
    return queries.resident_data(resident.id)


@transaction.atomic
def close_resident(*, resident_id: UUID, status: str, on: date, reason: str, actor: Actor) -> ResidentData:
    """Close an identity: ``deceased``, ``moved`` or ``cancelled``. Cancelling frees its numbers for a right registration."""
    policies.require(actor, policies.CLOSE)
    resident = locked(resident_id)
    _refuse_closed(resident)
    errors = _closing_errors(resident, status, on, reason)
    if errors:
        raise InvalidInput(errors=errors)
    access.require(actor, "write", Subject("resident", resident.id))
    resident.status, resident.closed_on, resident.closed_reason = status, on, reason.strip()
    with acting(actor, reason=reason.strip()):
        _save_status(resident)
        if status == Resident.Status.CANCELLED:
            resident.identifiers.filter(is_active=True).update(is_active=False, ended_at=clock.now())
    record(ResidentClosed(resident.id, status))
    return queries.resident_data(resident.id)


@transaction.atomic
def reopen_resident(*, resident_id: UUID, reason: str, actor: Actor) -> ResidentData:
    """Take a closed identity into use again; its numbers come back unless another person holds one by now (NumberTaken)."""
    policies.require(actor, policies.CLOSE)
    resident = locked(resident_id)
    if resident.status not in {"deceased", "moved", "cancelled"}:
        raise Conflict(_("该居民档案在用，不需要恢复。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写恢复档案的原因。")})
    access.require(actor, "write", Subject("resident", resident.id))
    with acting(actor, reason=reason.strip()):
        if resident.status == Resident.Status.CANCELLED:
            _take_numbers_back(resident, actor)
        resident.status, resident.closed_on, resident.closed_reason = Resident.Status.ACTIVE, None, ""
        _save_status(resident)
    record(ResidentReopened(resident.id))
    return queries.resident_data(resident.id)


@transaction.atomic
def add_contact(
    *,
    resident_id: UUID,
    name: str,
    relation: str,
    actor: Actor,
    phone: str = "",
    is_guardian: bool = False,
    person_id: UUID | None = None,
) -> UUID:
    """Name somebody to call, or a guardian; returns the contact's key."""
    policies.require(actor, policies.CHANGE)
    access.require(actor, "write", Subject("resident", resident_id))
    contact = write_contact(locked(resident_id), name, relation, phone, is_guardian, person_id)
    return contact.id


def _save_status(resident: Resident) -> None:
    resident.version += 1
    resident.save(update_fields=["status", "closed_on", "closed_reason", "version"])


def _refuse_closed(resident: Resident) -> None:
    if resident.status != Resident.Status.ACTIVE:
        raise Closed(status=_(resident.get_status_display()), reason=resident.closed_reason)


def _closing_errors(resident: Resident, status: str, on: date, reason: str) -> dict[str, str]:
    errors = {}
    if status not in {"deceased", "moved", "cancelled"}:
        errors["status"] = _("请选择死亡、迁出或注销。")
    if on > clock.today():
        errors["on"] = _("日期不能晚于今天。")
    elif resident.birth_date and on < resident.birth_date:
        errors["on"] = _("日期不能早于出生日期 %(d)s。") % {"d": resident.birth_date.isoformat()}
    if not reason.strip():
        errors["reason"] = _("请填写原因，例如“死亡医学证明”“迁往外县”“重复建档”。")
    return errors


def _take_numbers_back(resident: Resident, actor: Actor) -> None:
    for identifier in resident.identifiers.filter(is_active=False):
        value = sealing.unseal(identifier.sealed, f"identifier:{identifier.id}")
        known = number_digests(identifier.kind, value)
        other = Identifier.objects.filter(digest__in=known, is_active=True, is_unique=True).first()
        if other:
            raise taken(other, actor, identifier.kind, resident.name_key)
    resident.identifiers.filter(is_active=False).update(is_active=True, ended_at=None)


def _apply(resident: Resident, changes: dict[str, Any], actor: Actor, reason: str) -> list[str]:
    unknown = set(changes) - _PLAIN - {"name", "phone", "number"}
    if unknown:
        raise InvalidInput(_("不能修改的栏目：%(names)s。") % {"names": ", ".join(sorted(unknown))})
    checked = check(_as_given(resident, changes))
    if checked.errors:
        raise InvalidInput(errors=checked.errors)
    before = {f: getattr(resident, f) for f in (*_PLAIN, "name", "phone_digest")}
    for name in {"name", *_PLAIN} & (set(changes) | {"birth_date", "sex"}):
        setattr(resident, name, checked.values[name])
    if "phone" in changes:
        set_phone(resident, checked.phone)
    changed = [f for f, old in before.items() if getattr(resident, f) != old]
    if "name" in changed:
        for column, value in search_fields(resident.name).items():
            setattr(resident, column, value)
        resident.is_newborn = False
    with_number = bool(changes.get("number")) and _is_new(resident, checked)
    source = _keep_correction(resident, changed, with_number, actor, reason)
    if with_number:
        _new_number(resident, checked, source)
        changed.append("number")
    if changed:
        resident.version += 1
        resident.save()
    return changed


def _keep_correction(
    resident: Resident, changed: list[str], with_number: bool, actor: Actor, reason: str
) -> SourceRecord | None:
    """What the desk has corrected is a record like any other: it says who, when and why, and goes along when records move."""
    named = {"phone" if c == "phone_digest" else c for c in changed}
    units = [u for u, columns in golden.UNITS.items() if named & set(columns)]
    if not units and not with_number:
        return None
    values: dict[str, Any] = {}
    for unit in units:
        if unit != "phone":
            values |= dict(zip(golden.UNITS[unit], queries.row_value(resident, unit), strict=True))
    if born := values.get("birth_date"):
        values["birth_date"] = born.isoformat()
    phone = queries.row_value(resident, "phone")[0] if "phone" in units else ""
    return write_correction(resident, values, phone, actor, reason, units)


def _as_given(resident: Resident, changes: dict[str, Any]) -> NewResident:
    kept = {f: getattr(resident, f) for f in ("name", *_PLAIN)} | {
        "phone": "",
        "archive_number": resident.archive_number or "",
    }
    kept.update({k: v for k, v in changes.items() if k != "number"})
    number = changes.get("number")
    if number:
        return NewResident(**kept, numbers=(number,))
    # An old disagreement between number and birth date must not block the change of an address.
    held = queries.own_numbers(resident.id, numbers.CITIZEN) if {"birth_date", "sex"} & set(changes) else []
    return NewResident(**kept, numbers=tuple(GivenNumber(numbers.CITIZEN, value) for value in held))


def _is_new(resident: Resident, checked: Checked) -> bool:
    number, _issuer = checked.documents[0]
    known = number_digests(number.kind, number.value)
    return not resident.identifiers.filter(kind=number.kind, is_active=True, digest__in=known).exists()


def _new_number(resident: Resident, checked: Checked, source: SourceRecord | None) -> None:
    number, issuer = checked.documents[0]
    resident.identifiers.filter(kind=number.kind, is_active=True).update(is_active=False, ended_at=clock.now())
    try:
        with transaction.atomic():
            add_identifier(resident, number, issuer, source)
    except IntegrityError as clash:
        held = Identifier.objects.get(digest__in=number_digests(number.kind, number.value), is_active=True)
        raise NumberTaken(
            queries.holder_match(held.resident_id, None), _(numbers.KINDS[number.kind].label), False
        ) from clash
