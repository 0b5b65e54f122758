"""The driver's page, made for a telephone: where next, what to load and unload, one tap each."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.ui import forms as ui
from yigong.logistics import forms
from yigong.logistics.commands import carrying
from yigong.logistics.commands import runs as commands
from yigong.logistics.policies import DRIVE
from yigong.logistics.queries import runs
from yigong.logistics.rules import definitions
from yigong.logistics.views.common import TONES


@guarded(DRIVE)
def drive(request: HttpRequest) -> HttpResponse:
    """Today's runs; the one under way open, with the stop where the vehicle is or goes next."""
    mine = runs.runs_of_driver(clock.today(), request.actor)
    chosen = key_of(request.GET.get("run"))
    run = next((one for one in mine if one.id == chosen), None) or next((o for o in mine if o.state != "done"), None)
    aboard = [one for one in runs.on_run(run.id) if one.state == "aboard"] if run else []
    context = {
        "mine": mine, "run": run, "stop": run.next if run else None, "aboard": aboard, "tones": TONES,
        "boxes": definitions.parameters().boxes, "goods": definitions.goods(),
        "cold": sorted({one.box for one in aboard if one.band != "any"}), "troubles": runs.troubles_of(run.id) if run else [],
        "words": definitions.troubles(),
    }  # fmt: skip
    return ui.page(request, "logistics/drive.html", context)


@require_POST
@guarded(DRIVE)
def tap(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One tap or one scan, and back to the page."""
    given = request.POST

    def act() -> str:
        return _done(given.get("action", ""), run_id, given, request.actor)

    return ui.clicked(request, act, reverse("logistics:drive") + f"?run={run_id}")


@guarded(DRIVE)
def skip(request: HttpRequest, stop_id: UUID) -> HttpResponse:
    """Passed by, with the reason."""
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        stop = commands.skip(stop_id=stop_id, reason=form.cleaned_data["reason"], actor=request.actor)
        return reverse("logistics:drive") + f"?run={stop.run_id}"

    here = reverse("logistics:drive")
    return ui.filled(
        request, form, act, title=_("这一站不停靠"), back=here, crumbs=[(_("今日班次"), here)],
        lead=_("写明原因；要送到这一站的物品留在车上，请另行安排。"), danger=True,
    )  # fmt: skip


@guarded(DRIVE)
def trouble(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Held up: where, how long, and the way on."""
    row, _shown = runs.run(run_id, request.actor)
    form = forms.TroubleForm(request.POST or None)
    here = reverse("logistics:drive") + f"?run={row.pk}"

    def act() -> str:
        commands.report_trouble(run_id=row.pk, actor=request.actor, **form.cleaned_data)
        messages.success(request, _("已告知调度，各站会看到新的预计时间。"))
        return here

    return ui.filled(
        request, form, act, title=_("途中受阻"), back=here, crumbs=[(_("今日班次"), here)],
        lead=f"{row.number} {row.name}", label=_("告知调度"),
    )  # fmt: skip


def _done(action: str, run_id: UUID, given: Any, actor: Any) -> str:
    if action == "load":
        one = carrying.load(number=given.get("number", ""), run_id=run_id, box=given.get("box", ""), actor=actor)
        return _("%(number)s 已装入%(box)s。") % {"number": one.number, "box": one.box}
    if action == "temperature":
        field = forms.TemperatureForm(given)
        if not field.is_valid():
            raise InvalidInput(str(field.errors["celsius"][0]))
        celsius = field.cleaned_data["celsius"]
        found = carrying.note_box_temperature(run_id=run_id, box=given.get("box", ""), celsius=celsius, actor=actor)
        wrong = sum(not one.is_within for one in found)
        if wrong:
            return _("已登记 %(n)s 件的温度，其中 %(wrong)s 件超温，已通知双方，请检查冰排。") % {
                "n": len(found),
                "wrong": wrong,
            }
        return _("已登记 %(n)s 件的温度。") % {"n": len(found)}
    key = key_of(given.get("key"))
    if key is None:
        raise NotFound()
    if action == "deliver":
        return _("%(number)s 已送达，请接收人本人签收。") % {
            "number": carrying.deliver(consignment_id=key, actor=actor).number
        }
    if action == "arrive":
        return _("已登记到达%(place)s。") % {"place": commands.arrive(stop_id=key, actor=actor).institution.short_name}
    if action == "leave":
        return _("已登记离开%(place)s。") % {"place": commands.leave(stop_id=key, actor=actor).institution.short_name}
    raise NotFound()
