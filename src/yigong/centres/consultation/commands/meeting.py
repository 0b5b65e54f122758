"""The session: who took part, its end, an asking side that did not come."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import waiting
from yigong.centres.consultation.commands.errors import WrongMoment
from yigong.centres.consultation.models import Attendance, Consultation
from yigong.centres.consultation.rules.workflow import INVITATION
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.states import api as states
from yigong.orders import api as orders


@transaction.atomic
def begin(*, order_id: UUID, present: Collection[UUID], asking: Sequence[str], actor: Actor) -> Consultation:
    """The session begins: invitations whose experts are here, and the names of those who came for the asking side. The centre begins it, or its
    host when he need not wait for anybody (``policies.host_waits_for``)."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_lead_session(row, actor)
    names = [name.strip()[:80] for name in asking if name.strip()]
    errors = {}
    if not names:
        errors["asking"] = _("请填写申请方参加人员。")
    experts = [
        i
        for i in row.invitations.filter(state="accepted").select_related("expert", "institution")
        if i.pk in set(present)
    ]
    if not experts:
        errors["present"] = _("请勾选到场的专家（须已接受邀请）。")
    if errors:
        raise InvalidInput(errors=errors)
    if row.order.state != "checked_in" or row.began_at:  # arrival may have been noted by the mechanism's own step
        orders.check_in(order_id=order_id, actor=_for_centre(actor))
    row.began_at = clock.now()
    row.save(update_fields=["began_at"])
    for invitation in experts:
        type(invitation).objects.filter(pk=invitation.pk).update(attended=True)
        _attend(row, Attendance.Side.INVITED, invitation.expert.name, invitation.institution.short_name)
    place = row.order.requesting_institution.short_name
    for name in dict.fromkeys(names):
        _attend(row, Attendance.Side.ASKING, name, place)
    return row


@transaction.atomic
def finish(*, order_id: UUID, actor: Actor) -> Consultation:
    """The session is over: who was expected and did not come is noted as absent, and the conclusion is waited for."""
    row = policies.access_consultation(order_id, actor=actor, lock=True)
    policies.must_lead_session(row, actor)
    if row.began_at is None or row.ended_at:
        raise WrongMoment(state=orders.order_facts(order_id).state_label, what=_("结束会诊"))
    carrier = _for_centre(actor)
    for invitation in row.invitations.filter(state__in=("invited", "accepted")).exclude(attended=True):
        states.transition(INVITATION, invitation, "miss", actor=carrier, attended=False)
        access.close_relationships(source=invitation.pk)
        waiting.expert_done(invitation, actor=actor)
    row.ended_at = clock.now()
    row.save(update_fields=["ended_at"])
    orders.finish_performing(order_id=order_id, actor=carrier)
    orders.material_received(order_id=order_id, actor=carrier)
    return row


def _for_centre(actor: Actor) -> Actor:
    """The same person taking the centre's steps of the order; whether he may was decided here."""
    return replace(actor, role="system")


def _attend(row: Consultation, side: str, name: str, place: str) -> None:
    Attendance.objects.get_or_create(consultation=row, side=side, name=name, defaults={"institution_name": place[:80]})
