"""The dispatcher's, the driver's and the receiver's pages."""

from datetime import timedelta
from decimal import Decimal as D

import msgspec
import pytest

from yigong.access.tests.factories import BOSS
from yigong.core import clock
from yigong.logistics import api as logistics
from yigong.logistics.models import Consignment, Route, Run, RunStop
from yigong.logistics.tests.world import RoadWorld
from yigong.network import api as network
from yigong.whereabouts import api as whereabouts
from yigong.whereabouts.models import Point

pytestmark = pytest.mark.django_db


def test_the_dispatchers_day(world: RoadWorld) -> None:
    """Runs on a line of time, what no run fetches, what is held up; a run of the day is made from the page, printed, opened."""
    boss = world.client("dispatcher")
    assert "这一天还没有班次" in boss.get("/logistics/").content.decode()
    boss.post("/logistics/make/", {"on": str(clock.today())})
    world.waiting()
    stray = world.waiting("clean", "sterile", receiver_id=world.people["nurse"].institution.id)
    page = boss.get("/logistics/").content.decode()
    assert (
        "河西线" in page
        and "<circle" in page
        and stray.number not in page.split("没有班次去取")[-1].split("途中受阻")[0]
    )
    run = Run.objects.get()
    logistics.report_trouble(
        run_id=run.pk, kind="delay", note="堵车", way_on="等候", minutes=20, actor=world.actor("driver")
    )
    assert "堵车" in boss.get("/logistics/").content.decode()
    assert "要装" in boss.get(f"/logistics/runs/{run.pk}/").content.decode()
    assert boss.get(f"/logistics/runs/{run.pk}/print/").content[:5] == b"%PDF-"


def test_a_route_is_written_on_the_page(world: RoadWorld) -> None:
    """Stops by name and time; what is wrong stands beside them and nothing typed is lost."""
    boss = world.client("dispatcher")
    west, county = (world.places[name].id for name in ("west", "county"))
    typed = {
        "name": "新线",
        "weekdays": ["1", "3"],
        "van_id": "",
        "driver_id": "",
        "stop_1": west,
        "at_1": "09:00",
        "stop_2": county,
        "at_2": "08:00",
    }
    refused = boss.post("/logistics/routes/new/", typed)
    assert refused.status_code == 422 and "从早到晚" in refused.content.decode() and "09:00" in refused.content.decode()
    assert boss.post("/logistics/routes/new/", {**typed, "at_2": "10:00"}).status_code == 302
    made = Route.objects.get(name="新线")
    assert made.weekdays == [1, 3] and made.stops.count() == 2
    assert "09:00" in boss.get(f"/logistics/routes/{made.pk}/").content.decode()
    boss.post(f"/logistics/rest/route/{made.pk}/", {"active": "no"})
    assert not Route.objects.get(name="新线").is_active
    assert "新线" in boss.get("/logistics/routes/").content.decode()


def test_the_drivers_taps(world: RoadWorld) -> None:
    """Arrive, load by tap, read the thermometer, leave, put down; a wrong code is said on the page."""
    run, box = world.run(), world.waiting()
    driver = world.client("driver")
    assert "县医院" in driver.get("/logistics/drive/").content.decode()

    def tap(action: str, **more: object) -> str:
        return driver.post(f"/logistics/drive/{run.id}/tap/", {"action": action, **more}, follow=True).content.decode()

    for stop in run.stops[:2]:
        assert "已登记到达" in tap("arrive", key=stop.id)
        if stop.rank == 2:
            assert "已装入标本箱" in tap("load", number=box.number)
            assert "没有编号" in tap("load", number="X")
            assert "超温" in tap("temperature", box="标本箱", celsius="11")
            assert "请填写数字" in tap("temperature", box="标本箱", celsius="冷")
        assert "已登记离开" in tap("leave", key=stop.id)
    assert "请写明" in tap("skip", key=run.stops[2].id)
    assert "不停靠" in tap("skip", key=run.stops[2].id, reason="封路")
    tap("arrive", key=run.stops[3].id)
    assert "请接收人本人签收" in tap("deliver", key=box.id)
    lab = world.client("lab")
    assert "清点签收" in lab.get(f"/logistics/consignments/{box.id}/").content.decode()
    lab.post(f"/logistics/consignments/{box.id}/", {"action": "receive", "pieces_in": "3", "seal_intact": "on"})
    assert Consignment.objects.get(pk=box.id).received_by == world.actor("lab").name
    assert world.client("second").get(f"/logistics/consignments/{box.id}/").status_code == 403


def test_booked_by_hand_and_found_by_code(world: RoadWorld) -> None:
    """A pharmacist sends medicines; the list finds them; a nurse may not book somebody else's goods."""
    druggist = world.client("druggist")
    given = {
        "kind": "medicine",
        "receiver_id": str(world.places["west"].id),
        "band": "2-8",
        "pieces": "2",
        "seal": "Y-1",
    }
    made = druggist.post("/logistics/consignments/new/", given)
    row = Consignment.objects.get(kind="medicine")
    assert made.status_code == 302 and row.state == "waiting"
    assert "今天没有班次" in druggist.get(f"/logistics/consignments/{row.pk}/").content.decode()
    assert row.number in druggist.get("/logistics/consignments/?view=to_send").content.decode()
    assert str(row.pk) in druggist.get(f"/logistics/consignments/?q={row.number}")["Location"]
    assert world.client("nurse").post("/logistics/consignments/new/", given).status_code == 422
    druggist.post(f"/logistics/consignments/{row.pk}/", {"action": "withdraw", "reason": "开错"})
    assert Consignment.objects.get(pk=row.pk).state == "withdrawn"


def test_figures_open_their_rows(world: RoadWorld) -> None:
    """Late and on time, out of temperature, lost, each with its rows; nothing counted is a dash."""
    boss = world.client("dispatcher")
    assert "—" in boss.get("/logistics/figures/").content.decode()
    run, driver = world.run(), world.actor("driver")
    logistics.arrive(stop_id=run.stops[0].id, actor=driver)
    RunStop.objects.filter(pk=run.stops[0].id).update(arrived_at=run.stops[0].planned_at + timedelta(minutes=16))
    box = world.aboard(run)
    logistics.report_loss(consignment_id=box.id, reason="掉落", actor=driver)
    page = boss.get("/logistics/figures/").content.decode()
    assert "0 / 1 站" in page and "丢失 1" in page
    assert box.number in boss.get("/logistics/figures/lost/").content.decode()
    assert "河西线" in boss.get("/logistics/figures/late/").content.decode()
    assert boss.get("/logistics/figures/nothing/").status_code == 404


def test_where_the_van_is(world: RoadWorld) -> None:
    """Nothing is said before the driver switches it on; then board, run and the receiver see the nearest place and the reckoned arrival."""
    run, box = world.run(), None
    county, west = world.places["county"].id, world.places["west"].id
    for place, north in ((county, "33.0"), (west, "33.18")):
        network.locate(institution_id=place, latitude=D(north), longitude=D("115.8"), source="手机定位", actor=BOSS)
    driver = world.actor("driver")
    for stop in run.stops[:2]:
        logistics.arrive(stop_id=stop.id, actor=driver)
        if stop.rank == 2:
            box = world.aboard(run)
        logistics.leave(stop_id=stop.id, actor=driver)
    logistics.skip(stop_id=run.stops[2].id, reason="桥面封闭", actor=driver)
    assert "上报车辆位置" in world.client("driver").get("/logistics/drive/").content.decode()
    with clock.travel(timedelta(minutes=-40)):
        whereabouts.switch_on(kind="logistics_run", subject=run.id, actor=driver)
    assert box is not None
    boss, lab = world.client("dispatcher"), world.client("lab")
    assert "没有位置" in boss.get("/logistics/").content.decode()
    assert "司机没有打开位置上报" in lab.get(f"/logistics/consignments/{box.id}/").content.decode()
    now = clock.now()
    points = [
        whereabouts.PointIn(now - timedelta(minutes=20 - n), 33.18 - 40 / 60 * n / 111.2, 115.8, 12) for n in range(21)
    ]
    whereabouts.report(kind="logistics_run", subject=run.id, points=points, device_at=now, actor=driver)
    board = boss.get("/logistics/").content.decode()
    assert "刚刚" in board and "公里" in board and "车辆位置示意图" in board
    page = boss.get(f"/logistics/runs/{run.id}/").content.decode()
    assert "按位置推算" in page and "只供参考" in page and "p-trail" in page
    page = lab.get(f"/logistics/consignments/{box.id}/").content.decode()
    assert "预计到" in page and "只供参考" in page
    Point.objects.all().delete()
    old = [msgspec.structs.replace(one, at=one.at - timedelta(minutes=20)) for one in points]
    whereabouts.report(kind="logistics_run", subject=run.id, points=old, device_at=now, actor=driver)
    page = lab.get(f"/logistics/consignments/{box.id}/").content.decode()
    assert "20 分钟前" in page and "推算不了" in page and "只供参考" not in page
