"""Placing an order: the request form with its catalogue, questions and earlier results."""

from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.access.api import guarded
from yigong.core.errors import Forbidden
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.orders import queries
from yigong.orders.commands import placing, recognition
from yigong.orders.data import Clinical, ItemInput, Question, ServiceDefinition
from yigong.orders.queries import templates
from yigong.orders.rules import service
from yigong.orders.rules.requests import taken
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.residents.data import ResidentData


class RequestForm(django_forms.Form):
    """The fixed part of a request; the service's questions are added for the resident."""

    items = django_forms.CharField(
        label=gettext_lazy("检查项目"), max_length=600,
        error_messages={"required": gettext_lazy("请选择检查项目，可输入名称、首字母或编码查找。")},
    )  # fmt: skip
    performing = django_forms.ChoiceField(label=gettext_lazy("检查地点"))
    priority = django_forms.ChoiceField(
        label=gettext_lazy("急缓"), choices=[("routine", gettext_lazy("平")), ("urgent", gettext_lazy("急"))],
        widget=django_forms.RadioSelect, initial="routine",
    )  # fmt: skip
    diagnosis = django_forms.CharField(label=gettext_lazy("临床诊断"), max_length=200)
    purpose = django_forms.CharField(
        label=gettext_lazy("检查目的"), max_length=4000, widget=django_forms.Textarea(attrs={"rows": 2})
    )
    symptoms = django_forms.CharField(
        label=gettext_lazy("症状与体征"), max_length=4000, required=False,
        widget=django_forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    history = django_forms.CharField(
        label=gettext_lazy("病史摘要"), max_length=4000, required=False,
        widget=django_forms.Textarea(attrs={"rows": 3}), help_text=gettext_lazy("已从健康档案带出，可修改。"),
    )  # fmt: skip
    repeat_reason_code = django_forms.ChoiceField(label=gettext_lazy("重复检查的理由"), required=False)
    repeat_reason = django_forms.CharField(
        label=gettext_lazy("已向患者说明的内容"), max_length=400, required=False,
        help_text=gettext_lazy("重复检查须向患者说明；理由选“其他”时必填。"),
    )  # fmt: skip
    override_reason = django_forms.CharField(label=gettext_lazy("仍需检查的理由"), max_length=500, required=False)

    def __init__(self, *given: Any, definition: ServiceDefinition, places: list[tuple[str, str]], person: ResidentData,
                 **more: Any) -> None:  # fmt: skip
        super().__init__(*given, **more)
        self.fields["performing"].choices = places  # type: ignore[attr-defined]
        self.fields["performing"].label = definition.word("place", _("检查地点"))
        self.fields["purpose"].label = definition.word("purpose", _("检查目的"))
        if definition.asked.samples:
            self.fields["samples"] = django_forms.CharField(
                label=_("标本"), required=False, max_length=2000, help_text=_("每行一个，例如“胃窦黏膜”；也可以在取材后登记。"),
                widget=django_forms.Textarea(attrs={"rows": 3}),
            )  # fmt: skip
        reasons = [("", _("（不重复）")), *definition.repeat_reasons.items()]
        self.fields["repeat_reason_code"].choices = reasons  # type: ignore[attr-defined]
        if not self.is_bound and not self.initial.get("history"):
            self.fields["history"].help_text = _("健康档案中没有诊断、过敏和用药记录，请询问后填写。")
        self.questions = [q for q in definition.questions if q.concerns(sex=person.sex, age=person.age_years)]
        for question in self.questions:
            self.fields[question.code] = _field(question)

    def answers(self) -> dict[str, str]:
        """The answers to the service's questions."""
        given = ((q.code, self.cleaned_data.get(q.code)) for q in self.questions)
        return {code: str(value) for code, value in given if value not in (None, "")}


@guarded("signed_in", about="resident")
def new(request: HttpRequest, service_code: str, resident_id: UUID) -> HttpResponse:
    """The request form for one resident, and its sending."""
    definition = service(service_code)
    if not request.actor.has(definition.rights.request):
        raise Forbidden(_("您的岗位不能开具%(service)s申请，请由本机构医师申请。") % {"service": definition.label})
    person = residents.access_resident(resident_id, actor=request.actor, action="write")
    if definition.request_page:
        return redirect(definition.request_page, resident_id)
    form = RequestForm(
        request.POST or None, definition=definition, places=_places(service_code, request), person=person,
        initial=None if request.method == "POST" else _prefilled(request, resident_id),
    )  # fmt: skip
    if done := forms.sent(request, form, lambda: _place(request, definition, person, form)):
        return done
    context = {
        "definition": definition, "person": person, "form": form, "questions": _faces(form, definition),
        "chosen": chosen(definition, form["items"].value() or ""), "taken": request.POST.get("templates", ""),
        "offers": templates.offers(service_code, resident_id, request.actor),
    }  # fmt: skip
    return forms.page(request, "orders/new.html", context, form=form)


@guarded("signed_in")
def items(request: HttpRequest, service_code: str) -> HttpResponse:
    """Options of the item picker: by name, initials or code."""
    definition, text = service(service_code), request.GET.get("q", "").strip()[:40]
    folded, upper = text.lower(), text.upper()
    found = [
        item
        for item in definition.catalogue()
        if not text or text in item.name or folded in item.initials or upper in item.code or text == item.part
    ]
    context = {"items": found[:12], "total": len(found), "definition": definition}
    return render(request, "orders/_item_options.html", context)


@guarded("signed_in", about="resident")
def check(request: HttpRequest, service_code: str, resident_id: UUID) -> HttpResponse:
    """What the doctor should know before ordering these items: equal results that are still valid."""
    residents.access_resident(resident_id, actor=request.actor, action="read_detail")
    codes = [code for code in request.GET.get("items", "").split(",") if code][: placing.MAX_ITEMS]
    earlier = queries.earlier_results(resident_id, codes)
    by_code = {code: [one for one in earlier if (one.for_code or one.item_code) == code] for code in codes}
    names = {item.code: item.name for item in service(service_code).catalogue()}
    context = {
        "earlier": earlier, "by_code": by_code, "names": names, "reasons": service(service_code).repeat_reasons,
        "draft": service(service_code).draft_panel(codes),
    }  # fmt: skip
    return render(request, "orders/_earlier.html", context)


def _place(request: HttpRequest, definition: ServiceDefinition, person: ResidentData, form: RequestForm) -> str:
    given = form.cleaned_data
    items = chosen(definition, given["items"])
    use, reasons = _decisions(request, items)
    placed = recognition.order_or_recognise(
        service_code=definition.code, resident_id=person.id, items=items, use=use, repeat_reasons=reasons,
        repeat_reason=given["repeat_reason"], performing_institution_id=UUID(given["performing"]), priority=given["priority"], answers=form.answers(),
        clinical=Clinical(given["symptoms"], given["history"], given["purpose"], given["diagnosis"]),
        repeat_reason_code=given["repeat_reason_code"], override_reason=given["override_reason"],
        idempotency_key=str(forms.idempotency_key(request)), actor=request.actor, templates=taken(request.POST.get("templates", "")),
        samples=[line.strip() for line in given.get("samples", "").splitlines() if line.strip()],
    )  # fmt: skip
    if placed.recognised:
        saved = sum(one.price or 0 for one in placed.recognised if not one.again)
        told = {"n": len(placed.recognised), "m": f"{saved / 100:.2f}"}
        messages.success(request, _("已互认 %(n)s 项，节约 %(m)s 元，引用已写入健康档案。") % told)
    if placed.order is None:
        return reverse("residents:detail", args=[person.id])
    return reverse("orders:detail", args=[placed.order.id])


def _decisions(request: HttpRequest, items: list[ItemInput]) -> tuple[dict[str, int], dict[str, str]]:
    """What was chosen beside each earlier result: ordered code → the recognised item, and ordered code → reason."""
    use, reasons = {}, {}
    for item in items:
        choice = request.POST.get(f"decide_{item.code}", "")
        if choice.startswith("use:") and choice[4:].isdigit():
            use[item.code] = int(choice[4:])
        elif choice == "repeat":
            reasons[item.code] = request.POST.get(f"reason_{item.code}", "")
    return use, reasons


def chosen(definition: ServiceDefinition, text: str) -> list[ItemInput]:
    """The items of the catalogue with these codes, separated by commas."""
    wanted = [code for code in text.split(",") if code]
    known = {item.code: item for item in definition.catalogue()}
    return [
        ItemInput(i.code, i.name, i.group, i.part, i.price, i.validity_days)
        for code in wanted
        if (i := known.get(code))
    ]


def _places(service_code: str, request: HttpRequest) -> list[tuple[str, str]]:
    keys = placing.performers_for(service_code, request.actor)
    names = network.institutions(keys)
    return [(str(key), names[key].name) for key in keys if key in names and names[key].level != "authority"]


def _prefilled(request: HttpRequest, resident_id: UUID) -> dict[str, Any]:
    """What the record already knows."""
    known = records.summary(resident_id, actor=request.actor)
    lines = [
        (_("诊断"), known.conditions_text), (_("过敏"), known.allergies_text), (_("用药"), known.medicines_text),
    ]  # fmt: skip
    return {
        "performing": str(request.actor.institution_id),
        "diagnosis": known.conditions[0].text[:200] if known.conditions else "",
        "history": "\n".join(f"{label}：{text}" for label, text in lines if text)[:4000],
    }


def _field(question: Question) -> django_forms.Field:
    """Never required here: whether it is asked depends on the items, and the command decides."""
    common: dict[str, Any] = {"label": question.label, "required": False, "help_text": question.help}
    if question.kind == "choice":
        choices = list(question.choices)
        return django_forms.ChoiceField(choices=choices, widget=django_forms.RadioSelect, **common)
    if question.kind == "bool":
        return django_forms.BooleanField(**common)
    if question.kind == "number":
        return django_forms.DecimalField(min_value=0, max_value=100000, **common)
    if question.kind == "date":
        return forms.DateField(**common)
    return django_forms.CharField(max_length=500, **common)


def _faces(form: RequestForm, definition: ServiceDefinition) -> list[dict[str, Any]]:
    return [
        {"field": form[q.code], "groups": ",".join(sorted(q.groups)), "ending": q.codes_ending, "must": q.required}
        for q in form.questions
    ]
