"""Facts of the record become things to do."""

from datetime import timedelta
from decimal import Decimal

import pytest

from yigong.core.events.relay import deliver_waiting
from yigong.network.tests.factories import make_staff
from yigong.records import api as records
from yigong.residents.tests.factories import make_actor, make_resident
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db


def test_an_urgent_blood_pressure_is_looked_at_again_within_two_weeks() -> None:
    """One task for the measurer; the next measuring ends it."""
    actor = make_actor("village_doctor", staff_id=make_staff().id)
    resident = make_resident(actor)
    high = {"sbp": Decimal(186), "dbp": Decimal(112)}
    group, _alerts = records.record_vitals(resident_id=resident.id, signs=high, actor=actor)
    deliver_waiting()
    task = Task.objects.get()
    assert (task.state, task.urgent, task.staff_id, task.resident_id) == ("open", True, actor.staff_id, resident.id)
    assert task.due_at - group.occurred_at == timedelta(days=14)
    assert str(resident.id) in task.url
    assert task.title.startswith(resident.name)
    records.record_vitals(resident_id=resident.id, signs={"sbp": Decimal(138), "dbp": Decimal(84)}, actor=actor)
    deliver_waiting()
    assert Task.objects.get().state == "done"
