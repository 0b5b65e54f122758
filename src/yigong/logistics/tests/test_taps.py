"""What a driver's telephone sends later: once, at the time of the finger, or before the dispatcher with both versions."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from yigong.core import clock
from yigong.core.errors import Forbidden, InvalidInput
from yigong.logistics import api as logistics
from yigong.logistics.commands import taps
from yigong.logistics.commands.taps import accept_tap, drop_tap, take_taps
from yigong.logistics.data import TapIn, TapTold
from yigong.logistics.models import Consignment, Run, RunStop, Signature, Tap, Temperature
from yigong.logistics.tests.world import RoadWorld
from yigong.tasks.models import Task

pytestmark = pytest.mark.django_db
HALF_HOUR = timedelta(minutes=30)
DRAWN = "M10 20 L60 80 L120 30"


def tap(run_id: UUID, action: str, ago: float = 30, *, wrong: timedelta = timedelta(), **more: Any) -> TapIn:
    """A tap of so many minutes ago on a telephone whose clock is wrong by so much, all the time."""
    at = clock.now() - timedelta(minutes=ago) + wrong
    return TapIn(id=uuid4(), run=run_id, action=action, at=at, **{"ahead": wrong.total_seconds(), **more})


def sent(world: RoadWorld, *taps: TapIn, wrong: timedelta = timedelta(), who: str = "driver") -> list[TapTold]:
    """On line again."""
    return take_taps(taps=taps, device_at=clock.now() + wrong, actor=world.actor(who))


def whole_run(world: RoadWorld) -> tuple[Any, Any, list[TapIn]]:
    """The county passed, then tubes loaded in the west, measured, passed by the east, put down and signed for in the county; all without a line."""
    run, box = world.run(), world.waiting()
    first, west, east, last = (stop.id for stop in run.stops)
    plan: list[tuple[str, dict[str, Any]]] = [
        ("arrive", {"key": first}), ("leave", {"key": first}), ("arrive", {"key": west}), ("load", {"number": box.number, "box": "标本箱"}),
        ("temperature", {"box": "标本箱", "celsius": "5.2"}), ("leave", {"key": west}), ("skip", {"key": east, "reason": "桥面封闭"}),
        ("arrive", {"key": last}), ("deliver", {"key": box.id}), ("sign", {"key": last, "name": "李检验", "strokes": DRAWN}), ("leave", {"key": last}),
    ]  # fmt: skip
    return run, box, [tap(run.id, action, 60 - 5 * n, **given) for n, (action, given) in enumerate(plan)]


def test_a_whole_run_told_later(world: RoadWorld) -> None:
    """Every tap at its time, marked as told later; sent again because the answer was lost, and in another order, it is once."""
    run, box, taps = whole_run(world)
    assert [one.state for one in sent(world, *taps)] == ["accepted"] * 11
    assert [one.state for one in sent(world, *reversed(taps))] == ["accepted"] * 11
    assert Tap.objects.filter(is_late=True).count() == 11 and Run.objects.get().state == "done"
    row = Consignment.objects.get(pk=box.id)
    assert row.loaded_at == taps[3].at and row.arrived_at == taps[8].at and row.state == "arrived"
    assert row.signature and row.signature.name == "李检验" and row.signature.is_late
    assert Temperature.objects.get().at == taps[4].at and Temperature.objects.get().is_late
    assert RunStop.objects.get(pk=run.stops[1].id).arrived_at == taps[2].at
    assert Task.objects.filter(kind="logistics.sign", state="open").count() == 1
    page = world.client("dispatcher").get(f"/logistics/runs/{run.id}/").content.decode()
    assert page.count("补传") >= 4 and "已手签接下" in page
    assert "补传" in world.client("lab").get(f"/logistics/consignments/{box.id}/").content.decode()
    logistics.receive(consignment_id=box.id, pieces_in=3, actor=world.actor("lab"))


def test_received_by_somebody_meanwhile(world: RoadWorld) -> None:
    """The laboratory signed for it before the telephone could tell: both versions wait, nothing is lost. Taken, the hand-over has the telephone's time."""
    run = world.run()
    box = world.aboard(run)
    Consignment.objects.filter(pk=box.id).update(loaded_at=clock.now() - 4 * HALF_HOUR)
    logistics.receive(consignment_id=box.id, pieces_in=3, actor=world.actor("lab"))
    one = tap(run.id, "deliver", 40, key=box.id)
    (told,) = sent(world, one)
    assert told.state == "review" and "已签收" in told.sentence
    row = Tap.objects.get()
    assert world.actor("lab").name in row.before and row.at == one.at
    task = Task.objects.get(kind="logistics.tap")
    assert task.role == "logistics_dispatcher" and task.state == "open"
    with pytest.raises(Forbidden):
        accept_tap(tap_id=row.pk, reason="核实", actor=world.actor("nurse"))
    accept_tap(tap_id=row.pk, reason="司机 40 分钟前已交到检验科窗口", actor=world.actor("dispatcher"))
    done = Consignment.objects.get(pk=box.id)
    assert done.state == "received" and done.arrived_at == one.at
    task.refresh_from_db()
    assert task.state == "done"


def test_a_stop_written_off_meanwhile(world: RoadWorld) -> None:
    """The dispatcher wrote the stop off while the driver was there: what builds on it waits too, and is taken in its order."""
    run = world.run()
    for stop in run.stops[:1]:
        logistics.arrive(stop_id=stop.id, actor=world.actor("driver"))
        logistics.leave(stop_id=stop.id, actor=world.actor("driver"))
    RunStop.objects.filter(pk=run.stops[0].id).update(
        arrived_at=clock.now() - 3 * HALF_HOUR, left_at=clock.now() - 2 * HALF_HOUR
    )
    west = run.stops[1].id
    logistics.skip(stop_id=west, reason="桥面封闭", actor=world.actor("dispatcher"))
    there, gone = tap(run.id, "arrive", 30, key=west), tap(run.id, "leave", 20, key=west)
    assert {one.state for one in sent(world, there, gone)} == {"review"}
    assert "桥面封闭" in Tap.objects.get(pk=there.id).before
    boss = world.actor("dispatcher")
    with pytest.raises(InvalidInput, match="先点"):
        accept_tap(tap_id=gone.id, reason="先核实后一条", actor=boss)
    for one in (there, gone):
        accept_tap(tap_id=one.id, reason="司机绕路到了", actor=boss)
    stop = RunStop.objects.get(pk=west)
    assert (stop.arrived_at, stop.left_at, stop.skipped) == (there.at, gone.at, "")


def test_what_cannot_be_is_dropped_with_its_reason(world: RoadWorld) -> None:
    """A run that was cancelled, and a time that contradicts the one the platform has: dropped, both stay readable."""
    run = world.run()
    boss = world.actor("dispatcher")
    stop = run.stops[0].id
    logistics.arrive(stop_id=stop, actor=boss)
    one = tap(run.id, "arrive", 50, key=stop)
    assert sent(world, one)[0].state == "review"
    drop_tap(tap_id=one.id, reason="以调度登记为准", actor=boss)
    assert Tap.objects.get().state == "dropped" and RunStop.objects.get(pk=stop).arrived_at != one.at
    extra = logistics.send_run(
        name="急送", why="急用", stops=[logistics.StopPlan(s.institution_id, s.planned_at.time()) for s in run.stops],
        van_id=world.van.pk, driver_id=world.actor("driver").staff_id, actor=boss,
    )  # fmt: skip
    logistics.cancel_run(run_id=extra.pk, reason="不用了", actor=boss)
    other = tap(extra.pk, "arrive", 10, key=extra.stops.all()[0].pk)
    assert sent(world, other)[0].state == "review"
    with pytest.raises(Exception, match="已取消"):
        accept_tap(tap_id=other.id, reason="到过", actor=boss)
    page = world.client("dispatcher").get(f"/logistics/taps/{other.id}/").content.decode()
    assert "手机上" in page and "已取消" in page


def test_a_clock_that_is_wrong(world: RoadWorld) -> None:
    """Wrong by some hours of the same day all the time it is put right; by a day, or changed on the way, it waits with both times."""
    run = world.run()
    stop = run.stops[0].id
    local = clock.now().astimezone(clock.SHANGHAI)
    # As far as the same day of China allows, whatever the hour of this test.
    little = timedelta(minutes=20) if local.hour < 12 else timedelta(minutes=-20)
    with clock.travel(local.replace(hour=12, minute=30) - local):
        one = tap(run.id, "arrive", 10, wrong=little, key=stop)
        assert sent(world, one, wrong=little)[0].state == "accepted"
        assert RunStop.objects.get(pk=stop).arrived_at == one.at - little
        day = timedelta(days=1)
        (told,) = sent(world, tap(run.id, "leave", 5, wrong=day, key=stop), wrong=day)
        assert told.state == "review" and "日期不对" in told.sentence
        (told,) = sent(world, tap(run.id, "leave", 5, wrong=day, key=stop))
        assert told.state == "review" and "改动过" in told.sentence
    waiting = Tap.objects.filter(state="review").order_by("-at")[0]
    assert waiting.at <= waiting.sent_at


def test_told_at_once_is_refused_at_once(world: RoadWorld) -> None:
    """With a line a wrong code is the driver's to mend: nothing waits. Another's run and somebody who does not drive are refused."""
    run = world.run()
    told = sent(world, tap(run.id, "arrive", 0, key=run.stops[0].id), tap(run.id, "load", 0, number="X"))
    assert [one.state for one in told] == ["accepted", "refused"] and not Tap.objects.filter(is_late=True).exists()
    assert sent(world, tap(run.id, "leave", 0, key=run.stops[0].id), who="other_driver")[0].state == "refused"
    with pytest.raises(Forbidden):
        sent(world, who="nurse")
    assert sent(world, tap(uuid4(), "arrive", 30, key=run.stops[0].id))[0].state == "kept"
    (late,) = sent(world, tap(run.id, "leave", 5, key=run.stops[0].id), who="other_driver")
    assert late.state == "review"


def test_the_driver_does_not_sign_over_to_himself(world: RoadWorld) -> None:
    """A name and a line of the finger, somebody else's; and something to take over."""
    run = world.run()
    box, last = world.aboard(run), run.stops[-1].id
    name = world.actor("driver").name
    wrong = [
        {"name": "李检验", "strokes": DRAWN},
        {"name": name, "strokes": DRAWN},
        {"name": "李检验"},
        {"strokes": DRAWN},
        {"name": "李检验", "strokes": "<path>"},
    ]
    assert sent(world, tap(run.id, "sign", 0, key=last, **wrong[0]))[0].state == "refused"
    logistics.deliver(consignment_id=box.id, actor=world.actor("driver"))
    for given in wrong[1:]:
        assert sent(world, tap(run.id, "sign", 0, key=last, **given))[0].state == "refused", given
    assert not Signature.objects.exists()
    assert sent(world, tap(run.id, "sign", 0, key=last, **wrong[0]))[0].state == "accepted"


def test_a_signature_that_is_too_long_is_said(world: RoadWorld) -> None:
    """Told at once it is the driver's to mend; it does not keep what was tapped after it on the telephone."""
    run = world.run()
    box, last = world.aboard(run), run.stops[-1].id
    logistics.deliver(consignment_id=box.id, actor=world.actor("driver"))
    long = tap(run.id, "sign", 0, key=last, name="李检验", strokes="M10 20" + " L60 80" * 2000)
    told = sent(world, long, tap(run.id, "sign", 0, key=last, name="李检验", strokes=DRAWN))
    assert [one.state for one in told] == ["refused", "accepted"] and "重签" in told[0].sentence


def test_putting_an_arrival_right_leaves_the_rest(world: RoadWorld) -> None:
    """The driver went on while the dispatcher looked: the stop keeps when it was left."""
    run = world.run()
    stop, boss = run.stops[0].id, world.actor("dispatcher")
    logistics.arrive(stop_id=stop, actor=boss)
    one = tap(run.id, "arrive", 50, key=stop)
    assert sent(world, one)[0].state == "review"
    before = taps._stop

    def looked(row: Tap) -> RunStop:
        found = before(row)
        logistics.leave(stop_id=stop, actor=world.actor("driver"))
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(taps, "_stop", looked)
        accept_tap(tap_id=one.id, reason="司机说得对", actor=boss)
    row = RunStop.objects.get(pk=stop)
    assert row.arrived_at == one.at and row.left_at is not None


def test_a_stop_of_a_run_that_is_over_is_put_right_as_a_whole(world: RoadWorld) -> None:
    """The dispatcher wrote a stop off and ended the run; the driver was there: arrival and departure are both taken."""
    run = world.run()
    for stop in run.stops:
        if stop.rank == 2:
            logistics.skip(stop_id=stop.id, reason="桥面封闭", actor=world.actor("dispatcher"))
            continue
        logistics.arrive(stop_id=stop.id, actor=world.actor("driver"))
        logistics.leave(stop_id=stop.id, actor=world.actor("driver"))
    assert Run.objects.get().state == "done"
    west = run.stops[1].id
    there, gone = tap(run.id, "arrive", 30, key=west), tap(run.id, "leave", 20, key=west)
    assert {one.state for one in sent(world, there, gone)} == {"review"}
    for one in (there, gone):
        accept_tap(tap_id=one.id, reason="司机绕路到了", actor=world.actor("dispatcher"))
    row = RunStop.objects.get(pk=west)
    assert (row.arrived_at, row.left_at, row.skipped) == (there.at, gone.at, "")


def test_the_dispatchers_desk(world: RoadWorld) -> None:
    """The number on the board, the list, the page with both versions, the decision."""
    run = world.run()
    boss = world.client("dispatcher")
    logistics.arrive(stop_id=run.stops[0].id, actor=world.actor("dispatcher"))
    one = tap(run.id, "arrive", 50, key=run.stops[0].id)
    sent(world, one)
    assert "司机补传待核对" in boss.get("/logistics/").content.decode()
    assert "县医院" in boss.get("/logistics/taps/").content.decode()
    assert boss.post(f"/logistics/taps/{one.id}/", {"action": "accept", "reason": ""}).status_code == 422
    boss.post(f"/logistics/taps/{one.id}/", {"action": "accept", "reason": "司机说得对"})
    assert RunStop.objects.get(pk=run.stops[0].id).arrived_at == one.at
    assert "已补传" in boss.get("/logistics/taps/?state=accepted").content.decode()


def test_nonsense_is_answered(world: RoadWorld) -> None:
    """What cannot be read stays on the telephone, with a sentence."""
    driver = world.client("driver")
    for text in ("", "{}", '{"now":"x","taps":[]}', '{"now":"2026-01-01T00:00:00","taps":[]}'):
        answer = driver.post("/logistics/drive/send/", {"sent": text})
        assert answer.status_code == 422 and answer.json()["sentence"], text
    assert driver.get("/logistics/drive/token/").json()["token"]
    assert "logistics/drive.js" in driver.get("/logistics/drive/worker.js").content.decode()
