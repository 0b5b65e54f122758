"""Consignments: what is to be sent, on its way, at the door; one of them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.core.errors import NotFound
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.logistics import forms
from yigong.logistics.commands import carrying
from yigong.logistics.kinds import carried_as
from yigong.logistics.models import Consignment
from yigong.logistics.policies import FOLLOW, SEND
from yigong.logistics.queries import consignments as reads
from yigong.logistics.queries import positions, runs
from yigong.logistics.rules import definitions
from yigong.logistics.rules.workflow import CONSIGNMENT
from yigong.logistics.views.common import TONES, views

_FORMS = {
    "close": forms.CloseForm, "hand_over": forms.HandOverForm, "receive": forms.ReceiveForm, "temperature": forms.TemperatureForm,
    "damage": forms.ReasonForm, "lose": forms.ReasonForm, "withdraw": forms.ReasonForm, "take_off": forms.ReasonForm,
}  # fmt: skip


@guarded(FOLLOW)
def listing(request: HttpRequest) -> HttpResponse:
    """Everything that begins or ends here, by where it is."""
    counts = reads.totals(request.actor)
    chosen = request.GET.get("view", "")
    view = chosen if chosen in reads.VIEWS else "arrived" if counts["arrived"] else "to_send"
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "")
    # A scan opens the one thing that carries it, wherever it is.
    if text and (found := reads.by_code(request.actor, text)):
        return redirect("logistics:consignment", found)
    page = reads.listed(request.actor, view=view, kind=kind, text=text, page=number_of(request.GET.get("page")))
    context = {
        "page": page, "view": view, "kind": kind, "text": text, "tones": TONES, "goods": definitions.goods(),
        "tabs": [(label, f"?view={code}", view == code, counts[code]) for code, label in views().items()],
    }  # fmt: skip
    return ui.page(request, "logistics/consignments.html", context)


@guarded(SEND)
def new(request: HttpRequest) -> HttpResponse:
    """Book something for the next run."""
    kinds = [code for code, one in definitions.goods().items() if request.actor.role in one.sender_roles]
    form = forms.ConsignmentForm(kinds, request.POST or None, initial={"kind": kinds[0] if len(kinds) == 1 else ""})

    def act() -> str:
        given = dict(form.cleaned_data)
        seal = given.pop("seal")
        made = carrying.open_consignment(**given, actor=request.actor)
        carrying.close_consignment(consignment_id=made.id, seal=seal, actor=request.actor)
        return reverse("logistics:consignment", args=[made.id])

    here = reverse("logistics:consignments")
    return ui.filled(
        request, form, act, title=_("交运物品"), back=here, crumbs=[(_("物品运送"), here)],
        lead=_("登记后等下一班物流来取；检验标本和无菌包请在各自的页面装箱。"), label=_("登记待取"),
    )  # fmt: skip


@guarded(FOLLOW)
def consignment(request: HttpRequest, consignment_id: UUID) -> HttpResponse:
    """One consignment: where it was, its temperatures, what may be done with it."""
    row = reads.visible(consignment_id, request.actor)
    action = request.POST.get("action", "")
    form = _FORMS[action](request.POST) if action in _FORMS else None
    if form is not None and (done := ui.sent(request, form, lambda: _act(request, row, action, form.cleaned_data))):
        return done
    plain, error = ui.tried(request, lambda: _act(request, row, action, {})) if form is None else (None, "")
    if plain:
        return plain
    initial: dict[str, dict[str, Any]] = {
        "close": {"pieces": row.pieces_out or None},
        "receive": {"pieces_in": row.pieces_out, "seal_intact": True},
    }
    shown = {name: form if name == action else kind(initial=initial.get(name)) for name, kind in _FORMS.items()}
    page = carried_as(row.kind).page
    shown_one = reads.one(row.pk)
    context = {
        "one": shown_one, "where": positions.of_consignment(shown_one), "row": row, "forms": shown, "at": action, "error": error, "tones": TONES,
        "readings": reads.readings(row.pk), "steps": {s.action for s in CONSIGNMENT.actions_for(row, request.actor)},
        "history": _history(row), "contents": reverse(page, args=[row.pk]) if page else "", "unit": definitions.goods_of(row.kind).unit,
        "fetched": runs.expected_at(row.sender_id) if row.state == "waiting" else None, "signed": row.signature,
    }  # fmt: skip
    return ui.page(request, "logistics/consignment.html", context, form=form)


def _history(row: Consignment) -> list[dict[str, Any]]:
    """What happened, newest last; states of an earlier record of boxes keep their own words."""
    words = {code: _(state.label) for code, state in CONSIGNMENT.states.items()}
    return [
        {"at": one.at, "title": words.get(one.to_state, one.to_state), "text": one.reason, "by": one.actor_name}
        for one in history(row.pk)
    ]


def _act(request: HttpRequest, row: Consignment, action: str, given: dict[str, Any]) -> str:
    key, actor = row.pk, request.actor
    acts: dict[str, Any] = {
        "close": lambda: carrying.close_consignment(consignment_id=key, actor=actor, **given),
        "open": lambda: carrying.reopen_consignment(consignment_id=key, actor=actor),
        "hand_over": lambda: carrying.hand_over(consignment_id=key, actor=actor, **given),
        "deliver": lambda: carrying.deliver(consignment_id=key, actor=actor),
        "receive": lambda: carrying.receive(consignment_id=key, actor=actor, **given),
        "take_off": lambda: carrying.take_off(consignment_id=key, actor=actor, **given),
        "damage": lambda: carrying.report_damage(consignment_id=key, actor=actor, **given),
        "lose": lambda: carrying.report_loss(consignment_id=key, actor=actor, **given),
        "withdraw": lambda: carrying.withdraw(consignment_id=key, actor=actor, **given),
        "temperature": lambda: carrying.note_temperature(consignment_id=key, actor=actor, **given),
    }
    if action not in acts:
        raise NotFound()
    done = acts[action]()
    if action == "temperature" and not done.is_within:
        messages.warning(request, _("温度超出要求，已通知寄出方和接收方。"))
    elif action == "receive":
        messages.success(request, _("已签收 %(n)s。") % {"n": row.number})
    return reverse("logistics:consignment", args=[key])
