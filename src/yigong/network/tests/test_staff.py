"""Staff, posts, secondments and rosters."""

from datetime import timedelta

import pytest

from yigong.core import clock
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.models import OutboxEvent
from yigong.core.testing import race
from yigong.network import api as network
from yigong.network import errors
from yigong.network.models import Duty
from yigong.network.tests.factories import BOSS, actor_at, make_institution, make_staff

pytestmark = pytest.mark.django_db
EIGHT = timedelta(hours=8)


def make_doctor(role: str = "gp"):
    """A person with one post."""
    site, person = make_institution("township"), make_staff()
    return site, person, network.assign_post(staff_id=person.id, institution_id=site.id, role=role, actor=BOSS)


def test_a_post_begins_ends_and_tells() -> None:
    """The same post twice is refused; an ended one takes rights at once and leaves a fact for others."""
    site, person, post = make_doctor()
    with pytest.raises(errors.PostTwice):
        network.assign_post(staff_id=person.id, institution_id=site.id, role="gp", actor=BOSS)
    before = network.workplace(person.id).rights_version
    network.end_post(post_id=post.id, reason="调离", actor=BOSS)
    work = network.workplace(person.id)
    assert work.posts == () and work.rights_version > before
    assert OutboxEvent.objects.get(name="network.staff_moved").payload["from_institution_id"] == str(site.id)
    with pytest.raises(errors.AlreadyEnded):
        network.end_post(post_id=post.id, reason="再次", actor=BOSS)
    network.assign_post(staff_id=person.id, institution_id=site.id, role="gp", actor=BOSS)


def test_secondment_widens_and_ends() -> None:
    """A secondment adds a place from its first day until the day it ends."""
    _site, person, _post = make_doctor()
    other, today = make_institution("township"), clock.today()
    begin = {"staff_id": person.id, "institution_id": other.id, "form": "stationed", "reason": "帮扶", "actor": BOSS}
    row = network.second_staff(**begin, ends_on=today + timedelta(days=10))
    assert network.workplace(person.id).seconded_to == {other.id}
    assert network.workplace(person.id, today + timedelta(days=10)).seconded_to == frozenset()
    with pytest.raises(errors.SecondedTwice):
        network.second_staff(**begin)
    network.end_secondment(secondment_id=row.id, reason="提前返回", actor=BOSS)
    assert network.workplace(person.id).seconded_to == frozenset()
    with pytest.raises(InvalidInput):
        network.second_staff(**begin, ends_on=today - timedelta(days=1))


def test_duty_finds_who_is_there() -> None:
    """The person on duty at an instant; handing over at eight is no overlap; a cancelled shift frees the person."""
    site, person, _post = make_doctor("duty_chief")
    start = clock.now()
    shift = {"institution_id": site.id, "role": "duty_chief", "staff_id": person.id, "actor": BOSS}
    row = network.plan_duty(**shift, starts_at=start, ends_at=start + EIGHT)
    network.plan_duty(**shift, starts_at=start + EIGHT, ends_at=start + 2 * EIGHT)
    assert network.duty_staff(site.id, "duty_chief", start).id == person.id
    assert network.duty_staff(site.id, "duty_chief", start + 2 * EIGHT) is None
    with pytest.raises(errors.OnDutyElsewhere):
        elsewhere = shift | {"institution_id": make_institution().id}
        network.plan_duty(**elsewhere, starts_at=start + EIGHT / 2, ends_at=start + EIGHT)
    network.cancel_duty(duty_id=row.id, reason="换班", actor=BOSS)
    assert network.duty_staff(site.id, "duty_chief", start) is None
    assert [duty.starts_at for duty in network.duties_between(site.id, start, start + 3 * EIGHT)] == [start + EIGHT]


def test_rosters_are_kept_by_the_house() -> None:
    """The township's manager plans there, not elsewhere; a doctor plans nowhere."""
    site, person, _post = make_doctor()
    span = {"starts_at": clock.now(), "ends_at": clock.now() + EIGHT, "role": "gp", "staff_id": person.id}
    network.plan_duty(institution_id=site.id, actor=actor_at(site.id, "township_manager"), **span)
    for actor, place in [(actor_at(site.id, "gp"), site), (actor_at(site.id, "township_manager"), make_institution())]:
        with pytest.raises(Forbidden):
            network.plan_duty(institution_id=place.id, actor=actor, **span)


def test_qualification_numbers_are_unique() -> None:
    """A certificate belongs to one person."""
    _site, person, _post = make_doctor()
    facts = {"kind": "practice", "number": "110140121000123", "practice_class": "1", "may_prescribe": True}
    network.add_qualification(staff_id=person.id, actor=BOSS, **facts)
    with pytest.raises(InvalidInput):
        network.add_qualification(staff_id=make_staff().id, actor=BOSS, **facts)


@pytest.mark.django_db(transaction=True)
@pytest.mark.race("network.plan_duty")
def test_one_person_on_two_rosters_at_once() -> None:
    """Two houses plan the same doctor for the same night in the same instant: one wins."""
    _site, person, _post = make_doctor()
    places, start = [make_institution(), make_institution()], clock.now()

    def plan(place):
        span = {"starts_at": start, "ends_at": start + EIGHT}
        return network.plan_duty(institution_id=place.id, role="gp", staff_id=person.id, actor=BOSS, **span)

    outcomes = race(lambda: plan(places[0]), lambda: plan(places[1]))
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Conflict)] == [errors.OnDutyElsewhere]
    assert Duty.objects.filter(staff_id=person.id).count() == 1
