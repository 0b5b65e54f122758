"""How common names, their sounds and phones are among this county's residents: what a rare agreement weighs more by."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from yigong.core import statements
from yigong.residents.matching import api as matching
from yigong.residents.models import ValueFrequency

EVERYBODY = ""  # the column under which the number of all residents stands

# A number above the limit changes no weight any more.
_COUNTS = """
select frequency.column, value, residents from residents_valuefrequency frequency
where frequency.column = '' or (frequency.column = 'name' and value = any(%(names)s)) or (frequency.column = 'sound' and value = any(%(sounds)s))
union all
select 'phone', encode(digest, 'hex'), (select count(*) from (
  select 1 from residents_resident r where r.phone_digest = digest limit 500) few)
from unnest(%(phones)s::bytea[]) digest
"""


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
    found = {(column, value): count for column, value, count in statements.fetch(_COUNTS, asked)}
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
