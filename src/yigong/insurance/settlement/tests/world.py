"""A small county for tests: a township with a counter, insured people, bills with lines of every class."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.ledger import api as ledger
from yigong.core.ledger.models import LedgerAccount
from yigong.insurance.coverage import api as coverage
from yigong.insurance.settlement import calculation
from yigong.insurance.settlement.bills import Bill, Charge
from yigong.insurance.settlement.catalogue import InsuranceItem
from yigong.insurance.settlement.commands.settling import settle_here
from yigong.insurance.settlement.data import Payment
from yigong.insurance.settlement.models import Settlement
from yigong.insurance.settlement.money import ACCOUNT, ACCOUNTS, COUNTY, UNIT
from yigong.insurance.settlement.queries.preview import Choice, look
from yigong.residents.tests.factories import make_actor, make_institution, make_resident

ITEMS = {
    "A-EXAM": InsuranceItem("A-EXAM", "血常规", "A", category="laboratory"),
    "A-DRUG": InsuranceItem("A-DRUG", "氨氯地平片", "A", category="drug"),
    "B-DRUG": InsuranceItem("B-DRUG", "乙类药", "B", Decimal("0.10"), category="drug"),
    "B-CT": InsuranceItem("B-CT", "CT 平扫", "B", Decimal("0.20"), Decimal(180), category="large_equipment_exam"),
    "C-ITEM": InsuranceItem("C-ITEM", "自费项目", "C"),
}
BOSS = system("test")


@pytest.fixture(autouse=True)
def _items(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calculation, "catalogued", ITEMS.get)


@dataclass
class Counter:
    """A township's counter and what is known there."""

    clerk: Actor
    second: Actor
    place: UUID
    county: UUID
    officer: Actor

    def person(self, name: str = "王小红", **values: Any) -> UUID:
        """An insured resident of the township."""
        given: dict[str, Any] = {
            "scheme": "390",
            "type": "1501",
            "categories": (),
            "diseases": (),
            "contracted": True,
        } | values
        key = make_resident(replace(self.clerk, permissions=make_actor("all").permissions), name).id
        self.insure(key, given)
        return key

    def insure(self, key: UUID, given: dict[str, Any]) -> None:
        """Scheme, categories, diseases and the chosen institution of somebody."""
        enrol(key, given["scheme"], given["type"])
        since = date(2026, 1, 1)
        for category in given.get("categories", ()):
            coverage.grant_category(resident_id=key, code=category, starts_on=since, actor=BOSS)
        for kind, code in given.get("diseases", ()):
            coverage.register_entitlement(resident_id=key, kind=kind, code=code, starts_on=since, actor=BOSS)
        if given.get("contracted", True):
            coverage.register_entitlement(
                resident_id=key, kind="institution", institution_id=self.place, starts_on=since, actor=BOSS
            )


def enrol(resident_id: UUID, scheme: str = "390", person_type: str = "1501") -> UUID:
    """A year's insurance in the demo region."""
    given = coverage.NewEnrolment(scheme, "990100", person_type, date(2026, 1, 1), date(2028, 1, 1))
    return coverage.enrol(resident_id=resident_id, given=given, actor=BOSS)


def make_counter() -> Counter:
    """A fresh counter."""
    county = make_institution("县医院", "county")
    place = make_institution("石桥卫生院", "township")
    clerk = make_actor("registrar", place, staff_id=uuid4())
    second = replace(make_actor("registrar", place, staff_id=uuid4()), name="赵会计")
    officer = make_actor("insurance_clerk", place, staff_id=uuid4())
    return Counter(clerk, second, place.id, county.id, officer)


def charge(code: str = "A-EXAM", yuan: str = "100.00", quantity: int = 1, **values: Any) -> Charge:
    """A line of so much in all."""
    amount = int(Decimal(yuan) * 100)
    given = {
        "number": uuid4().hex[:8],
        "code": code,
        "name": ITEMS[code].name if code in ITEMS else "目录外项目",
        "category": "05",
    }
    return Charge(
        **(given | {"quantity": quantity * 10_000, "price": amount * 10_000 // quantity, "amount": amount} | values)
    )


def bill(counter: Counter, person: UUID, *charges: Charge, **values: Any) -> Bill:
    """A bill of today at the counter."""
    today = clock.today()
    given: dict[str, Any] = {
        "id": uuid4(),
        "institution_id": counter.place,
        "kind": "outpatient",
        "began_on": today,
        "ended_on": today,
    }
    return Bill(number=f"ZD{uuid4().hex[:10]}", resident_id=person, charges=charges or (charge(),), **(given | values))


def settled(
    counter: Counter, of: Bill, choice: Choice | None = None, actor: Actor | None = None, **means: int
) -> Settlement:
    """Settle as the counter would: in cash when nothing else is said."""
    due = look(of, choice).figures.cash
    payment = Payment(**means) if means else Payment(cash=due, tendered=due)
    return settle_here(bill=of, choice=choice or Choice(), payment=payment, key=uuid4(), actor=actor or counter.clerk)


def give_account(resident_id: UUID, fen: int) -> None:
    """Money on a personal account."""
    accounts = ledger.open_accounts({(ACCOUNT, resident_id): False, (ACCOUNTS, COUNTY): True}, UNIT)
    pair = [(accounts[ACCOUNTS, COUNTY], -fen), (accounts[ACCOUNT, resident_id], fen)]
    ledger.post(pair, key=uuid4().hex, actor=BOSS)


def money() -> dict[tuple[str, UUID], int]:
    """All balances that are not nothing."""
    return {(a.kind, a.owner_id): a.balance for a in LedgerAccount.objects.filter(unit=UNIT).exclude(balance=0)}
