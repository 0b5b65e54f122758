"""Westgard's rules over the z-scores of one analyte at one analyser, all levels together. Pure.

1-2s warns; 1-3s, 2-2s, R-4s, 4-1s and 10x reject (WS/T 641-2018 names the same set). ``z`` lists are oldest first.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal

ORDER = ("1-3s", "2-2s", "R-4s", "4-1s", "10x", "1-2s")
"""From the gravest to the warning."""


def z_score(value: Decimal, mean: Decimal, sd: Decimal) -> Decimal:
    """How many standard deviations from the target, to two places."""
    return ((value - mean) / sd).quantize(Decimal("0.01"))


def violated(own: Sequence[Decimal], other: Decimal | None = None) -> tuple[str, ...]:
    """Rules that the last z of ``own`` (one level, oldest first) breaks; ``other`` is the other level's z of the same run, if any."""
    if not own:
        return ()
    last, found = own[-1], set[str]()
    if abs(last) > 3:
        found.add("1-3s")
    if _same_side(own[-2:], 2, 2) or (other is not None and _same_side([other, last], 2, 2)):
        found.add("2-2s")
    if other is not None and (max(last, other) > 2 and min(last, other) < -2):
        found.add("R-4s")
    if _same_side(own[-4:], 4, 1):
        found.add("4-1s")
    if _same_side(own[-10:], 10, 0):
        found.add("10x")
    if abs(last) > 2:
        found.add("1-2s")
    return tuple(rule for rule in ORDER if rule in found)


def _same_side(scores: Sequence[Decimal], wanted: int, beyond: int) -> bool:
    """Whether the last ``wanted`` scores all lie beyond this many deviations on the same side."""
    if len(scores) < wanted:
        return False
    return all(z > beyond for z in scores) or all(z < -beyond for z in scores)


def verdict(rules: Sequence[str], manner: Mapping[str, str]) -> str:
    """``reject``, ``warn`` or ``ok``: what the house does about the broken rules."""
    kinds = {manner.get(rule, "reject") for rule in rules}
    return "reject" if "reject" in kinds else "warn" if kinds else "ok"
