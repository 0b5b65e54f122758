"""Objects of this room for the guards that walk every address."""

from datetime import time, timedelta
from typing import Any

from tests.guards.world import BOSS, Sample, World

from yigong.core import clock
from yigong.network import api as network
from yigong.network.models import CentreService, Membership, Post


def samples(world: World) -> dict[str, Any]:
    """A centre that serves, a department, a secondment, a shift, and the people of the world."""
    county, township = world.institutions["county"], world.institutions["township"]
    centre = network.create_centre(kind="ecg", name="县心电诊断中心", institution_id=county, actor=BOSS)
    network.serve(centre_id=centre.id, institution_id=township, actor=BOSS)
    department = network.create_department(
        institution_id=county, code="3201", name="放射科", specialty="3201", actor=BOSS
    )
    world.things |= {"ecg_centre": centre.id, "department": department.id}
    person = world.accounts["specialist"].staff_id
    facts = {"form": "support", "reason": "坐诊", "actor": BOSS}
    secondment = network.second_staff(staff_id=person, institution_id=township, **facts)
    shift = {"starts_at": clock.now(), "ends_at": clock.now() + timedelta(hours=8)}
    duty = network.plan_duty(institution_id=county, role="duty_chief", staff_id=person, actor=BOSS, **shift)
    need = network.set_duty_need(
        institution_id=county, role="duty_chief", weekdays="67", begins=time(8), ends=time(20), people=1, actor=BOSS
    )
    mine = network.plan_duty(
        institution_id=county, role="specialist", staff_id=person, actor=BOSS,
        starts_at=clock.now() + timedelta(days=2), ends_at=clock.now() + timedelta(days=2, hours=8),
    )  # fmt: skip
    other = network.create_staff(code="G-standin", name="试替班", sex="1", actor=BOSS)
    network.assign_post(staff_id=other.id, institution_id=county, role="specialist", actor=BOSS)
    swap = network.offer_swap(duty_id=mine.id, actor=world.actor("specialist"), colleague_id=other.id)
    verdict = network.record_accreditation(
        institution_id=township,
        kind="service",
        level="basic",
        starts_on=clock.today(),
        document="通报",
        decided_by="局",
        actor=BOSS,
    )
    staff, house = Sample({"staff_id": person}), Sample({"institution_id": county})
    alliance, served = Sample({"alliance_id": world.things["alliance"]}), Sample({"centre_id": centre.id})
    return {
        **{f"network:{name}": house for name in _HOUSE},
        **{f"network:{name}": staff for name in _STAFF},
        "network:alliance": alliance,
        "network:join_alliance": alliance,
        "network:leave_alliance": Sample({"membership_id": Membership.objects.values_list("id", flat=True)[0]}),
        "network:centre": served,
        "network:serve": served,
        "network:end_service": Sample({"service_id": CentreService.objects.values_list("id", flat=True)[0]}),
        "network:end_post": Sample({"post_id": Post.objects.filter(staff_id=person).values_list("id", flat=True)[0]}),
        "network:end_secondment": Sample({"secondment_id": secondment.id}),
        "network:cancel_duty": Sample({"duty_id": duty.id}),
        "network:end_duty_need": Sample({"need_id": need.id}),
        "network:offer_swap": Sample({"duty_id": mine.id}),
        "network:swap": Sample({"swap_id": swap.id}),
        "network:withdraw_accreditation": Sample({"accreditation_id": verdict}),
        "network:answer_swap": Sample({"swap_id": swap.id}),
        "network:institutions": Sample(query="?q=石桥&primary=P1"),
        "network:staff": Sample(query=f"?role=gp&institution={township}"),
        "network:roster": Sample(query=f"?institution={county}&week=2026-11-22"),
    }


_HOUSE = [
    "institution",
    "change_institution",
    "close_institution",
    "count_institution",
    "locate_institution",
    "add_department",
    "add_centre",
    "add_accreditation",
    "plan_duty",
    "copy_week",
    "duty_needs",
    "add_duty_need",
]
_STAFF = ["person", "add_post", "second_staff", "add_qualification"]
