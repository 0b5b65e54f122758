"""A draw by chance that anybody can repeat: from a kept seed and a kept population the same comes out, in whatever order the keys stand.

    seed = new_seed()                                   # made by the platform, kept with the draw
    chosen = take({place: keys, …}, {place: 5, …}, seed)

A key's place in the order of a draw is a digest of seed and key, so that one added or missing key moves no other: whoever doubts a draw sorts the
population by ``place`` and counts. Nobody chooses, and no state of a random generator has to be kept.
"""

from collections.abc import Hashable, Iterable, Mapping
from hashlib import sha256
from math import ceil
from secrets import token_hex
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
G = TypeVar("G", bound=Hashable)


def new_seed() -> str:
    """A seed that nobody can foresee."""
    return token_hex(16)


def place(seed: str, key: object) -> str:
    """The place of one key in the order of a draw.

    >>> place("a", 1) == place("a", 1) != place("b", 1)
    True
    """
    return sha256(f"{seed}:{key}".encode()).hexdigest()


def in_order(keys: Iterable[K], seed: str) -> list[K]:
    """The keys in the order of the draw.

    >>> in_order([1, 2, 3], "s") == in_order([3, 1, 2], "s")
    True
    """
    return sorted(keys, key=lambda key: place(seed, key))


def share(size: int, percent: float, least: int) -> int:
    """How many of a stratum are wanted: its share rounded up, not fewer than ``least``, never more than there are.

    >>> share(200, 5, 5), share(20, 5, 5), share(3, 5, 5)
    (10, 5, 3)
    """
    return min(size, max(least, ceil(size * percent / 100)))


def take(strata: Mapping[G, Iterable[K]], wanted: Mapping[G, int], seed: str) -> list[K]:
    """From each stratum as many as are wanted, those that come first in the order of the draw; all of them in that order."""
    return in_order(
        [key for group, keys in strata.items() for key in in_order(keys, seed)[: wanted.get(group, 0)]], seed
    )
