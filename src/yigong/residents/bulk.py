"""Prepared people by COPY: for the demo county and for take-overs from old systems.

    with loading(actor, "示例县") as batch:
        batch.load_households([(id, number, division_code, address), …])
        batch.load(BulkResident(…) for …)

Numbers and phones come in the clear and in their stored form (``check_number`` for what is not trusted) and are sealed here. A batch is one
transaction, is not tracked row by row, and is logged with its counts. Relationships are the loader's to open (``access``); no events.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from typing import Any
from uuid import UUID

import orjson
from django.db import connection, transaction

from yigong.core.actor import Actor
from yigong.core.audit.api import bulk_load
from yigong.core.ids import new_id
from yigong.residents.commands.writing import identifier_columns, search_fields
from yigong.residents.models import Contact, Household, Identifier, LinkChange, Resident, SourceRecord
from yigong.residents.rules import sealing

_CHUNK = 10_000


@dataclass(frozen=True, slots=True)
class BulkResident:
    """One person to load. ``numbers`` are (kind, stored value); ``source`` is (institution, system, local number) of the one source record,
    None when its records follow by ``load_records``."""

    name: str
    sex: str
    birth_date: date | None
    source: tuple[UUID | None, str, str] | None
    id: UUID = field(default_factory=new_id)
    numbers: tuple[tuple[str, str], ...] = ()
    birth_precision: str = "day"
    phone: str = ""
    ethnicity: str = ""
    archive_number: str | None = None
    division_code: str = ""
    township: str = ""
    village: str = ""
    address: str = ""
    household_id: UUID | None = None
    relation_to_head: str = ""
    managing_institution_id: UUID | None = None
    is_test: bool = False
    status: str = "active"
    closed_on: date | None = None
    closed_reason: str = ""


@dataclass(frozen=True, slots=True)
class BulkRecord:
    """A source record of a resident who is known or was loaded before: what it gave in plain (``given``), in secret (``documents`` as kind
    and text, ``phone``), and the ``numbers`` in stored form that it brings. ``is_first``: the resident was made for it."""

    resident_id: UUID
    source: tuple[UUID | None, str, str]
    given: dict[str, Any]
    documents: tuple[tuple[str, str], ...] = ()
    phone: str = ""
    numbers: tuple[tuple[str, str], ...] = ()
    is_first: bool = False
    id: UUID = field(default_factory=new_id)


_RESIDENT = (
    "id", "name", "name_key", "pinyin", "initials", "reading_keys", "sex", "birth_date", "birth_precision", "ethnicity", "phone_sealed",
    "phone_digest", "archive_number", "division_code", "township", "village", "address", "household_id", "relation_to_head",
    "managing_institution_id", "is_test", "status", "closed_on", "closed_reason",
)  # fmt: skip
_IDENTIFIER = ("id", "resident_id", "kind", "issuer", "sealed", "digest", "tail_digest", "area_digest")
_SOURCE = ("id", "institution_id", "system", "local_number", "given", "resident_id", "batch")
_RECORD = (*_SOURCE[:5], "sealed", *_SOURCE[5:])
_BROUGHT = (*_IDENTIFIER, "source_record_id")
_LINK = ("id", "source_record_id", "action", "to_resident_id", "reason", "actor_name", "institution_id")


class Batch:
    """One bulk load under way."""

    def __init__(self, actor: Actor, counts: dict[str, int], key: UUID | None = None) -> None:
        self.id, self._actor, self.counts = key or new_id(), actor, counts

    def load(self, people: Iterable[BulkResident]) -> int:
        """Copy people with their numbers, one source record and its link each. Returns how many."""
        waiting, done = iter(people), 0
        while chunk := list(islice(waiting, _CHUNK)):
            sources = [(new_id(), p) for p in chunk if p.source]
            self._copy(Resident, _RESIDENT, map(_resident, chunk))
            self._copy(Identifier, _IDENTIFIER, (row for p in chunk for row in _identifiers(p)))
            self._copy(SourceRecord, _SOURCE, ((key, *_source(p), self.id) for key, p in sources))
            self._copy(LinkChange, _LINK, (self._link(key, p) for key, p in sources))
            done += len(chunk)
        return done

    def load_records(self, records: Iterable[BulkRecord]) -> int:
        """Copy further source records with their secrets, numbers and links. Returns how many."""
        waiting, done = iter(records), 0
        while chunk := list(islice(waiting, _CHUNK)):
            self._copy(SourceRecord, _RECORD, (_record(r, self.id) for r in chunk))
            self._copy(Identifier, _BROUGHT, (row for r in chunk for row in _brought(r)))
            self._copy(LinkChange, _LINK, (self._link_of(r) for r in chunk))
            done += len(chunk)
        return done

    def load_households(self, rows: Iterable[tuple[UUID, str, str, str]]) -> int:
        """Copy households: id, number, division code, address."""
        return self._copy(Household, ("id", "number", "division_code", "address"), rows)

    def set_heads(self) -> None:
        """Name the head of each household of this batch: the member whose relation to the head is 02 or 01."""
        with connection.cursor() as cursor:
            cursor.execute(
                "update residents_household h set head_id = r.id from residents_resident r, residents_sourcerecord s "
                "where r.household_id = h.id and r.relation_to_head in ('01', '02') and s.resident_id = r.id and s.batch = %s",
                [self.id],
            )

    def _link(self, key: UUID, p: BulkResident) -> tuple[Any, ...]:
        assert p.source
        return (new_id(), key, "register", p.id, "", self._actor.name, p.source[0])

    def _link_of(self, r: BulkRecord) -> tuple[Any, ...]:
        action = "register" if r.is_first else "link"
        return (new_id(), r.id, action, r.resident_id, "", self._actor.name, r.source[0])

    def _copy(self, model: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
        table, done = model._meta.db_table, 0
        with connection.cursor() as cursor:
            cursor.execute("select 1")  # carries "do not track" to the server, which COPY alone does not
            with cursor.copy(f"copy {table} ({', '.join(columns)}) from stdin") as copy:
                for row in rows:
                    copy.write_row(row)
                    done += 1
        self.counts[table] = self.counts.get(table, 0) + done
        return done


def _resident(p: BulkResident) -> tuple[Any, ...]:
    keys = search_fields(p.name)
    sealed = sealing.seal(p.phone, f"resident.phone:{p.id}") if p.phone else None
    return (
        p.id, p.name, keys["name_key"], keys["pinyin"], keys["initials"], keys["reading_keys"], p.sex, p.birth_date, p.birth_precision,
        p.ethnicity, sealed, sealing.digest("phone", p.phone) if p.phone else None, p.archive_number, p.division_code, p.township, p.village,
        p.address, p.household_id, p.relation_to_head, p.managing_institution_id, p.is_test, p.status, p.closed_on, p.closed_reason,
    )  # fmt: skip


def _identifiers(p: BulkResident) -> Iterator[tuple[Any, ...]]:
    for kind, value in p.numbers:
        yield _identifier(p.id, kind, value)


def _identifier(resident_id: UUID, kind: str, value: str) -> tuple[Any, ...]:
    key = new_id()
    c = identifier_columns(key, kind, value)
    return (key, resident_id, kind, "", c["sealed"], c["digest"], c["tail_digest"], c["area_digest"])


def _brought(r: BulkRecord) -> Iterator[tuple[Any, ...]]:
    for kind, value in r.numbers:
        yield (*_identifier(r.resident_id, kind, value), r.id)


def _record(r: BulkRecord, batch: UUID) -> tuple[Any, ...]:
    secret = orjson.dumps({"numbers": r.documents, "phone": r.phone}).decode()
    sealed = sealing.seal(secret, f"source_record:{r.id}") if r.documents or r.phone else None
    return (r.id, *r.source, orjson.dumps(r.given).decode(), sealed, r.resident_id, batch)


def _source(p: BulkResident) -> tuple[Any, ...]:
    given = {
        "name": p.name, "sex": p.sex, "birth_date": p.birth_date.isoformat() if p.birth_date else None, "ethnicity": p.ethnicity,
        "division_code": p.division_code, "township": p.township, "village": p.village, "address": p.address,
    }  # fmt: skip
    assert p.source
    return (*p.source, orjson.dumps(given).decode(), p.id)


@contextmanager
def loading(actor: Actor, reason: str, key: UUID | None = None) -> Iterator[Batch]:
    """A batch in one transaction: all of it or nothing. ``key`` names it where the caller keeps its own row about it."""
    with (
        transaction.atomic(),
        bulk_load(Resident, Identifier, Household, Contact, actor=actor, reason=reason) as counts,
    ):
        yield Batch(actor, counts, key)
