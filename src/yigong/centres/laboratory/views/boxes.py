"""Boxes: packing, handing over, temperatures, arrival."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.laboratory import forms
from yigong.centres.laboratory.commands import collecting, receiving
from yigong.centres.laboratory.policies import FOLLOW, LABORATORY
from yigong.centres.laboratory.queries import tubes as queries
from yigong.centres.laboratory.rules import catalogue
from yigong.centres.laboratory.rules.tubes import SPECIMEN
from yigong.centres.laboratory.views.tubes import TONES
from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.ui import forms as ui
from yigong.logistics import api as logistics
from yigong.logistics.data import ConsignmentData
from yigong.residents import api as residents

_FORMS = {
    "pack": forms.ScanForm, "send": forms.SendForm, "temperature": forms.TemperatureForm, "arrive": forms.ArriveForm,
    "receive": forms.ScanForm, "open": forms.NothingForm,
}  # fmt: skip


@guarded(FOLLOW)
def box_list(request: HttpRequest) -> HttpResponse:
    """Boxes of one's institutions; a new one is begun here."""
    done, error = ui.tried(request, lambda: _opened(request))
    if done:
        return done
    view = request.GET.get("view", "")
    names = [
        ("to_send", _("待送出")),
        ("aboard", _("在途")),
        ("arrived", _("待签收")),
        ("received", _("已签收")),
        ("failed", _("破损、丢失")),
    ]
    context = {
        "page": queries.box_list(request.actor, view=view, page=number_of(request.GET.get("page"))), "view": view, "error": error,
        "bands": [logistics.bands()[code] for code in logistics.goods_of(SPECIMEN).bands],
        "tabs": [(_("全部"), "?", not view), *((word, f"?view={code}", view == code) for code, word in names)],
    }  # fmt: skip
    return ui.page(request, "laboratory/boxes.html", context)


@guarded(FOLLOW)
def box(request: HttpRequest, box_id: UUID) -> HttpResponse:
    """One box: scan tubes in, hand it over, note temperatures, receive it."""
    row = logistics.access_consignment(box_id, actor=request.actor)
    action = request.POST.get("action", "")
    form = _FORMS[action](request.POST) if action in _FORMS else None
    if form is not None and form.is_valid():
        try:
            return ui.once(request, lambda: _act(request, row, action, form.cleaned_data))
        except DomainError as refusal:
            ui.refuse(form, refusal)
    tubes = queries.in_box(row.id)
    shown = {name: form if name == action else kind() for name, kind in _FORMS.items()}
    context = {
        "box": row, "tubes": tubes, "forms": shown, "readings": logistics.readings(row.id), "tones": TONES, "where": logistics.where_is(row),
        "names": residents.resident_names({t.resident_id for t in tubes}), "steps": logistics.consignment_steps(row.id, actor=request.actor),
        "fetched": logistics.expected_at(row.sender_id) if row.state in {"packing", "waiting"} else None,
        "at_centre": request.actor.has(LABORATORY), "items": catalogue.items(),
    }  # fmt: skip
    return ui.page(request, "laboratory/box.html", context, form=form)


def _opened(request: HttpRequest) -> str:
    row = collecting.open_box(temperature=request.POST.get("temperature", ""), actor=request.actor)
    return reverse("laboratory:box", args=[row.id])


def _act(request: HttpRequest, row: ConsignmentData, action: str, given: dict) -> str:
    actor = request.actor
    if action == "pack":
        collecting.pack_tube(box_id=row.id, number=given["number"], actor=actor)
    elif action == "send":
        collecting.send_box(box_id=row.id, actor=actor, **given)
    elif action == "temperature":
        reading = logistics.note_temperature(consignment_id=row.id, celsius=given["celsius"], actor=actor)
        if not reading.is_within:
            messages.warning(request, _("温度超出本箱要求，请检查冰排并告知中心。"))
    elif action == "arrive":
        done = receiving.receive_box(box_id=row.id, actor=actor, **given)
        if done.difference:
            messages.warning(request, done.difference)
    elif action == "open":
        logistics.reopen_consignment(consignment_id=row.id, actor=actor)
    else:
        done_tube = receiving.receive_tube(number=given["number"], box_id=row.id, actor=actor)
        messages.success(request, _("已签收 %(n)s。") % {"n": done_tube.number})
    return reverse("laboratory:box", args=[row.id])
