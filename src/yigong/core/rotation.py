"""Rotation of the installation's secret: each room that seals values says how many wait and seals a batch of them anew.

register(Resealer("residents.numbers", "居民证件号码", left=…, reseal=…))

While both secrets are at hand (``YIGONG_SECRET`` and ``YIGONG_SECRET_OLD``) everything opens under either. ``manage rotate_keys`` goes through all
resealers; a value says by itself under which key it lies, so the command may be killed at any moment and begun again.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Batch:
    """One batch: rows looked at, of them not to be opened under any secret at hand, and the key of the last (None: there was none)."""

    rows: int
    broken: int = 0
    last: UUID | None = None


@dataclass(frozen=True, slots=True)
class Resealer:
    """One column of one table. ``left()`` counts what lies under another key than the current; ``reseal(after, limit)`` seals the next rows
    behind a key anew, in a transaction of its own."""

    name: str
    label: str
    left: Callable[[], int]
    reseal: Callable[[UUID | None, int], Batch]


_resealers: dict[str, Resealer] = {}


def register(resealer: Resealer) -> None:
    """Declare a sealed column (call it in ``apps.ready``); the same name replaces."""
    _resealers[resealer.name] = resealer


def resealers() -> list[Resealer]:
    """All declared columns in the order of their names."""
    return sorted(_resealers.values(), key=lambda r: r.name)
