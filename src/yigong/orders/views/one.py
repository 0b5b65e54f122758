"""One order: its page, the buttons on it, performing, printing."""

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _n
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.actor import Actor, shown
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.printing.api import About, answer, print_document
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.orders import queries
from yigong.orders.api import viewers_of
from yigong.orders.commands import performing, placing, reporting, studies
from yigong.orders.data import ServiceDefinition
from yigong.orders.models import Order, Report
from yigong.orders.queries.recognition import recognised_from
from yigong.orders.queries.templates import used_in
from yigong.orders.rules import ORDER, REPORT, service
from yigong.orders.views.shown import TONES, is_at, names_of, sheet_of


@guarded("signed_in", about="order")
def detail(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The order with its report, what happened so far and what one may do now; a centre may have a page of its own for that."""
    own = service(queries.order_facts(order_id).service).detail_page
    return redirect(own, order_id) if own else _detail(request, order_id)


@guarded("signed_in", about="order")
@require_POST
def act(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One step of the order or its report, named by ``action``; a refusal is shown on the order's page."""
    queries.order(order_id, actor=request.actor)
    action = request.POST.get("action", "")
    command = _ACTIONS.get(action)
    if command is None:
        raise InvalidInput(_("没有这项操作。"))
    return forms.once(request, lambda: command(request, order_id))


@guarded("signed_in", about="order")
def perform(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The technician's page: how the examination was done."""
    order = queries.order(order_id, actor=request.actor)
    definition = service(order.service)
    form = definition.perform_form(request.POST or None) if definition.perform_form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        values = form.cleaned_data if form else {}
        try:
            return forms.once(request, lambda: _performed(request, order_id, values))
        except DomainError as error:
            if form is None:
                raise
            forms.refuse(form, error)
    names = names_of([order])
    context = {"order": order, "definition": definition, "form": form, "names": names, "tones": TONES}
    return forms.page(request, "orders/perform.html", context, form=form)


@guarded("signed_in", about="order")
def print_report(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The newest version as a sheet of paper; copies are counted and marked."""
    order = queries.order(order_id, actor=request.actor)
    report = queries.report_of(order_id, actor=request.actor)
    if report is None or report.current is None:
        raise InvalidInput(_("报告尚未发布，不能打印。"))
    names, definition = names_of([order]), service(order.service)
    sheet = print_document(
        "order_report", "orders/report", sheet_of(order, report.current, definition, names, report.state),
        actor=request.actor, about=About("order", order.id, str(report.current.number)),
        institution=network.institution(order.reporting_institution_id).name,
    )  # fmt: skip
    return answer(sheet)


def _detail(request: HttpRequest, order_id: UUID) -> HttpResponse:
    actor = request.actor
    order = queries.order(order_id, actor=actor)
    row = Order.objects.select_related("requesting_staff").get(pk=order_id)
    definition, report = service(order.service), queries.report_of(order_id, actor=actor)
    report_row = Report.objects.select_related("order").filter(order_id=order_id).first()
    at_centre = is_at(actor, order.reporting_institution_id) and actor.has(definition.rights.report)
    context = {
        "order": order, "back": _list_of(definition, actor), "definition": definition, "report": report, "names": names_of([order]), "tones": TONES,
        "steps": _steps(order.state, definition), "history": _history(row, report_row),
        "actions": {s.action: s for s in ORDER.actions_for(row, actor)},
        "report_actions": {s.action: s for s in REPORT.actions_for(report_row, actor)} if report_row else {},
        "criticals": queries.open_criticals(actor, order_id=order_id), "panel": definition.panel(order_id),
        "viewers": viewers_of(order_id), "at_centre": at_centre,
        "recognitions": recognised_from(order_id) if report else [], "mine": actor.places,
        "is_asker": is_at(actor, order.requesting_institution_id),
        "templates": used_in(order_id, actor),
        "asked": [(q.label, _answer(q, order.answers)) for q in definition.questions if q.code in order.answers],
    }  # fmt: skip
    return render(request, "orders/detail.html", context)


def _list_of(definition: ServiceDefinition, actor: Actor) -> tuple[str, str]:
    """The list from which this actor comes to an order: the asker's, the reader's, the performer's, or none."""
    rights = definition.rights
    if actor.has(rights.report):
        return str(definition.words.get("center", definition.label)), reverse("orders:worklist", args=[definition.code])
    if actor.has(rights.perform):
        return _("%(name)s工作台") % {"name": definition.label}, reverse("orders:workbench", args=[definition.code])
    return _("检查申请"), reverse("orders:list") if actor.has(rights.request) else ""


_PATH = ["requested", "accepted", "checked_in", "acquired", "uploaded", "reported", "completed"]
_PLACE = {"scheduled": "accepted", "no_show": "accepted", "in_progress": "checked_in", "repeat": "checked_in"}


def _steps(state: str, definition: Any) -> list[tuple[str, str, str]]:
    """The main path with what is behind, now and ahead; an order that ended otherwise shows that as its last step."""
    used = [name for name in _PATH if name in definition.states]
    here = _PLACE.get(state, state)
    if here not in used:
        return [(ORDER.label("requested"), "done", ""), (ORDER.label(state), "failed", "")]
    place = used.index(here)
    last = len(used) - 1
    marks = ["done" if n < place or (n == place == last) else "now" if n == place else "next" for n in range(len(used))]
    return [
        (ORDER.label(state if n == place else name), marks[n], "") for n, name in enumerate(used)
    ]  # the present state under its own name


def _history(row: Order, report: Report | None) -> list[dict[str, Any]]:
    lines = [(ORDER, change) for change in history(row.pk)]
    lines += [(REPORT, change) for change in history(report.pk)] if report else []
    return [
        {"at": c.at, "title": table.label(c.to_state), "text": c.reason, "by": shown(c.actor_name)}
        for table, c in sorted(lines, key=lambda pair: pair[1].at, reverse=True)
    ]


def _answer(question: Any, answers: Any) -> str:
    value = str(answers.get(question.code) or "")
    return dict(question.choices).get(value, value)


def _performed(request: HttpRequest, order_id: UUID, values: dict[str, Any]) -> str:
    performing.finish_performing(order_id=order_id, detail=values, actor=request.actor)
    messages.success(request, _("已登记检查完成，等待图像上传。"))
    order = queries.order(order_id, actor=request.actor)
    return reverse("orders:workbench", args=[order.service])


Act = Callable[[HttpRequest, UUID], str]


def _then(
    command: Callable[..., Any], said: Promise, to: str = "orders:detail", reason: bool = False, **more: str
) -> Act:
    """A button: calls a command with the order, the actor and the posted reason, then goes to a page."""

    def run(request: HttpRequest, order_id: UUID) -> str:
        given = {name: request.POST.get(field, "") for name, field in more.items()}
        if reason:
            given["reason"] = request.POST.get("reason", "")
        command(order_id=order_id, actor=request.actor, **given)
        messages.success(request, str(said))
        back = request.POST.get("back", "")
        return back if back.startswith("/") and not back.startswith("//") else reverse(to, args=[order_id])

    return run


def _schedule(request: HttpRequest, order_id: UUID) -> str:
    try:
        at = datetime.fromisoformat(request.POST.get("at", "")).replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        raise InvalidInput(_("请选择预约的日期和时间。")) from None
    performing.schedule_order(order_id=order_id, at=at, place=request.POST.get("place", ""), actor=request.actor)
    messages.success(request, _("已预约。"))
    return reverse("orders:detail", args=[order_id])


_ACTIONS: dict[str, Act] = {
    "accept": _then(performing.accept_order, _n("已接收。")),
    "reject": _then(performing.reject_order, _n("已拒绝，已告知申请医生。"), reason=True, reason_code="reason_code"),
    "schedule": _schedule,
    "check_in": _then(performing.check_in, _n("已登记到检。")),
    "no_show": _then(performing.mark_no_show, _n("已登记未到。")),
    "start": _then(performing.start_performing, _n("已开始检查。"), to="orders:perform"),
    "refuse": _then(performing.refuse_performing, _n("已登记未做。"), reason=True),
    "stop": _then(performing.stop_performing, _n("已登记中止。"), reason=True),
    "repeat": _then(performing.reject_images, _n("已退回重做。"), reason=True, reason_code="reason_code"),
    "cancel": _then(placing.cancel_order, _n("申请已撤销。"), reason=True, reason_code="reason_code"),
    "resolve_identity": _then(studies.resolve_identity, _n("已登记核实结果。"), reason=True),
    "claim": _then(reporting.claim, _n("已认领。"), to="orders:report"),
    "release": _then(reporting.release_claim, _n("已释放。")),
    "return": _then(reporting.return_report, _n("已退回作者。"), reason=True),
    "sign": _then(reporting.sign_report, _n("报告已发布。")),
    "amend": _then(reporting.amend_report, _n("请修改后重新提交审核；原报告在新版发布前仍然有效。"), to="orders:report", reason=True, kind="kind"),
    "drop_amendment": _then(reporting.drop_amendment, _n("已放弃更正。"), reason=True),
    "withdraw": _then(reporting.withdraw_report, _n("报告已撤回。"), reason=True),
    "rewrite": _then(reporting.rewrite_report, _n("请重新书写；签发后成为新的一版，申请医生会收到提醒。"), to="orders:report"),
    "acknowledge": _then(reporting.acknowledge_report, _n("已确认查阅。")),
}  # fmt: skip
