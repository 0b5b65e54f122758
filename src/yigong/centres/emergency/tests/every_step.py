"""The steps that every centre takes, in an emergency's own words; for the orders' test that walks them all."""

from collections.abc import Callable
from datetime import timedelta

from yigong.centres.emergency.commands import calling, department, dispatching, measuring, timing
from yigong.centres.emergency.models import Case, Reading, TimePoint
from yigong.centres.emergency.queries import figures
from yigong.centres.emergency.tests.world import make_emergency_world
from yigong.core import clock
from yigong.core.states.clocks import sweep
from yigong.orders.tests.world import browser_of
from yigong.tasks.models import Task


def request() -> None:
    """A call is taken and a vehicle sent."""
    world = make_emergency_world()
    assert Case.objects.get(pk=world.sent().case_id).state == "under_way"


def cancel() -> None:
    """The run on its way, then the case."""
    world = make_emergency_world()
    run = world.sent()
    dispatching.end_run(run_id=run.pk, reason="误报", actor=world.dispatcher)
    assert calling.cancel_case(case_id=run.case_id, reason="误报", actor=world.dispatcher).state == "cancelled"


def escalate() -> None:
    """Nobody sends a vehicle."""
    case = make_emergency_world().call()
    with clock.travel(timedelta(minutes=5)):
        sweep()
    assert Task.objects.filter(kind="emergency.late", subject_id=case.pk).exists()


def amend() -> None:
    """A time is corrected, the old one stays; an outcome is taken back."""
    world = make_emergency_world()
    case = world.arrived()
    timing.correct_time(case_id=case.pk, code="arrived", at=clock.now(), reason="误点", actor=world.crew)
    assert TimePoint.objects.filter(case=case, code="arrived").count() == 2
    department.end_case(case_id=case.pk, outcome="discharged", diagnosis="胃炎", actor=world.doctor)
    assert department.reopen(case_id=case.pk, reason="登错", actor=world.doctor).state == "in_care"


def critical() -> None:
    """Signs sent ahead that call for the first level."""
    world = make_emergency_world()
    run = world.sent()
    measuring.send_signs(case_id=run.case_id, values={"spo2": 78}, actor=world.crew)
    assert Reading.objects.get().level == 1
    assert "Ⅰ级" in browser_of(world.nurse).get("/emergency/hospital/").content.decode()


def statistics() -> None:
    """Counted, and the page opens for who may."""
    world = make_emergency_world()
    world.arrived()
    assert figures.totals(clock.today(), clock.today(), world.quality)["cases"] == 1
    assert browser_of(world.quality).get("/emergency/figures/").status_code == 200


def print_() -> None:
    """The rescue log as PDF."""
    world = make_emergency_world()
    case = world.arrived()
    assert browser_of(world.doctor).get(f"/emergency/{case.pk}/print/").content[:5] == b"%PDF-"


def quality() -> None:
    """The quality form of a pathway: every case is judged, none is sampled."""
    world = make_emergency_world()
    given = {"diagnosis": "stemi", "delay": ["none"], "verdict": "good"}
    assert browser_of(world.quality).post(f"/emergency/{world.handed().pk}/quality/", given).status_code == 302


STEPS: dict[str, Callable[[], None]] = {
    "request": request, "cancel": cancel, "escalate": escalate, "amend": amend, "critical": critical, "statistics": statistics, "print": print_,
    "quality": quality,
}  # fmt: skip
# A call for help is not rejected: it is sent to, answered by telephone, or taken to another hospital.
MEANINGLESS = {"reject": "a call for help is never rejected"}
