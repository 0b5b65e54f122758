"""The writing of a linked import, all of it in one transaction, and its undo."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.ids import new_id
from yigong.residents.bulk import BulkRecord, BulkResident, loading
from yigong.residents.commands.reviewing import note_pairs
from yigong.residents.importing.files import KNOWN
from yigong.residents.importing.plan import Plan
from yigong.residents.importing.records import (
    Facts,
    Row,
    digests_of,
    facts_of,
    has_name,
    record_of,
    resident_of,
    rows_of,
)
from yigong.residents.matching import api as matching
from yigong.residents.models import CandidatePair, Contact, Identifier, SourceRecord
from yigong.residents.queries import pairs, resolve
from yigong.residents.queries.pairs import Found

_CHUNK = 2000
_LONGEST = 60
_MOTHER = "52"
T = TypeVar("T")


@dataclass
class Placing:
    """Whose each record is. ``first``: the records that make a new person; ``again``: records that were taken in by an earlier import."""

    owner: dict[str, UUID] = field(default_factory=dict)
    first: set[str] = field(default_factory=set)
    again: dict[str, UUID] = field(default_factory=dict)
    nameless: int = 0


def write_plan(
    plan: Plan, paths: list[Path], source: tuple[UUID | None, str], batch_id: UUID, actor: Actor
) -> dict[str, int]:
    """New people, source records, numbers and questions under a batch; what became of the records. All or nothing."""
    today = clock.today()
    with transaction.atomic():
        with loading(actor, _("名单导入：%(system)s") % {"system": source[1]}, batch_id) as batch:
            placing = _place(plan, paths, source, today)
            batch.load(_people(paths, placing, today))
            _write_mothers(paths, placing, today)
            batch.load_records(_records(paths, placing, source, today))
        noted = note_pairs(_questions(plan, paths, placing, today), CandidatePair.FoundBy.FILE)
    return _told(placing, noted)


def _told(placing: Placing, noted: int) -> dict[str, int]:
    made = {placing.owner[record] for record in placing.first}
    return {
        "new": len(made), "known": sum(owner not in made for owner in placing.owner.values()), "again": len(placing.again), "doubts": noted,
        "nameless": placing.nameless,
    }  # fmt: skip


def _chunks(items: Iterable[T]) -> Iterator[list[T]]:
    waiting = iter(items)
    while chunk := list(islice(waiting, _CHUNK)):
        yield chunk


def _place(plan: Plan, paths: list[Path], source: tuple[UUID | None, str], today: date) -> Placing:
    placing = Placing()
    named: set[str] = set()
    for rows in _chunks(rows_of(paths, today)):
        too_long = next((r["record_id"] for r in rows if len(r["record_id"]) > _LONGEST), None)
        if too_long:
            raise InvalidInput(_("record_id“%(id)s…”超过 %(n)s 个字符。") % {"id": too_long[:30], "n": _LONGEST})
        named |= {r["record_id"] for r in rows if has_name(r)}
        placing.again |= _taken_in(source, [r["record_id"] for r in rows])
    today_of = resolve({*plan.known.values(), *placing.again.values()})
    for record, resident in plan.known.items():
        placing.owner[record] = today_of[resident]
    for members in plan.new:
        known = next((today_of[placing.again[m]] for m in members if m in placing.again), None)
        first = next((m for m in members if m in named), None)
        if known is None and first is None:
            placing.nameless += len(members)
            continue
        if known is None and first is not None:
            placing.first.add(first)
        placing.owner |= dict.fromkeys(members, known or new_id())
    for record in placing.again:
        placing.owner.pop(record, None)
    return placing


def _taken_in(source: tuple[UUID | None, str], keys: Sequence[str]) -> dict[str, UUID]:
    institution, system = source
    wanted = {"institution_id": institution, "system": system, "local_number__in": keys}
    rows = SourceRecord.objects.filter(**wanted)
    return dict(rows.values_list("local_number", "resident_id"))


def _people(paths: list[Path], placing: Placing, today: date) -> Iterator[BulkResident]:
    for row in rows_of(paths, today):
        if row["record_id"] in placing.first:
            yield resident_of(row, facts_of(row, today), placing.owner[row["record_id"]])


def _write_mothers(paths: list[Path], placing: Placing, today: date) -> None:
    told = (row for row in rows_of(paths, today) if row["record_id"] in placing.first and row["mother_name"].strip())
    for rows in _chunks(told):
        Contact.objects.bulk_create(
            Contact(resident_id=placing.owner[r["record_id"]], name=r["mother_name"].strip()[:60], relation=_MOTHER)
            for r in rows
        )


def _records(paths: list[Path], placing: Placing, source: tuple[UUID | None, str], today: date) -> Iterator[BulkRecord]:
    """Every record with its owner. A number comes along unless somebody holds it, in the index or earlier in these files."""
    brought: set[bytes] = set()
    for rows in _chunks(r for r in rows_of(paths, today) if r["record_id"] in placing.owner):
        read = [(row, facts_of(row, today)) for row in rows]
        asked = {row["record_id"]: digests_of(facts.number) for row, facts in read if facts.number}
        wanted = [digest for digests in asked.values() for digest in digests]
        held = Identifier.objects.filter(digest__in=wanted, is_active=True).values_list("digest", flat=True)
        brought |= {bytes(d) for d in held}
        for row, facts in read:
            digests = asked.get(row["record_id"], [])
            free = bool(digests) and not brought & set(digests)
            brought.update(digests[:1])
            yield _record(row, facts, placing, source, free)


def _record(row: Row, facts: Facts, placing: Placing, source: tuple[UUID | None, str], free: bool) -> BulkRecord:
    key = row["record_id"]
    return record_of(row, facts, placing.owner[key], (*source, key), free, key in placing.first)


def _questions(plan: Plan, paths: list[Path], placing: Placing, today: date) -> Iterator[Found]:
    """Pairs for the desk, scored by what the records say."""
    chosen = pairs.definition()
    asked = {one for pair in plan.doubts for one in pair}
    ready = {
        r["record_id"]: matching.prepare_texts(r, chosen) for r in rows_of(paths, today) if r["record_id"] in asked
    }
    residents = {one: UUID(one.removeprefix(KNOWN)) for one in asked if one.startswith(KNOWN)}
    known = pairs.fields_of(residents.values())
    ready |= {one: matching.prepare(known[key], chosen) for one, key in residents.items() if key in known}
    whose = placing.owner | placing.again | residents
    for left, right in plan.doubts:
        if left in ready and right in ready and left in whose and right in whose and whose[left] != whose[right]:
            yield Found(whose[left], whose[right], matching.score_prepared(ready[left], ready[right], chosen))
