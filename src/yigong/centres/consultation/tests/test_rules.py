"""Pure rules: pieces, slots, shares."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from yigong.centres.consultation.rules import fees, slots
from yigong.centres.consultation.rules.definitions import Piece, Shares
from yigong.centres.consultation.rules.files import Entry, answers_for, missing

NOW = datetime(2026, 11, 1, 8, tzinfo=UTC)
PIECES = [Piece("note", "病历", ["encounter"], ["outpatient_note"], 30), Piece("ecg", "心电", [], ["ecg_report"], 7)]


def test_what_answers_for_what() -> None:
    """By kind of entry or of document, and not when it is too old."""
    assert answers_for(Entry("encounter", "", NOW), PIECES, NOW) == ["note"]
    assert answers_for(Entry("document", "ecg_report", NOW - timedelta(days=6)), PIECES, NOW) == ["ecg"]
    assert answers_for(Entry("document", "ecg_report", NOW - timedelta(days=8)), PIECES, NOW) == []
    assert missing(["note", "ecg"], {"ecg"}) == ["note"]


@given(
    hours=st.integers(1, 12), minutes=st.sampled_from([10, 15, 20, 30, 45, 60]),
    held=st.lists(st.tuples(st.integers(0, 700), st.integers(1, 90)), max_size=8),
)  # fmt: skip
def test_free_slots_never_touch_what_is_held(hours: int, minutes: int, held: list[tuple[int, int]]) -> None:
    """Each lies within the shift, is whole, and overlaps nothing."""
    shift = (NOW, NOW + timedelta(hours=hours))
    taken = [(NOW + timedelta(minutes=a), NOW + timedelta(minutes=a + b)) for a, b in held]
    every = slots.cut(shift, timedelta(minutes=minutes), after=NOW)
    free = slots.free(every, taken)
    assert len(every) == hours * 60 // minutes
    for begin, end in free:
        assert slots.covered((begin, end), [shift]) and end - begin == timedelta(minutes=minutes)
        assert all(end <= a or b <= begin for a, b in taken)
    for slot in set(every) - set(free):
        assert any(slot[0] < b and a < slot[1] for a, b in taken)


_WEIGHT = st.integers(0, 100)


@given(
    price=st.integers(0, 10_000_000), weights=st.tuples(_WEIGHT, _WEIGHT, _WEIGHT, _WEIGHT).filter(sum),
    places=st.lists(st.integers(1, 4), max_size=6),
)  # fmt: skip
def test_shares_add_up_and_experts_are_equal(price: int, weights: tuple[int, int, int, int], places: list[int]) -> None:
    """To the fen; two experts of the same weight differ by one fen at most; without experts the centre keeps their part."""
    experts = [(UUID(int=100 + n), UUID(int=place)) for n, place in enumerate(places)]
    parts = fees.share(price, Shares(*weights), inviting=UUID(int=90), centre=UUID(int=91), experts=experts)
    assert sum(part.amount for part in parts) == price
    own = [part.amount for part in parts if part.kind == "experts"]
    assert len(own) == len(experts) and (not own or max(own) - min(own) <= 1)
    assert all(part.amount >= 0 for part in parts)
