"""Machines and their loads: start, readings, results, release."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.sterile import forms
from yigong.centres.sterile.commands import loading, machines, monitoring
from yigong.centres.sterile.models import Load, Pack
from yigong.centres.sterile.policies import MANAGE, MONITOR, PROCESS, READ
from yigong.centres.sterile.queries import work
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import LOAD, PACK
from yigong.centres.sterile.views.common import TONES, filled
from yigong.core.paging import number_of, page_of
from yigong.core.ui import forms as ui

LOADS = "sterile:loads"


@guarded(READ)
def loads(request: HttpRequest) -> HttpResponse:
    """All loads, newest first."""
    state, text = request.GET.get("state", ""), request.GET.get("q", "")[:40]
    rows = work.loads(request.actor, state=state if state in LOAD.states else "", text=text)
    context = {
        "page": page_of(rows, page=number_of(request.GET.get("page"))), "state": state, "text": text, "tones": TONES,
        "label": LOAD.label, "states": [("", _("全部"))] + [(code, _(one.label)) for code, one in LOAD.states.items()],
        "machines": work.machines(request.actor),
    }  # fmt: skip
    return render(request, "sterile/loads.html", context)


@guarded(READ)
def load(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """One load: what is in it, its curve and results, what still speaks against its release."""
    row = work.load_of(load_id, request.actor)
    inside = {"round__load": row} if row.kind == "sterilise" else {"round__wash": row}
    rows = Pack.objects.filter(**inside).select_related("round", "holder").order_by("number")
    context = {
        "row": row, "page": page_of(rows, page=number_of(request.GET.get("page")), limit=50), "tones": TONES, "label": LOAD.label,
        "pack_label": PACK.label, "tests": row.tests.order_by("read_at"), "verdict": loading.verdict_of(row), "chart": _chart(row),
        "wanted": definitions.programme(row.programme), "step": "clean" if row.kind == "wash" else "load",
    }  # fmt: skip
    return render(request, "sterile/load.html", context)


@guarded(PROCESS)
def new(request: HttpRequest, machine_id: UUID) -> HttpResponse:
    """A new load on a machine; then to the scanner."""
    machine = work.machine_of(machine_id, request.actor)
    form = forms.LoadForm(machine.method, request.POST or None)

    def act() -> str:
        made = loading.open_load(machine_id=machine.pk, programme=form.cleaned_data["programme"], actor=request.actor)
        step = "clean" if made.kind == "wash" else "load"
        return reverse("sterile:scan", args=[step]) + f"?load={made.pk}"

    return filled(
        request,
        form,
        act,
        title=_("开一锅"),
        lead=str(machine),
        back=reverse(LOADS),
        crumbs=[(_("锅次"), reverse(LOADS))],
    )


@require_POST
@guarded(PROCESS)
def start(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """The cycle begins."""

    def act() -> str:
        row = loading.start_load(load_id=load_id, actor=request.actor)
        if row.waits_biological:
            return _("已启动。这一锅必须放生物指示物，结果出来前不能放行。")
        return _("已启动。这一锅要放生物指示物。") if row.takes_biological else _("已启动。")

    return ui.clicked(request, act, reverse("sterile:load", args=[load_id]))


@guarded(PROCESS)
def finish(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """The cycle is over: readings from a file, pasted, or off the display."""
    row = work.load_of(load_id, request.actor)
    form = forms.FinishForm(request.POST or None, request.FILES or None)
    if row.kind == "wash":
        form.fields.pop("pressure")
    else:
        form.fields.pop("a0")

    def act() -> str:
        given = {**form.cleaned_data}
        form.cleaned_data = {"a0": 0, **given}
        loading.finish_load(load_id=row.pk, actor=request.actor, **form.values())
        return reverse("sterile:load", args=[row.pk])

    return _on_load(request, row, form, act, _("结束并登记物理监测"), files=True)


@guarded(MONITOR)
def result(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """A chemical or biological result."""
    row = work.load_of(load_id, request.actor)
    kinds = ("cleaning",) if row.kind == "wash" else ("chemical", "biological")
    form = forms.ResultForm(kinds, request.POST or None, initial={"kind": request.GET.get("kind", kinds[0])})

    def act() -> str:
        test = monitoring.record_result(load_id=row.pk, actor=request.actor, **form.values())
        if hasattr(test, "recall"):
            return reverse("sterile:recall", args=[test.recall.pk])
        return reverse("sterile:load", args=[row.pk])

    lead = _("生物监测不合格会立即停用设备，并召回自上次合格以来的全部器械包。")
    return _on_load(request, row, form, act, _("登记监测结果"), lead=lead)


@require_POST
@guarded(MONITOR)
def release(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """Everything is good."""

    def act() -> str:
        return _("已放行 %(n)s 包。") % {"n": loading.release_load(load_id=load_id, actor=request.actor)}

    return ui.clicked(request, act, reverse("sterile:load", args=[load_id]))


@guarded(MONITOR)
def early(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """An emergency does not wait for the biological result."""
    row = work.load_of(load_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        loading.release_early(load_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return reverse("sterile:load", args=[row.pk])

    lead = _("生物监测结果出来前放行植入物，由放行人负责追踪；不合格须立即召回并通知使用科室。")
    return _on_load(request, row, form, act, _("紧急放行"), lead=lead, danger=True)


@guarded(MONITOR)
def reject(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """The cycle failed: everything back to washing."""
    row = work.load_of(load_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        loading.reject_load(load_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return reverse("sterile:load", args=[row.pk])

    return _on_load(request, row, form, act, _("判为不合格"), lead=_("锅内全部器械包退回清洗。"), danger=True)


@guarded(PROCESS)
def cancel(request: HttpRequest, load_id: UUID) -> HttpResponse:
    """Opened by mistake."""
    row = work.load_of(load_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        loading.cancel_load(load_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return reverse(LOADS)

    return _on_load(request, row, form, act, _("取消这一锅"), danger=True)


@guarded(READ)
def machine(request: HttpRequest, machine_id: UUID) -> HttpResponse:
    """One machine: its tests and loads, whether it is in use."""
    row = work.machine_of(machine_id, request.actor)
    tests = row.tests.select_related("load").order_by("-taken_at", "-read_at")
    context = {
        "row": row, "page": page_of(tests, page=number_of(request.GET.get("page"))), "label": LOAD.label, "tones": TONES,
        "loads": work.loads(request.actor).filter(machine=row)[:10], "method": _(definitions.METHODS[row.method]),
        "passes": machines.passes_since_stop(row) if row.stopped_at else 0, "wanted": definitions.limits().resume_passes,
    }  # fmt: skip
    return render(request, "sterile/machine.html", context)


@guarded(MONITOR)
def machine_test(request: HttpRequest, machine_id: UUID) -> HttpResponse:
    """A Bowie-Dick test or an empty cycle."""
    row = work.machine_of(machine_id, request.actor)
    kinds = ("bowie_dick", "biological", "chemical")
    form = forms.ResultForm(kinds, request.POST or None, initial={"kind": request.GET.get("kind", kinds[0])})

    def act() -> str:
        test = monitoring.record_machine_test(machine_id=row.pk, actor=request.actor, **form.values())
        if hasattr(test, "recall"):
            return reverse("sterile:recall", args=[test.recall.pk])
        return reverse("sterile:machine", args=[row.pk])

    return _on_machine(
        request, row, form, act, _("登记设备监测"), lead=_("B-D 试验每日首锅前做；停用后空载生物监测也在这里登记。")
    )


@guarded(MONITOR)
def stop(request: HttpRequest, machine_id: UUID) -> HttpResponse:
    """Out of use."""
    row = work.machine_of(machine_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        machines.stop_machine(machine_id=row.pk, actor=request.actor, reason=form.cleaned_data["reason"])
        return reverse("sterile:machine", args=[row.pk])

    return _on_machine(request, row, form, act, _("停用设备"), danger=True)


@require_POST
@guarded(MONITOR)
def resume(request: HttpRequest, machine_id: UUID) -> HttpResponse:
    """In use again."""

    def act() -> str:
        machines.resume_machine(machine_id=machine_id, actor=request.actor)
        return _("设备已恢复使用。")

    return ui.clicked(request, act, reverse("sterile:machine", args=[machine_id]))


@guarded(MANAGE)
def new_machine(request: HttpRequest) -> HttpResponse:
    """A washer or steriliser."""
    form = forms.MachineForm(request.POST or None)

    def act() -> str:
        return reverse("sterile:machine", args=[machines.create_machine(actor=request.actor, **form.cleaned_data).pk])

    return filled(request, form, act, title=_("登记设备"), back=reverse(LOADS), crumbs=[(_("锅次"), reverse(LOADS))])


def _on_load(request: HttpRequest, row: Load, form: Any, act: Any, title: str, **more: Any) -> HttpResponse:
    here = reverse("sterile:load", args=[row.pk])
    crumbs = [(_("锅次"), reverse(LOADS)), (row.number, here)]
    return filled(request, form, act, title=title, back=here, crumbs=crumbs, **{"lead": row.programme_label, **more})


def _on_machine(request: HttpRequest, row: Any, form: Any, act: Any, title: str, **more: Any) -> HttpResponse:
    here = reverse("sterile:machine", args=[row.pk])
    crumbs = [(_("锅次"), reverse(LOADS)), (str(row), here)]
    return filled(request, form, act, title=title, back=here, crumbs=crumbs, **{"lead": str(row), **more})


def _chart(row: Load) -> dict[str, Any] | None:
    """Temperature and pressure over the minutes of the cycle."""
    if not row.curve:
        return None
    lines = [{"name": _("温度 ℃"), "type": "line", "showSymbol": False, "data": [[m, t] for m, t, _p in row.curve]}]
    axes = [{"type": "value", "name": "℃", "scale": True}]
    if any(p is not None for _m, _t, p in row.curve):
        pressures = [[m, p] for m, _t, p in row.curve if p is not None]
        lines.append({"name": _("压力 kPa"), "type": "line", "showSymbol": False, "yAxisIndex": 1, "data": pressures})
        axes.append({"type": "value", "name": "kPa", "scale": True})
    return {
        "legend": {}, "tooltip": {"trigger": "axis"}, "xAxis": {"type": "value", "name": _("分钟")}, "yAxis": axes, "series": lines,
    }  # fmt: skip
