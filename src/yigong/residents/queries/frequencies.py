"""How common names, their sounds and phones are among this county's residents: what a rare agreement weighs more by."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from yigong.core import statements
from yigong.residents.matching import api as matching
from yigong.residents.models import ValueFrequency

EVERYBODY = ""  # the column under which the number of all residents stands


def _counts(names: str, sounds: str, phones: str) -> str:
    """Column, value and how many residents carry it. A number above the limit changes no weight any more."""
    return f"""
    select frequency.column, value, residents as count from residents_valuefrequency frequency
    where frequency.column = '' or (frequency.column = 'name' and value {names}) or (frequency.column = 'sound' and value {sounds})
    union all
    select 'phone', encode(digest, 'hex'), (select count(*) from (
      select 1 from residents_resident r where r.phone_digest = digest limit 500) few)
    from {phones} digests (digest)
    """


_OF_MANY = _counts("= any(%(names)s)", "= any(%(sounds)s)", "unnest(%(phones)s::bytea[])")
# For use inside another statement: with the columns of a prepared record and the digest of its phone as parameters.
OF_ONE = _counts("= %(name)s", "in (%(sound)s, %(sound_other)s)", "(values (%(phone)s::bytea))")
Counts = Iterable[tuple[str, str, int]]


def shares_for(
    rows: Iterable[Mapping[str, str]], phones: Mapping[str, bytes], definition: matching.Definition
) -> matching.Shares:
    """The shares of the values of these prepared records, read in one statement; ``phones`` gives the digests of their prepared phones.

    Before the first count there are none, and the matcher takes the definition's ``usual`` ones.
    """
    names, sounds = set(), set()
    for row in rows:
        names.add(row["name"])
        sounds |= {row["sound"], row["sound_other"]}
    asked = {"names": list(names - {""}), "sounds": list(sounds - {""}), "phones": list(set(phones.values()))}
    return shares_from(statements.fetch(_OF_MANY, asked), phones, definition)


def shares_from(counts: Counts, phones: Mapping[str, bytes], definition: matching.Definition) -> matching.Shares:
    """The shares by what ``_OF_MANY`` or ``OF_ONE`` answered."""
    found = {(column, value): count for column, value, count in counts}
    everybody = found.get((EVERYBODY, ""), 0)
    if not everybody:
        return matching.no_shares
    keys = {phone: digest.hex() for phone, digest in phones.items()}

    def shares(column: str, value: str) -> float | None:
        count = found.get((column, keys.get(value, "") if column == "phone" else value), 1)
        return matching.share(count, everybody, column, definition)

    return shares


def counted_at() -> datetime | None:
    """When names were last counted."""
    row = ValueFrequency.objects.filter(column=EVERYBODY, residents__gt=0).first()
    return row.counted_at if row else None
