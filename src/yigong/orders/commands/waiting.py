"""The tasks that orders open for whoever is waited for. One place, so that each task has one opener and one end."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.orders.models import Order, Report
from yigong.orders.rules.services import service
from yigong.residents import api as residents
from yigong.tasks import api as tasks

ACCEPT = tasks.declare_kind("order.accept", gettext_lazy("待接收申请"))
LATE = tasks.declare_kind("order.late", gettext_lazy("检查逾期未完成"))
REPEAT = tasks.declare_kind("order.repeat", gettext_lazy("退回待重做"))
IDENTITY = tasks.declare_kind("order.identity", gettext_lazy("身份核实"))
REJECTED = tasks.declare_kind("order.rejected", gettext_lazy("申请被拒绝"))
READ = tasks.declare_kind("report.read", gettext_lazy("待出报告"))
REVIEW = tasks.declare_kind("report.review", gettext_lazy("待审核报告"))
RETURNED = tasks.declare_kind("report.returned", gettext_lazy("审核退回"))
ACKNOWLEDGE = tasks.declare_kind("report.acknowledge", gettext_lazy("报告待查阅"))
CALLED = tasks.declare_kind("report.called", gettext_lazy("危急待出报告"), pressing=True)
AMENDED = tasks.declare_kind("report.amended", gettext_lazy("报告已更正"))


def key(kind: str, order: Order) -> str:
    """The key of the one open task of this kind about this order."""
    return f"{kind}:{order.pk}"


def headline(order: Order, text: str) -> str:
    """What the to-do list shows: what is wanted, of which examination, for whom."""
    person = residents.resident_names([order.resident_id]).get(order.resident_id)
    items = "、".join(order.items.values_list("name", flat=True))
    return f"{text}：{person.name if person else ''} {items}"


def ask_performer(order: Order, kind: str, text: str, due_at: datetime | None = None) -> None:
    """Ask the performing institution's post: the first of the service's that anybody holds there."""
    definition = service(order.service)
    posts = (definition.perform_role, *definition.perform_roles)
    post = next((role for role in posts if network.posts_at(order.performing_institution_id, role)), posts[0])
    _ask(order, kind, text, order.performing_institution_id, role=post, due_at=due_at)


def ask_centre(
    order: Order, kind: str, text: str, *, review: bool = False, due_at: datetime | None = None, duty: bool = False
) -> None:
    """Ask the centre's readers or reviewers; with ``duty`` the one on the roster, where there is one."""
    definition = service(order.service)
    post = definition.review_role if review else definition.report_role
    person = network.duty_staff(order.reporting_institution_id, post) if duty else None
    who: dict[str, Any] = {"staff_id": person.id} if person else {"role": post}
    _ask(order, kind, text, order.reporting_institution_id, due_at=due_at, **who)


def call_duty(order: Order, role: str, place: int, reason: str) -> None:
    """Somebody more is called because nobody takes this order; each call is a task of its own."""
    who = duty_or_role(order.reporting_institution_id, (role,))
    text = _("无人认领，请立即处理（%(why)s）") % {"why": reason}
    tasks.open_task(
        key=f"{key(CALLED, order)}:{place}", kind=CALLED, title=headline(order, text), urgent=True,
        about_resident_id=order.resident_id, subject=("order", order.pk), due_at=clock.now(),
        url=reverse("orders:report", args=[order.pk]), **who,
    )  # fmt: skip


def ask_requester(order: Order, kind: str, text: str, *, suffix: str = "", due_at: datetime | None = None) -> None:
    """Ask the doctor who placed the order."""
    _ask(
        order, kind, text, order.requesting_institution_id, staff_id=order.requesting_staff_id, due_at=due_at,
        suffix=suffix, role="" if order.requesting_staff_id else "gp",
    )  # fmt: skip


def done(order: Order, *kinds: str, actor: Actor) -> None:
    """What these tasks asked for has happened."""
    keys = [key(kind, order) for kind in kinds]
    if READ in kinds:
        keys += [f"{key(CALLED, order)}:{place}" for place in range(len(service(order.service).calls))]
    tasks.resolve_tasks(keys=keys, actor=actor)


def withdraw_all(order: Order, *, reason: str, actor: Actor) -> None:
    """The order has ended: nobody waits for anything of it."""
    kinds = (ACCEPT, LATE, REPEAT, IDENTITY, READ, REVIEW, RETURNED)
    tasks.cancel_tasks(keys=[key(kind, order) for kind in kinds], reason=reason, actor=actor)


def duty_or_role(institution_id: UUID, roles: tuple[str, ...]) -> dict[str, Any]:
    """Keywords for ``open_task``: who is on duty for the first of these roles, else the first role anybody holds there."""
    for role in roles:
        if person := network.duty_staff(institution_id, role):
            return {"institution_id": institution_id, "staff_id": person.id}
    held = next((role for role in roles if network.posts_at(institution_id, role)), roles[0])
    return {"institution_id": institution_id, "role": held}


def order_overdue(order: Order) -> None:
    """The clock of an order state ran out: the post that holds it up is asked, with a copy for the duty."""
    if order.state in {"requested", "reported"}:  # their own tasks carry the clock and escalate
        return
    if service(order.service).reminded(order.pk):  # the centre's own task does
        return
    label = service(order.service).label
    ask_performer(order, LATE, _("%(service)s超时未完成") % {"service": label}, due_at=clock.now())


def report_overdue(report: Report) -> None:
    """A report is late: readers or reviewers are asked, with a copy for the duty."""
    review = report.state in {"submitted", "amend_submitted"}
    ask_centre(
        report.order, REVIEW if review else READ, _("报告审核超时") if review else _("报告超时"), review=review,
        due_at=clock.now(),
    )  # fmt: skip


def _ask(
    order: Order, kind: str, text: str, institution_id: UUID, *, role: str = "", staff_id: UUID | None = None,
    due_at: datetime | None = None, suffix: str = "",
) -> None:  # fmt: skip
    tasks.open_task(
        key=key(kind, order) + suffix, kind=kind, title=headline(order, text), about_resident_id=order.resident_id,
        institution_id=institution_id, role=role, staff_id=staff_id, due_at=due_at,
        urgent=order.priority == Order.Priority.URGENT, subject=("order", order.pk),
        url=reverse("orders:detail", args=[order.pk]), escalate_to=tasks.Escalation(role="duty_chief"),
    )  # fmt: skip
