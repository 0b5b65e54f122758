"""From links to people: the strongest links first, and never two records in one cluster that the rules forbid."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np


def components(count: int, left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The groups that links make when none is refused: for every record the smallest record of its group."""
    roots = np.arange(count)
    while True:
        lowest = np.minimum(roots[left], roots[right])
        before = roots.copy()
        for side in (left, right):
            np.minimum.at(roots, roots[side], lowest)
        while not np.array_equal(roots, roots[roots]):
            roots = roots[roots]
        if np.array_equal(before, roots):
            return roots


@dataclass
class Clusters:
    """Records by number, joined link by link. ``enemies`` are pairs that must not end in one cluster."""

    count: int
    enemies: dict[int, set[int]] = field(default_factory=dict)
    refused: list[tuple[int, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._parent = list(range(self.count))
        self._members: dict[int, list[int]] = {}

    def forbid(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Records that must stay apart."""
        for left, right in pairs:
            self.enemies.setdefault(left, set()).add(right)
            self.enemies.setdefault(right, set()).add(left)

    def join(self, links: Iterable[tuple[int, int]]) -> None:
        """Join along links in the order given (strongest first); a link that would bring enemies together is put into ``refused``."""
        for left, right in links:
            one, other = self.root(left), self.root(right)
            if one == other:
                continue
            if self._clash(one, other):
                self.refused.append((left, right))
                continue
            self._unite(one, other)

    def root(self, record: int) -> int:
        """The record that stands for the cluster."""
        parent = self._parent
        while parent[record] != record:
            parent[record] = parent[parent[record]]
            record = parent[record]
        return record

    def members(self, root: int) -> Sequence[int]:
        """The records of a cluster."""
        return self._members.get(root, [root])

    def _clash(self, one: int, other: int) -> bool:
        if not self.enemies:
            return False
        small, large = sorted((one, other), key=lambda r: len(self.members(r)))
        return any(
            enemy_root == large
            for record in self.members(small)
            for enemy_root in map(self.root, self.enemies.get(record, ()))
        )

    def _unite(self, one: int, other: int) -> None:
        keep, gone = (one, other) if len(self.members(one)) >= len(self.members(other)) else (other, one)
        self._parent[gone] = keep
        joined = self._members.setdefault(keep, [keep])
        joined.extend(self._members.pop(gone, [gone]))

    def roots(self) -> list[int]:
        """The cluster of every record; the smallest record number stands for it, whatever the order of joining."""
        first: dict[int, int] = {}
        return [first.setdefault(self.root(record), record) for record in range(self.count)]
