"""Institutions and their tree."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from yigong.core import clock
from yigong.core.audit.api import changes_of
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.network import api as network
from yigong.network.models import Institution
from yigong.network.tests.factories import BOSS, actor_at, make_institution

pytestmark = pytest.mark.django_db


def make_tree():
    """County above township above village, and a township of another."""
    county = make_institution("county", name="清溪县人民医院")
    township = make_institution("township", parent_id=county.id, name="石桥镇中心卫生院")
    village = make_institution("village", parent_id=township.id, name="柳树村卫生室")
    return county, township, village, make_institution("township", name="别处卫生院")


def test_tree_questions_are_one_statement_each() -> None:
    """Descendants, ancestors, path and is_above answer rightly, each in one statement (the path in two)."""
    county, township, village, other = make_tree()
    with CaptureQueriesContext(connection) as asked:
        assert network.descendants(county.id) == {county.id, township.id, village.id}
        assert network.ancestors(village.id) == [village.id, township.id, county.id]
        assert network.is_above(county.id, village.id) and not network.is_above(village.id, county.id)
        assert not network.is_above(county.id, other.id)
    assert len(asked) == 5
    assert [step.name for step in network.path(village.id)] == [county.name, township.name, village.name]


def test_search_by_name_initials_and_code() -> None:
    """The three ways people search, and closed institutions are left out."""
    _county, township, _village, _other = make_tree()
    for text in ("石桥", "sqz", township.code, "石桥 卫生院"):
        assert [row.id for row in network.search_institutions(text)] == [township.id], text
    network.close_institution(institution_id=township.id, closed_on=clock.today(), reason="撤并", actor=BOSS)
    assert network.search_institutions("石桥") == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"credit_code": "91350100M000100Y44"}, "credit_code"),
        ({"level": "city"}, "level"),
        ({"category": ""}, "category"),
        ({"code": "甲"}, "code"),
        ({"name": "  "}, "name"),
    ],
)
def test_bad_facts_name_their_field(facts: dict, field: str) -> None:
    """Each refusal names the field and what to do."""
    with pytest.raises(InvalidInput) as refusal:
        make_institution(**{"level": "county", **facts})
    assert refusal.value.errors[field].endswith("。")


def test_codes_are_unique() -> None:
    """A taken code is a field error, not a fault."""
    first = make_institution(credit_code="91350100M000100Y43")
    with pytest.raises(InvalidInput):
        make_institution(code=first.code)
    with pytest.raises(InvalidInput) as refusal:
        make_institution(credit_code="９1350100M000100Y43")
    assert "credit_code" in refusal.value.errors


def test_only_those_above_may_change() -> None:
    """A director changes below the own institution, the administrator everywhere, a village doctor nowhere."""
    county, township, village, other = make_tree()
    change = {"reason": "更名", "phone": "0351-1"}
    network.change_institution(institution_id=village.id, actor=actor_at(township.id, "director"), **change)
    network.change_institution(institution_id=other.id, actor=actor_at(county.id, "admin"), **change)
    for actor, target in [
        (actor_at(township.id, "director"), county),
        (actor_at(township.id, "director"), other),
        (actor_at(village.id, "village_doctor"), village),
    ]:
        with pytest.raises(Forbidden):
            network.change_institution(institution_id=target.id, actor=actor, **change)
    assert OutboxEvent.objects.filter(name="network.institution_changed").count() == 2


def test_an_institution_is_not_managed_from_below() -> None:
    """The tree stays a tree."""
    county, _township, village, _other = make_tree()
    with pytest.raises(InvalidInput):
        network.change_institution(institution_id=county.id, actor=BOSS, reason="误", parent_id=village.id)


def test_counted_in_county_has_dates() -> None:
    """Level decides until somebody decides otherwise from a day on."""
    city = make_institution("outside")
    today = clock.today()
    assert not network.is_counted_in_county(city.id)
    network.count_in_county(institution_id=city.id, counts=True, starts_on=today, reason="设在县城", actor=BOSS)
    assert network.is_counted_in_county(city.id)
    assert not network.is_counted_in_county(city.id, today - timedelta(days=1))
    later = today + timedelta(days=30)
    network.count_in_county(institution_id=city.id, counts=False, starts_on=later, reason="迁出", actor=BOSS)
    assert network.is_counted_in_county(city.id, later - timedelta(days=1))
    assert not network.is_counted_in_county(city.id, later)
    assert city.id in network.counted_in_county_ids() and city.id not in network.counted_in_county_ids(later)


def test_places_have_codes_and_successors() -> None:
    """A split county's code ends, its successor begins, and lists follow the day."""
    county = network.create_place(code="140121", name="清溪县", actor=BOSS, starts_on=date(2000, 1, 1))
    town = network.create_place(code="140121100", name="石桥镇", parent_id=county.id, actor=BOSS)
    network.end_place(place_id=county.id, ends_on=date(2026, 7, 1), actor=BOSS)
    new = network.create_place(
        code="140121", name="清溪市", actor=BOSS, starts_on=date(2026, 7, 1), predecessor_ids=(county.id,)
    )
    assert network.place_by_code("140121", date(2026, 6, 30)) == network.place(county.id)
    assert network.place_by_code("140121", date(2026, 7, 1)) == new
    assert [place.id for place in network.places_below("140121", "town")] == [town.id]
    assert [place.id for place in network.places_below("140000", on=date(2027, 1, 1))] == [new.id, town.id]
    with pytest.raises(InvalidInput):
        network.create_place(code="1401", name="短", actor=BOSS)


def test_history_names_the_actor_and_the_reason() -> None:
    """A changed row remembers before and after, who and why."""
    site = make_institution(phone="1")
    network.change_institution(institution_id=site.id, actor=actor_at(site.id, "admin"), reason="更正", phone="2")
    last = changes_of(Institution.objects.get(pk=site.id))[-1]
    assert (last.before, last.after["phone"]) == ({"phone": "1"}, "2")
    assert (last.context["actor"], last.context["reason"]) == ("测试员", "更正")
