"""Pages of the ECG centre: recording, looking with calipers, printing, and recordings that wait for an order."""

import gzip
import zlib
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.ecg import forms, queries
from yigong.centres.ecg.commands import receiving
from yigong.centres.ecg.models import Recording
from yigong.centres.ecg.policies import PERFORM, REPORT
from yigong.centres.ecg.rules import drawing
from yigong.centres.ecg.rules.drawing import Paper
from yigong.centres.ecg.signals.tracing import STANDARD
from yigong.core.errors import DomainError, Forbidden, NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import note_decision
from yigong.core.ui import forms as ui
from yigong.network import api as network
from yigong.orders import api as orders
from yigong.orders.data import OrderData
from yigong.residents import api as residents

# Rows low enough for the printed sheet.
_PRINTED = {"3x4": 27.0, "6x2": 20.0, "12x1": 10.0}
_CACHED = "private, max-age=3600"


@guarded(PERFORM, about="order")
def record(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """Upload for an order: one page for a phone. The file and the condition go together or not at all."""
    order = _order(request, order_id)
    form = forms.RecordForm(request.POST or None, request.FILES or None, initial={"chest_pain": _said(order)})
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _recorded(request, order, form))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    context = {"order": order, "person": _person(order), "form": form, "known": queries.of_order(order.id)}
    return ui.page(request, "ecg/record.html", context, form=form)


@guarded("signed_in", about="order")
def trace(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The tracing on its grid with calipers; ``embed=1`` is for the reading page, ``with`` an earlier recording to compare."""
    order = _order(request, order_id)
    rows = queries.of_order(order_id)
    chosen = next((row for row in rows if str(row.id) == request.GET.get("recording")), rows[-1] if rows else None)
    earlier = queries.earlier_to_compare(order)
    context = {
        "order": order, "person": _person(order), "rows": rows, "row": chosen, "earlier": earlier, "paper": _paper(request),
        "beside": next((row for row in earlier if str(row.id) == request.GET.get("with")), None), "asked": _asked(request),
        "layouts": {"3x4": _("3×4 加节律条"), "6x2": "6×2", "12x1": "12×1"}, "speeds": drawing.SPEEDS, "gains": drawing.GAINS,
        "leads": STANDARD, "embed": bool(request.GET.get("embed")),
    }  # fmt: skip
    return render(request, "ecg/embedded.html" if context["embed"] else "ecg/trace.html", context)


@guarded("signed_in", about="order")
def picture(request: HttpRequest, order_id: UUID, recording_id: UUID) -> HttpResponse:
    """One recording as SVG in true millimetres, packed for thin lines. A recording never changes, so a browser may keep it."""
    order = _order(request, order_id)
    row = queries.compared(order, recording_id)
    if row is None:
        raise NotFound()
    svg = drawing.draw(queries.tracing_of(row), _paper(request)).svg.encode()
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(gzip.compress(svg, 6, mtime=0) if packed else svg, content_type="image/svg+xml")
    if packed:
        response["Content-Encoding"] = "gzip"
    response["Vary"], response["Cache-Control"] = "Accept-Encoding, Cookie", _CACHED
    return response


@guarded("signed_in", about="order")
def original(request: HttpRequest, order_id: UUID, recording_id: UUID) -> HttpResponse:
    """The file as it was uploaded."""
    order = _order(request, order_id)
    row = Recording.objects.filter(pk=recording_id, order_id=order.id).first()
    if row is None or row.original is None:
        raise NotFound(_("原文件在影像归档中，请从“影像”页面取得。"))
    ending = {"dicom": "dcm", "aecg": "xml", "scp": "scp"}[row.form]
    response = HttpResponse(zlib.decompress(bytes(row.original)), content_type="application/octet-stream")
    response["Content-Disposition"] = f'attachment; filename="{order.accession}.{ending}"'
    return response


@guarded("signed_in", about="order")
def print_trace(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The tracing on A4 landscape, one second as long as the chosen speed says."""
    order = _order(request, order_id)
    rows = queries.of_order(order_id)
    if not rows:
        raise NotFound(_("还没有心电图。"))
    shown = rows[-1]
    asked = _paper(request)
    paper = Paper(asked.layout, 25, asked.gain, asked.leads, asked.rhythm, row=_PRINTED[asked.layout])
    drawn = drawing.draw(queries.tracing_of(Recording.objects.get(pk=shown.id)), paper)
    sheet = print_document(
        "ecg_trace", "ecg/trace", _sheet(order, shown, drawn), actor=request.actor,
        about=About("order", order.id, str(shown.id)), institution=network.institution(order.performing_institution_id).name,
    )  # fmt: skip
    return answer(sheet)


@guarded(PERFORM)
def upload(request: HttpRequest) -> HttpResponse:
    """Upload without an order in hand: the numbers in the file find it, or the recording waits."""
    form = forms.FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, lambda: _uploaded(request, form))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    return ui.page(request, "ecg/upload.html", {"form": form}, form=form)


@guarded("signed_in")
def unmatched(request: HttpRequest) -> HttpResponse:
    """Uploaded recordings without an order, longest waiting first."""
    _may_match(request)
    rows = queries.light(queries.waiting(request.actor)).order_by("received_at", "id")
    page = page_of(rows, page=number_of(request.GET.get("page")), convert=queries.recordings)
    note_decision()
    return render(request, "ecg/unmatched.html", {"page": page})


@guarded("signed_in")
def match(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """Attach a waiting recording to an order, having compared the persons."""
    row = _waiting(request, recording_id)
    form = forms.AttachForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            return ui.once(request, lambda: _attached(request, recording_id, given))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    context = {"row": queries.recording_data(row), "form": form, "discard": forms.DiscardForm()}
    return ui.page(request, "ecg/match.html", context, form=form)


@guarded("signed_in")
def discard(request: HttpRequest, recording_id: UUID) -> HttpResponse:
    """A waiting recording is nobody's."""
    row = _waiting(request, recording_id)
    form = forms.DiscardForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        try:
            return ui.once(request, lambda: _discarded(request, recording_id, reason))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    context = {"row": queries.recording_data(row), "form": forms.AttachForm(), "discard": form}
    return ui.page(request, "ecg/match.html", context, form=form)


@guarded("signed_in")
def pick_order(request: HttpRequest) -> HttpResponse:
    """Open ECG orders for the picker."""
    _may_match(request)
    text = request.GET.get("q", "").strip()[:60]
    rows = queries.open_orders(request.actor, text)
    names = residents.resident_names([row.resident_id for row in rows])
    items = [(str(row.id), _label(row, names), f"{row.state_label} {row.item_names}") for row in rows]
    note_decision()
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


def _order(request: HttpRequest, order_id: UUID) -> OrderData:
    order = orders.order(order_id, actor=request.actor)
    if order.service != "ecg":
        raise NotFound()
    return order


def _person(order: OrderData) -> Any:
    return residents.resident_names([order.resident_id]).get(order.resident_id)


def _said(order: OrderData) -> str:
    return str(order.answers.get("chest_pain", ""))


def _recorded(request: HttpRequest, order: OrderData, form: forms.RecordForm) -> str:
    content, name = form.content()
    receiving.upload(
        content=content, file_name=name, order_id=order.id, condition=form.cleaned_data, actor=request.actor
    )
    messages.success(request, _("心电图已上传，诊断中心可以读图了。"))
    return reverse("orders:detail", args=[order.id])


def _uploaded(request: HttpRequest, form: forms.FileForm) -> str:
    content, name = form.content()
    found = receiving.upload(content=content, file_name=name, actor=request.actor)
    if found.waits:
        messages.warning(request, _("已存入，但没有自动找到申请：%(why)s请在下面归入。") % {"why": found.explanation})
        return reverse("ecg:match", args=[found.recording.id])
    messages.success(request, _("已存入并归入申请单。") if not found.again else _("这份文件已经上传过，没有重复存入。"))
    return reverse("orders:detail", args=[found.recording.order_id])


def _attached(request: HttpRequest, recording_id: UUID, given: dict[str, Any]) -> str:
    receiving.attach(recording_id=recording_id, order_id=given["order"], reason=given["reason"], actor=request.actor)
    messages.success(request, _("已归入申请单。"))
    return reverse("orders:detail", args=[given["order"]])


def _discarded(request: HttpRequest, recording_id: UUID, reason: str) -> str:
    receiving.discard(recording_id=recording_id, reason=reason, actor=request.actor)
    messages.success(request, _("已从待归列表移除，原件仍保留。"))
    return reverse("ecg:unmatched")


def _may_match(request: HttpRequest) -> None:
    if not (request.actor.has(PERFORM) or request.actor.has(REPORT)):
        raise Forbidden(_("您的岗位不采集心电图。"))


def _waiting(request: HttpRequest, recording_id: UUID) -> Recording:
    _may_match(request)
    row = queries.light(queries.waiting(request.actor)).filter(pk=recording_id).first()
    if row is None:
        raise NotFound(_("这份心电图已归入申请单，或不在您的机构。"))
    note_decision()
    return row


def _label(row: OrderData, names: dict[UUID, Any]) -> str:
    person = names.get(row.resident_id)
    return f"{person.name} {person.sex_label} {person.age_text} · {row.number}" if person else row.number


def _paper(request: HttpRequest) -> Paper:
    """What the address asks for; anything unknown is the usual."""
    given = request.GET
    layout = given.get("layout", "")
    speed, gain = (_choice(given.get(name), allowed) for name, allowed in (("speed", (25, 50)), ("gain", (10, 5, 20))))
    leads = tuple(lead for lead in STANDARD if lead in given.getlist("lead"))
    rhythm = given.get("rhythm", "")
    return Paper(
        layout if layout in drawing.LAYOUTS else "3x4", speed, gain, leads, rhythm if rhythm in STANDARD else "II"
    )


def _choice(text: str | None, allowed: tuple[int, ...]) -> int:
    return next((one for one in allowed if str(one) == text), allowed[0])


def _asked(request: HttpRequest) -> str:
    """The part of the address that says how to draw, for the picture."""
    given = request.GET.copy()
    for name in ("embed", "with", "recording"):
        given.pop(name, None)
    return given.urlencode()


def _sheet(order: OrderData, row: Any, drawn: drawing.Drawn) -> dict[str, Any]:
    who = _person(order)
    values = [(label, value) for _code, label, value in row.proposals.values] if row.proposals else []
    return {
        "title": _("心电图"), "subtitle": order.item_names, "trace": drawn.svg, "width": drawn.width, "height": drawn.height,
        "facts": [
            (_("姓名"), who.name if who else ""), (_("性别"), who.sex_label if who else ""),
            (_("年龄"), who.age_text if who else ""), (_("检查号"), order.accession), (_("采集时间"), row.taken_at or row.received_at),
            (_("设备"), row.device or "—"),
        ],
        "values": values, "values_note": _("机器测量，未经医师确认"),
        "missing": _("缺失导联：%(leads)s") % {"leads": "、".join(row.missing)} if row.missing else "",
    }  # fmt: skip
