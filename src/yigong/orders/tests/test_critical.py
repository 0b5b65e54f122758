"""The loop of critical values and its chain."""

from datetime import timedelta

import pytest

from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.states import clocks
from yigong.core.states.api import WrongState
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.commands.errors import OpenCritical
from yigong.orders.data import CriticalData
from yigong.orders.tests.world import BOOT, World, person
from yigong.tasks import api as tasks


def flagged(world: World) -> CriticalData:
    """A tension pneumothorax found by the reader, before any report."""
    order = world.uploaded()
    return orders.flag_critical(
        order_id=order.id, item="tension_pneumothorax", detail="左侧肺压缩约 80%", actor=world.reader
    )


def test_the_loop_closes(world: World) -> None:
    """Notified at once, read back, acted on, closed; tasks follow; the report is not waited for."""
    value = flagged(world)
    assert (value.state, value.receiver) == ("notified", "王敏")
    assert tasks.tasks_for(world.gp).items[0].kind == "critical.acknowledge"
    with pytest.raises(InvalidInput):
        orders.acknowledge_critical(critical_id=value.id, read_back=False, actor=world.gp)
    with clock.travel(timedelta(minutes=3)):
        orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=world.gp)
        assert [t.kind for t in tasks.tasks_for(world.gp).items] == ["critical.act"]
        orders.act_on_critical(critical_id=value.id, measure="transfer", text="救护车转县医院", actor=world.gp)
        closed = orders.close_critical(critical_id=value.id, actor=world.gp)
    assert closed.state == "closed" and tasks.tasks_for(world.gp).total == 0
    day = clock.today()
    figures = orders.statistics("imaging", world.reviewer, since=day, until=day)
    assert (figures.critical, figures.critical_in_time) == (1, 1)


def test_the_same_finding_is_flagged_once(world: World) -> None:
    """A second flag of an open finding names the first; strangers cannot flag."""
    value = flagged(world)
    with pytest.raises(OpenCritical, match="周医师"):
        orders.flag_critical(order_id=value.order_id, item=value.item, detail="同上", actor=world.second_reader)
    with pytest.raises(Forbidden):
        orders.flag_critical(order_id=value.order_id, item="perforation", detail="x", actor=world.gp)


def test_nobody_answers_and_the_chain_goes_up(world: World) -> None:
    """After five minutes the requesting side's duty, then the county's duty chief; the finder is asked to telephone."""
    chief = person("值班长", world.county, "duty_chief")
    town_duty = person("镇值班", world.township, "duty_chief")
    now = clock.now()
    network.plan_duty(
        institution_id=world.township, role="duty_chief", staff_id=town_duty.staff_id,
        starts_at=now - timedelta(hours=1), ends_at=now + timedelta(hours=8), actor=BOOT,
    )  # fmt: skip
    value = flagged(world)
    with clock.travel(timedelta(minutes=6)):
        clocks.sweep()
        assert "critical.acknowledge" in [t.kind for t in tasks.tasks_for(town_duty).items]
        assert "critical.notify" in [t.kind for t in tasks.tasks_for(world.reader).items]
    with clock.travel(timedelta(minutes=12)):
        clocks.sweep()
        assert "critical.acknowledge" in [t.kind for t in tasks.tasks_for(chief).items]
        shown = orders.open_criticals(world.reader)
        assert (shown[0].level, shown[0].state) == (2, "unreachable")
        orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=chief)
        assert tasks.tasks_for(town_duty).total == 0
    with clock.travel(timedelta(hours=2)), pytest.raises(WrongState, match="值班长"):
        orders.acknowledge_critical(critical_id=value.id, read_back=True, actor=world.gp)


def test_a_telephone_call_starts_the_clock_anew(world: World) -> None:
    """Way and receiver are recorded."""
    value = flagged(world)
    with pytest.raises(InvalidInput):
        orders.record_notification(critical_id=value.id, way="phone", receiver=" ", actor=world.reader)
    told = orders.record_notification(critical_id=value.id, way="phone", receiver="护士小刘", actor=world.reader)
    assert (told.way, told.receiver) == ("phone", "护士小刘")
