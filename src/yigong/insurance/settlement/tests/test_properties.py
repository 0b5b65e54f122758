"""Whatever happens in whatever order: the identities hold, taking back restores, the ledger sums to nothing."""

from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from yigong.core.errors import DomainError
from yigong.core.testing import race
from yigong.insurance.settlement.commands.reversing import reverse_here
from yigong.insurance.settlement.commands.settling import settle_here
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import FUNDS, PersonYear, Settlement
from yigong.insurance.settlement.queries.preview import Choice, added_up, look
from yigong.insurance.settlement.tests.test_races import sound
from yigong.insurance.settlement.tests.world import Counter, _items, bill, charge, make_counter, money

assert _items
CODES = ["A-EXAM", "A-DRUG", "B-DRUG", "B-CT", "C-ITEM", "??"]
LINES = st.lists(
    st.tuples(st.sampled_from(CODES), st.integers(1, 5_000_000), st.integers(1, 9)), min_size=1, max_size=6
)
QUIET = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
seen = {"settlements": 0, "restored": 0, "interleavings": 0, "steps": 0}


def made(counter: Counter, person: UUID, lines: list[tuple[str, int, int]], stay: bool):
    """A bill with these lines: code, fen, quantity."""
    charges = [charge(code, f"{amount / 100:.2f}", quantity) for code, amount, quantity in lines]
    return bill(counter, person, *charges, kind="inpatient" if stay else "outpatient")


def check(row: Settlement) -> None:
    """The identities of the reference (a6)."""
    seen["settlements"] += 1
    assert row.total == row.own + row.over + row.first_self_pay + row.in_scope
    assert row.total == sum(getattr(row, fund) for fund in FUNDS) + row.institution_part + row.person
    assert row.person == row.account + row.family + row.paid_cash + row.paid_card + row.paid_online + row.paid_deposit
    assert row.total == sum(line["total"] for line in row.lines)
    for line in row.lines:
        assert (
            line["total"]
            == line["own"] + line["over"] + line["first"] + line["in_scope"]
            == line["amount"] - line["relief"]
        )


@pytest.mark.django_db
@QUIET
@given(
    year=st.lists(st.tuples(LINES, st.booleans()), min_size=1, max_size=3), poor=st.booleans(), employee=st.booleans()
)
def test_identities_and_the_way_back(
    year: list[tuple[list[tuple[str, int, int]], bool]], poor: bool, employee: bool
) -> None:
    """A year of visits and stays keeps the identities at every step; taken back from the last, each step is as it was before."""
    counter = make_counter()
    person = counter.person(f"王{uuid4().hex[:6]}", scheme="310" if employee else "390", type="1101" if employee else "1501",
                            categories=("dibao",) if poor and not employee else ())  # fmt: skip
    done, before = [], []
    for lines, stay in year:
        of = made(counter, person, lines, stay)
        before.append((money(), added_up(PersonYear.objects.filter(resident_id=person).values_list("sums", flat=True))))
        cash = look(of).figures.cash
        row = settle_here(bill=of, choice=Choice(), payment=Payment(cash=cash), key=uuid4(), actor=counter.clerk)
        check(row)
        done.append(row)
    sound()
    for row, (balances, sums) in zip(reversed(done), reversed(before), strict=True):
        reverse_here(settlement_id=row.id, reason="退", key=uuid4(), actor=counter.clerk)
        seen["restored"] += 1
        assert money() == balances
        assert added_up(PersonYear.objects.filter(resident_id=person).values_list("sums", flat=True)) == sums
    sound()


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.integers(0, 1), st.booleans(), st.integers(100, 60_000)), min_size=3, max_size=9))
def test_any_interleaving(steps: list[tuple[int, bool, int]]) -> None:
    """Three connections settle and take back for two people at once, in whatever order the database makes of it."""
    counter = make_counter()
    people = [counter.person(f"李{uuid4().hex[:6]}") for _ in range(2)]

    def client(place: int):
        def work() -> int:
            made_here, done = [], 0
            for who, back, amount in steps[place::3]:
                try:
                    if back and made_here:
                        reverse_here(settlement_id=made_here.pop().id, reason="退", key=uuid4(), actor=counter.clerk)
                    else:
                        of = bill(counter, people[who], charge("A-EXAM", f"{amount / 100:.2f}"))
                        cash = look(of).figures.cash
                        made_here.append(
                            settle_here(
                                bill=of, choice=Choice(), payment=Payment(cash=cash), key=uuid4(), actor=counter.clerk
                            )
                        )
                    done += 1
                except DomainError:
                    continue
            return done

        return work

    outcomes = race(*(client(place) for place in range(3)))
    assert all(isinstance(one, int) for one in outcomes), outcomes
    sound()
    seen["interleavings"] += 1
    seen["steps"] += sum(outcomes)
    for year in PersonYear.objects.filter(resident_id__in=people):
        counting = Settlement.objects.filter(resident_id=year.resident_id, state="settled")
        assert year.sums.get("paid:pooling", 0) == sum(row.pool for row in counting) <= 26_000


@pytest.fixture(autouse=True, scope="module")
def _counted():
    yield
    print(f"\n{seen['settlements']} settlements kept the identities, {seen['restored']} taken back restored everything")
    print(
        f"{seen['interleavings']} interleavings of 3 connections with {seen['steps']} steps: no account negative, the ledger sums to nothing"
    )
