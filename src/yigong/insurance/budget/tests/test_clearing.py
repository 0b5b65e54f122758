"""The year's clearing: shares always add up, postings sum to nothing, one of two wins, reversal."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.ledger.models import Entry
from yigong.core.testing import race
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.commands.paying import INSTITUTION, fund_account
from yigong.insurance.budget.models import Appraisal, AppraisalScore, Clearing, ClearingShare, Package
from yigong.insurance.budget.rules import clearing as rules
from yigong.insurance.budget.rules.terms import Band, Layer, Step
from yigong.insurance.budget.rules.terms import Clearing as Terms
from yigong.insurance.budget.tests.world import SCHEME, close_year, frozen, make_world, package, put

pytestmark = pytest.mark.django_db
SEEN: list[int] = []


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def ready(world: Any, used: int) -> Any:
    """A year of 2025 that can be cleared."""
    key = package(world)
    put(date(2025, 5, 1), used, institution_id=world.county)
    frozen(world)
    close_year()
    return key


TERMS = Terms(
    retention=(Step(Decimal(0), Decimal("0.5")), Step(Decimal(85), Decimal("0.9"))),
    bands=(Band(Decimal("0.6"), Decimal("0.05")), Band(Decimal("0.4"), Decimal("0.10")), Band(Decimal(0))),
    layers=(Layer("county", Decimal("0.6")),), source="算例",
)  # fmt: skip
MEMBERS = st.lists(
    st.tuples(st.decimals("0.01", "100", places=4), st.decimals("0.01", "100", places=2)), min_size=1, max_size=190
)


@settings(max_examples=300, deadline=None)
@given(st.integers(1, 10**12), st.integers(0, 2 * 10**12), st.floats(0, 1), st.decimals(0, 100, places=2), MEMBERS)
def test_every_fen_is_given_out(
    amount: int, used: int, part: float, score: Decimal, given_: list[tuple[Decimal, Decimal]]
) -> None:
    """Surplus = kept + returned - borne; the members' parts add up to what is kept or borne, whatever the figures."""
    members = [rules.Member(uuid4(), base, one) for base, one in given_]
    unreasonable = int(max(0, used - amount) * part)
    made = rules.clear(amount, used, unreasonable, score, TERMS, members)
    assert made.surplus == made.kept + made.returned - made.fund_bears - made.community_bears
    assert sum(one[2] for one in made.shares) == made.split
    assert made.amount == made.used + made.surplus
    SEEN.append(len(members))


def test_how_many_were_tried() -> None:
    """Prints the counts of the property above."""
    print(f"\n{len(SEEN)} clearings with {sum(SEEN)} shares add up to the fen")
    assert len(SEEN) >= 300


def test_the_worked_examples_of_the_reference() -> None:
    """V31: 350,360,000 used 337,500,000 at 86.5 keeps 11,574,000; V33: over by 21,021,600, unreasonable 1,021,600: the fund bears 11,503,600."""
    made = rules.clear(
        35_036_000_000, 33_750_000_000, 0, Decimal("86.5"), TERMS, [rules.Member(uuid4(), Decimal(1), Decimal(90))]
    )
    assert (made.kept, made.returned) == (1_157_400_000, 128_600_000)
    over = rules.clear(
        35_036_000_000,
        37_138_160_000,
        102_160_000,
        Decimal("86.5"),
        TERMS,
        [rules.Member(uuid4(), Decimal(1), Decimal(90))],
    )
    assert (over.fund_bears, over.community_bears) == (1_150_360_000, 951_800_000)
    shares = [("0.55", "88"), ("0.15", "90"), ("0.12", "95"), ("0.10", "80"), ("0.08", "92")]
    split = rules.clear(
        35_036_000_000,
        33_750_000_000,
        0,
        Decimal("86.5"),
        TERMS,
        [rules.Member(uuid4(), Decimal(b), Decimal(s)) for b, s in shares],
    )
    assert [one[2] for one in split.shares] == [631_831_266, 176_233_927, 148_819_761, 104_434_920, 96_080_126]


def test_base_weights_give_out_each_layer() -> None:
    """168 villages share a tenth without a crumb left."""
    levels = {uuid4(): "village" for _ in range(168)} | {uuid4(): "township" for _ in range(9)}
    found = rules.base_weights(levels, [Layer("township", Decimal("0.3")), Layer("village", Decimal("0.1"))])
    assert sum(found.values()) == 40 and len(found) == 177


def test_a_year_is_cleared_posted_and_reversed(world: Any) -> None:
    """894,400 yuan less 800,000 used: 94,400 surplus, 86.5 points keep 90 % = 84,960; every fen in the ledger; reversal brings all back."""
    key = ready(world, 80_000_000)
    made = api.clear_year(package_id=key, actor=world.clerk)
    row = Clearing.objects.get(pk=made)
    assert (row.surplus, row.kept, row.returned) == (9_440_000, 8_496_000, 944_000)
    shares = dict(row.shares.values_list("institution_id", "amount"))
    assert sum(shares.values()) == 8_496_000
    balances = {one: account.balance for one, account in ledger.accounts_of(list(shares), INSTITUTION).items()}
    assert balances == shares and fund_account(SCHEME).balance == 944_000
    assert sum(Entry.objects.filter(posting_id=row.posting_id).values_list("amount", flat=True)) == 0
    assert Package.objects.get(pk=key).state == "closed"
    with pytest.raises(errors.AlreadyCleared):
        api.clear_year(package_id=key, actor=world.clerk2)
    with pytest.raises(Conflict):
        api.change_package(package_id=key, key=uuid4(), amount=1, reason="晚了", actor=world.clerk)
    with pytest.raises(InvalidInput):
        api.reverse_clearing(clearing_id=made, reason=" ", actor=world.clerk)
    api.reverse_clearing(clearing_id=made, reason="考核更正", actor=world.clerk)
    assert not any(account.balance for account in ledger.accounts_of(list(shares), INSTITUTION).values())
    again = api.clear_year(package_id=key, actor=world.clerk2)
    assert Clearing.objects.get(pk=again).kept == 8_496_000 and Clearing.objects.count() == 2
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        ClearingShare.objects.filter(clearing_id=again).update(amount=0)


def test_overspend_with_a_part_set_apart_by_people(world: Any) -> None:
    """Over by 50,000: 10,000 unreasonable is the community's, of 40,000 (under 5 %) the fund bears 60 %; the members bear by the same weights."""
    key = ready(world, 94_440_000)
    with pytest.raises(Forbidden):
        api.set_apart(
            package_id=key, key=uuid4(), amount=1_000_000, what="分解住院", reason="核查认定", actor=world.clerk
        )
    once = uuid4()
    for _click in range(2):
        api.set_apart(
            package_id=key, key=once, amount=1_000_000, what="分解住院", reason="核查认定", actor=world.bureau
        )
    row = Clearing.objects.get(pk=api.clear_year(package_id=key, actor=world.clerk))
    assert (row.surplus, row.unreasonable, row.fund_bears, row.community_bears) == (
        -5_000_000,
        1_000_000,
        2_400_000,
        2_600_000,
    )
    assert sum(row.shares.values_list("amount", flat=True)) == -2_600_000


def test_what_keeps_a_year_from_being_cleared(world: Any) -> None:
    """Open months, provisional returns, no frozen appraisal: each is said."""
    key = package(world)
    put(date(2025, 5, 1), 100, source="return", place="registered", provisional=True)
    with pytest.raises(errors.NotReady) as refused:
        api.clear_year(package_id=key, actor=world.clerk)
    for said in ("12 个月没有关账", "1 笔县外回流没有定案", "没有已签署冻结的考核结果"):
        assert said in str(refused.value)


def test_an_appraisal_is_signed_by_another_and_frozen(world: Any) -> None:
    """The one who made it cannot sign; frozen scores are refused by command and database; a correction is a new edition before clearing."""
    key = frozen(world)
    row = Appraisal.objects.get(pk=key)
    assert (row.state, row.signed_by) == ("frozen", "王院长")
    with pytest.raises(errors.Frozen):
        api.score_members(appraisal_id=key, scores={world.county: (Decimal(99), "改")}, actor=world.clerk)
    for wrong in (
        lambda: AppraisalScore.objects.filter(appraisal_id=key).update(score=99),
        lambda: AppraisalScore.objects.filter(appraisal_id=key).delete(),
        lambda: AppraisalScore.objects.create(appraisal_id=key, institution_id=uuid4(), base=1, score=1),
    ):
        with pytest.raises(IntegrityError, match="frozen"), transaction.atomic():
            wrong()
    with pytest.raises(Exception, match="Cannot"), transaction.atomic():
        Appraisal.objects.filter(pk=key).update(community_score=100)
    second = frozen(world, scores=("90", "90", "90"))
    assert Appraisal.objects.get(pk=key).state == "replaced" and Appraisal.objects.get(pk=second).edition == 2
    made = package(world)
    put(date(2025, 5, 1), 100)
    close_year()
    api.clear_year(package_id=made, actor=world.clerk)
    with pytest.raises(Conflict, match="冲回"):
        frozen(world)


def test_who_made_it_does_not_sign(world: Any) -> None:
    """Even with the right to sign."""
    from dataclasses import replace

    both = replace(world.director, permissions=world.director.permissions | world.clerk.permissions)
    key = api.new_appraisal(
        scheme=SCHEME, year=2025, community_score=Decimal(80), members={world.county: "county"}, actor=both
    )
    api.move_appraisal(appraisal_id=key, action="check", actor=world.clerk)
    with pytest.raises(Forbidden, match="另一人"):
        api.move_appraisal(appraisal_id=key, action="sign", actor=both)
    with pytest.raises(IntegrityError, match="appraisal_signed_by_another"), transaction.atomic():
        Appraisal.objects.filter(pk=key).update(
            state="frozen", signed_by="王院长", signed_by_id=world.director.staff_id
        )


@pytest.mark.race("budget.clear_year")
@pytest.mark.race("budget.reverse_clearing")
@pytest.mark.race("budget.set_apart")
@pytest.mark.race("budget.sign_appraisal")
@pytest.mark.race("budget.new_appraisal")
@pytest.mark.django_db(transaction=True)
def test_two_clear_a_year_at_once() -> None:
    """One wins, the other reads who was first; the same of the reversal; editions are two; a double click is one decision."""
    world = make_world()
    members = {world.county: "county"}
    facts: dict[str, Any] = {"scheme": SCHEME, "year": 2025, "community_score": Decimal(86), "members": members}
    keys = race(*[lambda: api.new_appraisal(actor=world.clerk, **facts)] * 2)
    assert sorted(Appraisal.objects.filter(pk__in=keys).values_list("edition", flat=True)) == [1, 2]
    for one in keys:
        api.score_members(appraisal_id=one, scores={world.county: (Decimal(90), "表")}, actor=world.clerk)
        api.move_appraisal(appraisal_id=one, action="check", actor=world.clerk)
    race(*[lambda one=one: api.move_appraisal(appraisal_id=one, action="sign", actor=world.director) for one in keys])
    assert sorted(Appraisal.objects.values_list("state", flat=True)) == ["frozen", "replaced"]
    key, click = package(world), uuid4()
    put(date(2025, 5, 1), 95_000_000)
    close_year()
    apart = {"package_id": key, "key": click, "amount": 1000, "what": "超量", "reason": "核查"}
    one, two = race(*[lambda: api.set_apart(actor=world.bureau, **apart)] * 2)
    assert one == two
    done = race(
        *[lambda actor=actor: api.clear_year(package_id=key, actor=actor) for actor in (world.clerk, world.clerk2)]
    )
    (lost,) = [one for one in done if isinstance(one, Exception)]
    assert isinstance(lost, errors.AlreadyCleared) and "医保" in str(lost)
    (made,) = [one for one in done if not isinstance(one, Exception)]
    assert (
        ledger.accounts_of([world.county], INSTITUTION)[world.county].balance == -Clearing.objects.get().community_bears
    )
    done = race(*[lambda: api.reverse_clearing(clearing_id=made, reason="更正", actor=world.clerk)] * 2)
    assert sorted(type(one).__name__ for one in done) == ["NoneType", "WrongState"]
    assert ledger.accounts_of([world.county], INSTITUTION)[world.county].balance == 0
