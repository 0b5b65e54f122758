"""A route, its run of today with something aboard and waiting, for the guards."""

import json
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

from tests.guards.world import Sample

from yigong.core.clock import now, today
from yigong.logistics import api as logistics
from yigong.logistics.commands.taps import take_taps
from yigong.logistics.data import TapIn


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, township = world.institutions["county"], world.institutions["township"]
    boss, driver, nurse = world.actor("logistics_dispatcher"), world.actor("driver"), world.actor("nurse")
    van = logistics.add_van(plate="川G00001", name="范例车", actor=boss)
    stops = [logistics.StopPlan(place, time(hour)) for place, hour in ((township, 8), (county, 9))]
    route = logistics.save_route(
        name="范例线", weekdays=range(1, 8), stops=stops, van_id=van.pk, driver_id=driver.staff_id, actor=boss
    )
    logistics.make_runs(on=today(), actor=boss)
    run = logistics.runs_of_day(today(), boss)[0]
    boxes = [
        logistics.open_consignment(kind="specimen", receiver_id=county, band="2-8", pieces=1, actor=nurse)
        for _ in range(2)
    ]
    for box in boxes:
        logistics.close_consignment(consignment_id=box.id, actor=nurse)
    logistics.load(number=boxes[0].number, run_id=run.id, actor=driver)
    logistics.arrive(stop_id=run.stops[0].id, actor=boss)
    late = TapIn(id=uuid4(), run=run.id, action="arrive", at=now() - timedelta(minutes=50), key=run.stops[0].id)
    take_taps(taps=[late], device_at=now(), actor=driver)
    sent = json.dumps({"now": now().isoformat(), "taps": []})
    one_run = {"run_id": run.id}
    return {
        "logistics:board": Sample(), "logistics:make": Sample(post={"on": str(today())}), "logistics:send_run": Sample(),
        "logistics:routes": Sample(), "logistics:new_route": Sample(), "logistics:route": Sample({"route_id": route.pk}),
        "logistics:rest": Sample({"kind": "van", "key": van.pk}, post={"active": "yes"}), "logistics:run": Sample(one_run),
        "logistics:assign": Sample(one_run), "logistics:cancel_run": Sample(one_run), "logistics:print_run": Sample(one_run),
        "logistics:drive": Sample(), "logistics:tap": Sample(one_run, post={"action": "arrive", "key": str(run.stops[0].id)}),
        "logistics:trouble": Sample(one_run), "logistics:worker": Sample(), "logistics:token": Sample(),
        "logistics:send": Sample(post={"sent": sent}), "logistics:taps": Sample(), "logistics:tap_review": Sample({"tap_id": late.id}),
        "logistics:consignments": Sample(), "logistics:new_consignment": Sample(),
        "logistics:consignment": Sample({"consignment_id": boxes[1].id}), "logistics:figures": Sample(),
        "logistics:rows": Sample({"name": "sent"}),
    }  # fmt: skip
