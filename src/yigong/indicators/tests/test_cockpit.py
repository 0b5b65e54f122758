"""Every figure of the cockpits leads to its rows and back, and says what the rows say."""

import re
from collections import Counter
from typing import Any

import pytest
from django.test import Client
from lxml import html
from playwright.sync_api import expect

from yigong.core.ui.tests.screens import PHONE, Sit
from yigong.indicators.tests.made import LEADING, TOWNSHIP, VILLAGE, make_county, reader

READERS = [("bureau", LEADING), ("director", LEADING), ("township_manager", TOWNSHIP), ("village_doctor", VILLAGE)]
PAGES = ("/", "/indicators/", "/indicators/?span=year&primary=P2", "/indicators/wall/")
PAGE = 50
FIGURE = "//*[contains(concat(' ', @class, ' '), ' y-figure ')]"


class Visit:
    """A reader who follows links and counts."""

    def __init__(self, client: Client) -> None:
        self.client, self.known = client, {}

    def open(self, address: str) -> Any:
        """A page, once."""
        if address not in self.known:
            answer = self.client.get(address)
            assert answer.status_code == 200, address
            self.known[address] = html.fromstring(answer.content.decode())
        return self.known[address]

    def figures(self, address: str) -> list[tuple[str, str]]:
        """Value and address of every figure of a page that leads anywhere."""
        return [(value_of(one), one.get("href")) for one in self.open(address).xpath(FIGURE) if one.get("href")]


def value_of(figure: Any) -> str:
    """What a figure says, without its unit."""
    return figure.xpath("string(.//span[@class='y-figure-value']/text())").strip()


def said_on(page: Any) -> str:
    """The value on the page of an indicator."""
    return value_of(page.xpath(FIGURE)[0])


def whole(text: str) -> int:
    """A number as people read it."""
    return int(text.replace(",", ""))


def rows_of(visit: Visit, address: str) -> tuple[int, str]:
    """How many rows the pages hold, counted, and the sum they tell (or the number again)."""
    first = visit.open(address)
    told = first.xpath("string(//main)")
    total = whole(re.search(r"共 ([\d,]+) 条", told)[1])
    pages = max(1, -(-total // PAGE))
    joint = "&" if "?" in address else "?"
    wanted = range(1, pages + 1) if pages < 8 else (1, pages)
    counted = [len(visit.open(address if n == 1 else f"{address}{joint}page={n}").xpath("//tbody/tr")) for n in wanted]
    assert all(n == PAGE for n in counted[:-1])
    assert total == sum(counted) if pages < 8 else total == PAGE * (pages - 1) + counted[-1], address
    summed = re.search(r"合计 ([\d,.-]+)", told)
    return total, summed[1] if summed else f"{total:,}"


def check(visit: Visit, value: str, address: str, outcome: Counter[str]) -> None:
    """From a figure of a cockpit to its rows and back."""
    page = visit.open(address)
    assert said_on(page) == value, address
    for side in page.xpath(FIGURE)[1:]:
        link = side.get("href")
        if not link or "/rows/" not in link:
            continue
        outcome["figures"] += 1
        _total, told = rows_of(visit, link)
        assert told == value_of(side), (link, told, value_of(side))
        outcome["agree"] += 1
        back = visit.open(link).xpath("//nav[@class='y-crumbs']//a[last()]/@href")[-1]
        assert back.split("?")[0] == address.split("?", maxsplit=1)[0] and said_on(visit.open(back)) == value, back
        outcome["back"] += 1


@pytest.mark.django_db
def test_every_figure_of_the_cockpits_opens_its_rows() -> None:
    """Bureau, director, township, village; home, cockpit, the year with P2, the wall."""
    make_county()
    outcome: Counter[str] = Counter()
    for role, number in READERS:
        visit = Visit(reader(role, number))
        for page in PAGES:
            for value, address in visit.figures(page):
                if not address.startswith("/indicators/"):
                    continue
                if "/overdue/" in address:
                    outcome["figures"] += 1
                    listed = len(visit.open(address).xpath("//tbody/tr"))
                    assert whole(value) == listed
                    outcome["agree"] += 1
                    outcome["back"] += 1
                else:
                    check(visit, value, address, outcome)
    print(
        f"\n{outcome['agree']} of {outcome['figures']} figures open their rows and the counts agree; {outcome['back']} lead back"
    )
    assert outcome["figures"] == outcome["agree"] == outcome["back"] > 100


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_there_and_back_in_a_browser(seat: Sit) -> None:
    """The director goes from the cockpit to an indicator, to its rows, and the same way back."""
    make_county(2400)
    desk = seat(reader("director", LEADING))
    page = desk.open("/indicators/?span=year")
    figure = page.locator("main a.y-figure").first
    value = figure.locator(".y-figure-value").inner_text()
    desk.shoot("indicators-cockpit")
    desk.shoot("indicators-cockpit", PHONE)
    figure.click()
    expect(page.locator(".y-figure-value").first).to_have_text(value)
    page.locator("main a.y-figure").first.click()
    expect(page.locator("main")).to_contain_text(f"共 {value} 条")
    desk.shoot("indicators-rows")
    page.locator(".y-crumbs a").last.click()
    expect(page.locator(".y-figure-value").first).to_have_text(value)
    page.locator(".y-crumbs a", has_text="运行数据").click()
    expect(page.locator("main a.y-figure .y-figure-value").first).to_have_text(value)
    assert "span=year" in page.url
