"""Real consultations for the guards: one concluded, one waiting for experts, one with an invitation that waits."""

from datetime import date, timedelta
from typing import Any

from tests.guards.world import Sample

from yigong.access import api as access
from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.models import Invitation
from yigong.core import clock
from yigong.core.actor import system
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.residents import api as residents

BOSS = system("guards")
NAME = "范例会诊"


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    county, township = world.institutions["county"], world.institutions["township"]
    since = date(2026, 1, 1)
    centre = network.create_centre(
        kind="consultation", name="县远程会诊中心", institution_id=county, actor=BOSS, starts_on=since
    )
    network.serve(centre_id=centre.id, institution_id=township, starts_on=since, actor=BOSS)
    given = residents.NewResident(name=NAME, sex="2", birth_date=clock.today().replace(year=1969, day=1))
    person = residents.register_resident(given=given, actor=BOSS).resident
    world.people.append(NAME)
    access.open_relationship(resident_id=person.id, institution_id=township, basis="registration")
    concluded, waiting, asked = (_ask(world, person.id) for _n in range(3))
    lead = world.actor("specialist")
    for n, order in enumerate((concluded, asked)):
        at = clock.now() + timedelta(days=1, hours=n)
        [invitation] = consultation.invite(
            order_id=order.id,
            experts=[consultation.Invitee(lead.staff_id, True, "电话约定")],
            starts_at=at,
            actor=world.actor("referral_office"),
        )
        if n == 0:
            consultation.answer(invitation_id=invitation.pk, accept=True, actor=lead)
    coordinator = world.actor("referral_office")
    row = concluded.id
    own = accepted_of(row)
    consultation.begin(order_id=row, present=own, asking=["范例"], actor=coordinator)
    consultation.finish(order_id=row, actor=coordinator)
    consultation.sign_opinion(order_id=row, text="同意", actor=lead)
    consultation.conclude(
        order_id=row,
        given=consultation.Conclusion("结论", "", (consultation.AdviceLine("tests", "复查", 3),)),
        actor=lead,
    )
    one, other = {"order_id": row}, {"order_id": waiting.id}
    return {
        "consultation:mine": Sample(query="?view=done"), "consultation:experts": Sample(query="?q=x"), "consultation:desk": Sample(query="?view=all"), "consultation:figures": Sample(),
        "consultation:rows": Sample(query="?measure=advised"), "consultation:new": Sample({"resident_id": person.id}),
        "consultation:detail": Sample(one), "consultation:act": Sample({"order_id": asked.id}, post={"action": "meeting", "meeting_url": ""}), "consultation:file": Sample(one),
        "consultation:records": Sample(other), "consultation:invite": Sample(other), "consultation:begin": Sample({"order_id": asked.id}),
        "consultation:replace": Sample({"order_id": asked.id, "invitation_id": invitation.pk}), "consultation:opinion": Sample(one),
        "consultation:conclude": Sample(one), "consultation:evaluate": Sample(one), "consultation:print": Sample(one),
    }  # fmt: skip


def accepted_of(order_id: Any) -> list[Any]:
    """The keys of the accepted invitations of an order."""
    found = Invitation.objects.filter(consultation__order_id=order_id, state="accepted")
    return list(found.values_list("pk", flat=True))


def _ask(world: Any, resident_id: Any) -> Any:
    order = consultation.request_consultation(
        given=consultation.NewConsultation(
            resident_id=resident_id, item_code="HZ-CLIN", purpose_code="diagnosis", consent=True, priority="urgent", gap="范例",
            clinical=orders.Clinical(purpose="范例问题", diagnosis="待查"),
        ),
        actor=world.actor("gp"),
    )  # fmt: skip
    return orders.accept_order(order_id=order.id, actor=world.actor("referral_office"))
