"""From every figure to its rows, within what the reader may see."""

from typing import Any

import pytest
from django.test import Client

from yigong.access.models import Account
from yigong.access.tests.factories import make_person
from yigong.indicators import policies
from yigong.indicators.data import Span
from yigong.indicators.models import NOWHERE
from yigong.indicators.queries import figures
from yigong.indicators.queries.registry import counted, registry
from yigong.indicators.queries.rows import rows_behind
from yigong.indicators.tests.world import full_county, make_world, this_month
from yigong.network import api as network

pytestmark = pytest.mark.django_db
MONTH = Span(this_month(), this_month())


@pytest.fixture
def world() -> Any:
    """The small county with three counted months."""
    made = make_world()
    full_county(made)
    return made


def client_of(role: str, house: Any) -> Client:
    """A signed-in person of the role at this house."""
    return make_person(role, network.institution(house)).client()


def test_every_figure_opens_its_rows(world: Any) -> None:
    """Of every indicator, side, variant and institution: the rows come to the figure."""
    looked = agree = 0
    for definition in counted().values():
        for variant in definition.variants:
            for row in figures.by_place(definition, MONTH, None, variant or "P1"):
                for part, amount in (
                    (definition.numerator, row.figure.amounts.numerator),
                    (definition.denominator, row.figure.amounts.denominator),
                ):
                    if part is None:
                        continue
                    found = rows_behind(definition, part, variant, MONTH, {row.id or NOWHERE})
                    looked += 1
                    agree += (found.amount if part.sum else found.page.total) == amount == found.amount
    print(f"\n{agree} of {looked} figures open their rows and the counts agree")
    assert agree == looked > 60


def test_groups_make_the_county(world: Any) -> None:
    """By level, township and community, the ungrouped included."""
    looked = 0
    for definition in counted().values():
        whole = figures.figures_of([definition], MONTH, None)[definition.code].amounts
        places = figures.by_place(definition, MONTH, None)
        for by in ("level", "township", "community"):
            groups = [row.figure.amounts for row in figures.grouped(places, by, MONTH.last)]
            assert sum(one.numerator for one in groups) == whole.numerator, (definition.code, by)
            assert sum(one.denominator or 0 for one in groups) == (whole.denominator or 0)
            looked += 1
    print(f"\n{looked} groupings agree with the county")


def test_every_page_of_the_register(world: Any) -> None:
    """Each indicator has its page: figures where it is counted, the missing source where it is not."""
    client = client_of("bureau", world.county)
    for definition in registry().values():
        answer = client.get(f"/indicators/{definition.code}/")
        text = answer.content.decode()
        assert answer.status_code == 200 and definition.name in text, definition.code
        if definition.missing:
            assert definition.missing in text and "无数据" in text
        if definition.certainty != "A":
            assert "待核" in text
    print(f"\n{len(registry())} of {len(registry())} pages")


def test_the_figure_and_its_list(world: Any) -> None:
    """The bureau's page, its rows and its exports; P1 and P2 differ."""
    client = client_of("bureau", world.county)
    one, two = (client.get(f"/indicators/primary-visit-share/?primary={p}").content.decode() for p in ("P1", "P2"))
    assert "56.25%" in one and "62.50%" in two
    assert "共 45 条" in client.get("/indicators/primary-visit-share/rows/numerator/").content.decode()
    assert "共 35 条" in client.get("/indicators/primary-visit-share/rows/rest/").content.decode()
    assert client.get("/indicators/inpatient-cost/rows/rest/").status_code == 404
    outside = client.get("/indicators/fund-in-county-share/rows/denominator/").content.decode()
    assert "统筹支付合计 7,600.00 元" in outside and "县外或未归机构" in outside
    assert "含初步结算 1 人次" in client.get("/indicators/fund-in-county-share/").content.decode()
    for address in ("visits/export/", "list/export/?set=2024"):
        assert client.get(f"/indicators/{address}").content[:2] == b"PK"
    for address in (
        "",
        "wall/",
        "overdue/",
        "list/?q=诊疗",
        "criteria/",
        "facts/",
        "visits/?by=level&span=year",
        "visits/?by=community&sort=name",
    ):
        assert client.get(f"/indicators/{address}").status_code == 200, address
    assert client.get("/indicators/nothing/").status_code == 404
    assert client.get("/indicators/visits/rows/denominator/").status_code == 404


def test_a_township_sees_its_own(world: Any) -> None:
    """The township's manager sees the township with its village, and no other institution's rows."""
    client = client_of("township_manager", world.township)
    assert "共 45 条" in client.get("/indicators/visits/rows/numerator/").content.decode()
    assert "清溪县人民医院" not in client.get("/indicators/visits/").content.decode()
    assert client.get(f"/indicators/visits/?place={world.county}").status_code == 404
    assert client.get("/indicators/count/").status_code == 405
    assert Account.objects.exists() and policies.places_of(world.manager) == {world.township, world.village}
    assert policies.places_of(world.director) is None


def test_a_period_on_the_page(world: Any) -> None:
    """Opened, signed with its findings, frozen by the director, corrected after a late change."""
    quality, director = client_of("quality_manager", world.county), client_of("director", world.county)
    opened = quality.post(
        "/indicators/periods/", {"kind": "month", "first": f"{this_month(1):%Y-%m}", "idempotency_key": "a" * 32}
    )
    assert opened.status_code == 302, opened.content.decode()
    address = opened["Location"]
    assert "核对结果" in quality.get(address).content.decode()
    assert quality.post(address + "sign/", {"reason": "", "idempotency_key": "b" * 32}).status_code == 302
    assert director.post(address + "freeze/", {"idempotency_key": "c" * 32}).status_code == 302
    assert "冻结" in director.get(address).content.decode()
    assert director.get(address + "export/").content[:2] == b"PK"
    assert "已冻结" in director.get(f"/indicators/visits/?month={this_month(1):%Y-%m}").content.decode()
    refused = quality.post(address + "correct/visits/", {"reason": "补录", "idempotency_key": "d" * 32})
    assert refused.status_code == 422 and "不需要更正" in refused.content.decode()
