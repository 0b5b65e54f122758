"""Free spans of experts: shifts cut into slots, without what is held."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def cut(shift: Span, length: timedelta, *, after: datetime) -> list[Span]:
    """The whole slots of a shift that begin after an instant. Slots begin at full multiples of their length from the shift's beginning."""
    begin, end = shift
    found = []
    while begin + length <= end:
        if begin >= after:
            found.append((begin, begin + length))
        begin += length
    return found


def free(slots: Iterable[Span], held: Iterable[Span]) -> list[Span]:
    """The slots that touch nothing that is held."""
    taken = list(held)
    return [slot for slot in slots if not any(slot[0] < end and begin < slot[1] for begin, end in taken)]


def covered(span: Span, shifts: Iterable[Span]) -> bool:
    """Whether one shift holds the whole span."""
    return any(begin <= span[0] and span[1] <= end for begin, end in shifts)
