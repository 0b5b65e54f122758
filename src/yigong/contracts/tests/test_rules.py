"""Counting and sharing as pure rules: whatever the input, the parts add up."""

from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.contracts.rules import counting, fees
from yigong.contracts.rules.counting import Fact
from yigong.contracts.rules.definition import Package
from yigong.contracts.rules.packs import packages, rules
from yigong.core.packs.source import convert, read_toml

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 1)

_facts = st.lists(
    st.builds(
        Fact,
        kind=st.sampled_from(["visit", "encounter"]),
        id=st.integers(1, 400).map(lambda n: UUID(int=n)),
        on=st.integers(0, 300).map(lambda n: DAY + timedelta(days=n)),
        institution_id=st.just(UUID(int=1)),
        staff_id=st.none(),
        stage=st.sampled_from(["followup", "yearly", "checkup", "outpatient", "home", "m3"]),
        programme=st.sampled_from(["hypertension", "diabetes", "elderly", "child", ""]),
    ),
    unique_by=lambda f: (f.kind, f.id),
    max_size=60,
)


@given(facts=_facts, groups=st.sets(st.sampled_from(["elderly", "child", "hypertension"])), shuffled=st.randoms())
def test_each_record_once_and_no_item_too_often(facts: list[Fact], groups: set[str], shuffled: object) -> None:
    """Done is never more than due nor more than the records; the order in which records are read does not matter."""
    items = counting.due_items([packages()["basic"], packages()["hypertension"], packages()["diabetes"]], groups)
    counted = counting.count(items, facts, {})
    assert len({(c.fact.kind, c.fact.id) for c in counted}) == len(counted) <= len(facts)
    for package, item in items:
        mine = [c for c in counted if (c.package, c.item) == (package.code, item.code)]
        assert len(mine) <= item.times and all(counting.fulfils(c.fact, item) for c in mine)
    again = list(facts)
    shuffled.shuffle(again)  # type: ignore[attr-defined]
    assert counting.count(items, again, {}) == counted


@given(amount=st.integers(0, 10**9), sizes=st.lists(st.integers(0, 5), min_size=4, max_size=4))
def test_shares_add_up(amount: int, sizes: list[int]) -> None:
    """Every fen goes somewhere, nobody in one seat gets more than a fen above another, an empty seat's part goes to the house."""
    seats = ["village", "leader", "nurse", "specialist"]
    members = {
        seat: [UUID(int=100 * k + n) for n in range(size)]
        for k, (seat, size) in enumerate(zip(seats, sizes, strict=True))
    }
    lines = fees.share(amount, rules().fee, members)
    assert sum(line.fen for line in lines) == amount and min(line.fen for line in lines) >= 0
    for seat in seats:
        parts = [line.fen for line in lines if line.role == seat]
        assert not parts or max(parts) - min(parts) <= 1


@given(price=st.integers(0, 10**7), cuts=st.lists(st.integers(0, 365), max_size=6))
def test_a_fee_served_in_pieces_is_the_fee(price: int, cuts: list[int]) -> None:
    """However a term is cut, the pieces by day give the whole fee: each piece is what was earned until then less what was earned before."""
    term = (DAY, DAY + timedelta(days=365))
    days = sorted({term[0], term[1], *(DAY + timedelta(days=n) for n in cuts)})
    upto = [fees.earned(price, term, term, day) for day in days]
    assert upto[0] == 0 and upto[-1] == price and upto == sorted(upto)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (("share = 500000", "share = 500001"), "payers"),
        (("times = 2", "times = 0"), "items"),
        (('code = "health_record"', 'code = "contact"'), "items"),
        (('kinds = ["outpatient", "home", "remote", "emergency"]', "kinds = []"), "evidence"),
    ],
)
def test_a_mistake_in_a_package_is_told(change: tuple[str, str], where: str, tmp_path: Path) -> None:
    """Payers that do not add up, an item never due or twice, evidence without a kind."""
    from yigong.contracts.rules.definition import package_problems

    text = (Path(__file__).parents[4] / "packs/national/contracts/packages/basic.toml").read_text("utf-8")
    assert text.count(change[0]) >= 1
    path = tmp_path / "basic.toml"
    path.write_text(text.replace(change[0], change[1], 1), "utf-8")
    document, lines = read_toml(path, path.name)
    package = convert(document, Package, lines, path.name)
    assert any(where in place for place, _sentence in package_problems(package))
