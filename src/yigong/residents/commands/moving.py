"""How source records move between identities: locks, what goes along, the golden view afterwards."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.core.actor import Actor
from yigong.core.errors import NotFound
from yigong.residents import queries
from yigong.residents.commands.writing import FILE, keep_source, search_fields, set_phone
from yigong.residents.errors import AlreadyMerged
from yigong.residents.models import Identifier, LinkChange, LinkOperation, Resident, SourceRecord
from yigong.residents.rules import golden

# Attributes of the file that no record carries; a survivor that has none takes them over.
TAKEN = (("archive_number",), ("household_id", "relation_to_head"), ("managing_institution_id",))


def lock_people(ids: Iterable[UUID]) -> dict[UUID, Resident]:
    """Lock identities in one order, so that two desks never wait for each other in a ring. NotFound for an unknown key."""
    wanted = set(ids)
    rows = Resident.objects.select_for_update(of=("self",)).filter(pk__in=wanted).order_by("id")
    found = {r.id: r for r in rows}
    if wanted - found.keys():
        raise NotFound(_("没有找到这位居民，请返回重新查找。"))
    return found


def refuse_merged(resident: Resident) -> None:
    """Changes of links are made at the identity of today."""
    if resident.merged_into_id:
        raise AlreadyMerged(resident.name, queries.resolve([resident.id])[resident.id])


def ground(resident: Resident, actor: Actor) -> None:
    """Write down as records what only the file says, so that the golden view is a function of the records alone."""
    records = queries.records_of([resident.id])
    if not records:
        return  # a merged identity: what it says went along when it was merged
    Identifier.objects.filter(resident=resident, source_record=None).update(source_record=records[0])
    told = list(queries.contributions(records).values())
    for extra in queries.beyond(resident, told):
        values = {k: v for k, v in extra.values.items() if k != "phone"}
        if isinstance(values.get("birth_date"), date):
            values["birth_date"] = values["birth_date"].isoformat()
        source = SourceRecord(
            institution_id=resident.managing_institution_id,
            system=FILE,
            given=values | ({"firm": sorted(extra.firm)} if extra.firm else {}),
            resident=resident,
            since=extra.at,
        )
        source.local_number = str(source.id)
        keep_source(source, actor, [], extra.values.get("phone", ""))


def move_records(operation: LinkOperation, keys: Collection[UUID], origin: Resident, target: Resident) -> None:
    """Hang records on another identity with their numbers and the relationships they opened; one line of history each."""
    moved = SourceRecord.objects.filter(pk__in=keys, resident=origin).update(resident=target)
    if moved != len(keys):
        raise RuntimeError(f"{operation}: {moved} of {len(keys)} records were at their place")
    Identifier.objects.filter(source_record_id__in=keys, resident=origin).update(resident=target)
    access.move_relationships(sources=keys, from_resident=origin.id, to_resident=target.id)
    LinkChange.objects.bulk_create(
        LinkChange(
            source_record_id=key, action=operation.kind, operation=operation, from_resident=origin, to_resident=target,
            reason=operation.reason, actor_name=operation.actor_name, staff_id=operation.staff_id,
            institution_id=operation.institution_id,
        )
        for key in keys
    )  # fmt: skip


def set_golden(resident: Resident) -> list[str]:
    """Take every field from the record that the rules choose; returns the columns that changed. The caller saves."""
    told = list(queries.contributions(queries.records_of([resident.id])).values())
    return put_golden(resident, golden.golden(told, queries.golden_rules()))


def put_golden(resident: Resident, best: dict[str, golden.Origin]) -> list[str]:
    """Write the values of a golden view into the row."""
    changed: list[str] = []
    for unit, columns in golden.UNITS.items():
        value = best[unit].value
        if value == queries.row_value(resident, unit) or (unit == "name" and not value[0]):
            continue
        changed += columns
        if unit == "phone":
            set_phone(resident, value[0])
        else:
            _put(resident, dict(zip(columns, value, strict=True)))
    return changed


def _put(resident: Resident, values: dict[str, Any]) -> None:
    if "name" in values:
        values |= search_fields(values["name"])
    for column, value in values.items():
        setattr(resident, column, value)


def take_over(origin: Resident, target: Resident) -> dict[str, list[Any]]:
    """What the survivor has not and the other has: health record number, household, managing institution.

    Returns per column the value taken and the one before.
    """
    taken: dict[str, list[Any]] = {}
    for columns in TAKEN:
        if getattr(target, columns[0]) is None and getattr(origin, columns[0]) is not None:
            for column in columns:
                taken[column] = [_plain(getattr(origin, column)), _plain(getattr(target, column))]
                setattr(target, column, getattr(origin, column))
    if "archive_number" in taken:
        origin.archive_number = None
    return taken


def give_back(taken: dict[str, list[Any]], origin: Resident, target: Resident) -> None:
    """The reverse; what the target has changed since stays with it."""
    for columns in TAKEN:
        if columns[0] in taken and _plain(getattr(target, columns[0])) == taken[columns[0]][0]:
            for column in columns:
                setattr(target, column, taken[column][1])
    if "archive_number" in taken and origin.archive_number is None:
        origin.archive_number = taken["archive_number"][0]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, UUID) else value


def save_people(people: Sequence[Resident]) -> None:
    """Save in the given order: a unique number leaves one row before it enters another."""
    for resident in people:
        resident.version += 1
        resident.save()
