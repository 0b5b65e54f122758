"""The maintained figures: counted, recounted, opened."""

from collections.abc import Iterator
from datetime import date, datetime
from uuid import UUID, uuid4

import pytest
from django.test import Client

from yigong.console import commands, queries
from yigong.console.models import FigureCell
from yigong.console.tests.people import BOSS, PASSWORD, make_account
from yigong.core import clock, figures
from yigong.core.figures import Cell, FigureRow, FigureSource, month_of
from yigong.core.paging import Page, page_of_list
from yigong.core.testing import race
from yigong.network import api as network

pytestmark = pytest.mark.django_db
MAY = date(2026, 5, 1)


class Facts:
    """A source whose facts the test writes: (when, where, minutes)."""

    def __init__(self) -> None:
        self.rows: list[tuple[datetime, UUID, int]] = []
        self.source = FigureSource("reports", "报告", self.count, self.list)

    def add(self, place: UUID, day: date, minutes: int = 0) -> None:
        """One more fact at noon."""
        self.rows.append((datetime(day.year, day.month, day.day, 12, tzinfo=clock.SHANGHAI), place, minutes))

    def count(self, begin: datetime, end: datetime, places: figures.Places) -> Iterator[Cell]:
        """Grouped as a room would group by SQL."""
        keys = {(place, month_of(at)) for at, place, _m in self.rows if begin <= at < end}
        for place, month in keys:
            took = tuple(m for at, p, m in self.rows if p == place and month_of(at) == month)
            if places is None or place in places:
                yield Cell(place, month, len(took), minutes=took)

    def list(self, begin: datetime, end: datetime, places: figures.Places, page: int) -> Page[FigureRow]:
        """The rows of the span."""
        return page_of_list(
            [
                FigureRow(at, "报告", p)
                for at, p, _m in self.rows
                if begin <= at < end and (places is None or p in places)
            ]
        )


@pytest.fixture
def facts(monkeypatch: pytest.MonkeyPatch) -> Facts:
    """The only source there is."""
    own = Facts()
    monkeypatch.setattr(figures, "_sources", {"reports": own.source})
    return own


def make_place() -> UUID:
    """A township health centre."""
    code = f"T{uuid4().hex[:8]}"
    return network.create_institution(
        code=code, name=f"{code}镇卫生院", level="township", category="C220", actor=BOSS
    ).id


def test_recount_and_refresh_agree(facts: Facts) -> None:
    """A cell counted after each event equals the full recount, twice counted is once counted, and what is gone goes."""
    here, there = make_place(), make_place()
    for day, minutes in [(1, 30), (2, 10), (31, 50)]:
        facts.add(here, date(2026, 5, day), minutes)
        commands.recount(facts.source, here, MAY)
    commands.recount(facts.source, here, MAY)
    facts.add(there, date(2026, 6, 1), 5)
    assert FigureCell.objects.get().minutes == [10, 30, 50]
    assert commands.refresh_figures(since=MAY) == {"reports": 2}
    facts.rows.clear()
    commands.recount(facts.source, here, MAY)
    assert [cell.institution_id for cell in FigureCell.objects.all()] == [there]


def test_median_is_of_all_places_together(facts: Facts) -> None:
    """The median of two institutions is that of all their reports, not of their medians; nothing counted is not zero."""
    here, there = make_place(), make_place()
    for minutes in (1, 2, 3, 100):
        facts.add(here, MAY, minutes)
    facts.add(there, MAY, 1000)
    commands.refresh_figures(since=MAY)
    april, may = queries.months({here, there}, MAY, "P1", 2)
    assert (may.reports, may.median_minutes) == (5, 3)
    assert april.median_minutes is None and april.primary_share is None


@pytest.mark.race("console.recount")
@pytest.mark.django_db(transaction=True)
def test_two_events_of_one_cell(facts: Facts) -> None:
    """Two handlers at once leave one cell with the full count."""
    here = make_place()
    for day in (1, 2, 3):
        facts.add(here, date(2026, 5, day))
    outcomes = race(*[lambda: commands.recount(facts.source, here, MAY)] * 2)
    assert outcomes == [None, None] and FigureCell.objects.get().amount == 3


def test_the_figure_opens_as_many_rows(facts: Facts, client: Client) -> None:
    """The director's page shows the number that its list has; another's institution is not shown."""
    client.post("/access/login/", {"username": make_account("director"), "password": PASSWORD})
    mine = network.search_institutions("城关镇中心卫生院")[0].id
    for day in (1, 2, 3, 4):
        facts.add(mine, date(2026, 5, day), 7)
    facts.add(make_place(), MAY)
    commands.refresh_figures(since=MAY)
    page = client.get("/figures/?month=2026-05").content.decode()
    assert ">4<" in page and "中位用时 7 分钟" in page
    rows = client.get("/figures/reports/?month=2026-05").content.decode()
    assert "共 4 条" in rows
    assert client.get(f"/figures/?place={make_place()}").status_code == 404
    assert client.get("/figures/nothing/").status_code == 404
