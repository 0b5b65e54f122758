"""Mutual recognition: rate and savings by month and institution, the rows behind, repeats, and quality assessments."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.asked import key_of, month_from
from yigong.core.paging import number_of, page_of
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.orders.commands import recognition as commands
from yigong.orders.models import QualityAssessment, Recognition, RepeatFinding
from yigong.orders.policies import QUALITY, RECOGNITION
from yigong.orders.queries import recognition as queries
from yigong.orders.rules import recognition as rules
from yigong.orders.rules import services


class AssessmentForm(django_forms.Form):
    """One result of external quality assessment."""

    institution = forms.PickerField("orders:pick_institution", label=gettext_lazy("机构"))
    kind = django_forms.ChoiceField(label=gettext_lazy("项目类别"))
    scheme = django_forms.CharField(label=gettext_lazy("质评计划与期次"), max_length=80)
    score = django_forms.DecimalField(label=gettext_lazy("得分"), min_value=0, max_value=100, decimal_places=1)
    passed = django_forms.ChoiceField(
        label=gettext_lazy("结论"), choices=[("yes", gettext_lazy("合格")), ("no", gettext_lazy("不合格"))],
        widget=django_forms.RadioSelect,
    )  # fmt: skip
    valid_from = forms.DateField(label=gettext_lazy("有效期起"))
    valid_until = forms.DateField(label=gettext_lazy("有效期止"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["kind"].choices = kinds()  # type: ignore[attr-defined]


def kinds() -> list[tuple[str, str]]:
    """Every service with its groups of items, as ``service:group``."""
    return [
        (f"{code}:{group}", f"{one.label} · {one.word('group_' + group, group)}")
        for code, one in services().items()
        for group in dict.fromkeys(item.group for item in one.catalogue())
    ]


@guarded(RECOGNITION)
def overview(request: HttpRequest) -> HttpResponse:
    """Twelve months: recognition rate and money saved by month and institution; each number opens its rows."""
    today = clock.today()
    since = (today.replace(day=1) - timedelta(days=330)).replace(day=1)
    rows = queries.figures(request.actor, since=since, until=today)
    names = network.institutions({row.receiver_id for row in rows})
    recognised, repeated = sum(r.recognised for r in rows), sum(r.repeated for r in rows)
    words = rules.rules().reasons
    why = queries.reasons(request.actor, since=since, until=today)
    context = {
        "rows": rows, "names": names, "recognised": recognised, "repeated": repeated, "saved": sum(r.saved for r in rows),
        "rate": recognised / (recognised + repeated) if recognised + repeated else None, "since": since,
        "why": [(words.get(code, code), n) for code, n in why.items()],
        "open": _findings(request).filter(explained_at__isnull=True).count(),
    }  # fmt: skip
    return render(request, "orders/recognition.html", context)


@guarded(RECOGNITION)
def rows(request: HttpRequest) -> HttpResponse:
    """The decisions behind a figure, without the person: who may open the order sees whom it was about."""
    given = request.GET
    found = queries.decisions(
        request.actor,
        month=month_from(given.get("month")),
        receiver=key_of(given.get("at")),
        decision=given.get("decision", ""),
    )
    page = page_of(
        found.select_related("source_item__order", "giver", "receiver"), page=number_of(given.get("page")), limit=20
    )
    context = {"page": page, "reasons": rules.rules().reasons, "asked": given}
    return render(request, "orders/recognition_rows.html", context)


@guarded("signed_in")
@require_POST
def withdraw(request: HttpRequest, recognition_id: UUID) -> HttpResponse:
    """Take a recognition back."""
    row = Recognition.objects.filter(pk=recognition_id).first()
    commands.withdraw_recognition(
        recognition_id=recognition_id, reason=request.POST.get("reason", ""), actor=request.actor
    )
    messages.success(request, _("已撤销互认，档案中的引用已作废。"))
    return redirect("residents:detail", row.resident_id) if row else redirect("orders:list")


@guarded(RECOGNITION)
def repeats(request: HttpRequest) -> HttpResponse:
    """What was done again although recognised, with the evidence; a quality manager writes what he found out."""
    if request.method == "POST":
        finding = request.POST.get("finding", "")
        commands.explain_repeat(
            finding_id=int(finding) if finding.isdecimal() and len(finding) < 19 else 0, explanation=request.POST.get("explanation", ""),
            actor=request.actor,
        )  # fmt: skip
        messages.success(request, _("已登记核实结果。"))
        return redirect("orders:repeats")
    found = _findings(request).select_related(
        "recognition__source_item__order", "recognition__giver", "item__order__requesting_institution"
    )
    page = page_of(found.order_by("explained_at", "-found_at"), page=number_of(request.GET.get("page")), limit=20)
    context = {"page": page, "may_explain": request.actor.has(QUALITY)}
    return render(request, "orders/repeats.html", context)


@guarded(RECOGNITION)
def assessments(request: HttpRequest) -> HttpResponse:
    """External quality assessments, those that run out first; a quality manager enters them."""
    form = AssessmentForm(request.POST or None)
    if done := forms.sent(request, form, lambda: _entered(request, form.cleaned_data)):
        return done
    found = QualityAssessment.objects.select_related("institution").order_by("-valid_until", "id")
    page = page_of(found, page=number_of(request.GET.get("page")), limit=20)
    required = set(rules.rules().eqa.required)
    context = {
        "page": page, "form": form, "words": dict(kinds()), "required": required, "may_enter": request.actor.has(QUALITY),
        "key": lambda row: f"{row.service}:{row.group}",
    }  # fmt: skip
    return forms.page(request, "orders/assessments.html", context, form=form)


@guarded("signed_in")
def pick_institution(request: HttpRequest) -> HttpResponse:
    """Institutions for the picker."""
    found = network.search_institutions(request.GET.get("q", "")[:60], limit=12)
    items = [(str(place.id), place.name, place.short_name) for place in found]
    return render(request, "ui/options.html", {"items": items, "total": len(items)})


def _findings(request: HttpRequest) -> Any:
    places = queries.scope(request.actor)
    found = RepeatFinding.objects.all()
    return found if places is None else found.filter(item__order__requesting_institution_id__in=places)


def _entered(request: HttpRequest, given: dict[str, Any]) -> str:
    service_code, group = given["kind"].split(":")
    commands.record_assessment(
        institution_id=given["institution"], service_code=service_code, group=group, scheme=given["scheme"],
        score=given["score"], passed=given["passed"] == "yes", valid_from=given["valid_from"],
        valid_until=given["valid_until"], actor=request.actor,
    )  # fmt: skip
    messages.success(request, _("已登记室间质评。"))
    return reverse("orders:assessments")
