"""The results page: values of one order, technical and medical review."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.laboratory.commands import results, reviewing
from yigong.centres.laboratory.data import ResultRow
from yigong.centres.laboratory.policies import REPORT, REVIEW
from yigong.centres.laboratory.queries import results as queries
from yigong.centres.laboratory.queries import tubes
from yigong.centres.laboratory.views.tubes import TONES
from yigong.core.errors import DomainError, Forbidden, InvalidInput, NotFound
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents

CRITICAL = ("LL", "HH")


def flags() -> dict[str, tuple[str, str]]:
    """Flag: arrow and word, tone."""
    return {flag: (reviewing.mark(flag), "bad" if flag in CRITICAL else "warn") for flag in reviewing.WORDS}


@guarded("signed_in", about="order")
def page(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Enter, look, review; which buttons there are depends on the report's state and the reader's right."""
    order = orders.order(order_id, actor=request.actor)
    if order.service != "laboratory":
        raise NotFound()
    actor = request.actor
    if order.reporting_institution_id not in actor.places or not (actor.has(REPORT) or actor.has(REVIEW)):
        raise Forbidden(_("结果录入与审核由检验中心办理。"))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return ui.once(request, lambda: _act(request, order))
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}
    report = orders.report_of(order_id, actor=actor)
    rows = queries.rows_of(order)
    state = report.state if report else ""
    context = {
        "order": order, "report": report, "rows": rows, "errors": errors, "tubes": tubes.of_order(order_id), "tones": TONES, "flags": flags(),
        "person": residents.resident_names([order.resident_id]).get(order.resident_id), "instruments": queries.instruments(actor),
        "typed": request.POST, "writing": state in results.WRITABLE and actor.has(REPORT), "signing": state in {"submitted", "amend_submitted"} and actor.has(REVIEW),
        "criticals": orders.open_criticals(actor, order_id=order_id), "unready": reviewing.unready(order_id) if state else [],
        "source": _source(rows), "comment": (report.draft or {}).get("sections", {}).get("comment", "") if report else "",
    }  # fmt: skip
    return ui.page(request, "laboratory/results.html", context) if not errors else _refused(request, context)


def _source(rows: Sequence[ResultRow]) -> str:
    """Where the values come from, once for all of them; empty when they differ in it or one was measured again."""
    entered = [row for row in rows if row.entered_at]
    found = {f"{row.source} {row.by}" for row in entered}
    return found.pop() if len(found) == 1 and all(row.runs == 1 for row in entered) else ""


def _refused(request: HttpRequest, context: dict) -> HttpResponse:
    answer = ui.page(request, "laboratory/results.html", context)
    answer.status_code = 422
    return answer


def _act(request: HttpRequest, order: OrderData) -> str:
    action, actor = request.POST.get("action", ""), request.actor
    here = reverse("laboratory:report", args=[order.id])
    if action in {"save", "submit"}:
        values = {name[2:]: request.POST.get(name, "") for name in request.POST if name.startswith("v_")}
        chosen = next((i for i in queries.instruments(actor) if str(i.pk) == request.POST.get("instrument")), None)
        taken = results.enter_results(order_id=order.id, values=values, instrument=chosen, actor=actor)
        if taken.critical:
            messages.warning(request, _("危急值 %(n)s 项，已按流程通知申请医生。") % {"n": len(taken.critical)})
        if taken.held:
            messages.warning(request, _("质控失控，%(n)s 项结果暂扣，解除后才能发布。") % {"n": len(taken.held)})
    if action == "submit":
        reviewing.technical_review(order_id=order.id, comment=request.POST.get("comment", ""), actor=actor)
        return reverse("orders:laboratory_worklist")
    if action == "sign":
        orders.sign_report(order_id=order.id, actor=actor)
        messages.success(request, _("已发布 %(n)s。") % {"n": order.number})
        return reverse("orders:worklist", args=["laboratory"]) + "?view=review"
    if action == "return":
        orders.return_report(order_id=order.id, reason=request.POST.get("reason", ""), actor=actor)
    elif action not in {"save", "submit"}:
        raise InvalidInput(_("没有这项操作。"))
    return here
