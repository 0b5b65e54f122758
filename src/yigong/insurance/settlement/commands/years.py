"""The lock on a person's year: settlements and reversals of one person happen one after the other."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from yigong.core import statements
from yigong.core.commands import one_at_a_time
from yigong.core.ids import new_id
from yigong.insurance.settlement.models import PersonYear
from yigong.insurance.settlement.queries.preview import added_up
from yigong.residents import api as residents

_LOCK = """
    insert into settlement_personyear (id, resident_id, scheme, year, sums, count)
    values (%(id)s, %(resident)s, %(scheme)s, %(year)s, '{}', 1)
    on conflict (resident_id, scheme, year) do update set count = settlement_personyear.count + 1
    returning id, sums, count
"""
GROW = "update settlement_personyear set sums = %(sums)s::jsonb where id = %(year)s returning id"


@dataclass(frozen=True, slots=True)
class LockedYear:
    """A year whose row is ours until the transaction ends; ``sums`` are of all keys of the person, ``own`` of this row."""

    id: UUID
    year: int
    place: int
    sums: Mapping[str, int]
    own: Mapping[str, int]


def lock_year(resident_id: UUID, scheme: str, year: int) -> LockedYear:
    """Lock the person's year, opened when it is the first; takes the next place in it."""
    return statements.answers(ask_year(resident_id, scheme, year))[0]


def ask_year(resident_id: UUID, scheme: str, year: int) -> statements.Asked[LockedYear]:
    """The same as a question that travels with others: those after it see what was settled while it waited."""
    keys = residents.identities(resident_id) | {resident_id}
    if len(keys) > 1:
        # Registrations that were linked keep a row each, so that they can be parted again; together they have one lock.
        one_at_a_time("settlement.year", min(keys), scheme, year)

    def read(rows: list[statements.Row]) -> LockedYear:
        ((key, sums, place),) = rows
        own = _read(sums)
        if len(keys) == 1:
            return LockedYear(key, year, place, own, own)
        others = PersonYear.objects.filter(resident_id__in=keys, scheme=scheme, year=year).exclude(pk=key)
        return LockedYear(key, year, place, added_up([own, *others.values_list("sums", flat=True)]), own)

    return statements.Asked(_LOCK, {"id": new_id(), "resident": resident_id, "scheme": scheme, "year": year}, read)


def grow(year: LockedYear, added: Mapping[str, int], sign: int = 1) -> None:
    """Let the sums of a locked year grow by what a settlement added, or shrink by it; a sum that is nothing again goes."""
    statements.fetch(GROW, growth(year, added, sign))


def growth(year: LockedYear, added: Mapping[str, int], sign: int = 1) -> dict[str, Any]:
    """The values of ``GROW``."""
    sums = dict(year.own)
    for name, amount in added.items():
        sums[name] = sums.get(name, 0) + sign * amount
    left = {name: amount for name, amount in sums.items() if amount}
    return {"year": year.id, "sums": msgspec.json.encode(left).decode()}


def locked_row(key: UUID) -> LockedYear:
    """The row of a settlement that is being taken back, locked."""
    row = PersonYear.objects.select_for_update().get(pk=key)
    return LockedYear(row.id, row.year, row.count, row.sums, row.sums)


def _read(value: object) -> dict[str, int]:
    return dict(value) if isinstance(value, dict) else msgspec.json.decode(str(value))
