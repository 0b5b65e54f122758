"""Cold ischaemia and fixation, the packs, and no way round the states."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.centres.pathology.rules import catalogue
from yigong.centres.pathology.rules.fixation import Limits, judge
from yigong.centres.pathology.rules.specimens import SPECIMEN
from yigong.core.forms import api as forms

LIMITS = Limits(timedelta(minutes=30), timedelta(hours=6), timedelta(hours=48))
START = datetime(2026, 3, 2, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cold", "hours", "cut", "said"),
    [
        (0, 6, True, ("ok", "ok")), (30, 48, True, ("ok", "ok")), (31, 24, True, ("late", "ok")), (10, 5, True, ("ok", "short")),
        (10, 49, True, ("ok", "long")), (10, 3, False, ("ok", "running")), (10, 49, False, ("ok", "long")),
    ],
)  # fmt: skip
def test_limits_are_inclusive(cold: int, hours: int, cut: bool, said: tuple[str, str]) -> None:
    """On the limit is within it; a minute more is not."""
    fixed = START + timedelta(minutes=cold)
    end = fixed + timedelta(hours=hours)
    found = judge(removed=START, fixed=fixed, cut=end if cut else None, now=end, limits=LIMITS)
    assert (found.cold, found.duration) == said and found.cold_minutes == cold and found.hours == Decimal(hours)
    assert found.is_regular == (said == ("ok", "ok"))


def test_unknown_is_not_zero() -> None:
    """A time that nobody wrote down makes no zero minutes and no regular fixation."""
    for removed, fixed in ((None, START), (START, None), (None, None)):
        found = judge(removed=removed, fixed=fixed, cut=START + timedelta(hours=8), now=START, limits=LIMITS)
        assert found.cold_minutes is None and found.cold == "unknown" and not found.is_regular


@given(cold=st.integers(0, 10_000), fixed=st.integers(0, 20_000), known=st.booleans())
def test_regular_means_both_within(cold: int, fixed: int, known: bool) -> None:
    """is_regular is exactly: both times known, cold within its limit, duration within both of its own."""
    at = START + timedelta(minutes=cold)
    cut = at + timedelta(minutes=fixed)
    found = judge(removed=START if known else None, fixed=at, cut=cut, now=cut, limits=LIMITS)
    assert found.is_regular == (known and cold <= 30 and 360 <= fixed <= 2880)


def test_the_packs_fit_together() -> None:
    """Every item names a stain, a form, a class of fixation that exist; counts are printed."""
    rules = catalogue.rules()
    for item in catalogue.items().values():
        assert item.product in {"none", "block", "slide"} and item.fixation in rules.fixation, item
        assert not item.is_cut or item.stain in catalogue.stains(), item
        assert not item.form or forms.form(item.form).items, item
    print(f"\n{len(catalogue.items())} items, {len(catalogue.stains())} stains, {len(rules.fixatives)} fixatives")
    assert len(catalogue.items()) > 10


def test_breast_may_lie_longer() -> None:
    """The class of the item decides: 72 hours for breast, an hour to the fixative for a large specimen."""
    known = catalogue.items()
    assert catalogue.limits(known["PA-BREAST"]).longest == timedelta(hours=72)
    assert catalogue.limits(known["PA-BREAST"]).cold == timedelta(minutes=60)
    assert catalogue.limits(known["PA-GASTRIC"]).longest == timedelta(hours=48)


def test_rejection_only_at_the_door() -> None:
    """What was received is never rejected afterwards; only the step can be taken back, with a reason."""
    assert {s for s in SPECIMEN.states if SPECIMEN.step(s, "reject")} == {"to_send", "ready"}
    undone = SPECIMEN.step("received", "undo")
    assert undone is not None and undone.reason_required
