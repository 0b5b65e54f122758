"""The experts: opinion and conclusion."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.centres.consultation import forms, policies
from yigong.centres.consultation.commands import opining
from yigong.centres.consultation.commands.errors import NotInvited
from yigong.centres.consultation.data import Conclusion
from yigong.centres.consultation.models import Consultation, Opinion
from yigong.centres.consultation.queries import whole
from yigong.core.ui import forms as ui
from yigong.orders import api as orders


@guarded("signed_in", about="consultation")
def opinion(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The actor's own opinion: the first, or another version with its reason."""
    row, invitation = _mine(request, order_id)
    before = invitation.opinions.order_by("-number").first()
    first = {"text": before.text, "basis": before.basis} if before else None
    form = forms.OpinionForm(request.POST or None, amended=before is not None, initial=first)
    if done := ui.sent(request, form, lambda: _opined(request, order_id, form)):
        return done
    context = {"row": row, "form": form, "before": before, "question": whole.question(row)}
    return ui.page(request, "consultation/opinion.html", context, form=form)


@guarded("signed_in", about="consultation")
def conclude(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The joint conclusion, its correction, or a new one after a withdrawal; what the experts signed stands beside."""
    row, _invitation = _mine(request, order_id)
    current, withdrawn = whole.conclusion(order_id), orders.order_facts(order_id).report_state == "withdrawn"
    amended = current is not None and not withdrawn
    form = forms.ConclusionForm(request.POST or None, amended=amended, initial=_before(current))
    if done := ui.sent(request, form, lambda: _concluded(request, order_id, form)):
        return done
    opinions = Opinion.objects.filter(invitation__consultation=row).select_related("invitation").order_by("signed_at")
    context = {
        "row": row, "form": form, "current": current, "withdrawn": withdrawn, "templates": orders.report_templates("consultation", request.actor),
        "definition": orders.service("consultation"), "taken": request.POST.get("templates", ""), "opinions": opinions, "question": whole.question(row),
        "unready": opining.unready(order_id), "rows": range(1, forms.ROWS + 1),
    }  # fmt: skip
    return ui.page(request, "consultation/conclude.html", context, form=form)


def _mine(request: HttpRequest, order_id: UUID) -> tuple[Consultation, Any]:
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    row = policies.access_consultation(order_id, actor=request.actor)
    invitation = policies.invitation_of(row, request.actor, policies.READABLE)
    if invitation is None:
        raise NotInvited()
    return row, invitation


def _before(current: Any) -> dict[str, Any] | None:
    if current is None:
        return None
    found: dict[str, Any] = {"basis": current.sections.get("basis", ""), "text": current.impression}
    for n, line in enumerate(opining.lines_of(current)[: forms.ROWS], 1):
        found |= {f"kind_{n}": line.category, f"advice_{n}": line.text, f"days_{n}": line.days}
    return found


def _opined(request: HttpRequest, order_id: UUID, form: forms.OpinionForm) -> str:
    opining.sign_opinion(order_id=order_id, actor=request.actor, **form.cleaned_data)
    messages.success(request, _("会诊意见已签署。"))
    return reverse("consultation:detail", args=[order_id])


def _concluded(request: HttpRequest, order_id: UUID, form: forms.ConclusionForm) -> str:
    given = form.cleaned_data
    taken = tuple(one for one in request.POST.get("templates", "").split(",") if one)
    conclusion = Conclusion(given["text"], given["basis"], form.advice(), taken)
    if "reason" in form.fields:
        opining.amend(order_id=order_id, given=conclusion, reason=given["reason"], actor=request.actor)
    else:
        opining.conclude(order_id=order_id, given=conclusion, actor=request.actor)
    messages.success(request, _("会诊结论已签发，建议已转为申请方待办。"))
    return reverse("consultation:detail", args=[order_id])
