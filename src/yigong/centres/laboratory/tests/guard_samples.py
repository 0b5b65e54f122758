"""Real tubes for the guards: one to collect, one with a value, one in a box, a control with a hold."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.laboratory import api as laboratory
from yigong.centres.laboratory.models import Tube
from yigong.core.actor import system
from yigong.core.clock import today
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "检验样例"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, township = world.institutions["county"], world.institutions["township"]
    centre = network.create_centre(
        kind="laboratory", name="县医学检验中心", institution_id=county, actor=BOSS, starts_on=date(2026, 1, 1)
    )
    network.serve(centre_id=centre.id, institution_id=township, starts_on=date(2026, 1, 1), actor=BOSS)
    given = residents.NewResident(name=NAME, sex="1", birth_date=today().replace(year=1971))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    waiting, tested = (_order(world, person.id, township, code) for code in ("LAB-CBC", "K"))
    nurse, technician = world.actor("nurse"), world.actor("lab_technician")
    tube = Tube.objects.get(order_id=tested)
    laboratory.collect_tube(number=tube.number, identity_checked=True, actor=nurse)
    box = laboratory.open_box(temperature="2-8", actor=nurse)
    laboratory.pack_tube(box_id=box.id, number=tube.number, actor=nurse)
    laboratory.send_box(box_id=box.id, courier="物流", seal="1", actor=nurse)
    laboratory.receive_box(box_id=box.id, seal_intact=True, tubes_in=1, actor=technician)
    laboratory.receive_tube(number=tube.number, actor=technician)
    laboratory.enter_results(order_id=tested, values={"K": "4.1"}, actor=technician)
    instrument = laboratory.add_instrument(code="GUARD", name="范例仪", institution_id=county, actor=technician)
    lot = laboratory.add_lot(
        instrument_id=instrument.pk, material="质控品", level=1, number="1", expires_on=today(),
        targets={"K": (Decimal(4), Decimal("0.1"))}, actor=technician,
    )  # fmt: skip
    target = lot.targets.get()
    laboratory.add_point(target_id=target.pk, value=Decimal("4.5"), actor=technician)
    return {
        "laboratory:tube": Sample({"tube_id": tube.pk}), "laboratory:find": Sample(query=f"?number={tube.number}"),
        "laboratory:box": Sample({"box_id": box.id}), "laboratory:control": Sample({"target_id": target.pk}),
        "laboratory:labels": Sample({"order_id": waiting}), "laboratory:report": Sample({"order_id": tested}),
        "laboratory:tubes": Sample(), "laboratory:rows": Sample(query="?view=rejected"), "laboratory:boxes": Sample(),
        "laboratory:receive": Sample(), "laboratory:storage": Sample(), "laboratory:outside": Sample(), "laboratory:quality": Sample(),
        "laboratory:lot": Sample(), "laboratory:turnaround": Sample(),
    }  # fmt: skip


def _order(world: Any, resident_id: Any, township: Any, code: str) -> Any:
    return orders.place_order(
        service_code="laboratory", resident_id=resident_id, performing_institution_id=township, actor=world.actor("gp"),
        items=[orders.ItemInput(code, code, "BIO")], clinical=orders.Clinical(purpose="复查", diagnosis="高血压"),
    ).id  # fmt: skip
