"""Every indicator by plain Python over the rooms' tables, without views, definitions or roll-ups: what the counts by hand share."""

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from django.db import connection

from yigong.core import clock
from yigong.core.months import add_months
from yigong.indicators import made_county

Said = tuple[str, str, date, UUID | None, int, int | None]  # code, variant, month, institution, numerator, denominator


def table(name: str) -> list[Any]:
    """All rows of a table."""
    with connection.cursor() as cursor:
        cursor.execute(f"select * from {name}")
        names = [column.name for column in cursor.description]
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def day_of(moment: datetime) -> date:
    """The day in China."""
    return moment.astimezone(clock.SHANGHAI).date()


class Houses:
    """What kind of house a key names, as the definitions of the national documents tell them apart."""

    def __init__(self) -> None:
        self.known = {one.id: one for one in table("network_institution")}

    def primary(self, key: UUID, definition: str) -> bool:
        """Community centres, township centres, village clinics; by P2 private clinics too."""
        category = self.known[key].category
        narrow = category[0] in "BC" or category.startswith("D600")
        return narrow or (definition == "P2" and category[:2] in ("D1", "D2", "D3", "D4"))

    def level(self, key: UUID) -> str:
        """County, township or village."""
        return self.known[key].level

    def public(self, key: UUID) -> bool:
        """Run by the public hand."""
        return self.known[key].ownership == "public"


def months() -> list[date]:
    """The twelve months."""
    first, _last = made_county.year()
    return [add_months(first, n) for n in range(12)]
