"""Values from numerators and denominators. Percentages are made here and nowhere else; nothing is kept as a percentage."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_noop

from yigong.indicators.rules.definition import UNITS, Definition

STEP_UNITS = {"percent": gettext_noop("个百分点"), "permille": gettext_noop("个千分点")}
"""In what a change of a share is told; a change of anything else is told in percent."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What was added up. ``denominator`` is None for a mere count; ``provisional`` are cases whose settlement may still change."""

    numerator: int
    denominator: int | None = None
    provisional: int = 0

    def __add__(self, other: "Amounts") -> "Amounts":
        """Both together."""
        below = None if self.denominator is None else self.denominator + (other.denominator or 0)
        return Amounts(self.numerator + other.numerator, below, self.provisional + other.provisional)


def total(parts: Iterable[Amounts], is_share: bool) -> Amounts:
    """All together; nothing at all is nothing counted."""
    whole = Amounts(0, 0 if is_share else None)
    for part in parts:
        whole += part
    return whole


def value(definition: Definition, amounts: Amounts | None) -> Decimal | None:
    """The figure: per hundred, per thousand, in yuan …; None when nothing was collected or the denominator is zero, never 0 instead."""
    if amounts is None:
        return None
    scale = Decimal(UNITS[definition.unit]) / (100 if definition.unit == "yuan" else 1)
    if amounts.denominator is None:
        return amounts.numerator * scale
    return amounts.numerator * scale / amounts.denominator if amounts.denominator else None


def rounded(figure: Decimal, digits: int) -> Decimal:
    """Half up, as people round."""
    return figure.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)


def shown(definition: Definition, figure: Decimal | None) -> str:
    """The figure as people read it, with its unit; a dash where there is none."""
    if figure is None:
        return "—"
    if definition.unit in ("percent", "permille"):
        return f"{rounded(figure, 2)}{'%' if definition.unit == 'percent' else '‰'}"
    if definition.unit == "ratio" or definition.is_share:
        return f"{rounded(figure, 2):,}"
    return f"{rounded(figure, 2 if definition.unit == 'yuan' else 0):,}"


def is_small(definition: Definition, amounts: Amounts | None) -> bool:
    """Whether a share stands on too few cases to be compared."""
    return bool(amounts and amounts.denominator is not None and 0 < amounts.denominator < definition.small)


def change(now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """By how many percent it grew; None where there is nothing to compare with."""
    return (now - before) * 100 / before if now is not None and before else None


def step(definition: Definition, now: Decimal | None, before: Decimal | None) -> Decimal | None:
    """By how much a figure moved as people tell it: a percentage or permillage by points, counted on the rounded figures so that a reader who
    subtracts finds the same; anything else by percent. None where there is nothing to compare with.
    """
    if definition.unit in ("percent", "permille"):
        return rounded(now, 2) - rounded(before, 2) if now is not None and before is not None else None
    moved = change(now, before)
    return rounded(moved, 2) if moved is not None else None


def reaches(definition: Definition, figure: Decimal | None) -> bool | None:
    """Whether the target is reached; None without a figure, a target or a direction."""
    if figure is None or not definition.target or definition.direction not in ("up", "down"):
        return None
    target = Decimal(definition.target)
    return figure >= target if definition.direction == "up" else figure <= target


def possible_counts(percent: str, of: int) -> list[int]:
    """The whole numbers of ``of`` that a published percentage can mean; none tells that it was made from another denominator.

    >>> possible_counts("71.47", 318), possible_counts("71.47", 319)
    ([], [228])
    """
    told = Decimal(percent)
    digits = max(0, -int(told.as_tuple().exponent))
    near = int(told * of / 100)
    return [
        n
        for n in range(max(0, near - 1), min(of, near + 2) + 1)
        if of and rounded(Decimal(n) * 100 / of, digits) == told
    ]
