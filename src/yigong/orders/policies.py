"""Who may see and change an order: the institutions that are party to it, through the rights of its service."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access.api import declare
from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.network import api as network
from yigong.orders.models import CriticalValue, Order, QualitySample
from yigong.orders.rules.services import service, services

RECOGNITION = declare(
    "orders.recognition", "结果互认统计", roles={"quality_manager", "director", "bureau", "township_manager"}
)
QUALITY = declare("orders.quality", "质控抽查与室间质评", roles={"quality_manager"})
SCORE = declare(
    "orders.score", "质控评分",
    roles={
        "quality_manager", "radiologist", "senior_radiologist", "ecg_reader", "lab_technician", "lab_doctor", "pathologist",
        "senior_pathologist", "specialist", "referral_office",
    },
)  # fmt: skip

SIDES = ("requesting_institution_id", "performing_institution_id", "reporting_institution_id")


def visible(actor: Actor) -> QuerySet[Order]:
    """Every order the actor may read (the list twin of ``decide``)."""
    if actor.is_system:
        return Order.objects.all()
    here = actor.places
    party = Q(requesting_institution_id__in=here) | Q(performing_institution_id__in=here)
    party |= Q(reporting_institution_id__in=here)
    return Order.objects.filter(party, service__in=_services_of(actor))


def decide(actor: Actor, action: str, order_id: UUID) -> Decision:
    """May the actor read this order? Parties with any right of its service may; the answer says on which side they stand."""
    order = Order.objects.filter(pk=order_id).only("service", "resident_id", *SIDES).first()
    if order is None:
        return Decision(False, "none", _("没有这张申请单。"))
    return _decide(actor, order)


def access_order(order_id: UUID, *, actor: Actor) -> Order:
    """The order, or the reasoned refusal."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None:
        raise NotFound()
    decision = _decide(actor, order)
    if not decision.allowed:
        raise Forbidden(f"{decision.explanation}{decision.next_step}")
    return order


def access_critical(row: CriticalValue, *, actor: Actor) -> None:
    """Whoever may read the order may read its critical value; besides, anybody who works at one of its institutions,
    because the chain may call a person whose post does not otherwise handle this service."""
    if actor.is_system or _sides(row.order) & actor.places:
        return
    raise Forbidden(_("您所在的机构不是这项危急值的任何一方。"))


def decide_critical(actor: Actor, action: str, critical_id: UUID) -> Decision:
    """May the actor read this critical value? Whoever works at one of its institutions may."""
    row = CriticalValue.objects.select_related("order").filter(pk=critical_id).first()
    if row is None:
        return Decision(False, "none", _("没有这项危急值。"))
    try:
        access_critical(row, actor=actor)
    except Forbidden as refusal:
        return Decision(False, "none", str(refusal), resident_id=row.order.resident_id)
    return Decision(True, "order", _("您所在的机构是本单的一方。"), resident_id=row.order.resident_id)


_TOLD = ("feedback", "answered", "contested", "closed")


def visible_samples(actor: Actor) -> QuerySet[QualitySample]:
    """Drawn reports that the actor may read: a manager's and a scorer's of his centre, one's own and those one's institution answers for
    once they are fed back, and for statistics those of one's institution and below."""
    if actor.is_system:
        return QualitySample.objects.all()
    here = list(actor.places)
    found = Q(person_id=actor.staff_id, state__in=_TOLD) if actor.staff_id else Q(pk=None)
    found |= Q(answerer_id__in=here, state__in=_TOLD)
    counted = [code for code, one in services().items() if actor.has(one.rights.statistics)]
    if counted and actor.institution_id:
        below = network.descendants(actor.institution_id)
        found |= Q(institution_id__in=below, round__service__in=counted, state__in=_TOLD)
        found |= Q(round__institution_id__in=here, round__service__in=counted)
    if actor.has(QUALITY) or actor.has(SCORE):
        found |= Q(round__institution_id__in=here)
    rows = QualitySample.objects.filter(found)
    # Whoever had a hand in a report does not learn that it was drawn before it is fed back.
    return rows.exclude(parties__contains=[actor.staff_id], state__in=("drawn", "read", "scored", "dropped"))


def decide_sample(actor: Actor, action: str, sample_id: UUID) -> Decision:
    """May the actor read this drawn report?"""
    row = QualitySample.objects.select_related("order").filter(pk=sample_id).first()
    if row is None:
        return Decision(False, "none", _("没有这份质控样本。"))
    if visible_samples(actor).filter(pk=sample_id).exists():
        return Decision(True, "order", _("您评审、整改或统计这份质控样本。"), resident_id=row.order.resident_id)
    explanation = _("这份质控样本只供中心质控员、评分人查看，反馈后供被检查的人和机构查看。")
    return Decision(False, "none", explanation, resident_id=row.order.resident_id)


def require_statistics(service_code: str, actor: Actor) -> None:
    """Statistics are a right of their own."""
    if not actor.has(service(service_code).rights.statistics):
        raise Forbidden(_("您没有查看统计的权限，请联系中心负责人。"))


def _decide(actor: Actor, order: Order) -> Decision:
    def answer(allowed: bool, basis: str, explanation: str, next_step: str = "") -> Decision:
        return Decision(allowed, basis, explanation, next_step, resident_id=order.resident_id)

    if actor.is_system:
        return answer(True, "system", _("系统操作"))
    if order.service not in _services_of(actor):
        return answer(False, "none", _("您的岗位不办理这类业务。"), _("如需办理，请联系本机构管理员。"))
    here = actor.places
    for side, label in zip(SIDES, (_("申请机构"), _("执行机构"), _("诊断中心")), strict=True):
        if getattr(order, side) in here:
            return answer(True, "order", _("您所在的机构是本单的%(side)s。") % {"side": label})
    next_step = _("如因诊疗需要，请在居民档案中查看其报告。")
    return answer(False, "none", _("您所在的机构不是这张申请单的任何一方。"), next_step)


def _sides(order: Order) -> set[UUID]:
    return {getattr(order, side) for side in SIDES}


def _services_of(actor: Actor) -> list[str]:
    found = []
    for code, one in services().items():
        rights = one.rights
        if any(actor.has(r) for r in (rights.request, rights.perform, rights.report, rights.review, rights.work) if r):
            found.append(code)
    return found
