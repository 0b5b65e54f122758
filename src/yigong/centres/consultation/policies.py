"""Rights of the consultation centre, and who may see one consultation."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.api import declare
from yigong.access.data import Decision
from yigong.centres.consultation.models import Consultation, Invitation
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound

# Consultations are on images, tracings, slides and values too, and on nursing and medicines. Which of these a county invites is said in its
# pack (``expert_roles``); the invitation names the one, without it nobody may write or sign anything.
_READERS = {
    "specialist", "ecg_reader", "radiologist", "senior_radiologist", "lab_doctor", "pathologist", "senior_pathologist",
}  # fmt: skip
EXPERTS = _READERS | {"gp", "nurse", "pharmacist"}

REQUEST = declare("consultation.request", "申请远程会诊", roles={"gp", "specialist", "township_manager"})
COORDINATE = declare("consultation.coordinate", "受理和安排会诊", roles={"referral_office", "duty_chief"})
OPINE = declare("consultation.opine", "书写会诊意见", roles=EXPERTS)
REVIEW = declare("consultation.review", "签发会诊结论", roles=EXPERTS)
MINE = declare("consultation.mine", "我的会诊（菜单）", roles=_READERS)
STATISTICS = declare(
    "consultation.statistics",
    "会诊统计",
    roles={"referral_office", "quality_manager", "director", "bureau", "township_manager"},
)

ANSWERABLE = ("invited", "accepted", "opined")
READABLE = ("accepted", "opined")


def is_asker(row: Consultation, actor: Actor) -> bool:
    """Whether the actor asks, for an institution that asked."""
    return actor.has(REQUEST) and row.order.requesting_institution_id in actor.places


def is_coordinator(row: Consultation, actor: Actor) -> bool:
    """Whether the actor arranges consultations at the centre."""
    return actor.has(COORDINATE) and row.order.performing_institution_id in actor.places


def invitation_of(row: Consultation, actor: Actor, states: tuple[str, ...] = ANSWERABLE) -> Invitation | None:
    """The actor's own invitation in one of these states."""
    if actor.staff_id is None:
        return None
    return row.invitations.filter(expert_id=actor.staff_id, state__in=states).order_by("-id").first()


def decide(actor: Actor, action: str, order_id: UUID) -> Decision:
    """May the actor see this consultation? The asking side, the centre's coordinators, and whoever is invited may."""
    row = Consultation.objects.select_related("order").filter(order_id=order_id).first()
    if row is None:
        return Decision(False, "none", _("没有这次会诊。"))
    resident = row.order.resident_id
    if actor.is_system:
        return Decision(True, "system", _("系统操作"), resident_id=resident)
    if is_asker(row, actor) or is_coordinator(row, actor) or invitation_of(row, actor):
        return Decision(True, "order", _("您是这次会诊的一方。"), resident_id=resident)
    sentence = _("您不是这次会诊的申请方、会诊中心或受邀专家。")
    return Decision(False, "none", sentence, _("如需参加，请联系会诊中心邀请。"), resident_id=resident)


def access_consultation(order_id: UUID, *, actor: Actor, lock: bool = False) -> Consultation:
    """The consultation of an order, or the reasoned refusal; commands lock it."""
    rows = Consultation.objects.select_related("order")
    row = (rows.select_for_update(of=("self",)) if lock else rows).filter(order_id=order_id).first()
    if row is None:
        raise NotFound(_("没有这次会诊。"))
    decision = decide(actor, "write", order_id)
    if not decision.allowed:
        raise Forbidden(f"{decision.explanation}{decision.next_step}")
    return row


def must_coordinate(row: Consultation, actor: Actor) -> None:
    """Only the centre arranges."""
    if not (actor.is_system or is_coordinator(row, actor)):
        raise Forbidden(_("会诊由会诊中心安排，请联系县医院转诊办或总值班。"))


def is_host(row: Consultation, actor: Actor) -> bool:
    """Whether the actor leads this consultation and has accepted to."""
    own = invitation_of(row, actor, READABLE)
    return own is not None and own.is_lead


def host_waits_for(row: Consultation) -> str:
    """Why the host may not begin by himself yet; empty when he may: an urgent consultation at once, any other when everybody has answered or its
    time has come."""
    if row.order.priority == "urgent" or (row.starts_at and row.starts_at <= clock.now()):
        return ""
    silent = list(row.invitations.filter(state="invited").values_list("expert__name", flat=True).order_by("id"))
    if not silent:
        return ""
    return _("%(names)s尚未应答，会诊时间未到；都应答后或到了会诊时间，主持专家可以开始会诊。") % {
        "names": "、".join(silent)
    }


def must_lead_session(row: Consultation, actor: Actor) -> None:
    """The centre begins and ends a session; its host does so himself once nobody has to be waited for."""
    if actor.is_system or is_coordinator(row, actor):
        return
    if not is_host(row, actor):
        raise Forbidden(_("会诊由会诊中心或主持专家开始和结束。"))
    if not row.began_at and (why := host_waits_for(row)):
        raise Forbidden(why)


def must_ask(row: Consultation, actor: Actor) -> None:
    """Only the asking side carries advice out and evaluates."""
    if not (actor.is_system or is_asker(row, actor)):
        raise Forbidden(_("由申请机构的医师办理。"))


def not_yet(row: Consultation, actor: Actor) -> str:
    """Why the file is not shown."""
    if row.closed_at:
        return _("会诊已结束，资料不再调阅。")
    if invitation_of(row, actor, ("invited",)):
        return _("接受邀请后才能调阅会诊资料。")
    return _("会诊资料只供申请方和已接受邀请的专家调阅。")
