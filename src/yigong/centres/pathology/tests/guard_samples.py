"""Real specimens for the guards: one on its way, one cut and stained, one lent, a picture."""

from datetime import date, timedelta
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.pathology import api as pathology
from yigong.centres.pathology.tests.world import picture
from yigong.core.actor import system
from yigong.core.clock import today
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "病理样例"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, township = world.institutions["county"], world.institutions["township"]
    centre = network.create_centre(
        kind="pathology", name="县病理诊断中心", institution_id=county, actor=BOSS, starts_on=date(2026, 1, 1)
    )
    network.serve(centre_id=centre.id, institution_id=township, starts_on=date(2026, 1, 1), actor=BOSS)
    given = residents.NewResident(name=NAME, sex="1", birth_date=today().replace(year=1972))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    waiting, done = (_order(world, person.id, township) for _ in range(2))
    nurse, technician, reader = (world.actor(r) for r in ("nurse", "pathology_technician", "pathologist"))
    _container(waiting, nurse)
    container = _container(done, nurse)
    pathology.receive_container(order_id=done, code=container.code, identity_checked=True, actor=technician)
    block, slide = pathology.gross_container(code=container.code, description="组织", tissues=["1"], actor=technician)
    for station, piece in (("process", block), ("embed", block), ("section", slide), ("stain", slide)):
        pathology.pass_station(station=station, code=piece.code, actor=technician)
    shot = pathology.add_picture(order_id=done, content=picture(), caption="HE", actor=reader)
    loan = pathology.lend(
        codes=[slide.code], borrower="家属", relation="子女", phone="139", destination="省医院", purpose="会诊", deposit=0, promised=True,
        due_on=today() + timedelta(days=5), actor=technician,
    )  # fmt: skip
    one, row = {"order_id": done}, {"specimen_id": container.pk}
    return {
        "pathology:listed": Sample(), "pathology:find": Sample(query=f"?code={container.code}"), "pathology:specimen": Sample(row),
        "pathology:gross": Sample(row), "pathology:receive": Sample(), "pathology:bench": Sample(), "pathology:loans": Sample(),
        "pathology:loan": Sample({"loan_id": loan.pk}), "pathology:print_loan": Sample({"loan_id": loan.pk}),
        "pathology:picture": Sample({"picture_id": shot.pk}), "pathology:figures": Sample(), "pathology:rows": Sample(query="?rate=fixation"),
        "pathology:specimens": Sample({"order_id": waiting}), "pathology:labels": Sample({"order_id": waiting, "kind": "container"}),
        "pathology:check": Sample({"order_id": waiting}), "pathology:case": Sample(one), "pathology:lend": Sample(one),
    }  # fmt: skip


def _container(order_id: Any, nurse: Any) -> Any:
    row = pathology.add_container(order_id=order_id, label="黏膜", actor=nurse)
    return pathology.register_container(code=row.code, fixative="formalin", unknown=True, actor=nurse)


def _order(world: Any, resident_id: Any, township: Any) -> Any:
    return orders.place_order(
        service_code="pathology", resident_id=resident_id, performing_institution_id=township, actor=world.actor("gp"),
        items=[orders.ItemInput("PA-GASTRIC", "胃镜活检", "BIOPSY", "胃")], clinical=orders.Clinical(purpose="明确诊断", diagnosis="胃溃疡"),
        answers={"infection": "no"}, repeat_reason_code="1",
    ).id  # fmt: skip
