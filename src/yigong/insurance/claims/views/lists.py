"""Pages of settlement lists."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.states.api import history
from yigong.core.ui.forms import once, page, refuse
from yigong.insurance.claims import api, forms, jobs, policies
from yigong.insurance.claims.models import SettlementList
from yigong.insurance.claims.queries import lists, showing
from yigong.insurance.claims.rules.workflow import LIST
from yigong.network import api as network


@guarded(policies.READ)
def index(request: HttpRequest) -> HttpResponse:
    """All lists with filters; figures of the month above."""
    form = forms.FilterForm(request.GET or {}, lists.choices(request.actor))
    filters = form.cleaned_data if form.is_valid() else {}
    found = lists.page_of_lists(actor=request.actor, filters=filters, page=number_of(request.GET.get("page")))
    month = filters.get("month") or clock.today().replace(day=1)
    context = {
        "form": form, "page": found, "counts": lists.counts(request.actor, month), "month": month,
        "may_code": request.actor.has(policies.CODE), "may_upload": request.actor.has(policies.UPLOAD),
    }  # fmt: skip
    return render(request, "claims/list.html", context)


@guarded(policies.READ)
def month(request: HttpRequest) -> HttpResponse:
    """Start the check or the export of a month; the job's page shows the progress."""
    if request.method != "POST":
        return redirect("claims:list")
    field = forms.MonthField()
    try:
        wanted = field.clean(request.POST.get("month", ""))
    except django_forms.ValidationError:
        wanted = clock.today().replace(day=1)
    export = request.POST.get("what") == "export"
    if not request.actor.has(policies.READ if export else policies.CODE):
        return redirect("claims:list")
    start = jobs.start_export if export else jobs.start_month_check
    return once(request, lambda: reverse("jobs:page", args=[start(wanted, request.actor).id]))


@guarded(policies.READ, about="settlement_list")
def detail(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """One list as the form, findings beside it."""
    row = lists.one(list_id, actor=request.actor)
    return render(request, "claims/detail.html", _context(request, row))


def _context(request: HttpRequest, row: SettlementList) -> dict[str, Any]:
    steps = [step for step in LIST.actions_for(row, request.actor) if step.action in ACTIONS]
    return {
        "row": row, "state_label": LIST.label(row.state), "groups": showing.groups(row), "nodes": showing.nodes(row),
        "findings": showing.findings(row), "history": history(row.id), "states_label": LIST.label, "appeals": list(row.appeals.all()),
        "messages": list(row.messages.defer("envelope")), "steps": [(step, ACTIONS[step.action]) for step in steps],
        "older": row.replaces, "refusal": "", "next_step": "" if steps else _next_step(row, request.actor), "newer": SettlementList.objects.filter(replaces=row).first(),
        "institution": network.institution(row.institution_id).name, "may_code": request.actor.has(policies.CODE),
        "may_desk": request.actor.has(policies.DESK), "front_page": showing.front_page_url(row),
        "editable": row.state in ("draft", "checked") and row.institution_id in request.actor.institution_ids,
    }  # fmt: skip


def _next_step(row: SettlementList, actor: Actor) -> str:
    """Whose turn it is, for somebody who cannot go on alone."""
    if row.state == "draft" and not actor.has(policies.CODE):
        return (
            _("轮到质控员：%(n)s 个强制问题要在病案首页或清单自有项目里改正，校验通过后由医保专员上传。")
            % {"n": row.blocks}
            if row.blocks
            else _("轮到质控员：校验通过后由医保专员上传。")
        )
    if row.state == "checked" and not actor.has(policies.UPLOAD):
        return _("已校验通过，轮到医保专员上传。")
    if row.state == "uploaded" and not actor.has(policies.UPLOAD):
        return _("已上传，等医保部门反馈；反馈由医保专员登记。")
    if row.state == "appealing" and not actor.has(policies.UPLOAD):
        return _("申诉已提交，结果由医保专员登记。")
    return ""


@guarded(policies.CODE, about="settlement_list")
def own_fields(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """What only the list knows."""
    row = lists.one(list_id, actor=request.actor)
    form = forms.OwnFieldsForm(request.POST or None, row.content)
    if request.method == "POST" and form.is_valid():
        try:
            return once(request, lambda: _set(form, row, request.actor))
        except DomainError as error:
            refuse(form, error)
    return page(request, "claims/own.html", {"form": form, "row": row}, form=form)


def _set(form: forms.OwnFieldsForm, row: SettlementList, actor: Actor) -> str:
    api.set_own_fields(list_id=row.id, values=form.values(), actor=actor)
    return reverse("claims:detail", args=[row.id])


class Action:
    """One step from the page: label, look, form (None for one click) and what it does."""

    def __init__(
        self,
        label: Any,
        run: Callable[[SettlementList, dict[str, Any], Actor], object],
        form: Any = None,
        kind: str = "",
    ) -> None:
        self.label, self.run, self.form, self.kind = label, run, form, kind


ACTIONS: dict[str, Action] = {
    "check": Action(gettext_lazy("校验"), lambda row, given, actor: api.check_list(list_id=row.id, actor=actor), kind="primary"),
    "upload": Action(gettext_lazy("上传"), lambda row, given, actor: api.upload_list(list_id=row.id, actor=actor), kind="primary"),
    "accept": Action(
        gettext_lazy("登记为已接收"), lambda row, given, actor: api.take_answer(list_id=row.id, accepted=True, actor=actor), kind="primary"
    ),
    "reject": Action(
        gettext_lazy("登记退回"),
        lambda row, given, actor: api.take_answer(list_id=row.id, accepted=False, feedback=given["text"], actor=actor), forms.TextForm,
    ),
    "correct": Action(
        gettext_lazy("更正（生成新版本）"),
        lambda row, given, actor: api.correct_list(list_id=row.id, reason=given["text"], actor=actor), forms.TextForm,
    ),
    "appeal": Action(
        gettext_lazy("申诉"), lambda row, given, actor: api.appeal_list(list_id=row.id, text=given["text"], actor=actor), forms.TextForm
    ),
    "decide": Action(
        gettext_lazy("登记申诉结果"),
        lambda row, given, actor: api.decide_appeal(list_id=row.id, upheld=given["upheld"] == "yes", reason=given["text"], actor=actor),
        forms.DecideForm,
    ),
}  # fmt: skip


@guarded(policies.READ, about="settlement_list")
def act(request: HttpRequest, list_id: UUID, action: str) -> HttpResponse:
    """One step: at once, or after its form."""
    step = ACTIONS.get(action)
    if step is None:
        raise NotFound()
    row = lists.one(list_id, actor=request.actor)
    form = step.form(request.POST or None) if step.form else None
    if request.method == "POST" and (form is None or form.is_valid()):
        try:
            return once(request, lambda: _run(step, row, form, request.actor))
        except DomainError as error:
            if form is None:
                return render(
                    request, "claims/detail.html", _context(request, row) | {"refusal": str(error)}, status=409
                )
            refuse(form, error)
    if form is None:
        return redirect("claims:detail", list_id=row.id)
    return page(request, "claims/act.html", {"form": form, "row": row, "step": step}, form=form)


def _run(step: Action, row: SettlementList, form: Any, actor: Actor) -> str:
    made = step.run(row, form.cleaned_data if form else {}, actor)
    return reverse("claims:detail", args=[made.id if isinstance(made, SettlementList) else row.id])


@guarded(policies.READ, about="settlement_list")
def print_list(request: HttpRequest, list_id: UUID) -> HttpResponse:
    """The form on paper."""
    row = lists.one(list_id, actor=request.actor)
    values = {
        "title": _("医疗保障基金结算清单"), "number": f"{row.number}-{row.revision}", "state": LIST.label(row.state),
        "group": f"{row.drg_code} {row.drg_name}",
        "groups": [[title, [[cell.label, cell.value or "—"] for cell in cells]] for title, cells in showing.groups(row)],
        "nodes": [
            [title, heads, [[cell.value for cell in cells] for cells in rows]] for title, heads, rows in showing.nodes(row)
        ],
        "filled_by": row.content["setlinfo"].get("medins_fill_psn", ""),
    }  # fmt: skip
    document = print_document(
        "settlement_list", "claims/list", values, actor=request.actor,
        about=About("settlement_list", row.id, f"{row.revision}.{row.version}"), institution=network.institution(row.institution_id).name,
    )  # fmt: skip
    return answer(document)


@guarded(policies.UPLOAD)
def messages(request: HttpRequest) -> HttpResponse:
    """What went out, newest first."""
    found = lists.message_page(actor=request.actor, page=number_of(request.GET.get("page")))
    return render(request, "claims/messages.html", {"page": found})
