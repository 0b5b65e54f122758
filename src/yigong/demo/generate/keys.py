"""Keys and numbers that follow from the seed: the same county every time."""

from datetime import datetime, timedelta, timezone
from hashlib import blake2b
from random import Random
from uuid import UUID

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# A real province prefix with prefecture digits that the national list does not use: nobody holds such a number.
COUNTY = "149921"
_BORN_IN = (COUNTY,) * 88 + ("149922", "149923", "149924", "419931", "139931", "619931") * 2
# 169 is given to no operator.
_PHONE_PREFIX = "169"
# The offset as a constant is several times quicker than the zone's rules, and equal since 1991.
CHINA = timezone(timedelta(hours=8))
_VARIANT = "89ab"


def chance(seed: int, *words: object) -> Random:
    """A source of chance of its own for each part, so that a change in one part leaves the others as they were."""
    return Random(f"{seed}/" + "/".join(map(str, words)))


def key(seed: int, kind: str, number: int | str, at: datetime | None = None) -> UUID:
    """A key in the shape of UUIDv7: ordered by ``at`` (so that indexes grow at one end), the rest from seed, kind and number."""
    digest = blake2b(f"{seed}/{kind}/{number}".encode(), digest_size=10).digest()
    stamp = int(at.timestamp() * 1000) if at else 0x18000000000
    rest = int.from_bytes(digest)
    return UUID(int=stamp << 80 | 0x7 << 76 | (rest >> 68) << 64 | 0b10 << 62 | rest & (1 << 62) - 1)


def row_key(seed: int, kind: str, number: int, stamp: int) -> str:
    """Like ``key``, as text and quicker; ``stamp`` in milliseconds."""
    d = blake2b(f"{seed}/{kind}/{number}".encode(), digest_size=10).hexdigest()
    return f"{stamp:012x}7{d[:3]}{_VARIANT[int(d[3], 16) & 3]}{d[4:19]}"


def citizen_number(birth: str, sex: str, serial: int, source: Random) -> str:
    """A citizen number with a right check character and an area that does not exist; ``birth`` as yyyymmdd.

    ``serial`` counts the people born on that day in that area, from 0; at most 498 of each sex.
    """
    area = source.choice(_BORN_IN)
    body = f"{area}{birth}{serial * 2 + (1 if sex == '1' else 2):03d}"
    return body + _CHECK[sum(int(c) * w for c, w in zip(body, _WEIGHTS, strict=True)) % 11]


def phone(source: Random) -> str:
    """Eleven digits in a range that no operator has."""
    return f"{_PHONE_PREFIX}{source.randrange(10**8):08d}"
