"""Real orders for the guards: one with a signed report, one waiting at the centre with a critical value."""

from datetime import date, timedelta
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.core.actor import system
from yigong.core.clock import today, travel
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "范例一"
DRAFT = {"sections": {"findings": "双肺野清晰。"}, "impression": "未见明确异常。", "positive": False}


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    order, other, value = _orders(world)
    world.things["order"] = order.id
    drawn = _drawn(world)
    words = orders.TemplateText("胸部 正常", "zc", {"impression": "未见异常。"})
    template = orders.write_template(
        service_code="imaging", given=words, actor=world.actor("senior_radiologist"), shared=True
    )
    person = {"service_code": "imaging", "resident_id": order.resident_id}
    one, waiting, listed = {"order_id": order.id}, {"order_id": other.id}, {"service_code": "imaging"}
    return {
        "orders:detail": Sample(one), "orders:act": Sample(one, post={"action": "acknowledge"}), "orders:print": Sample(one),
        "orders:perform": Sample(waiting), "orders:report": Sample(waiting), "orders:draft": Sample(waiting, post={"draft_version": "0"}),
        "orders:flag": Sample(waiting), "orders:critical": Sample({"critical_id": value.id}),
        "orders:new": Sample(person), "orders:check": Sample(person, "?items=DR-CHEST-PA"),
        "orders:items": Sample(listed, "?q=xbzw"), "orders:workbench": Sample(listed), "orders:worklist": Sample(listed),
        "orders:recognition": Sample(), "orders:recognition_rows": Sample(), "orders:repeats": Sample(),
        "orders:templates": Sample({}, "?service=imaging"), "orders:template_new": Sample({}, "?service=imaging"),
        "orders:template_export": Sample({}, "?service=imaging"), "orders:template": Sample({"template_id": template.pk}),
        "orders:template_compare": Sample({"template_id": template.pk}),
        "orders:template_act": Sample({"template_id": template.pk}, post={"action": "retire_shared", "reason": "x"}),
        "orders:quality": Sample(), "orders:quality_figures": Sample(), "orders:quality_rows": Sample(), "orders:quality_export": Sample(),
        "orders:quality_round": Sample({"round_id": drawn.round_id}), "orders:quality_print": Sample({"round_id": drawn.round_id}),
        "orders:quality_sample": Sample({"sample_id": drawn.pk}),
        "orders:assessments": Sample(), "orders:pick_institution": Sample(query="?q=x"), "orders:next": Sample(listed), "orders:statistics": Sample(listed), "orders:list": Sample(query="?view=all"),
    }  # fmt: skip


def _drawn(world: Any) -> Any:
    """The signed report, drawn when its month has ended."""
    day = today()
    with travel(timedelta(days=40)):
        draw = orders.draw_round(definition="imaging-image", period=day, actor=world.actor("quality_manager"))
    return draw.samples.get()


def _orders(world: Any) -> tuple[Any, Any, Any]:
    county, township = world.institutions["county"], world.institutions["township"]
    since = date(2026, 1, 1)
    hosted = [c for c in network.centres_hosted(county) if c.kind == "imaging"]
    centre = (hosted and hosted[0]) or network.create_centre(
        kind="imaging", name="县影像诊断中心", institution_id=county, actor=BOSS, starts_on=since
    )
    if network.serving_centre("imaging", township) is None:
        network.serve(centre_id=centre.id, institution_id=township, starts_on=since, actor=BOSS)
    given = residents.NewResident(name=NAME, sex="1", birth_date=today().replace(year=1970))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    gp, reader, reviewer = (world.actor(role) for role in ("gp", "radiologist", "senior_radiologist"))
    placed = []
    for place in range(2):
        order = orders.place_order(
            service_code="imaging", resident_id=person.id, performing_institution_id=township, actor=gp,
            items=[orders.ItemInput("DR-CHEST-PA", "胸部正位", "DR", "胸部")],
            clinical=orders.Clinical(purpose="排除肺炎", diagnosis="咳嗽"),
        )  # fmt: skip
        orders.study_received(order_id=order.id, study_uid=f"1.2.9.{place}", modality="DX", images=1, actor=BOSS)
        orders.claim(order_id=order.id, actor=reader)
        placed.append(order)
    value = orders.flag_critical(order_id=placed[1].id, item="perforation", detail="膈下游离气体", actor=reader)
    orders.submit_report(order_id=placed[0].id, draft=DRAFT, actor=reader)
    orders.sign_report(order_id=placed[0].id, actor=reviewer)
    return placed[0], placed[1], value
