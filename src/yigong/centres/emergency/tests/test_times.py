"""The order of times as a property: whatever is accepted one by one is in order at the end."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from yigong.centres.emergency.rules import times

_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
_RANKS = {f"n{place}": place * 10 for place in range(1, 9)}
_ENTRIES = st.lists(st.tuples(st.sampled_from(sorted(_RANKS)), st.integers(0, 60)), max_size=30)


@given(_ENTRIES)
def test_accepted_times_are_in_order(entries: list[tuple[str, int]]) -> None:
    """In any order of entering, with repeats refused as the command does."""
    known: dict[str, datetime] = {}
    for code, minute in entries:
        at = _BEGIN + timedelta(minutes=minute)
        if code not in known and times.clash(code, at, known, times.order_of(code, {}, _RANKS)) is None:
            known[code] = at
    inorder = [known[code] for code in sorted(known, key=lambda one: _RANKS[one])]
    assert inorder == sorted(inorder)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_stop_before_its_start_is_unknown(start: int, stop: int) -> None:
    """Never a negative duration, never reached."""
    known = {"a": _BEGIN + timedelta(minutes=start), "b": _BEGIN + timedelta(minutes=stop)}
    took = times.taken(["a"], "b", known)
    assert took.minutes == stop - start if stop >= start else took.minutes is None
