"""What holds for every settlement, whatever the case and the year before it."""

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.insurance.benefits.api import (
    INPATIENT,
    Case,
    Episode,
    Line,
    Rules,
    Settlement,
    Split,
    after,
    largest_remainder,
    plan_of,
    read_plan,
    settle,
    settle_in_order,
    split_bill,
    taken_back,
    tell,
    why,
)  # fmt: skip
from yigong.insurance.benefits.bench import made_up_year
from yigong.insurance.benefits.money import WHOLE, part, yuan
from yigong.insurance.benefits.rules import NO_LIMIT

PACK = Path(__file__).parents[5] / "packs" / "demo" / "benefits"
EXAMPLES = Path(__file__).parents[2] / "vectors" / "tests" / "vectors.json"
PLANS = [read_plan(path) for path in sorted(PACK.glob("*.toml"))]
PLANS.append(plan_of(json.loads(EXAMPLES.read_text("utf-8"))["plan_full"]))
SEEN: Counter[str] = Counter()

AMOUNT = st.one_of(st.integers(0, 50_000), st.integers(0, 30_000_000))
SUMS = st.dictionaries(
    st.sampled_from("pool pool_cost burden critical large civil aid aid_threshold tilt deductible paid:pooling paid:chronic "
                    "paid:chronic:I25 deductible:chronic other:bottom relief".split()),
    AMOUNT,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def counted(request: pytest.FixtureRequest) -> Iterator[None]:
    """Prints how many settlements were looked at."""
    yield
    capture = request.config.pluginmanager.getplugin("capturemanager")
    with capture.global_and_fixture_disabled():
        print("\n" + ", ".join(f"{name}: {number}" for name, number in sorted(SEEN.items())))
    names = {item.name.split("[")[0] for item in request.session.items if item.module is request.module}
    whole = names >= {name for name in dir(request.module) if name.startswith("test_")}
    if whole and not hasattr(request.config, "workerinput"):  # picked ones, or spread over processes, count less
        assert SEEN["settlements"] > 20_000
    assert sum(SEEN.values()) or not whole


@st.composite
def bills(draw: st.DrawFn) -> Split:
    """A bill that adds up."""
    own, over, first, scope = (draw(AMOUNT) for _ in range(4))
    return Split(own + over + first + scope, own, over, first, scope)


@st.composite
def cases(draw: st.DrawFn, rules: Rules) -> Case:
    """Any case the plan knows."""
    kind = draw(st.sampled_from([INPATIENT, INPATIENT, *rules.kinds()]))
    benefit = rules.outpatient.get(kind)
    levels = rules.levels if benefit is None or benefit.like_inpatient else benefit.levels
    known = [level for level in levels if level != "*"] or list(rules.levels)
    return Case(
        kind,
        draw(bills()),
        draw(st.sampled_from(known)),
        draw(st.integers(1, 5)),
        draw(st.sampled_from(["", "", *rules.places])),
        frozenset(
            draw(st.sets(st.sampled_from([one.code for one in rules.plan.identities] or ["nobody"]), max_size=2))
        ),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([None, 3, 40])),
        draw(st.booleans()),
        draw(st.sampled_from(list(benefit.diseases))) if benefit and benefit.diseases else "",
        draw(st.none() | st.builds(Episode, st.sampled_from(["up", "down"]), AMOUNT, AMOUNT)),
        draw(AMOUNT),
        draw(AMOUNT),
    )


@st.composite
def settled(draw: st.DrawFn) -> tuple[Rules, dict[str, int], Settlement]:
    """A plan, the sums before, and a settlement."""
    rules, before = draw(st.sampled_from(PLANS)), draw(SUMS)
    return rules, before, settle(rules, draw(cases(rules)), before)


def check_parts(done: Settlement) -> None:
    """The identities of the reference; nobody pays a negative amount."""
    SEEN["settlements"] += 1
    fee = done.case.fee
    assert done.charged == fee.own + fee.over + fee.first + fee.in_scope
    assert done.charged == done.funds + done.person + done.institution
    assert done.funds == done.pool + done.large + done.critical + done.civil + done.aid + done.tilt + done.other
    assert done.person == done.account + done.family + done.cash
    assert done.burden == fee.in_scope - done.pool - done.large
    assert done.left == done.burden - done.critical - done.civil - done.aid - done.tilt - done.other
    parts = (done.deductible, done.base, done.gross, done.pool, done.large, done.burden, done.critical, done.civil, done.aid,
             done.tilt, done.other, done.left, done.institution, done.person, done.account, done.family, done.cash)  # fmt: skip
    assert min(parts) >= 0
    assert 0 <= done.ratio <= WHOLE


def check_limits(rules: Rules, before: dict[str, int], done: Settlement) -> None:
    """No fund pays beyond its limit of the year, and the year's sums only grow."""
    assert min(done.added.values(), default=0) >= 0
    sums = after(before, done)
    limits = {"aid": rules.aid_ceiling, "relief": NO_LIMIT}
    if not rules.ceiling_on_cost:
        limits["pool"] = rules.ceiling
    else:
        limits["pool_cost"] = rules.ceiling
    if rules.large:
        limits["large"] = rules.large[1]
    if rules.civil:
        limits["civil"] = rules.civil[2]
    if rules.tilt:
        limits["tilt"] = rules.tilt[2]
    for code, benefit in rules.outpatient.items():
        limits["paid:" + code] = benefit.ceiling
        limits |= {f"paid:{code}:{disease}": rule.ceiling for disease, rule in benefit.diseases.items()}
    for name, limit in limits.items():
        assert sums.get(name, 0) <= max(limit, before.get(name, 0)), name
    assert done.critical == 0 or done.critical <= max(
        tier.ceiling for tier in [rules.tier, *(t for _i, t in rules.tiers)] if tier
    )


@settings(max_examples=300, deadline=None)
@given(settled())
def test_the_parts_make_the_whole(found: tuple[Rules, dict[str, int], Settlement]) -> None:
    """Identities and limits on any case; every figure has words, and the heading the amount that the person pays."""
    rules, before, done = found
    check_parts(done)
    check_limits(rules, before, done)
    assert all(one.text and "{" not in one.text for one in tell(rules, done))
    assert yuan(done.person) in why(rules, done).splitlines()[0]


def test_the_same_on_whole_years_of_made_up_people() -> None:
    """Twenty thousand settlements in the order of each person's year; taken back one by one, every sum is what it was."""
    for rules in PLANS:
        for seed in range(700):
            sums: list[dict[str, int]] = [{}]
            year = settle_in_order(rules, made_up_year(rules, seed, 7 if rules.outpatient else 0, 3))
            for one in year:
                check_parts(one)
                check_limits(rules, sums[-1], one)
                sums.append(after(sums[-1], one))
            for one in reversed(year):
                assert taken_back(sums.pop(), one) == sums[-1]
                SEEN["reversals"] += 1


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_reversal_restores_every_sum(data: st.DataObject) -> None:
    """A year settled and taken back, last in first out, leaves at each step what was there; settled again it is the same year."""
    rules = data.draw(st.sampled_from(PLANS))
    year = data.draw(st.lists(cases(rules), max_size=6))
    done = settle_in_order(rules, year)
    sums: list[dict[str, int]] = [{}]
    for one in done:
        sums.append(after(sums[-1], one))
    for one in reversed(done):
        assert taken_back(sums.pop(), one) == sums[-1]
        SEEN["reversals"] += 1
    assert settle_in_order(rules, year) == done
    SEEN["settlements"] += 2 * len(done)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(PLANS), SUMS, st.data(), st.integers(0, 1_000_000))
def test_more_in_scope_never_lowers_the_pool(
    rules: Rules, before: dict[str, int], data: st.DataObject, more: int
) -> None:
    """The pool's payment and the burden before other funds do not fall when the bill grows."""
    case = data.draw(cases(rules))
    bigger = case._replace(fee=case.fee._replace(total=case.fee.total + more, in_scope=case.fee.in_scope + more))
    one, other = settle(rules, case, before), settle(rules, bigger, before)
    SEEN["settlements"] += 2
    assert other.pool >= one.pool
    assert other.pool + other.large + other.burden == one.pool + one.large + one.burden + more


@settings(max_examples=60, deadline=None)
@given(st.lists(bills(), min_size=1, max_size=8), st.randoms(use_true_random=False))
def test_the_order_of_a_year_does_not_matter_where_it_must_not(year: list[Split], dice: Random) -> None:
    """Outpatient ceilings and the deductible of the year give the same sums in any order; so does the critical-illness benefit of equal
    burdens."""
    rules = PLANS[1]
    mixed = dice.sample(year, len(year))
    for kind, level, disease in (("pooling", "1", ""), ("chronic", "1", "I25"), ("two-diseases", "1", "I10")):
        one, other = (
            settle_in_order(rules, [Case(kind, fee, level, disease=disease) for fee in bill]) for bill in (year, mixed)
        )
        SEEN["settlements"] += 2 * len(year)
        if kind == "chronic":
            assert sum(s.deductible for s in one) == sum(s.deductible for s in other)
        else:
            assert sum(s.pool for s in one) == sum(s.pool for s in other)


LINES = st.builds(
    Line, st.sampled_from("ABC"), amount=st.none(), quantity=st.integers(-1_000_000, 1_000_000), price=st.integers(0, 10**10),
    ceiling=st.none() | st.integers(0, 10**10), first_self_pay=st.integers(0, WHOLE),
    category=st.sampled_from(["drug", "registration", "bed"]), refused=st.booleans(),
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(st.lists(LINES, max_size=6), st.randoms(use_true_random=False), st.booleans())
def test_lines_in_any_order_and_given_back(lines: list[Line], dice: Random, poor: bool) -> None:
    """A bill does not depend on the order of its lines, and with each line returned it is nothing."""
    rules = PLANS[1]
    SEEN["bills"] += 1
    bill = split_bill(rules, lines)
    assert bill == split_bill(rules, dice.sample(lines, len(lines)))
    assert bill.total == bill.own + bill.over + bill.first + bill.in_scope
    returned = [line._replace(quantity=-line.quantity) for line in lines]
    assert split_bill(rules, [*lines, *returned]) == Split()
    positive = [line._replace(quantity=abs(line.quantity)) for line in lines]
    relieved = split_bill(rules, positive, poor=poor)
    assert relieved.total + relieved.relief == split_bill(rules, positive).total
    assert 0 <= relieved.relief <= rules.relief_ceiling


@settings(max_examples=100, deadline=None)
@given(st.integers(-(10**12), 10**12), st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any))
def test_shares_add_up(amount: int, weights: list[int]) -> None:
    """Largest remainder: exact to the fen, nobody more than a fen from the exact share, equal weights at most a fen apart."""
    SEEN["splits"] += 1
    parts, favoured = largest_remainder(amount, weights)
    assert sum(parts) == amount
    whole = sum(weights)
    assert all(abs(part_ * whole - amount * weight) < whole for part_, weight in zip(parts, weights, strict=True))
    assert all(weights[place] for place in favoured)
    assert len(set(favoured)) == len(favoured) == abs(amount) - sum(abs(amount) * weight // whole for weight in weights)


@given(st.integers(-(10**9), 10**9), st.integers(0, WHOLE))
def test_a_part_is_rounded_half_away_from_zero(amount: int, ratio: int) -> None:
    """And is the mirror of the part of the opposite."""
    assert part(-amount, ratio) == -part(amount, ratio)
    assert abs(2 * part(amount, ratio) * WHOLE - 2 * amount * ratio) <= WHOLE
