"""Real ECGs for the guards: one at the centre, one that waits for an order."""

from datetime import date
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.ecg.commands import receiving
from yigong.centres.ecg.signals.synthetic import Heart, synthesise
from yigong.centres.ecg.signals.tracing import Subject
from yigong.centres.ecg.tests import writers
from yigong.core.actor import system
from yigong.core.clock import today
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "范例心"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, township = world.institutions["county"], world.institutions["township"]
    since = date(2026, 1, 1)
    hosted = [c for c in network.centres_hosted(county) if c.kind == "ecg"]
    centre = (hosted and hosted[0]) or network.create_centre(
        kind="ecg", name="县心电诊断中心", institution_id=county, actor=BOSS, starts_on=since
    )
    if network.serving_centre("ecg", township) is None:
        network.serve(centre_id=centre.id, institution_id=township, starts_on=since, actor=BOSS)
    given = residents.NewResident(name=NAME, sex="1", birth_date=today().replace(year=1970))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    gp = world.actor("gp")
    order = orders.place_order(
        service_code="ecg", resident_id=person.id, performing_institution_id=township, actor=gp,
        items=[orders.ItemInput("ECG-12", "常规十二导联心电图", "REST", "心脏")], answers={"chest_pain": "no"},
        clinical=orders.Clinical(purpose="排除心肌缺血", diagnosis="胸闷"),
    )  # fmt: skip
    kept = receiving.upload(content=_file(1), file_name="1.scp", order_id=order.id, actor=gp).recording
    waits = receiving.upload(content=_file(2, Subject("?", NAME)), file_name="2.scp", actor=gp).recording
    one, both, other = (
        {"order_id": order.id},
        {"order_id": order.id, "recording_id": kept.id},
        {"recording_id": waits.id},
    )
    return {
        "ecg:record": Sample(one), "ecg:trace": Sample(one), "ecg:print": Sample(one), "ecg:picture": Sample(both),
        "ecg:original": Sample(both), "ecg:match": Sample(other), "ecg:discard": Sample(other, post={"reason": ""}),
        "ecg:unmatched": Sample(), "ecg:upload": Sample(), "ecg:pick_order": Sample(query="?q=fl"),
    }  # fmt: skip


def _file(seed: int, subject: Subject | None = None) -> bytes:
    return writers.scp(synthesise(Heart(), seconds=3, seed=seed, subject=subject or Subject("", NAME, "M")))
