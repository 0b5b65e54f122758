"""The year's end of payment by head: kept or borne by rule, villages' part by largest remainder, every fen accounted for; a closed year refuses."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yigong.core.errors import Conflict
from yigong.core.ledger import api as ledger
from yigong.insurance.budget import api, errors
from yigong.insurance.budget.commands.paying import INSTITUTION, fund_account
from yigong.insurance.budget.models import Appraisal, Statement, YearClose, YearCloseLine
from yigong.insurance.budget.queries.terms import terms_for
from yigong.insurance.budget.queries.year_end import year_end
from yigong.insurance.budget.rules.year_end import HeadYear, close_heads
from yigong.insurance.budget.tests.world import SCHEME, browser, close_year, frozen, make_world, put, put_case

pytestmark = pytest.mark.django_db
HEADS = terms_for(SCHEME, 2025).heads


@pytest.fixture
def world(db: None) -> Any:
    """The county."""
    return make_world()


def a_year(paid: int, used: int, served: int = 0, score: str = "92", villages: tuple[int, ...] = ()) -> HeadYear:
    """A year of one centre; money in fen."""
    return HeadYear(
        uuid4(),
        100,
        12,
        paid,
        served,
        used,
        Decimal(score),
        tuple((UUID(int=n), one) for n, one in enumerate(villages, 1)),
    )


def test_the_reference_example() -> None:
    """V30: 740,000 for the year, used 618,000, score 92: 122,000 is kept; used 775,000: the 35,000 over is borne, here less the fund's 30 % of what is
    within a tenth."""
    left = close_heads(a_year(74_000_000, 61_800_000, 50_000_000), HEADS)
    assert (left.kept, left.returned, left.borne) == (12_200_000, 0, 0)
    assert left.due == 50_000_000 + 12_200_000 and left.balance == left.due - 74_000_000
    over = close_heads(a_year(74_000_000, 77_500_000, 70_000_000), HEADS)
    assert (over.fund_bears, over.borne) == (1_050_000, 2_450_000)
    assert over.due == 70_000_000 - 2_450_000
    low = close_heads(a_year(74_000_000, 61_800_000, score="79.99"), HEADS)
    assert (low.kept, low.returned) == (7_320_000, 4_880_000)


def test_villages_get_their_part_to_the_fen() -> None:
    """40 % of 100.01 yuan by services 1 : 1 : 1; the fen left over go to the largest remainders, the centre's among them."""
    made = close_heads(a_year(1_010_001, 1_000_000, 990_000, villages=(5_000, 5_000, 0, 5_000)), HEADS)
    assert made.kept == 10_001 and [key.int for key, _amount, _f in made.parts] == [1, 2, 4]
    assert sorted(amount for _key, amount, _f in made.parts) == [1333, 1333, 1334]
    given = sum(amount for _key, amount, _f in made.parts)
    assert made.due == 990_000 + made.kept - given


@settings(max_examples=300, deadline=None)
@given(
    st.integers(1, 10**10), st.integers(0, 2 * 10**10), st.integers(0, 10**10), st.decimals(0, 100, places=2),
    st.lists(st.integers(0, 10**8), max_size=8),
)  # fmt: skip
def test_nothing_is_lost(paid: int, used: int, served: int, score: Decimal, villages: list[int]) -> None:
    """What was prepaid is used, kept, returned or borne; what the institution and its villages get beyond their services is what is kept."""
    made = close_heads(a_year(paid, used, served, str(score), tuple(villages)), HEADS)
    assert paid == used + made.kept + made.returned - made.fund_bears - made.borne
    given_ = sum(amount for _key, amount, _f in made.parts)
    assert made.due + given_ == served + made.kept - made.borne and 0 <= given_ <= made.kept
    assert min(made.kept, made.returned, made.fund_bears, made.borne) >= 0
    assert made.balance == made.due - paid


def a_paid_year(world: Any) -> None:
    """Twelve months of heads for one person (7 yuan a month); outpatient care at the centre, the village and the county hospital."""
    put_case(world.county, "A", 900_000, month=date(2024, 5, 1))
    weights = api.weigh_history(scheme=SCHEME, year=2025, history=[2024], predicted=10**7, actor=world.clerk)
    api.move_weights(set_id=weights, action="adopt", actor=world.director)
    person, march = uuid4(), date(2025, 3, 1)
    for house, pool in ((world.township, 1_000), (world.village, 700), (world.county, 300)):
        put(march, pool, institution_id=house, home_id=world.township, resident_id=person, kind="pooling", level="1")
    for number in range(1, 13):
        month = date(2025, number, 1)
        put(month, 10, institution_id=world.township, home_id=world.township, resident_id=person, kind="chronic")
        api.calculate_month(scheme=SCHEME, month=month, actor=world.clerk)


def pay(world: Any) -> None:
    """The centre's months."""
    for row in Statement.objects.filter(institution_id=world.township).order_by("month"):
        api.pay_statement(statement_id=row.id, scheme=SCHEME, actor=world.clerk)


def test_close_and_take_back(world: Any) -> None:
    """84 yuan prepaid, 20 used of which 10 at the centre: 64 left; score 90 keeps all; the village, which served 7, gets 40 %, 25.60."""
    a_paid_year(world)
    why = year_end(SCHEME, 2025, "head").why_not
    assert len(why) == 3 and "没有关账" in why[0] and "石桥镇卫生院 12 个月" in why[1] and "考核" in why[2]
    close_year()
    pay(world)
    frozen(world)
    with pytest.raises(errors.NotReady):
        api.close_year(scheme=SCHEME, year=2025, kind="dip", actor=world.clerk)
    before = {key: ledger.accounts_of([key], INSTITUTION)[key].balance for key in (world.township,)}
    fund = fund_account(SCHEME).balance
    key = api.close_year(scheme=SCHEME, year=2025, kind="head", actor=world.clerk)
    line = YearCloseLine.objects.get(close_id=key)
    assert (line.paid, line.served, line.used, line.kept, line.given) == (8_400, 1_000, 2_000, 6_400, 2_560)
    assert (line.due, line.balance) == (1_000 + 3_840, -3_560)
    (part,) = line.parts.all()
    assert (part.institution_id, part.amount) == (world.village, 2_560)
    assert ledger.accounts_of([world.township], INSTITUTION)[world.township].balance == before[world.township] - 3_560
    assert ledger.accounts_of([world.village], INSTITUTION)[world.village].balance == 2_560
    assert fund_account(SCHEME).balance == fund + 3_560 - 2_560
    close = YearClose.objects.get(pk=key)
    with pytest.raises(errors.YearIsClosed, match=f"{close.number}.*冲回"):
        api.calculate_month(scheme=SCHEME, month=date(2025, 3, 1), actor=world.clerk)
    other = Statement.objects.filter(institution_id=world.county).first()
    assert other is not None
    with pytest.raises(errors.YearIsClosed):
        api.pay_statement(statement_id=other.id, scheme=SCHEME, actor=world.clerk)
    with pytest.raises(Conflict, match="年度结算"):
        frozen(world)
    assert Appraisal.objects.filter(state="frozen").count() == 1
    api.release_deposit(
        statement_id=Statement.objects.get(institution_id=world.township, month=date(2025, 3, 1)).id, scheme=SCHEME,
        score=Decimal(90), actor=world.clerk,
    )  # fmt: skip
    api.reopen_year(close_id=key, reason="得分有误", actor=world.clerk)
    assert ledger.accounts_of([world.village], INSTITUTION)[world.village].balance == 0
    assert api.calculate_month(scheme=SCHEME, month=date(2025, 3, 1), actor=world.clerk) == 2


def test_the_pages(world: Any) -> None:
    """What is in the way stands on the page; closed on it, opened, printed, taken back with a reason; a month of a closed year has no button."""
    a_paid_year(world)
    close_year()
    client = browser(world.clerk)
    address = "/budget/year-end/?year=2025&kind=head"
    page = client.get(address).content.decode()
    assert "还不能结算" in page and "结算入账" not in page
    pay(world)
    frozen(world)
    page = client.get(address).content.decode()
    assert "结算入账" in page and "石桥镇卫生院" in page and "84.00" in page
    answer = client.post(address)
    assert answer.status_code == 302
    page = client.get(answer.url).content.decode()
    assert "分给村卫生室" in page and "柳树村卫生室" in page and "-10.00" in page  # 35.60 back, 25.60 to the village
    sheet = client.get(answer.url + "print/")
    assert sheet.status_code == 200 and sheet["content-type"] == "application/pdf"
    page = client.get("/budget/statements/?year=2025&month=2025-03").content.decode()
    assert "已经结算" in page and "计算 2025-03" not in page
    assert client.post(answer.url, {"reason": ""}).status_code == 422
    assert client.post(answer.url, {"reason": "得分有误"}).status_code == 302
    assert "已冲回" in client.get(answer.url).content.decode()
