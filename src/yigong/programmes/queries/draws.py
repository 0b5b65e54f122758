"""A draw of visits as it was made, and whether it comes out the same again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from yigong.core import draws
from yigong.programmes.models import Check, SampleDraw

_KEY = 16


@dataclass(frozen=True, slots=True)
class Repeated:
    """What drawing again gave: whether the population is as it was and the same visits come out, and how many of the drawn are on the list."""

    population: bool
    same: bool
    kept: int

    @property
    def good(self) -> bool:
        """Everything as it was."""
        return self.population and self.same


def packed(strata: Mapping[UUID, Sequence[UUID]], wanted: Mapping[UUID, int]) -> tuple[list[list[object]], bytes]:
    """Strata and population as a draw keeps them."""
    listed = [[str(key), len(keys), wanted.get(key, 0)] for key, keys in strata.items()]
    return listed, b"".join(key.bytes for keys in strata.values() for key in sorted(keys))


def unpacked(row: SampleDraw) -> tuple[dict[UUID, list[UUID]], dict[UUID, int]]:
    """The population by stratum and how many were wanted of each."""
    data, at = bytes(row.population), 0
    strata: dict[UUID, list[UUID]] = {}
    wanted: dict[UUID, int] = {}
    for key, size, want in row.strata:
        end = at + size * _KEY
        strata[UUID(key)] = [UUID(bytes=data[n : n + _KEY]) for n in range(at, end, _KEY)]
        wanted[UUID(key)], at = want, end
    return strata, wanted


def digest(population: bytes) -> str:
    """What stands for the population."""
    return sha256(population).hexdigest()


def drawn_again(row: SampleDraw) -> Repeated:
    """Draw once more from the kept seed and population and hold it against the list for the check."""
    strata, wanted = unpacked(row)
    again = set(draws.take(strata, wanted, row.seed))
    kept = set(Check.objects.filter(draw=row).values_list("visit_id", flat=True))
    return Repeated(digest(bytes(row.population)) == row.digest, again == kept, len(kept))
