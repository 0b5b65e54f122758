"""Real packs for the guards: some on the way, a load, a delivery, a shortage, a recall with a patient."""

from datetime import date
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.sterile.commands import machines, monitoring, processing, registering, supplying
from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import RecallItem, Shortage
from yigong.centres.sterile.tests.world import SterileWorld
from yigong.core.actor import system
from yigong.core.clock import today
from yigong.network import api as network
from yigong.records import api as records
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "范例包"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    town = _world(world)
    used, back, shelf = town.stored(3)
    load = town.pack(used).round.load_id
    town.received([used, back])
    town.use(used)
    town.use(back)
    counted = Context(second="王司机", counted={"WP-100": 0})
    processing.collect(code=back, actor=town.technician, context=counted)
    asked = supplying.request_packs(quantities={"HYB-XZ": 1}, needed_on=today(), actor=town.nurse)
    row = town.delivery(request_id=asked.pk)
    supplying.issue(code=shelf, actor=town.technician, context=Context(delivery_id=row.pk))
    supplying.send_delivery(delivery_id=row.pk, courier="老陈", container="X-1", actor=town.technician)
    monitoring.record_result(load_id=load, kind="biological", good=False, note="阳性", actor=town.technician)
    return _addresses(town, used, load, asked.pk, row.pk)


def _addresses(town: SterileWorld, used: str, load: Any, asked: Any, delivery: Any) -> dict[str, Any]:
    item = RecallItem.objects.filter(state="exposed").first()
    assert item is not None
    pack, one_load, machine = {"pack_id": town.pack(used).pk}, {"load_id": load}, {"machine_id": town.steriliser.pk}
    recall, sent, wanted = {"recall_id": item.recall_id}, {"delivery_id": delivery}, {"request_id": asked}
    short = {"shortage_id": Shortage.objects.values_list("pk", flat=True)[0]}
    plain = ["board", "packs", "register", "labels", "sets", "pick_set", "loads", "new_machine", "requests", "new_request", "new_delivery",
             "shortages", "recalls", "costs", "export_costs", "print_costs", "figures", "scan_first"]  # fmt: skip
    found = {f"sterile:{name}": Sample() for name in plain}
    for names, keys in (
        (("pack", "count", "undo", "aside"), pack), (("load", "finish", "result", "early", "reject", "cancel_load"), one_load),
        (("machine", "new_load", "machine_test", "stop"), machine), (("recall", "close_recall", "print_recall"), recall),
        (("delivery", "send", "cancel_delivery", "report_missing", "print_delivery"), sent), (("request",), wanted),
        (("settle_shortage", "reopen_shortage"), short), (("use",), {"resident_id": town.resident_id}),
        (("rows",), {"kind": "issue"}), (("scan",), {"step": "sort"}),
        (("settle",), {"item_id": item.pk, "action": "assess"}), (("end_request",), {**wanted, "action": "close"}),
    ):  # fmt: skip
        found |= {f"sterile:{name}": Sample(keys) for name in names}
    for names, keys in ((("start", "release"), one_load), (("resume",), machine), (("deliver",), wanted), (("receive_all",), sent), (("seal_all",), recall)):  # fmt: skip
        found |= {f"sterile:{name}": Sample(keys, post={}) for name in names}
    found["sterile:find"] = Sample(query=f"?code={used}")
    return found


def _world(world: Any) -> SterileWorld:
    county, township, since = world.institutions["county"], world.institutions["township"], date(2026, 1, 1)
    hosted = [c for c in network.centres_hosted(county) if c.kind == "sterile"]
    centre = (hosted and hosted[0]) or network.create_centre(
        kind="sterile", name="县消毒供应中心", institution_id=county, actor=BOSS, starts_on=since
    )
    if network.serving_centre("sterile", township) is None:
        network.serve(centre_id=centre.id, institution_id=township, starts_on=since, actor=BOSS)
    given = residents.NewResident(name=NAME, sex="2", birth_date=today().replace(year=1970))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    nurse, technician = world.actor("nurse"), world.actor("sterile_technician")
    visit = records.open_encounter(resident_id=person.id, kind="outpatient", actor=nurse, complaint="换药")
    assert registering.centre_of(technician) == county
    return SterileWorld(
        county, township, township, technician, technician, nurse, nurse, nurse, world.actor("quality_manager"),
        world.actor("township_manager"), person.id, visit.id,
        machines.create_machine(code="Q1", name="清洗消毒器 1 号", method="washer", actor=technician),
        machines.create_machine(code="M1", name="压力蒸汽灭菌器 1 号", method="steam", actor=technician),
    )  # fmt: skip
