"""Applications: written by the doctor, decided by the insurance office, printed as a certificate."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.months import add_months
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.insurance.coverage import forms, policies
from yigong.insurance.coverage.commands import applications as commands
from yigong.insurance.coverage.data import NewApplication
from yigong.insurance.coverage.models import Application, Entitlement
from yigong.insurance.coverage.parameters import application_rule
from yigong.insurance.coverage.queries import applications as read
from yigong.insurance.coverage.rules import day_before
from yigong.insurance.coverage.workflow import APPLICATION
from yigong.residents import api as residents

TONES = {"asked": "info", "returned": "warn", "granted": "good", "refused": "bad", "recalled": "muted"}
_DAY = timedelta(days=1)


@require_GET
@guarded(policies.READ, about="resident")
def listed(request: HttpRequest) -> HttpResponse:
    """What waits for the office, or what an institution asked for."""
    state = request.GET.get("state", "")
    found = read.applications(request.actor, state=state, page=number_of(request.GET.get("page")))
    states = [("", _("待审核和待补正")), *((code, APPLICATION.label(code)) for code in APPLICATION.states)]
    context = {
        "page": found, "names": residents.resident_names({row.resident_id for row in found.items}), "state": state, "states": states,
        "table": APPLICATION, "tones": TONES, "kinds": kind_words(),
    }  # fmt: skip
    return ui.page(request, "coverage/applications.html", context)


def kind_words() -> dict[str, str]:
    """Kinds in words."""
    return {kind.value: _(str(kind.label)) for kind in Entitlement.Kind}


@guarded(policies.APPLY, about="resident")
def new(request: HttpRequest, resident_id: UUID, kind: str) -> HttpResponse:
    """Ask for an entitlement."""
    if kind not in Entitlement.Kind.values or kind == Entitlement.Kind.INSTITUTION:
        raise NotFound()
    who = residents.access_resident(resident_id, actor=request.actor, action="write", purpose=_("申报待遇资格"))
    form = _form(request, who.id, kind, {"starts_on": clock.today()})

    def act() -> str:
        key = commands.apply(resident_id=who.id, given=_given(kind, form.cleaned_data), actor=request.actor)
        messages.success(request, _("已提交，由医保办审核。"))
        return reverse("coverage:application", args=[key])

    return ui.sent(request, form, act) or _form_page(request, form, kind, who)


def _form(request: HttpRequest, resident_id: UUID, kind: str, initial: dict[str, Any]) -> forms.ApplyForm:
    offered = read.offered(resident_id, request.actor)
    return forms.ApplyForm(request.POST or None, on=clock.today(), kind=kind, offered=offered, initial=initial)


def _given(kind: str, given: dict[str, Any]) -> NewApplication:
    evidence = [(what, UUID(key)) for what, key in (one.split(":", 1) for one in given.get("evidence", ()))]
    plain = ("code", "diagnosis", "opinion", "starts_on")
    return NewApplication(
        kind, destination=given.get("destination", ""), evidence=tuple(evidence), **{name: given[name] for name in plain}
    )  # fmt: skip


def _form_page(request: HttpRequest, form: Any, kind: str, who: Any) -> HttpResponse:
    context = {"form": form, "person": who, "kind": kind_words()[kind], "rule": application_rule(kind)}
    return ui.page(request, "coverage/apply.html", context, form=form)


@guarded(policies.APPLY, about="resident")
def mend(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """Complete what was sent back and ask again."""
    row, who = read.application(application_id, request.actor)
    names = ("code", "diagnosis", "opinion", "destination", "starts_on")
    initial = {name: getattr(row, name) for name in names} | {"evidence": [one["key"] for one in row.evidence]}
    form = _form(request, who.id, row.kind, initial)

    def act() -> str:
        given = _given(row.kind, form.cleaned_data)
        commands.resubmit(application_id=row.id, given=given, actor=request.actor)
        messages.success(request, _("已补正并重新提交。"))
        return reverse("coverage:application", args=[row.id])

    return ui.sent(request, form, act) or _form_page(request, form, row.kind, who)


@guarded(policies.READ, about="resident")
def one(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """One application with what was handed in; the office decides here."""
    row, who = read.application(application_id, request.actor)
    actions = {step.action: step for step in APPLICATION.actions_for(row, request.actor)}
    given = request.POST.get("action", "")
    last = day_before(add_months(row.starts_on, application_rule(row.kind).months))
    grant = forms.GrantForm(
        request.POST if given == "grant" else None, initial={"starts_on": row.starts_on, "last_on": last}
    )
    reason = forms.ReasonForm(request.POST if given not in ("", "grant") else None)
    bound: Any = grant if given == "grant" else reason

    def act() -> str:
        _carried_out(row, given, bound.cleaned_data, request)
        messages.success(request, _("已办理。"))
        return reverse("coverage:application", args=[row.id])

    if done := ui.sent(request, bound, act):
        return done
    context = {
        "row": row, "person": who, "grant": grant, "reason": reason, "actions": actions, "history": history(row.id), "table": APPLICATION,
        "tones": TONES, "kind": kind_words()[row.kind], "rule": application_rule(row.kind), "chosen": given,
        "last_on": _last(row.entitlement.ends_on) if row.entitlement else None,
    }  # fmt: skip
    return ui.page(request, "coverage/application.html", context, form=bound)


def _last(ends_on: date | None) -> date | None:
    return day_before(ends_on) if ends_on else None


def _carried_out(row: Application, action: str, given: dict[str, Any], request: HttpRequest) -> None:
    if action != "grant":
        commands.answer(application_id=row.id, action=action, reason=given["reason"], actor=request.actor)
        return
    last = given["last_on"]
    commands.grant(
        application_id=row.id, starts_on=given["starts_on"], ends_on=last + _DAY if last else None, opinion=given["opinion"], actor=request.actor
    )  # fmt: skip


@require_GET
@guarded(policies.READ, about="resident")
def certificate(request: HttpRequest, application_id: UUID) -> HttpResponse:
    """The application and what was decided, on paper for the person or the hospital elsewhere."""
    row, who = read.application(application_id, request.actor)
    rule, held = application_rule(row.kind), row.entitlement
    last = _last(held.ends_on) if held else None
    granted = _("%(first)s 至 %(last)s") % {"first": held.starts_on, "last": last or _("长期")} if held else "—"
    reasons = [step.reason for step in history(row.id) if step.to_state == row.state and step.reason]
    data = {
        "title": rule.certificate, "subtitle": row.number,
        "facts": [
            (_("姓名"), who.name), (_("性别"), who.sex_label), (_("年龄"), who.age_text), (_("证件号"), who.masked_number),
            (_("申报机构"), row.institution_name), (_("责任医师"), row.doctor_name),
        ],
        "parts": [
            (_("申报内容"), f"{kind_words()[row.kind]}：{row.title}"), (_("诊断"), row.diagnosis), (_("病情与依据"), row.opinion),
            *([(_("转往"), row.destination)] if row.destination else []),
            (_("附件"), "；".join(f"{one['on']} {one['title']}" for one in row.evidence) or "—"),
            (_("审核结果"), APPLICATION.label(row.state)), (_("有效期"), granted), (_("审核意见"), reasons[-1] if reasons else "—"),
        ],
        "doctor": _("责任医师签字"), "office": _("医保办（章）"),
    }  # fmt: skip
    about = About("application", row.id, row.state)
    return answer(
        print_document(
            "entitlement", "coverage/certificate", data, actor=request.actor, about=about, institution=row.institution_name, title=rule.certificate
        )
    )  # fmt: skip
