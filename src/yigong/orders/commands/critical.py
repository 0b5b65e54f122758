"""The loop of a critical value: found, notified, acknowledged with read-back, acted on, closed; escalated while nobody answers."""

from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.states import api as states
from yigong.orders import policies, queries
from yigong.orders.commands import waiting
from yigong.orders.commands.errors import OpenCritical
from yigong.orders.data import CriticalData
from yigong.orders.events import CriticalAcknowledged, CriticalFlagged
from yigong.orders.models import CriticalValue, Order
from yigong.orders.rules import CRITICAL, service
from yigong.orders.rules.states import LAST_LEVEL
from yigong.tasks import api as tasks

ACKNOWLEDGE = tasks.declare_kind("critical.acknowledge", gettext_lazy("危急值待确认"), pressing=True)
ACT = tasks.declare_kind("critical.act", gettext_lazy("危急值待处置"), pressing=True)
NOTIFY = tasks.declare_kind("critical.notify", gettext_lazy("危急值待电话通知"), pressing=True)
WAYS = {"system": "系统", "phone": "电话", "message": "短信", "mobile": "移动端"}


@transaction.atomic
def flag_critical(*, order_id: UUID, item: str, detail: str, actor: Actor) -> CriticalData:
    """A critical finding: its clocks start and the asking doctor is notified through the platform at once.

    Never waits for the report. ``item`` is a code of the service's list. While it is open the same finding is not flagged again.
    """
    order = policies.access_order(order_id, actor=actor)
    definition = service(order.service)
    rights = definition.rights
    if not any(actor.has(r) for r in (rights.report, rights.review, rights.perform)):
        raise Forbidden(_("危急值由执行或诊断人员上报。"))
    _check_flag(definition.critical_items, item, detail)
    row = CriticalValue(
        order=order, item=item, detail=detail.strip(), found_at=clock.now(), found_by_id=actor.staff_id,
        found_by_name=actor.name,
    )  # fmt: skip
    try:
        with transaction.atomic():
            states.start(CRITICAL, row, "detected", actor=actor)
    except IntegrityError:
        raise _already(order, item) from None
    record(CriticalFlagged(row.pk, order.pk, order.service, order.resident_id, item))
    receiver = order.requesting_staff.name if order.requesting_staff else ""
    row = states.transition(
        CRITICAL, row, "notify", actor=system("platform"), notified_at=clock.now(), way="system", receiver=receiver
    )
    _ask(row, ACKNOWLEDGE, 0)
    told = queries.critical_data(row)
    definition.flagged(told, actor)
    return told


@transaction.atomic
def record_notification(*, critical_id: UUID, way: str, receiver: str, actor: Actor) -> CriticalData:
    """The finder told somebody by telephone or otherwise; the acknowledgement clock starts anew."""
    row = _critical(critical_id, actor)
    if way not in WAYS or not receiver.strip():
        raise InvalidInput(errors={"receiver": _("请选择通知方式并填写接听人姓名。")})
    row = states.transition(
        CRITICAL, row, "notify", actor=actor, notified_at=row.notified_at or clock.now(), way=way,
        receiver=receiver.strip()[:80],
    )  # fmt: skip
    tasks.resolve_task(key=f"{NOTIFY}:{row.pk}", actor=actor)
    return queries.critical_data(row)


@racing("orders.acknowledge_critical")
@transaction.atomic
def acknowledge_critical(*, critical_id: UUID, read_back: bool, actor: Actor) -> CriticalData:
    """Somebody on the called side takes it, having read the value back. Twice by one person is no error; a second person learns who was first."""
    row = _critical(critical_id, actor)
    if row.acknowledged_by_id and row.acknowledged_by_id == actor.staff_id:
        return queries.critical_data(row)
    if not read_back:
        raise InvalidInput(errors={"read_back": _("请先复述患者姓名与危急值内容，再勾选“已复述核对”。")})
    now = clock.now()
    row = states.transition(
        CRITICAL, row, "acknowledge", actor=actor, acknowledged_at=now, acknowledged_by_id=actor.staff_id,
        acknowledged_by_name=actor.name, read_back=True,
    )  # fmt: skip
    _settle(row, actor)
    _ask(row, ACT, 0, staff_id=actor.staff_id, institution_id=actor.institution_id)
    spent = now - (row.notified_at or row.found_at)
    limit = service(row.order.service).clocks.critical_acknowledge
    record(CriticalAcknowledged(row.pk, row.order_id, int(spent.total_seconds() // 60), spent <= limit))
    return queries.critical_data(row)


@transaction.atomic
def act_on_critical(*, critical_id: UUID, measure: str, text: str, actor: Actor) -> CriticalData:
    """What was done for the resident: a coded measure and words."""
    row = _critical(critical_id, actor)
    errors = {}
    if measure not in service(row.order.service).critical_actions:
        errors["measure"] = _("请选择处置方式。")
    if not text.strip():
        errors["text"] = _("请写明处置经过，例如“已由救护车转县医院胸外科”。")
    if errors:
        raise InvalidInput(errors=errors)
    row = states.transition(
        CRITICAL, row, "act", actor=actor, acted_at=clock.now(), measure=measure, measure_text=text.strip()
    )
    tasks.resolve_task(key=f"{ACT}:{row.pk}:0", actor=actor, note=text.strip())
    return queries.critical_data(row)


@transaction.atomic
def close_critical(*, critical_id: UUID, actor: Actor) -> CriticalData:
    """The loop is complete."""
    row = states.transition(CRITICAL, _critical(critical_id, actor), "close", actor=actor, closed_at=clock.now())
    return queries.critical_data(row)


def critical_overdue(row: CriticalValue) -> None:
    """The clock of a critical value ran out: the next link of the chain is called; never only the same person again."""
    if row.state == "acknowledged":  # its own task escalates
        return
    level = min(row.level + 1, LAST_LEVEL)
    row = states.transition(
        CRITICAL, row, "escalate", actor=system("clock"), level=level, reason=_("限时内无人确认，升级通知")
    )
    _ask(row, ACKNOWLEDGE, level)
    tasks.open_task(
        key=f"{NOTIFY}:{row.pk}", kind=NOTIFY, title=waiting.headline(row.order, _("危急值无人确认，请电话通知")),
        institution_id=row.order.reporting_institution_id, staff_id=row.found_by_id,
        role="" if row.found_by_id else service(row.order.service).report_role, urgent=True,
        about_resident_id=row.order.resident_id, subject=("critical", row.pk), url=_url(row), due_at=row.due_at,
    )  # fmt: skip


def _ask(
    row: CriticalValue, kind: str, level: int, *, staff_id: UUID | None = None, institution_id: UUID | None = None
) -> None:
    order = row.order
    who = _link(order, level) if staff_id is None else {"staff_id": staff_id, "institution_id": institution_id}
    label = service(order.service).critical_items.get(row.item, row.item)
    tasks.open_task(
        key=f"{kind}:{row.pk}:{level}", kind=kind, title=waiting.headline(order, f"{_('危急值')} {label}"), urgent=True,
        about_resident_id=order.resident_id, subject=("critical", row.pk), url=_url(row), due_at=row.due_at,
        escalate_to=tasks.Escalation(role="duty_chief"), **who,
    )  # fmt: skip


def _link(order: Order, level: int) -> dict[str, object]:
    """Whom the chain calls at this level; 1 is the duty of the asking side, 2 and 3 the county's duty chief and the director."""
    if level == 0 and order.requesting_staff_id:
        return {"institution_id": order.requesting_institution_id, "staff_id": order.requesting_staff_id}
    if level <= 1:
        return waiting.duty_or_role(order.requesting_institution_id, ("duty_chief", "gp", "village_doctor"))
    return waiting.duty_or_role(order.reporting_institution_id, ("duty_chief" if level == 2 else "director",))


def _settle(row: CriticalValue, actor: Actor) -> None:
    for level in range(LAST_LEVEL + 1):
        tasks.resolve_task(key=f"{ACKNOWLEDGE}:{row.pk}:{level}", actor=actor)
    tasks.resolve_task(key=f"{NOTIFY}:{row.pk}", actor=actor)


def _critical(critical_id: UUID, actor: Actor) -> CriticalValue:
    rows = CriticalValue.objects.select_for_update(of=("self",))
    row = rows.filter(pk=critical_id).first()
    if row is None:
        raise NotFound()
    policies.access_critical(row, actor=actor)
    return row


def _check_flag(items: object, item: str, detail: str) -> None:
    errors = {}
    if item not in items:  # type: ignore[operator]
        errors["item"] = _("请从危急值目录中选择。")
    if not detail.strip():
        errors["detail"] = _("请写明所见，例如“左侧气胸，肺压缩约 70%%”。") % {}
    if errors:
        raise InvalidInput(errors=errors)


def _already(order: Order, item: str) -> OpenCritical:
    known = order.criticals.exclude(state="closed").get(item=item)
    at = known.found_at.astimezone(clock.SHANGHAI).strftime("%m-%d %H:%M")
    label = service(order.service).critical_items.get(item, item)
    return OpenCritical(item=label, who=known.found_by_name, at=at)


def _url(row: CriticalValue) -> str:
    return reverse("orders:critical", args=[row.pk])
