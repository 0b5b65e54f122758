"""Who may see and change an order: the institutions that are party to it, through the rights of its service."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from yigong.access.api import declare
from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, NotFound
from yigong.orders.models import CriticalValue, Order
from yigong.orders.rules.services import service, services

RECOGNITION = declare(
    "orders.recognition", "结果互认统计", roles={"quality_manager", "director", "bureau", "township_manager"}
)
QUALITY = declare("orders.quality", "质控抽查与室间质评", roles={"quality_manager"})

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
