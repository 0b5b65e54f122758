"""The dispatcher's desk for what drivers' telephones sent later and the platform has otherwise."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.core.paging import number_of, page_of
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.logistics import forms
from yigong.logistics.commands import taps as commands
from yigong.logistics.policies import DISPATCH
from yigong.logistics.queries import taps as reads
from yigong.logistics.rules.workflow import TAP


@guarded(DISPATCH)
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, what came later and was taken, what was not."""
    state = request.GET.get("state", "review")
    state = state if state in TAP.states else "review"
    page = page_of(reads.waiting(request.actor, state), page=number_of(request.GET.get("page")), convert=list)
    labels = {"review": TAP.label("review"), "accepted": _("已补传"), "dropped": TAP.label("dropped")}
    context = {
        "page": page, "state": state, "targets": reads.targets(list(page.items)), "said": reads.said,
        "tabs": [(label, f"?state={code}", code == state) for code, label in labels.items()],
    }  # fmt: skip
    return ui.page(request, "logistics/taps.html", context)


@guarded(DISPATCH)
def review(request: HttpRequest, tap_id: UUID) -> HttpResponse:
    """One tap: the telephone's version beside the platform's, and the decision."""
    row = reads.tap(tap_id, request.actor)
    form = forms.ReasonForm(request.POST or None)

    def act() -> str:
        given: dict[str, Any] = {"tap_id": row.pk, "reason": form.cleaned_data["reason"], "actor": request.actor}
        if request.POST.get("action") == "accept":
            commands.accept_tap(**given)
        else:
            commands.drop_tap(**given)
        messages.success(request, _("已处理。"))
        return reverse("logistics:taps")

    if done := ui.sent(request, form, act):
        return done
    now = reads.platform_says(row.run, row.action, row.target, row.given.get("number", ""), row.given.get("box", ""))
    context = {
        "tap": row, "said": reads.said(row), "where": reads.targets([row])[row.pk], "platform": now, "form": form, "label": TAP.label(row.state),
        "history": [{"at": c.at, "title": TAP.label(c.to_state), "text": c.reason, "by": c.actor_name} for c in reversed(history(row.pk))],
        "may": bool(TAP.actions_for(row, request.actor)),
    }  # fmt: skip
    return ui.page(request, "logistics/tap.html", context, form=form)
