"""Pure rules of times: which may not lie before or after which, what is late, how long a target took."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

# The times of a run that stand for a node of a pathway, where that was not entered itself.
STANDS_FOR = {"call": "call_received", "fmc": "at_patient", "door": "arrived"}


@dataclass(frozen=True, slots=True)
class Order:
    """What must not be later than a node, and what must not be earlier."""

    before: frozenset[str]
    behind: frozenset[str]


@dataclass(frozen=True, slots=True)
class Clash:
    """The node that forbids a time: it lies later (``is_earlier_node``: it should come first) or earlier."""

    code: str
    at: datetime
    should_come_first: bool


def order_of(code: str, after: Mapping[str, Iterable[str]], ranks: Mapping[str, int]) -> Order:
    """From the ranks of a run and the ``after`` of a pathway."""
    rank = ranks.get(code)
    run_before = {one for one, other in ranks.items() if rank is not None and other < rank}
    run_behind = {one for one, other in ranks.items() if rank is not None and other > rank}
    before = set(after.get(code, ())) | run_before
    behind = {one for one, wanted in after.items() if code in wanted} | run_behind
    return Order(frozenset(before - {code}), frozenset(behind - {code}))


def clash(code: str, at: datetime, known: Mapping[str, datetime], order: Order) -> Clash | None:
    """The nearest known time that forbids this one, if any.

    >>> from datetime import UTC
    >>> ten, nine = datetime(2026, 1, 1, 10, tzinfo=UTC), datetime(2026, 1, 1, 9, tzinfo=UTC)
    >>> clash("at_scene", nine, {"departed": ten}, order_of("at_scene", {}, {"departed": 30, "at_scene": 40})).code
    'departed'
    """
    later = [(known[one], one) for one in order.before if one in known and known[one] > at]
    if later:
        when, one = max(later)
        return Clash(one, when, True)
    earlier = [(known[one], one) for one in order.behind if one in known and known[one] < at]
    if earlier:
        when, one = min(earlier)
        return Clash(one, when, False)
    return None


def with_stand_ins(known: Mapping[str, datetime]) -> dict[str, datetime]:
    """Times by node, the run's standing in where a pathway's own was not entered (first contact, door)."""
    found = dict(known)
    for node, run in STANDS_FOR.items():
        if node not in found and run in found:
            found[node] = found[run]
    return found


def is_late(at: datetime, now: datetime, minutes: int) -> bool:
    """Whether a time entered now was entered afterwards."""
    return now - at > timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True)
class Taken:
    """A target of one case: from when to when; ``minutes`` is None while either is unknown."""

    started_at: datetime | None
    stopped_at: datetime | None

    @property
    def minutes(self) -> float | None:
        """How long it took."""
        if self.started_at is None or self.stopped_at is None:
            return None
        return (self.stopped_at - self.started_at).total_seconds() / 60


def taken(start: Iterable[str], stop: str, known: Mapping[str, datetime]) -> Taken:
    """From the first known start to the stop. A stop before the start (two people's clocks) is told as unknown, never as reached."""
    begin = next((known[one] for one in start if one in known), None)
    end = known.get(stop)
    if begin is not None and end is not None and end < begin:
        end = None
    return Taken(begin, end)
