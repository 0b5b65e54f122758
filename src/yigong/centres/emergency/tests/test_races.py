"""Two at once: one vehicle sent twice, one laboratory held twice, one sheet signed twice, one button tapped twice, one time entered twice."""

from threading import Barrier
from typing import Any

import pytest

from yigong.centres.emergency.commands import dispatching, handing, resources, timing
from yigong.centres.emergency.models import Case, Handover, Reservation, Run, TimePoint
from yigong.centres.emergency.tests.world import EmergencyWorld, make_emergency_world
from yigong.core.errors import DomainError
from yigong.core.ids import new_id
from yigong.core.ledger import api as ledger
from yigong.core.testing import race

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(transactional_db: None) -> EmergencyWorld:
    """A small county that other connections see."""
    return make_emergency_world()


def one_wins(results: list[Any]) -> str:
    """Exactly one refusal; its sentence."""
    refused = [r for r in results if isinstance(r, Exception)]
    assert len(refused) == 1 and isinstance(refused[0], DomainError), results
    return str(refused[0])


@pytest.mark.race("emergency.dispatch")
def test_a_vehicle_is_sent_once(world: EmergencyWorld) -> None:
    """emergency.dispatch: two calls, one ambulance."""
    first, second = world.call(), world.call("stroke")
    said = one_wins(race(lambda: world.sent(first), lambda: world.sent(second)))
    assert "正在执行另一任务" in said and Run.objects.count() == 1


def test_looking_first_would_send_it_twice(world: EmergencyWorld) -> None:
    """The naive order (look, then write): both look before either writes, both believe that the ambulance is theirs."""
    cases, looked = [world.call(), world.call()], Barrier(2)

    def naive(case: Case) -> str:
        free = not Run.objects.filter(vehicle=world.ambulance).exists()
        looked.wait()
        return "mine" if free else ""

    assert race(lambda: naive(cases[0]), lambda: naive(cases[1])) == ["mine", "mine"]


@pytest.mark.race("emergency.hold_resource")
def test_a_laboratory_is_held_once(world: EmergencyWorld) -> None:
    """emergency.hold_resource: two patients, one catheter laboratory."""
    cases = [world.call(), world.call()]
    said = one_wins(
        race(
            *(
                lambda c=c: resources.hold_resource(case_id=c.pk, resource_id=world.lab.pk, actor=world.nurse)
                for c in cases
            )
        )
    )
    assert "导管室" in said and "已全部占用" in said
    assert Reservation.objects.count() == 1 and ledger.balance(resources.account_of(world.lab)) == 0


@pytest.mark.race("emergency.receive")
def test_a_sheet_is_signed_once(world: EmergencyWorld) -> None:
    """emergency.receive: nurse and doctor sign at once; the second reads who was first."""
    case = world.arrived()
    handing.give(case_id=case.pk, condition="平稳", actor=world.crew)
    said = one_wins(race(*(lambda a=a: handing.receive(case_id=case.pk, actor=a) for a in (world.nurse, world.doctor))))
    assert Handover.objects.get().receiver in said
    assert TimePoint.objects.filter(code="handed_over").count() == 1


@pytest.mark.race("emergency.give")
def test_a_sheet_is_written_once(world: EmergencyWorld) -> None:
    """emergency.give: doctor and driver write at once: one sheet, the later signature stands."""
    case = world.arrived()
    results = race(
        *(lambda a=a: handing.give(case_id=case.pk, condition=a.name, actor=a) for a in (world.crew, world.driver))
    )
    assert not [one for one in results if isinstance(one, Exception)], results
    sheet = Handover.objects.get()
    assert sheet.condition == sheet.giver


@pytest.mark.race("emergency.tap")
def test_a_tap_sent_twice_at_once_is_one(world: EmergencyWorld) -> None:
    """emergency.tap: the telephone sends again while the first is on its way."""
    run, key = world.sent(), new_id()
    results = race(*[lambda: dispatching.tap(run_id=run.pk, code="departed", key=key, actor=world.crew)] * 2)
    assert results[0].pk == results[1].pk and TimePoint.objects.filter(code="departed").count() == 1


@pytest.mark.race("emergency.enter_time")
def test_a_time_is_entered_once(world: EmergencyWorld) -> None:
    """emergency.enter_time: two people press “now”."""
    case = world.arrived()
    said = one_wins(
        race(
            *(
                lambda a=a: timing.enter_time(case_id=case.pk, code="first_ecg", actor=a)
                for a in (world.nurse, world.doctor)
            )
        )
    )
    assert "首份心电图" in said and TimePoint.objects.filter(code="first_ecg").count() == 1
