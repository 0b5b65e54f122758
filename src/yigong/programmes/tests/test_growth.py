"""Growth: the tables hold together, deviations on and between the lines, the curve on the page."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.core import clock
from yigong.programmes import api
from yigong.programmes.rules import growth
from yigong.programmes.rules.packs import programmes
from yigong.programmes.views import growing

from .mother_child import CHECK
from .test_pages import head, signed_in
from .world import World, enrolled

TODAY = date(2026, 6, 15)
CODES = ["weight_for_age", "stature_for_age", "head_for_age", "weight_for_length", "weight_for_height"]


def test_the_tables_are_smooth() -> None:
    """Every line bends gently: a slip of one digit anywhere would show. Length gives way to height at two years (−0.7 to −0.8 cm)."""
    looked = 0
    for code in CODES:
        table = growth.table(code, TODAY)
        assert table is not None and not list(growth.problems(table))
        for rows in (table.boys, table.girls):
            for a, b, c in zip(rows, rows[1:], rows[2:], strict=False):
                even = b[0] - a[0] == c[0] - b[0] and not (code == "stature_for_age" and 22 <= b[0] <= 24)
                for n in range(1, 8):
                    looked += 1
                    assert a[n] < b[n] and (not even or b[0] < 7 or abs(c[n] - 2 * b[n] + a[n]) < 0.36), (code, b)
    print(f"\n{looked} values looked at")
    assert looked > 3000


@pytest.mark.parametrize("code", CODES)
def test_on_the_lines(code: str) -> None:
    """On a printed line the deviation is that line's; outside the table there is none."""
    table = growth.table(code, TODAY)
    assert table is not None
    for rows in (table.boys, table.girls):
        for row in rows:
            assert [growth.deviation(rows, row[0], value) for value in row[1:]] == [float(sd) for sd in growth.SDS]
        assert growth.deviation(rows, rows[0][0] - 0.5, 5) is None
        assert growth.deviation(rows, rows[-1][0] + 50, 5) is None


@given(at=st.floats(0, 83), low=st.floats(1, 40), more=st.floats(0.05, 5))
def test_heavier_is_never_lower(at: float, low: float, more: float) -> None:
    """A greater value never gets a lower deviation, and none is beyond ±6."""
    table = growth.table("weight_for_age", TODAY)
    assert table is not None
    one, other = growth.deviation(table.girls, at, low), growth.deviation(table.girls, at, low + more)
    assert one is not None and other is not None and -6 <= one <= other <= 6


def test_length_until_two_height_from_then() -> None:
    """The same child of 88 cm is held against another table a day before the second birthday and on it."""
    programme, born = programmes(TODAY)["child"], date(2024, 6, 15)
    answers = {"weight": 12.5, "length": 88.0}
    before = growth.scores(programme, answers, born=born, on=date(2026, 6, 14), sex="1")
    on_it = growth.scores(programme, answers, born=born, on=TODAY, sex="1")
    assert before["stature_weight_z"] > on_it["stature_weight_z"] == 0.0
    assert "weight_z" in growth.scores(programme, answers, born=born, on=TODAY, sex="2")
    assert growth.scores(programme, answers, born=born, on=TODAY, sex="9") == {}


@pytest.mark.django_db
def test_curves_on_the_page(world: World) -> None:
    """Nothing about growth is typed: the table grades while typing, the file draws five curves less the one for older children."""
    person = world.person(months=12)
    born = clock.today() - timedelta(days=370)
    row = enrolled(world, "child", resident_id=person, on=born + timedelta(days=60))
    browser = signed_in(world.doctor)
    form = browser.get(f"/programmes/enrolment/{row.id}/visit/m12/").content.decode()
    assert 'name="weight_sd"' not in form and 'name="wasting"' not in form
    told = browser.post(
        f"/programmes/enrolment/{row.id}/judge/m12/", head() | CHECK | {"weight": "6.9"}
    ).content.decode()
    assert "年龄别体重 -" in told and "低体重" in told and "消瘦" in told
    done = api.record_visit(enrolment_id=row.id, stage="m12", answers=CHECK, actor=world.doctor)
    page = browser.get(f"/programmes/visits/{done.visit.id}/").content.decode()
    assert "SD(中)" in page
    person_page = browser.get(f"/programmes/person/{person}/").content.decode()
    assert person_page.count("p-curve-") >= 4 and "生长曲线" in person_page and "WS/T 423-2022" in person_page
    page = signed_in(world.gp).get("/programmes/definitions/child/").content.decode()
    assert "WS/T 423-2022" in page and "生长评价" in page


def test_bands() -> None:
    """The three words of the form on both sides of two deviations."""
    assert [growth.band(z) for z in (-2.1, -2.0, 0, 2.0, 2.1)] == ["low", "middle", "middle", "middle", "high"]
    assert growing.told(programmes(TODAY)["child"], {"weight_z": -2.4, "months": 12})[0][2] == "warn"
