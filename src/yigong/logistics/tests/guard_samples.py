"""A route, its run of today with something aboard and waiting, for the guards."""

from datetime import time
from typing import Any

from tests.guards.world import Sample

from yigong.core.clock import today
from yigong.logistics import api as logistics


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
    one_run = {"run_id": run.id}
    return {
        "logistics:board": Sample(), "logistics:make": Sample(post={"on": str(today())}), "logistics:send_run": Sample(),
        "logistics:routes": Sample(), "logistics:new_route": Sample(), "logistics:route": Sample({"route_id": route.pk}),
        "logistics:rest": Sample({"kind": "van", "key": van.pk}, post={"active": "yes"}), "logistics:run": Sample(one_run),
        "logistics:assign": Sample(one_run), "logistics:cancel_run": Sample(one_run), "logistics:print_run": Sample(one_run),
        "logistics:drive": Sample(), "logistics:tap": Sample(one_run, post={"action": "arrive", "key": str(run.stops[0].id)}),
        "logistics:trouble": Sample(one_run), "logistics:skip": Sample({"stop_id": run.stops[1].id}),
        "logistics:consignments": Sample(), "logistics:new_consignment": Sample(),
        "logistics:consignment": Sample({"consignment_id": boxes[1].id}), "logistics:figures": Sample(),
        "logistics:rows": Sample({"name": "sent"}),
    }  # fmt: skip
