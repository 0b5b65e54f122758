"""The golden view from the database: what each source record of a resident says, and what the file says beyond them."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import orjson

from yigong.core import clock
from yigong.core.packs.api import current
from yigong.network import api as network
from yigong.residents.models import Identifier, Resident, SourceRecord
from yigong.residents.rules import golden, numbers, sealing
from yigong.residents.rules.text import tidy_name

# Documents whose number a person cannot choose and that carry name, sex and birth date.
_IDENTITY_KINDS = ("01", "06", "07", "10", "11", "99P", "99B", "03")


def rules() -> golden.GoldenRules:
    """The rules in force today."""
    return current(golden.GOLDEN, "golden")


def records_of(ids: Collection[UUID]) -> list[SourceRecord]:
    """The source records of these residents, oldest first."""
    return list(SourceRecord.objects.filter(resident_id__in=ids).order_by("since", "id"))


def contributions(records: Sequence[SourceRecord]) -> dict[UUID, golden.Contribution]:
    """What each record says, by its key."""
    places = network.institutions({r.institution_id for r in records if r.institution_id})
    verified = _verified(records)
    return {
        r.id: golden.Contribution(
            r.id,
            r.since,
            _values(r),
            frozenset(r.given.get("firm", ())),
            r.id in verified,
            places[r.institution_id].level if r.institution_id in places else "",
        )
        for r in records
    }


def _verified(records: Sequence[SourceRecord]) -> set[UUID]:
    """Records that brought an identity document; a number whose record is not known counts for the resident's oldest record."""
    oldest: dict[UUID, UUID] = {}
    for r in records:
        oldest.setdefault(r.resident_id, r.id)
    held = Identifier.objects.filter(resident_id__in=oldest, kind__in=_IDENTITY_KINDS)
    return {i.source_record_id or oldest[i.resident_id] for i in held}


def _values(record: SourceRecord) -> dict[str, Any]:
    told = {**record.given, **record.given.get("read", {})}
    values = {column: told[column] for columns in golden.UNITS.values() for column in columns if column in told}
    if values.get("name"):
        values["name"] = tidy_name(values["name"])
    if values.get("birth_date"):
        values["birth_date"] = date.fromisoformat(values["birth_date"])
    if phone := _phone(record):
        values["phone"] = phone
    return values


def _phone(record: SourceRecord) -> str:
    if not record.sealed:
        return ""
    told = orjson.loads(sealing.unseal(record.sealed, f"source_record:{record.id}")).get("phone", "")
    try:
        return numbers.check_phone(told) if told else ""
    except numbers.BadNumber:
        return ""


def row_value(resident: Resident, unit: str) -> tuple[Any, ...]:
    """What the file says today."""
    if unit == "phone":
        sealed = resident.phone_sealed
        return (sealing.unseal(sealed, f"resident.phone:{resident.id}") if sealed else "",)
    return tuple(getattr(resident, column) for column in golden.UNITS[unit])


def beyond(resident: Resident, told: Sequence[golden.Contribution]) -> list[golden.Contribution]:
    """What the file says and its records do not: values loaded in bulk (plain) and corrections of before there were records of them (firm)."""
    best = golden.golden(told, rules())
    plain: dict[str, Any] = {}
    firm: dict[str, Any] = {}
    units = []
    for unit, columns in golden.UNITS.items():
        value = row_value(resident, unit)
        if value == best[unit].value:
            continue
        said = any(c.says(unit) for c in told)
        if not said and not golden.Contribution(None, resident.created_at, dict(zip(columns, value, strict=True))).says(
            unit
        ):
            continue
        (firm if said else plain).update(zip(columns, value, strict=True))
        units += [unit] if said else []
    found = [golden.Contribution(None, resident.created_at, plain)] if plain else []
    return [*found, golden.Contribution(None, clock.now(), firm, frozenset(units))] if firm else found


def everything_about(resident: Resident) -> list[golden.Contribution]:
    """All that the golden view of a resident rests on, kept as records or not yet."""
    told = list(contributions(records_of([resident.id])).values())
    return [*told, *beyond(resident, told)]
