"""Loading many people at once."""

from datetime import date

import pytest

from yigong.core.audit.models import BulkLoad, RowChange
from yigong.core.ids import new_id
from yigong.residents import api
from yigong.residents.bulk import BulkResident, loading
from yigong.residents.models import Household, LinkChange
from yigong.residents.tests.factories import citizen_number, make_actor

pytestmark = pytest.mark.django_db


def test_loaded_people_are_found_like_registered_ones() -> None:
    """By name, number, phone; with source, link, household and one line of log instead of row history."""
    actor, home = make_actor(), new_id()
    place = actor.institution_id
    number = citizen_number(date(1960, 5, 4), "2")
    people = [
        BulkResident(
            "单小红", "2", date(1960, 5, 4), (place, "demo", "1"), numbers=(("01", number),), phone="13800000001",
            household_id=home, relation_to_head="02", managing_institution_id=place,
        ),
        BulkResident("王\\N\t五", "1", date(1990, 1, 1), (place, "demo", "2")),
    ]  # fmt: skip
    with loading(actor, "示例") as batch:
        batch.load_households([(home, "1", "530181001001", "一组 1 号")])
        assert batch.load(people) == 2
        batch.set_heads()
    for typed in ("sxh", number, "13800000001", f"单 {number[-4:]}"):
        assert [r.id for r in api.search_residents(typed, actor=actor)] == [people[0].id]
    assert api.identity(people[1].id).name == "王\\N\t五"
    assert Household.objects.get().head_id == people[0].id
    assert LinkChange.objects.count() == 2
    assert api.sources_of(people[0].id)[0].system == "demo"
    assert not RowChange.objects.filter(table="residents_resident").exists()
    assert BulkLoad.objects.get().rows["residents_resident"] == 2
