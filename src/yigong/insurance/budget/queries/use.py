"""What was used of a package: from the sums of the months, never from the facts themselves."""

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from yigong.core import clock
from yigong.core.months import months_of
from yigong.core.paging import Page, page_of
from yigong.insurance.budget.models import BudgetMonth, FiledSettlement, FundMonth, Package
from yigong.insurance.budget.rules.forecast import Forecast, Tested, Triangle, backtest, forecast
from yigong.network import api as network


@dataclass(frozen=True, slots=True)
class Month:
    """One month's use in fen."""

    month: date
    inside: int
    outside: int
    provisional: int
    cases: int
    closed: bool

    @property
    def pool(self) -> int:
        """All of it."""
        return self.inside + self.outside


@dataclass(frozen=True, slots=True)
class Overview:
    """One page: package, used, left, by month, the year's end."""

    package: Package | None
    amount: int | None
    used: int
    months: tuple[Month, ...]
    forecast: Forecast | None
    tested: tuple[Tested, ...]

    @property
    def left(self) -> int | None:
        """What is left of the package."""
        return None if self.amount is None else self.amount - self.used

    @property
    def provisional(self) -> int:
        """What may still change."""
        return sum(month.provisional for month in self.months)

    @property
    def outside(self) -> int:
        """Use outside the county."""
        return sum(month.outside for month in self.months)


def sums_of(scheme: str, year: int) -> QuerySet[FundMonth]:
    """The sums of a scheme's year, by the months of the settlements."""
    return FundMonth.objects.filter(scheme=scheme, month__gte=date(year, 1, 1), month__lte=date(year, 12, 1))


def used(scheme: str, year: int) -> int:
    """What the pooled fund paid for a year's settlements."""
    return sums_of(scheme, year).aggregate(sum=Sum("pool"))["sum"] or 0


def amount_of(package: Package) -> int:
    """The package with its changes."""
    return package.amount + (package.changes.aggregate(sum=Sum("amount"))["sum"] or 0)


def package_of(scheme: str, year: int) -> Package | None:
    """The year's package that was not discarded."""
    return Package.objects.filter(scheme=scheme, year=year).exclude(state="discarded").first()


def overview(scheme: str, year: int) -> Overview:
    """Everything the page of a year shows."""
    package = package_of(scheme, year)
    months = use_by_month(scheme, year)
    past = {one: found for one in range(year - 3, year) if (found := triangle(scheme, one)) and _is_whole(found)}
    until = last_month(year)
    expected = forecast(triangle(scheme, year), until, past) if 0 < until < 12 else None
    return Overview(
        package, amount_of(package) if package else None, sum(month.pool for month in months), tuple(months), expected,
        tuple(backtest(past)),
    )  # fmt: skip


def last_month(year: int) -> int:
    """The last month of a year that is over: 0 before its first is, 12 after the year."""
    today = clock.today()
    return 12 if year < today.year else today.month - 1 if year == today.year else 0


def use_by_month(scheme: str, year: int) -> list[Month]:
    """January to December."""
    rows = {
        row["month"]: row
        for row in sums_of(scheme, year)
        .values("month")
        .annotate(
            inside_=Sum("pool", filter=Q(inside=True), default=0), outside_=Sum("pool", filter=Q(inside=False), default=0),
            provisional_=Sum("pool", filter=Q(provisional=True), default=0), cases_=Sum("cases"),
        )
    }  # fmt: skip
    closed = set(BudgetMonth.objects.filter(scheme=scheme, month__year=year).values_list("month", flat=True))
    return [
        Month(
            month, row["inside_"], row["outside_"], row["provisional_"], row["cases_"], month in closed
        ) if (row := rows.get(month)) else Month(month, 0, 0, 0, 0, month in closed)
        for month in months_of(year)
    ]  # fmt: skip


def triangle(scheme: str, year: int) -> Triangle:
    """(month of the settlement, months later when it became known) -> fen."""
    found: dict[tuple[int, int], int] = defaultdict(int)
    for row in sums_of(scheme, year).values("month", "booked").annotate(sum=Sum("pool")):
        late = (row["booked"].year - row["month"].year) * 12 + row["booked"].month - row["month"].month
        found[row["month"].month, late] += row["sum"]
    return dict(found)


def _is_whole(year: Triangle) -> bool:
    """A past year counts when each of its months has something."""
    return {month for month, _late in year} == set(range(1, 13))


def open_months(scheme: str, year: int) -> list[date]:
    """Months of a year that are over and not closed yet, oldest first."""
    return [month.month for month in use_by_month(scheme, year)[: last_month(year)] if not month.closed]


def breakdown(scheme: str, year: int, by: str, month: date | None = None) -> list[dict[str, Any]]:
    """Use by ``institution``, ``home`` or ``kind``: count, total, fund and others' part, largest first."""
    column = {"institution": "institution_id", "home": "home_id", "kind": "kind"}[by]
    rows = sums_of(scheme, year)
    if month is not None:
        rows = rows.filter(month=month)
    found = rows.values(column).annotate(
        cases_=Sum("cases"), total_=Sum("total"), pool_=Sum("pool"), person_=Sum("person"),
        outside_=Sum("pool", filter=Q(inside=False), default=0),
    )  # fmt: skip
    return [
        {"key": row[column], "cases": row["cases_"], "total": row["total_"], "pool": row["pool_"], "person": row["person_"],
         "outside": row["outside_"]}
        for row in found.order_by("-pool_")
    ]  # fmt: skip


def institution_names(keys: Collection[UUID]) -> dict[UUID, str]:
    """Names for a page of rows."""
    return {key: house.name for key, house in network.institutions(keys).items()}


def filed(ref: str = "", only: str = "", page: int = 1) -> Page[FiledSettlement]:
    """Settlements that came by file: all revisions of one, or those that count, newest first; ``only`` the provisional ones."""
    rows = FiledSettlement.objects.filter(ref=ref) if ref else FiledSettlement.objects.all()
    if only == "provisional":
        rows = rows.filter(counts=True, figures__provisional=True)
    return page_of(rows.order_by("-taken_at", "-id"), page=page, limit=30)
