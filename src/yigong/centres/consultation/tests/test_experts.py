"""Who may be asked: a consultation on a tracing, a slide, an image or a value is led by whoever reads these every day."""

import pytest

from yigong.centres.consultation import api as consultation
from yigong.centres.consultation.policies import EXPERTS
from yigong.centres.consultation.rules.definitions import parameters
from yigong.centres.consultation.tests.world import CONCLUSION, ConsultWorld
from yigong.core.errors import Forbidden
from yigong.orders.tests.world import person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", sorted(EXPERTS))
def test_every_kind_of_expert_leads_a_consultation_to_its_end(world: ConsultWorld, role: str) -> None:
    """Invited, accepted, held, opinion signed, conclusion issued; somebody of the same post who was not asked is refused."""
    assert role in parameters().expert_roles
    expert, other = (person(name, world.base.county, role) for name in ("卢医师", "周医师"))
    order = world.accepted()
    asked = [consultation.Invitee(expert.staff_id, off_roster="电话约定")]
    (invitation,) = consultation.invite(
        order_id=order.id, experts=asked, starts_at=world.tomorrow, actor=world.coordinator
    )
    consultation.answer(invitation_id=invitation.pk, accept=True, actor=expert)
    consultation.begin(order_id=order.id, present=[invitation.pk], asking=["王敏"], actor=world.coordinator)
    consultation.finish(order_id=order.id, actor=world.coordinator)
    with pytest.raises(Forbidden):
        consultation.sign_opinion(order_id=order.id, text="同意。", actor=other)
    consultation.sign_opinion(order_id=order.id, text="同意。", actor=expert)
    with pytest.raises(Forbidden):
        consultation.conclude(order_id=order.id, given=CONCLUSION, actor=other)
    assert consultation.conclude(order_id=order.id, given=CONCLUSION, actor=expert).state == "final"
