"""Writing of a checked person: rows, numbers, contacts, the source record."""

from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.ids import new_id
from yigong.residents.commands.checking import Checked
from yigong.residents.models import Contact, Identifier, LinkChange, Resident, SourceRecord
from yigong.residents.rules import numbers, people, pinyin, sealing
from yigong.residents.rules.text import name_key

OWN_SYSTEM = "yigong"
CORRECTION = "yigong.correction"
FILE = "yigong.file"


def locked(resident_id: UUID) -> Resident:
    resident = Resident.objects.select_for_update(of=("self",)).filter(pk=resident_id).first()
    if resident is None:
        raise NotFound(_("没有找到这位居民，请返回重新查找。"))
    return resident if resident.merged_into_id is None else locked(resident.merged_into_id)


def number_digest(kind: str, value: str) -> bytes:
    """The searchable digest of a document number in its stored form."""
    return sealing.digest("number:" + kind, value)


def number_digests(kind: str, value: str) -> list[bytes]:
    """What the stored digest of a number may be while the secret is rotated."""
    return sealing.digests("number:" + kind, value)


def search_fields(name: str) -> dict[str, Any]:
    """The search columns of a name."""
    return {
        "name_key": name_key(name),
        "pinyin": pinyin.pinyin(name),
        "initials": pinyin.initials(name),
        "reading_keys": pinyin.keys(name),
    }


def write_person(
    checked: Checked, actor: Actor, request_key: UUID | None, system: str, local_number: str
) -> SourceRecord:
    values = dict(checked.values)
    if values["managing_institution_id"] is None:
        values["managing_institution_id"] = actor.institution_id
    resident = Resident(**values, **search_fields(values["name"]))
    set_phone(resident, checked.phone)
    resident.save(force_insert=True)
    source = write_source(resident, checked, actor, request_key, system, local_number)
    for number, issuer in checked.documents:
        add_identifier(resident, number, issuer, source)
    _write_family(resident, checked)
    if actor.institution_id:
        access.open_relationship(
            resident_id=resident.id,
            institution_id=actor.institution_id,
            basis="registration",
            source=source.id,
            ends_at=None,
        )
    return source


def set_phone(resident: Resident, phone: str) -> None:
    resident.phone_sealed = sealing.seal(phone, f"resident.phone:{resident.id}") if phone else None
    resident.phone_digest = sealing.digest("phone", phone) if phone else None


def add_identifier(
    resident: Resident, number: numbers.CheckedNumber, issuer: str = "", source: SourceRecord | None = None
) -> Identifier:
    """Write a checked number for a resident; the database refuses a second living holder."""
    key = new_id()
    _refuse_held_under_a_former_key(number)
    return Identifier.objects.create(
        id=key,
        resident=resident,
        source_record=source,
        kind=number.kind,
        issuer=issuer[:40],
        is_unique=numbers.KINDS[number.kind].unique,
        **identifier_columns(key, number.kind, number.value),
    )


def _refuse_held_under_a_former_key(number: numbers.CheckedNumber) -> None:
    """While the secret is rotated the unique key does not see what another key has digested; what moves in between it does see."""
    former = number_digests(number.kind, number.value)[1:]
    if former and Identifier.objects.filter(digest__in=former, is_active=True, is_unique=True).exists():
        raise IntegrityError("one_living_holder_per_number")


def identifier_columns(key: UUID, kind: str, value: str) -> dict[str, bytes | None]:
    """The sealed value and its digests for one row."""
    built_like_citizen = len(value) == 18 and kind in {"01", "10", "11", "99P"}
    return {
        "sealed": sealing.seal(value, f"identifier:{key}"),
        "digest": number_digest(kind, value),
        "tail_digest": sealing.short_digest("tail", value[-4:]),
        "area_digest": sealing.short_digest("area", value[:6]) if built_like_citizen else None,
    }


def _write_family(resident: Resident, checked: Checked) -> None:
    given = checked.given
    if given.mother_id:
        mother = locked(given.mother_id)
        write_contact(resident, mother.name, "52", "", True, mother.id)
    if given.guardian_name.strip():
        write_contact(resident, given.guardian_name, given.guardian_relation or "97", given.guardian_phone, True, None)


def write_contact(
    resident: Resident, name: str, relation: str, phone: str, is_guardian: bool, person_id: UUID | None
) -> Contact:
    try:
        contact = Contact(resident=resident, name=people.check_name(name), relation=relation, is_guardian=is_guardian)
        checked_phone = numbers.check_phone(phone) if phone.strip() else ""
    except (people.BadInput, numbers.BadNumber) as bad:
        raise InvalidInput(errors={"guardian_phone" if phone else "guardian_name": str(bad)}) from bad
    contact.person_id = person_id
    if checked_phone:
        contact.phone_sealed = sealing.seal(checked_phone, f"contact.phone:{contact.id}")
    contact.save(force_insert=True)
    return contact


def write_source(
    resident: Resident, checked: Checked, actor: Actor, request_key: UUID | None, system: str, local_number: str
) -> SourceRecord:
    """Keep a registration as it was given; ``read`` holds what was read from it where that differs (a birth date from the number)."""
    given = checked.given
    told = {
        "name": given.name, "sex": given.sex, "birth_date": given.birth_date.isoformat() if given.birth_date else None,
        "birth_precision": given.birth_precision, "ethnicity": given.ethnicity, "division_code": given.division_code,
        "township": given.township, "village": given.village, "address": given.address, "is_newborn": given.is_newborn,
        "mother_id": str(given.mother_id) if given.mother_id else None,
    }  # fmt: skip
    born = checked.values["birth_date"]
    stored = {**checked.values, "birth_date": born.isoformat() if born else None}
    read = {name: stored[name] for name, value in told.items() if name in stored and stored[name] != value}
    source = SourceRecord(
        institution_id=actor.institution_id,
        system=system,
        given=told | ({"read": read} if read else {}),
        resident=resident,
        since=clock.now(),
        request_key=request_key,
    )
    source.local_number = local_number or str(source.id)
    return keep_source(source, actor, [[n.kind, n.value] for n in given.numbers], given.phone)


def keep_source(source: SourceRecord, actor: Actor, documents: list[list[str]], phone: str) -> SourceRecord:
    """Write a record with its secrets sealed, and the first line of its history of links."""
    secret = {"numbers": documents, "phone": phone}
    if documents or phone:
        source.sealed = sealing.seal(orjson.dumps(secret).decode(), f"source_record:{source.id}")
    source.save(force_insert=True)
    LinkChange.objects.create(
        source_record=source, action="register", to_resident_id=source.resident_id,
        actor_name=actor.name, staff_id=actor.staff_id, institution_id=actor.institution_id,
    )  # fmt: skip
    return source


def write_correction(
    resident: Resident, columns: dict[str, Any], phone: str | None, actor: Actor, reason: str, units: list[str]
) -> SourceRecord:
    """Keep a correction as a record of its own; ``units`` of the golden view are firm: they hold against other records."""
    source = SourceRecord(
        institution_id=actor.institution_id,
        system=CORRECTION,
        given=columns | {"firm": units, "reason": reason},
        resident=resident,
        since=clock.now(),
    )
    source.local_number = str(source.id)
    return keep_source(source, actor, [], phone or "")
