"""A real stay on its way to the fund: settled at the counter, coded on its front page, listed, grouped, a case of the budget; and taken back."""

from decimal import Decimal
from uuid import uuid4

import pytest

from yigong.clinic import api as clinic
from yigong.clinic.tests.test_stays import PNEUMONIA, VALUES
from yigong.core.events.relay import deliver_waiting
from yigong.insurance.budget import api
from yigong.insurance.budget.models import FundCase, FundFact, Statement
from yigong.insurance.budget.queries.use import used
from yigong.insurance.budget.tests.world import browser
from yigong.insurance.claims.models import SettlementList
from yigong.insurance.claims.tests.world import adopt_rate
from yigong.insurance.settlement.api import reverse
from yigong.insurance.settlement.tests.test_referred import BOSS, settled, stayed
from yigong.insurance.settlement.tests.test_referred import world as _world
from yigong.referrals.tests.world import World
from yigong.tasks.tests.factories import make_actor

pytestmark = pytest.mark.django_db
world = _world


def tell() -> None:
    """Deliver what was recorded, as the relay does."""
    while deliver_waiting():
        pass


def test_a_stay_from_the_ward_to_the_fund(world: World) -> None:
    """Every figure of the fact and of the case is that of the settlement; the group comes with the coded front page, the payment from the rate."""
    bill_id = stayed(world, world.county.id, 6, 5)
    row = settled(bill_id)
    adopt_rate(row.month.year)
    tell()
    fact = FundFact.objects.get(ref=str(row.id))
    figures = ("total", "own", "over", "first_self_pay", "in_scope", "pool", "person", "level", "kind")
    assert [getattr(fact, name) for name in figures] == [getattr(row, name) for name in figures]
    case = FundCase.objects.get(pk=row.id)
    assert (case.group, case.why_not, case.days, case.cost) == ("", "病案首页尚未编码入组", 5, row.total)
    assert (case.deductible, case.ratio, case.pool) == (row.deductible, 780_000, row.pool)
    stay_id = clinic.bill(bill_id).stay_id
    assert stay_id is not None and not SettlementList.objects.exists()
    clinic.save_front_page(stay_id=stay_id, values=VALUES, diagnoses=[PNEUMONIA], procedures=[], actor=BOSS)
    clinic.complete_front_page(stay_id=stay_id, actor=BOSS)
    clinic.code_front_page(stay_id=stay_id, quality_grade="1", actor=BOSS)
    tell()
    made, case = SettlementList.objects.get(), FundCase.objects.get(pk=row.id)
    assert made.settlement_id == row.id and made.total == row.total and made.drg_code
    assert (case.group, case.group_name, case.why_not) == (made.drg_code, made.drg_name, "")
    assert made.expected is not None and made.expected > 0
    reverse(settlement_id=row.id, reason="费用有误", key=uuid4(), actor=BOSS)
    tell()
    assert not FundCase.objects.exists() and SettlementList.objects.get().state == "withdrawn"
    assert sum(one.pool for one in FundFact.objects.filter(ref=str(row.id))) == 0


def test_taken_back_after_its_month_was_paid(world: World) -> None:
    """The case stays on the paid statement, whose page says what happened; the correction counts against the year that is cleared."""
    row = settled(stayed(world, world.county.id, 6, 5))
    adopt_rate(row.month.year)
    tell()
    case = FundCase.objects.get(pk=row.id)
    api.calculate_month(scheme=row.scheme, month=row.month, actor=BOSS)
    statement = Statement.objects.get(institution_id=world.county.id)
    office = browser(make_actor(world.county.id, "insurance_clerk", "李医保"))
    address = f"/budget/statements/{statement.id}/"
    assert "付款后冲正的病例" not in office.get(address).content.decode()
    assert office.post(f"{address}?scheme={row.scheme}", {"action": "pay"}).status_code == 302
    before = used(row.scheme, row.month.year)
    correction = reverse(settlement_id=row.id, reason="费用有误", key=uuid4(), actor=BOSS)
    tell()
    assert FundCase.objects.filter(pk=case.pk).exists(), "a paid month keeps its cases"
    said = office.get(address).content.decode()
    assert "付款后冲正的病例" in said and row.number in said and "年度清算" in said
    assert (before, used(row.scheme, row.month.year)) == (row.pool, 0)
    fact = FundFact.objects.get(ref=str(row.id), cases=-1)
    assert fact.key == f"settlement:{correction.id}" and fact.pool == -row.pool
    statement.refresh_from_db()
    assert statement.state == "paid" and statement.cases == 1


def test_the_expected_payment_follows_the_budgets_rate() -> None:
    """One owner of the rate: none adopted, no expected payment; adopted, weight × rate within the limits, at cost below."""
    from datetime import date

    given = {"weight": Decimal("0.8"), "level": "2", "on": date(2026, 5, 1)}
    assert api.expected_payment(cost=500_000, **given) is None
    adopt_rate(2026, 700_000)
    normal, low = (api.expected_payment(cost=cost, **given) for cost in (500_000, 100_000))
    assert normal is not None and (normal.standard, normal.payable, normal.kind) == (560_000, 560_000, "normal")
    assert low is not None and (low.payable, low.kind) == (100_000, "low")
