"""Pages of the desk."""

from uuid import UUID

from django.contrib import messages as told
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.ui import forms as ui
from yigong.exchange.hl7v2 import commands, forms, queries
from yigong.exchange.hl7v2.models import Message
from yigong.exchange.hl7v2.policies import DESK

TONES = {"taken": "good", "unmatched": "warn", "failed": "bad", "discarded": "muted"}


def states() -> dict[str, str]:
    """What became of a message, in words."""
    return {"taken": _("已接收"), "unmatched": _("未匹配"), "failed": _("未通过"), "discarded": _("已作废")}


@guarded(DESK)
def message_list(request: HttpRequest) -> HttpResponse:
    """Messages that wait, and all others."""
    view, text = request.GET.get("view", "waiting"), request.GET.get("q", "")
    totals = queries.totals(request.actor)
    labels = {"waiting": _("待处理"), "taken": _("已接收"), "discarded": _("已作废"), "all": _("全部")}
    context = {
        "page": queries.messages(request.actor, view=view, text=text, page=number_of(request.GET.get("page"))), "text": text, "view": view,
        "tabs": [(label, f"?view={code}", code == view, totals[code]) for code, label in labels.items()], "tones": TONES,
        "states": states(),
    }  # fmt: skip
    return render(request, "hl7v2/messages.html", context)


@guarded(DESK)
def message(request: HttpRequest, message_id: UUID) -> HttpResponse:
    """One message as it came; correct, replay or discard it."""
    row = queries.message(message_id, request.actor)
    lines = (row.corrected or row.raw).replace("\r", "\n")
    correct, discard = forms.CorrectForm(initial={"text": lines}), forms.DiscardForm()
    form: forms.CorrectForm | forms.DiscardForm | None = None
    error = ""
    if request.method == "POST":
        action = request.POST.get("action")
        if action == "discard":
            form = discard = forms.DiscardForm(request.POST)
        elif action == "correct":
            form = correct = forms.CorrectForm(request.POST)
        try:
            if form is None or form.is_valid():
                return ui.once(request, lambda: _act(request, row, form.cleaned_data if form else {}))
        except DomainError as refusal:
            if form is None:
                error = str(refusal)
            else:
                ui.refuse(form, refusal)
    context = {
        "row": row, "raw": row.raw.split("\r"), "correct": correct, "discard": discard, "tones": TONES, "states": states(), "error": error,
        "open": row.state in {"unmatched", "failed"},
    }  # fmt: skip
    return ui.page(request, "hl7v2/message.html", context, form=form)


def _act(request: HttpRequest, row: Message, given: dict) -> str:
    action = request.POST.get("action")
    if action == "discard":
        commands.discard(message_id=row.pk, reason=given["reason"], actor=request.actor)
        return reverse("hl7v2:messages")
    if action == "correct":
        done = commands.correct(message_id=row.pk, text=given["text"], reason=given["reason"], actor=request.actor)
    else:
        done = commands.replay(message_id=row.pk, actor=request.actor)
    if done.state == Message.State.TAKEN:
        told.success(request, _("已接收 %(n)s 项结果。") % {"n": done.values})
    else:
        told.warning(request, _("仍未通过：%(said)s") % {"said": done.said})
    return reverse("hl7v2:message", args=[row.pk])
