"""The form of basic data and the health record: what is known is filled in, what is new is written once."""

from datetime import date, timedelta
from typing import Any

import pytest

from yigong.core import clock
from yigong.core.events.relay import deliver_waiting
from yigong.programmes import api
from yigong.programmes.errors import Unconfirmed
from yigong.programmes.models import Candidate, Standing
from yigong.records import api as records
from yigong.records.models import Allergy, Condition

from .test_pages import signed_in
from .world import BOSS, World, visit

pytestmark = pytest.mark.django_db


def opened(world: World, **person: Any) -> Any:
    """Somebody whose record is opened."""
    key = world.person(**person)
    return key, api.enrol(resident_id=key, programme="health_record", actor=world.doctor)


def test_what_is_new_is_written_once(world: World) -> None:
    """Two diseases with their month, three allergies; entering the form again writes nothing; a protected or passing disease is not written."""
    person, row = opened(world, age=60)
    told = {
        "past": ["2", "7", "8", "9"], "past_since": [{"disease": "2", "year": "2019", "month": "5"}, {"disease": "7", "year": "2021"}],
        "allergies": ["2", "5"], "allergies_other": "头孢、布洛芬",
    }  # fmt: skip
    visit(world, row, "creation", **told)
    found = set(Condition.objects.filter(resident_id=person).values_list("text", "code", "onset_on", "is_lasting"))
    assert found == {("高血压", "I10.x00", date(2019, 5, 1), True), ("脑卒中", "I64.x00", date(2021, 1, 1), True)}
    assert set(Allergy.objects.values_list("substance", flat=True)) == {"青霉素", "头孢", "布洛芬"}
    assert all(Condition.objects.values_list("encounter_id", flat=True))
    visit(world, row, "update", **told, update_note="核对无变化")
    assert Condition.objects.count() == 2 and Allergy.objects.count() == 3


def test_what_is_known_is_filled_in(world: World) -> None:
    """A diagnosis under another code of the same disease and an allergy of the record stand on the page, and are not written again."""
    person, row = opened(world, age=60)
    records.add_condition(resident_id=person, text="2型糖尿病", code="E11.900", is_lasting=True, actor=world.doctor)
    records.add_allergy(resident_id=person, substance="青霉素类", actor=world.doctor)
    page = signed_in(world.doctor).get(f"/programmes/enrolment/{row.id}/visit/creation/").content.decode()
    assert 'name="past" value="3" checked' in page and 'name="allergies" value="2" checked' in page
    visit(world, row, "creation", past=["3"], allergies=["2"])
    assert Condition.objects.count() == 1 and Allergy.objects.count() == 1


def test_none_against_the_record_is_asked_back(world: World) -> None:
    """“无” over a recorded allergy needs the tick; the record keeps it."""
    person, row = opened(world, age=60)
    records.add_allergy(resident_id=person, substance="磺胺嘧啶", actor=world.doctor)
    with pytest.raises(Unconfirmed) as asked:
        visit(world, row, "creation", allergies=["1"])
    assert "磺胺嘧啶" in asked.value.errors["allergies"]
    visit(world, row, "creation", allergies=["1"], confirmed=True)
    assert Allergy.objects.get().is_active


def test_the_update_starts_from_the_last_answers(world: World) -> None:
    """Everything of the last form stands on the page of the yearly update, and what the record learnt meanwhile with it."""
    person, row = opened(world, age=60)
    visit(world, row, "creation", occupation="1", past=["2"])
    records.add_condition(resident_id=person, text="冠心病", code="I25.100", is_lasting=True, actor=world.doctor)
    page = signed_in(world.doctor).get(f"/programmes/enrolment/{row.id}/visit/update/").content.decode()
    assert 'name="occupation" value="1" checked' in page and 'name="blood" value="2" checked' in page
    assert 'name="past" value="2" checked' in page and 'name="past" value="4" checked' in page
    assert 'name="update_note"' in page and clock.today().isoformat() in page


def test_a_disease_told_leads_to_its_programme(world: World) -> None:
    """The diagnosis that the form wrote puts the person onto the list of those who belong under management."""
    person, row = opened(world, age=60)
    visit(world, row, "creation", past=["2"])
    deliver_waiting()
    assert Candidate.objects.filter(resident_id=person, programme="hypertension").exists()


def test_a_record_is_used_by_any_service_of_the_year(world: World) -> None:
    """Opening it is no service; a clinic visit elsewhere or a follow-up of another programme is, one of last year is not."""
    people = [opened(world, age=58) for _n in range(3)]
    for _person, row in people:
        visit(world, row, "creation")
    (seen, _), (old, _), (idle, _) = people
    this_year = clock.now()
    records.record_contact(
        resident_id=seen, kind="outpatient", actor=world.specialist, occurred_at=this_year, complaint="咳嗽", signs={}, results=[], title="门诊", code=""
    )  # fmt: skip
    records.record_contact(
        resident_id=old, kind="outpatient", actor=world.doctor, occurred_at=this_year - timedelta(days=400), complaint="咳嗽", signs={}, results=[],
        title="门诊", code="",
    )  # fmt: skip
    api.recount(actor=BOSS, year=clock.today().year)
    counted = dict(
        Standing.objects.filter(programme="health_record", rate="used").values_list("enrolment__resident_id", "counts")
    )
    assert counted == {seen: True, old: False, idle: False}
    visit(world, people[2][1], "update", update_note="核对无变化")
    assert Standing.objects.get(enrolment_id=people[2][1].id, rate="used").counts
