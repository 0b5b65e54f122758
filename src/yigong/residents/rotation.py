"""Numbers, phones and source records under a new key: value and digests of a row in one statement, batch by batch. # texts: data

The batches are not tracked row by row (each is logged with its counts): what a row says does not change. The history of rows keeps the
former form of sealed columns.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Model

from yigong.core import rotation, statements
from yigong.core.actor import system
from yigong.core.audit.api import bulk_load
from yigong.core.rotation import Batch
from yigong.residents.commands.writing import identifier_columns
from yigong.residents.models import Contact, Identifier, Resident, SourceRecord
from yigong.residents.rules import sealing


@dataclass(frozen=True, slots=True)
class Column:
    """A sealed column: where it is, to what its values are bound, and what is written for a row (column → bytes)."""

    model: type[Model]
    sealed: str
    bound: str
    written: Callable[[UUID, str, str], Mapping[str, bytes | None]]
    kind: str = "''"
    tracked: bool = True

    @property
    def table(self) -> str:
        """The table's name."""
        return self.model._meta.db_table

    def waiting(self) -> str:
        """The condition for values that lie under another key than the current."""
        return f"{self.sealed} is not null and substring({self.sealed} from 1 for %(length)s) <> %(mark)s"

    def left(self) -> int:
        """How many wait."""
        with connection.cursor() as cursor:
            cursor.execute(f"select count(*) from {self.table} where {self.waiting()}", _mark())
            return int(cursor.fetchone()[0])

    def reseal(self, after: UUID | None, limit: int) -> Batch:
        """Seal the next rows behind a key anew; rows that somebody is changing are left for the next round."""
        with transaction.atomic():
            rows = self._next(after, limit)
            fresh, broken = self._opened(rows)
            if fresh:
                self._write(fresh)
        return Batch(len(rows), broken, rows[-1][0] if rows else None)

    def _next(self, after: UUID | None, limit: int) -> list[tuple[UUID, Any, str]]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"select id, {self.sealed}, {self.kind} from {self.table} where {self.waiting()} "
                "and (%(after)s::uuid is null or id > %(after)s::uuid) order by id limit %(limit)s for update skip locked",
                {**_mark(), "after": after, "limit": limit},
            )
            return cursor.fetchall()

    def _opened(self, rows: Sequence[tuple[UUID, Any, str]]) -> tuple[dict[UUID, Mapping[str, bytes | None]], int]:
        fresh, broken = {}, 0
        for key, sealed, kind in rows:
            try:
                fresh[key] = self.written(key, kind, sealing.unseal(sealed, f"{self.bound}:{key}"))
            except sealing.SealBroken:
                broken += 1
        return fresh, broken

    def _write(self, fresh: Mapping[UUID, Mapping[str, bytes | None]]) -> None:
        models = [self.model] if self.tracked else []
        with bulk_load(*models, actor=system("rotation"), reason="更换密钥") as counts:
            statements.write_columns(self.table, dict.fromkeys(next(iter(fresh.values())), "bytea"), fresh)
            counts[self.table] = len(fresh)


def _mark() -> dict[str, Any]:
    mark = sealing.current_mark()
    return {"mark": mark, "length": len(mark)}


def _phone_of_resident(key: UUID, _kind: str, value: str) -> Mapping[str, bytes | None]:
    return {
        "phone_sealed": sealing.seal(value, f"resident.phone:{key}"),
        "phone_digest": sealing.digest("phone", value),
    }


def _phone_of_contact(key: UUID, _kind: str, value: str) -> Mapping[str, bytes | None]:
    return {"phone_sealed": sealing.seal(value, f"contact.phone:{key}")}


def _source(key: UUID, _kind: str, value: str) -> Mapping[str, bytes | None]:
    return {"sealed": sealing.seal(value, f"source_record:{key}")}


COLUMNS = {
    "residents.identifiers": ("证件号码", Column(Identifier, "sealed", "identifier", identifier_columns, kind="kind")),
    "residents.phones": ("居民电话", Column(Resident, "phone_sealed", "resident.phone", _phone_of_resident)),
    "residents.contacts": ("联系人电话", Column(Contact, "phone_sealed", "contact.phone", _phone_of_contact)),
    "residents.sources": ("来源记录", Column(SourceRecord, "sealed", "source_record", _source, tracked=False)),
}


def register() -> None:
    """Declare the sealed columns of this room."""
    for name, (label, column) in COLUMNS.items():
        rotation.register(rotation.Resealer(name, label, column.left, column.reseal))
