"""Requests, deliveries, shortages, use in a patient."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.sterile import forms, queries
from yigong.centres.sterile.commands import shortages as shortage_commands
from yigong.centres.sterile.commands import supplying, using
from yigong.centres.sterile.models import Delivery, SupplyRequest
from yigong.centres.sterile.policies import PROCESS, READ, RECEIVE, REQUEST, USE
from yigong.centres.sterile.queries import work
from yigong.centres.sterile.rules.workflow import DELIVERY, PACK, SHORTAGE
from yigong.centres.sterile.rules.workflow import REQUEST as REQUEST_TABLE
from yigong.centres.sterile.views.common import TONES, filled
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.ui import forms as ui
from yigong.network import api as network
from yigong.records import api as records
from yigong.residents import api as residents

REQUESTS = "sterile:requests"


@guarded(READ)
def requests(request: HttpRequest) -> HttpResponse:
    """Requests and what is on the road."""
    view = request.GET.get("view", "open")
    context: dict[str, Any] = {"view": view, "tones": TONES, "today": clock.today()}
    if view == "deliveries":
        rows: Any = work.deliveries(request.actor)
        context["label"] = DELIVERY.label
    else:
        rows = work.requests(request.actor, state="open" if view == "open" else "")
        context["label"] = REQUEST_TABLE.label
    context["page"] = page_of(rows, page=number_of(request.GET.get("page")))
    return render(request, "sterile/requests.html", context)


@guarded(REQUEST)
def new_request(request: HttpRequest) -> HttpResponse:
    """Ask the centre for packs."""
    form = forms.RequestForm(request.POST or None, initial={"needed_on": clock.today()})

    def act() -> str:
        given = form.cleaned_data
        made = supplying.request_packs(
            quantities=form.quantities(), needed_on=given["needed_on"], urgent=given["urgent"], note=given["note"], actor=request.actor
        )  # fmt: skip
        return reverse("sterile:request", args=[made.pk])

    return filled(
        request, form, act, title=_("申领无菌包"), back=reverse(REQUESTS), crumbs=[(_("申领与发放"), reverse(REQUESTS))],
        lead=_("只填要的，其余留空。"),
    )  # fmt: skip


@guarded(READ)
def one_request(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """One request: wanted, issued, deliveries."""
    row = _request(request, request_id)
    done = supplying.issued_by_set(row)
    context = {
        "row": row, "lines": [(line, done.get(line.set_code, 0)) for line in row.lines.all()], "tones": TONES,
        "label": REQUEST_TABLE.label, "deliveries": work.deliveries(request.actor).filter(request=row), "delivery_label": DELIVERY.label,
        "actions": [s.action for s in REQUEST_TABLE.actions_for(row, request.actor)],
    }  # fmt: skip
    return render(request, "sterile/request.html", context)


@guarded(READ)
def end_request(request: HttpRequest, request_id: UUID, action: str) -> HttpResponse:
    """Reject, close short, cancel."""
    row = _request(request, request_id)
    titles = {"reject": _("不能供应"), "close": _("按已发结束"), "cancel": _("撤销申领")}
    if action not in titles:
        raise NotFound()
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        supplying.end_request(request_id=row.pk, action=action, reason=form.cleaned_data["reason"], actor=request.actor)
        return reverse("sterile:request", args=[row.pk])

    here = reverse("sterile:request", args=[row.pk])
    return filled(request, form, act, title=titles[action], back=here, crumbs=[(row.number, here)], danger=True)


@require_POST
@guarded(PROCESS)
def deliver(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Begin to put together what a request asks for."""
    row = _request(request, request_id)
    made: list[Delivery] = []

    def act() -> str:
        made.append(supplying.open_delivery(institution_id=row.institution_id, request_id=row.pk, actor=request.actor))
        return _("已开发放单 %(n)s，请扫码装箱。") % {"n": made[0].number}

    answered = ui.clicked(request, act, reverse("sterile:request", args=[row.pk]))
    if made:
        answered["Location"] = reverse("sterile:scan", args=["issue"]) + f"?delivery={made[0].pk}"
    return answered


@guarded(PROCESS)
def new_delivery(request: HttpRequest) -> HttpResponse:
    """A delivery without a request."""
    form = forms.DeliveryForm(request.POST or None)

    def act() -> str:
        made = supplying.open_delivery(institution_id=form.cleaned_data["institution_id"], actor=request.actor)
        return reverse("sterile:scan", args=["issue"]) + f"?delivery={made.pk}"

    return filled(
        request, form, act, title=_("新建发放单"), back=reverse(REQUESTS) + "?view=deliveries",
        crumbs=[(_("申领与发放"), reverse(REQUESTS))],
    )  # fmt: skip


@guarded(READ)
def delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """One delivery with its packs."""
    row = _delivery(request, delivery_id)
    rounds = row.rounds.select_related("pack").order_by("label")
    context = {
        "row": row, "page": page_of(rounds, page=number_of(request.GET.get("page")), limit=100), "tones": TONES, "label": DELIVERY.label,
        "pack_label": PACK.label, "left": supplying.on_the_way(row.pk), "here": row.institution_id in request.actor.places,
    }  # fmt: skip
    return render(request, "sterile/delivery.html", context)


@guarded(PROCESS)
def send(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """On the road."""
    row = _delivery(request, delivery_id)
    form = forms.SendForm(request.POST or None)

    def act() -> str:
        supplying.send_delivery(delivery_id=row.pk, actor=request.actor, **form.cleaned_data)
        return reverse("sterile:delivery", args=[row.pk])

    return _on_delivery(request, row, form, act, _("交运"))


@guarded(PROCESS)
def cancel_delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Opened by mistake."""
    row = _delivery(request, delivery_id)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        supplying.cancel_delivery(delivery_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return reverse(REQUESTS) + "?view=deliveries"

    return _on_delivery(request, row, form, act, _("取消发放单"))


@require_POST
@guarded(RECEIVE)
def receive_all(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Counted and complete."""

    def act() -> str:
        return _("已签收 %(n)s 包。") % {"n": supplying.receive_all(delivery_id=delivery_id, actor=request.actor)}

    return ui.clicked(request, act, reverse("sterile:delivery", args=[delivery_id]))


@require_POST
@guarded(RECEIVE)
def send_back(request: HttpRequest) -> HttpResponse:
    """Used packs wait for the next run to the centre."""

    def act() -> str:
        box = supplying.send_back(actor=request.actor)
        return _("%(n)s 包待回收，编号 %(number)s，等下一班物流来取。") % {"n": box.pieces_out, "number": box.number}

    return ui.clicked(request, act, reverse("sterile:board"))


@guarded(RECEIVE)
def report_missing(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """Something on the list did not arrive."""
    row = _delivery(request, delivery_id)
    form = forms.NoteForm(request.POST or None)

    def act() -> str:
        supplying.report_missing(delivery_id=row.pk, actor=request.actor, note=form.cleaned_data["note"])
        return reverse("sterile:delivery", args=[row.pk])

    return _on_delivery(request, row, form, act, _("报告未收到"))


@guarded(READ)
def print_delivery(request: HttpRequest, delivery_id: UUID) -> HttpResponse:
    """The sheet that goes with the box."""
    row = _delivery(request, delivery_id)
    lines = [
        (str(n), one.label, one.pack.set_name, one.sterilised_on.isoformat() if one.sterilised_on else "",
         one.expires_on.isoformat() if one.expires_on else "", one.load.number if one.load else "")
        for n, one in enumerate(row.rounds.select_related("pack", "load").order_by("label"), 1)
    ]  # fmt: skip
    data = {
        "title": _("无菌物品发放单"), "number": row.number,
        "facts": [
            (_("发往"), row.institution.name), (_("发放单"), row.number), (_("申领单"), row.request.number if row.request else "—"),
            (_("运送人"), row.consignment.courier or "—" if row.consignment else "—"), (_("密闭箱"), row.consignment.seal if row.consignment else "—"), (_("共"), _("%(n)s 包") % {"n": len(lines)}),
        ],
        "heads": [_("序"), _("编码"), _("名称"), _("灭菌日期"), _("失效日期"), _("锅次")], "lines": lines,
        "signs": [_("发放人"), _("运送人"), _("签收人")],
    }  # fmt: skip
    centre = network.institution(row.centre_id).name
    about = About("sterile.delivery", row.pk, row.state)
    return answer(
        print_document("sterile_delivery", "sterile/list", data, actor=request.actor, about=about, institution=centre)
    )


@guarded(READ)
def shortages(request: HttpRequest) -> HttpResponse:
    """What was missing at the count."""
    state = "settled" if request.GET.get("view") == "settled" else "open"
    rows = work.shortages(request.actor, state=state)
    page = page_of(rows, page=number_of(request.GET.get("page")))
    # A pack that has gone on to another institution is no longer for this one to open.
    seen = set(
        queries.visible(request.actor).filter(pk__in=[row.pack_id for row in page.items]).values_list("pk", flat=True)
    )
    context = {
        "page": page, "seen": seen, "state": state, "tones": TONES, "label": SHORTAGE.label,
        "ways": shortage_commands.DISPOSITIONS,
    }  # fmt: skip
    return render(request, "sterile/shortages.html", context)


@guarded(PROCESS)
def settle_shortage(request: HttpRequest, shortage_id: UUID) -> HttpResponse:
    """Found, replaced, paid, written off."""
    form = forms.ShortageForm(request.POST or None)

    def act() -> str:
        shortage_commands.settle_shortage(shortage_id=shortage_id, actor=request.actor, **form.values())
        return reverse("sterile:shortages")

    return _on_shortage(request, shortage_id, form, act, _("处理短少"))


@guarded(PROCESS)
def reopen_shortage(request: HttpRequest, shortage_id: UUID) -> HttpResponse:
    """The settlement was wrong."""
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        shortage_commands.reopen_shortage(
            shortage_id=shortage_id, actor=request.actor, reason=form.cleaned_data["reason"]
        )
        return reverse("sterile:shortages")

    return _on_shortage(request, shortage_id, form, act, _("撤销处理"))


@guarded(USE, about="resident")
def use(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Scan what is opened for a person, bound to one of the encounters here; below, what was used before."""
    person = residents.access_resident(resident_id, actor=request.actor, action="read_detail")
    found = records.timeline(
        person.id, actor=request.actor, kinds=["encounter"], institution_id=request.actor.institution_id, limit=10
    )
    choices = [(str(one.id), f"{one.at.astimezone(clock.SHANGHAI):%m-%d %H:%M} {one.title}") for one in found.items]
    # After a scan the page comes back with the same encounter chosen, ready for the next pack.
    chosen = request.GET.get("encounter") or (choices[0][0] if choices else "")
    initial = {"encounter_id": chosen, "used_for": request.GET.get("for", "")[:100]}
    form = forms.UseForm(choices, request.POST or None, initial=initial)

    def act() -> str:
        given = form.cleaned_data
        done = using.use_pack(
            code=given["code"], encounter_id=given["encounter_id"], used_for=given["used_for"],
            indicator_good=given["indicator"] == "good", actor=request.actor,
        )  # fmt: skip
        messages.success(request, f"{done.pack.label} {done.pack.set_name} {done.sentence}")
        return reverse("sterile:use", args=[person.id]) + f"?encounter={given['encounter_id']}"

    return filled(
        request, form, act, title=_("登记无菌包使用"), lead=f"{person.name} {person.sex_label}", label=_("登记使用"),
        back=residents.file_address(person.id), crumbs=[(person.name, residents.file_address(person.id))],
        used=queries.used_in(person.id), nothing=not choices,
    )  # fmt: skip


def _request(request: HttpRequest, request_id: UUID) -> SupplyRequest:
    row = work.requests(request.actor).filter(pk=request_id).first()
    if row is None:
        raise NotFound()
    return row


def _delivery(request: HttpRequest, delivery_id: UUID) -> Any:
    row = work.deliveries(request.actor).filter(pk=delivery_id).first()
    if row is None:
        raise NotFound()
    return row


def _on_delivery(request: HttpRequest, row: Delivery, form: Any, act: Any, title: str) -> HttpResponse:
    here = reverse("sterile:delivery", args=[row.pk])
    crumbs = [(_("申领与发放"), reverse(REQUESTS)), (row.number, here)]
    return filled(request, form, act, title=title, back=here, crumbs=crumbs, lead=row.institution.name)


def _on_shortage(request: HttpRequest, shortage_id: UUID, form: Any, act: Any, title: str) -> HttpResponse:
    found = [one for state in ("open", "settled") for one in work.shortages(request.actor, state=state).filter(pk=shortage_id)]  # fmt: skip
    if not found:
        raise NotFound()
    lead = f"{found[0].pack.number} {found[0].item_name} {found[0].counted}/{found[0].expected}"
    here = reverse("sterile:shortages")
    return filled(request, form, act, title=title, back=here, crumbs=[(_("器械短少"), here)], lead=lead)
