"""Critical values: flag on purpose, acknowledge on a phone, the open list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.core.actor import shown
from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.states.api import history
from yigong.core.ui import forms
from yigong.orders import queries
from yigong.orders.commands import critical
from yigong.orders.models import CriticalValue
from yigong.orders.policies import access_critical
from yigong.orders.rules import CRITICAL, service
from yigong.orders.views.shown import TONES, names_of


@guarded("signed_in")
def open_list(request: HttpRequest) -> HttpResponse:
    """Open critical values at one's institutions, with minutes."""
    rows = queries.open_criticals(request.actor)
    orders = [queries.to_data(o.order) for o in CriticalValue.objects.filter(pk__in=[r.id for r in rows])]
    context = {"rows": rows, "names": names_of(orders), "by_id": {o.id: o for o in orders}, "tones": TONES}
    return render(request, "orders/criticals.html", context)


@guarded("signed_in", about="critical")
def page(request: HttpRequest, critical_id: UUID) -> HttpResponse:
    """One critical value: what it is, who was told, and the next step as one big button."""
    row = CriticalValue.objects.select_related("order").filter(pk=critical_id).first()
    if row is None:
        raise NotFound()
    access_critical(row, actor=request.actor)
    access.require(request.actor, "read_detail", Subject("critical", critical_id))
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return forms.once(request, lambda: _step(request, critical_id))
        except DomainError as error:
            errors = error.errors if isinstance(error, InvalidInput) and error.errors else {"": str(error)}
        row.refresh_from_db()
    order, value = queries.to_data(row.order), queries.critical_data(row)
    context = {
        "value": value, "order": order, "panel": service(order.service).alarm_panel(value, order), "names": names_of([order]), "errors": errors,
        "definition": service(order.service), "tones": TONES, "ways": critical.WAYS,
        "actions": {s.action for s in CRITICAL.actions_for(row, request.actor)},
        "history": [
            {"at": c.at, "title": CRITICAL.label(c.to_state), "text": c.reason, "by": shown(c.actor_name)}
            for c in reversed(history(row.pk))
        ],
    }  # fmt: skip
    return render(request, "orders/critical.html", context, status=422 if errors else 200)


@guarded("signed_in", about="order")
def flag(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """A page of its own, so that nobody flags by a stray key."""
    order = queries.order(order_id, actor=request.actor)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return forms.once(request, lambda: _flagged(request, order_id))
        except DomainError as error:
            errors = error.errors if isinstance(error, InvalidInput) and error.errors else {"": str(error)}
    context = {"order": order, "names": names_of([order]), "definition": service(order.service), "errors": errors}
    return render(request, "orders/flag.html", context, status=422 if errors else 200)


def _flagged(request: HttpRequest, order_id: UUID) -> str:
    value = critical.flag_critical(
        order_id=order_id, item=request.POST.get("item", ""), detail=request.POST.get("detail", ""),
        actor=request.actor,
    )  # fmt: skip
    messages.success(request, _("危急值已上报，已通知申请医生。请同时电话告知。"))
    return reverse("orders:critical", args=[value.id])


def _step(request: HttpRequest, critical_id: UUID) -> str:
    given, actor = request.POST, request.actor
    step = given.get("action")
    if step == "acknowledge":
        critical.acknowledge_critical(critical_id=critical_id, read_back=bool(given.get("read_back")), actor=actor)
    elif step == "act":
        critical.act_on_critical(
            critical_id=critical_id, measure=given.get("measure", ""), text=given.get("text", ""), actor=actor
        )
    elif step == "notify":
        critical.record_notification(
            critical_id=critical_id, way=given.get("way", ""), receiver=given.get("receiver", ""), actor=actor
        )
    elif step == "close":
        critical.close_critical(critical_id=critical_id, actor=actor)
    else:
        raise InvalidInput(_("没有这项操作。"))
    return reverse("orders:critical", args=[critical_id])
