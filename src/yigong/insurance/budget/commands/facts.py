"""Facts come in; the sums of the months follow by themselves."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from yigong.core.months import add_months, first_of
from yigong.core.packs.api import every
from yigong.insurance.budget.models import BudgetMonth, FundFact
from yigong.insurance.budget.models.facts import ADD_SUMS
from yigong.insurance.budget.rules.terms import TERMS
from yigong.insurance.settlement.api import SettlementFact
from yigong.network import api as network
from yigong.residents import api as residents


def region_of(scheme: str) -> str:
    """The region whose terms the packs hold for a scheme."""
    found = [terms.region for terms in every(TERMS).values() if terms.scheme == scheme]
    return found[0] if found else ""


def open_month(region: str, scheme: str, month: date) -> date:
    """The month in which something of this month is booked: itself, or the first after it that is open."""
    return OpenMonths().first(region, scheme, month)


class OpenMonths:
    """``open_month`` for many: the closed months of each scheme are read once."""

    def __init__(self) -> None:
        self._closed: dict[tuple[str, str], set[date]] = {}

    def first(self, region: str, scheme: str, month: date) -> date:
        """This month, or the first after it that is open."""
        key = (region, scheme)
        if key not in self._closed:
            rows = BudgetMonth.objects.filter(region=region, scheme=scheme)
            self._closed[key] = set(rows.values_list("month", flat=True))
        while month in self._closed[key]:
            month = add_months(month, 1)
        return month


@transaction.atomic
def count_in(fact: SettlementFact) -> bool:
    """One settlement or correction of the counter as a fact; False when it is known already or no scheme of the county."""
    region = region_of(fact.scheme)
    key = f"settlement:{fact.id}"
    if not region or FundFact.objects.filter(key=key).exists():
        return False
    month = first_of(fact.month)
    others = fact.funds - fact.pool
    put(
        key=key, source="settlement", ref=str(fact.reverses or fact.id), region=region, scheme=fact.scheme, month=month,
        booked=open_month(region, fact.scheme, month), settled_on=fact.settled_on, kind=fact.kind, place=fact.place,
        level=fact.level, institution_id=fact.institution_id, home_id=home_of(fact.resident_id), resident_id=fact.resident_id,
        identities=fact.identities[:60], disease=fact.disease[:30], cases=-1 if fact.reverses else 1, total=fact.total, own=fact.own,
        over=fact.over, first_self_pay=fact.first_self_pay, in_scope=fact.in_scope, pool=fact.pool, other_funds=others,
        institution_part=fact.institution_part, person=fact.person,
    )  # fmt: skip
    return True


def home_of(resident_id: UUID | None) -> UUID | None:
    """The township centre (or the institution itself above that level) that manages the resident's home."""
    return _centre_of(residents.identity(resident_id).managing_institution_id) if resident_id else None


def homes_of(resident_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """The same for many residents of today: one question for the people, and those for the few institutions that look after them."""
    managing = residents.managing_institutions(resident_ids)
    centres = {house: _centre_of(house) for house in set(managing.values())}
    return {key: centres[house] for key, house in managing.items()}


def _centre_of(managing: UUID | None) -> UUID | None:
    house = network.institution(managing) if managing else None
    while house is not None and house.level == "village" and house.parent_id:
        house = network.institution(house.parent_id)
    return house.id if house else None


def put(**values: Any) -> FundFact:
    """Write one fact. The database refuses a closed month and adds it to the sums."""
    return FundFact.objects.create(**values)


COLUMNS = tuple(field.attname for field in FundFact._meta.concrete_fields if field.attname != "written_at")


def put_all(rows: Sequence[Mapping[str, Any]]) -> None:
    """Write many facts by COPY, each a value for every name of ``COLUMNS``."""
    if not rows:
        return
    with connection.cursor() as cursor, cursor.copy(f"copy budget_fundfact ({', '.join(COLUMNS)}) from stdin") as copy:
        for row in rows:
            copy.write_row([row[name] for name in COLUMNS])


def build_sums() -> int:
    """Build the sums of all months anew from the facts (after a bulk load without triggers); says how many there are."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("lock table budget_fundfact in share mode")
        cursor.execute("delete from budget_fundmonth")
        cursor.execute(ADD_SUMS.format(rows="budget_fundfact"))
        return cursor.rowcount
