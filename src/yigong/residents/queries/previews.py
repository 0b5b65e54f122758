"""What a change of links would do, worked out without writing anything."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.network import api as network
from yigong.residents.data import FieldChange, FieldOrigin, LinkPreview, SourceRecordData
from yigong.residents.holdings import holdings_of, under_way
from yigong.residents.models import Identifier, LinkOperation, Resident, SourceRecord
from yigong.residents.queries import golden as reading
from yigong.residents.queries import people
from yigong.residents.queries.operations import operation
from yigong.residents.rules import golden, numbers, sealing
from yigong.residents.rules import people as words

Kind = LinkOperation.Kind


def origins_of(resident_id: UUID) -> list[FieldOrigin]:
    """Every field of a person's golden view with the record it comes from and why."""
    resident = Resident.objects.get(pk=people.resolve([resident_id])[resident_id])
    best = golden.golden(reading.everything_about(resident), reading.rules())
    return [
        FieldOrigin(u, _(golden.LABELS[u]), text_of(u, best[u].value), best[u].record_id, best[u].why)
        for u in golden.UNITS
    ]


def text_of(unit: str, value: Sequence[Any]) -> str:
    """A golden value as a page shows it; the phone masked."""
    first = value[0]
    if unit == "sex":
        return _(words.SEXES.get(first, words.SEXES["0"]))
    if unit == "birth":
        return (first.isoformat() if isinstance(first, date) else "") + ("" if value[1] == "day" else _("（估计）"))
    if unit == "ethnicity":
        return _(words.ETHNICITY[first]) if first in words.ETHNICITY else ""
    if unit == "phone":
        return words.mask_phone(first)
    return "".join(value[1:]) if unit == "address" else str(first)


def preview_merge(survivor_id: UUID, other_id: UUID) -> LinkPreview:
    """A merge of ``other`` into ``survivor``."""
    target, origin = _get(survivor_id), _get(other_id)
    keys = [r.id for r in reading.records_of([origin.id])]
    told = [*reading.everything_about(target), *reading.everything_about(origin)]
    both = people.identities(target.id) | people.identities(origin.id)
    busy = under_way(both)
    rows = people.rows_of([origin, target])
    return LinkPreview(
        Kind.MERGE,
        rows[0],
        rows[1],
        records=_records(keys),
        numbers=_numbers(origin.id, keys, every=True),
        contacts=tuple(c.name for c in origin.contacts.filter(ended_at=None)),
        attributes=tuple(_taken(origin, target)),
        fields=tuple(_changes(target, told)),
        rooms=tuple(holdings_of(people.identities(origin.id))),
        why_two="、".join(_("%(room)s %(n)s 项在办") % {"room": h.label, "n": h.active} for h in busy),
        warnings=tuple(_merge_warnings(origin, target)),
    )


def preview_split(resident_id: UUID, record_ids: Collection[UUID]) -> LinkPreview:
    """Records taken out into a new identity."""
    return _carried(Kind.SPLIT, _get(resident_id), None, record_ids)


def preview_link(record_id: UUID, resident_id: UUID) -> LinkPreview:
    """One record to another person."""
    found = SourceRecord.objects.get(pk=record_id)
    return _carried(Kind.LINK, _get(found.resident_id), _get(resident_id), [record_id])


def preview_undo(operation_id: UUID) -> LinkPreview:
    """What goes back when an operation is undone."""
    done = operation(operation_id)
    return _carried(Kind.UNDO, _get(done.target_id), _get(done.origin_id), done.records)


def _carried(kind: str, origin: Resident, target: Resident | None, record_ids: Collection[UUID]) -> LinkPreview:
    keys = set(record_ids)
    told = reading.everything_about(origin)
    leaving, staying = [c for c in told if c.record_id in keys], [c for c in told if c.record_id not in keys]
    fields = _changes(origin, staying) if staying else []
    if target is not None:
        fields += _changes(target, [*(reading.everything_about(target) if not target.merged_into_id else []), *leaving])
    rows = people.rows_of([origin, target] if target else [origin])
    return LinkPreview(
        kind, rows[0], rows[1] if target else None, _records(keys), _numbers(origin.id, keys), (), (), tuple(fields),
        tuple(holdings_of(people.identities(origin.id))), "", (),
    )  # fmt: skip


def _get(resident_id: UUID) -> Resident:
    return Resident.objects.get(pk=resident_id)


def _records(keys: Collection[UUID]) -> tuple[SourceRecordData, ...]:
    rows = SourceRecord.objects.filter(pk__in=keys).order_by("since", "id")
    return tuple(
        SourceRecordData(r.id, r.institution_id, r.system, r.local_number, r.resident_id, r.since, r.given)
        for r in rows
    )


def _numbers(resident_id: UUID, keys: Collection[UUID], every: bool = False) -> tuple[str, ...]:
    rows = Identifier.objects.filter(resident_id=resident_id, is_active=True)
    return tuple(
        f"{_(numbers.KINDS[i.kind].label)} {words.mask_number(sealing.unseal(i.sealed, f'identifier:{i.id}'))}"
        for i in rows
        if every or i.source_record_id in keys
    )


def _changes(resident: Resident, told: Sequence[golden.Contribution]) -> list[FieldChange]:
    best = golden.golden(told, reading.rules())
    found = []
    for unit in golden.UNITS:
        before, after = text_of(unit, reading.row_value(resident, unit)), text_of(unit, best[unit].value)
        if before != after:
            found.append(FieldChange(resident.name, _(golden.LABELS[unit]), before, after, best[unit].why))
    return found


def _taken(origin: Resident, target: Resident) -> list[tuple[str, str]]:
    found = []
    if origin.archive_number and not target.archive_number:
        found.append((_("健康档案编号"), origin.archive_number))
    if origin.household and not target.household:
        found.append((_("家庭"), str(origin.household.address or origin.household.number)))
    if origin.managing_institution_id and not target.managing_institution_id:
        place = network.institution(origin.managing_institution_id)
        found.append((_("建档管理机构"), place.name))
    return found


def _merge_warnings(origin: Resident, target: Resident) -> list[str]:
    """What a careful clerk would ask about before the two become one."""
    found = []
    if {origin.sex, target.sex} == {"1", "2"}:
        found.append(_("两份档案的性别不同。"))
    ours, theirs = (set(people.own_numbers(r.id, numbers.CITIZEN)) for r in (origin, target))
    if ours and theirs and not ours & theirs:
        found.append(_("两份档案各有不同的身份证号，通常是两个人；同一人换号请核对户籍证明。"))
    if origin.status != target.status:
        found.append(
            _("两份档案状态不同（%(a)s、%(b)s），合并后以留存档案的状态为准。")
            % {"a": _(str(origin.get_status_display())), "b": _(str(target.get_status_display()))}
        )
    if origin.archive_number and target.archive_number:
        found.append(_("两份档案都有健康档案编号，留存档案的编号继续使用。"))
    return found
