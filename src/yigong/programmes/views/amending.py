"""A visit that stands is completed when results come in, or corrected."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.forms import api as form_api
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import policies
from yigong.programmes.commands import amend_visit
from yigong.programmes.models import Enrolment, Visit
from yigong.programmes.queries import people, prefilling
from yigong.programmes.rules import judging
from yigong.programmes.rules.packs import version_of
from yigong.residents import api as residents


class AmendForm(forms.Form):
    """What stands above the answers: the response they were typed over, the reason, the confirmation."""

    based_on = forms.UUIDField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("更正原因"), required=False, max_length=200, help_text=gettext_lazy("只补填空着的项目不用写；改动已填的内容请写明")
    )  # fmt: skip
    confirmed = forms.BooleanField(label=gettext_lazy("不常见的数值已核对无误"), required=False)


@guarded(policies.WORK, about="resident")
def amend(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """The visit's form as it stands, with results that came in since; what is missing is named above it."""
    row = Visit.objects.filter(pk=visit_id).first()
    if row is None:
        raise NotFound()
    owner = people.access_enrolment(row.enrolment_id, actor=request.actor, action="write")
    filled = form_api.answered(row.response_id)
    if filled is None:
        raise NotFound()
    if row.void_reason:
        messages.info(request, _("这次随访已作废，不能再补录或更正。"))
        return redirect("programmes:done", visit_id)
    sheet, answers = filled
    form = AmendForm(request.POST or None, initial={"based_on": row.response_id})
    errors: dict[str, str] = {}
    warnings: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return ui_forms.once(request, lambda: _save(request, visit_id, form.cleaned_data))
        except InvalidInput as refusal:
            told = {k: v for k, v in refusal.errors.items() if k not in form.fields}
            errors, warnings = ({}, told) if refusal.code == "programmes.unconfirmed" else (told, {})
            above = {k: v for k, v in refusal.errors.items() if k in form.fields}
            ui_forms.refuse(form, InvalidInput(str(refusal), errors=above))
        except DomainError as refusal:
            ui_forms.refuse(form, refusal)
    resident = residents.identity(owner.resident_id)
    start = prefilling.start_of(sheet, owner, row.stage, actor=request.actor, known=answers)
    typed = {k: request.POST.getlist(k) for k in request.POST} if request.method == "POST" else start.values
    values = residents.file_context(resident, actor=request.actor, active="programmes", cards=False) | {
        "form": form, "sheet": sheet, "typed": typed, "errors": errors, "warnings": warnings, "notes": start.notes,
        "facts": judging.person_facts(resident.birth_date, resident.sex, row.on, row.stage),
        "visit": people.visit_data(row, owner.programme, answers), "enrolment": people.to_data(owner), "lacking": lacking(row, owner, sheet, answers),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/amend.html", values, form=form)


def lacking(
    row: Visit, owner: Enrolment, sheet: form_api.FormDefinition | None, answers: Mapping[str, Any]
) -> list[str]:
    """What a visit lacks, in the words of its form."""
    stage = version_of(owner.programme, row.definition).stage(row.stage)
    if sheet is None or stage is None or row.is_complete:
        return []
    labels, who = {i.code: _(i.label) for i in sheet.items}, residents.identity(owner.resident_id)
    person = judging.person_facts(who.birth_date, who.sex, row.on, row.stage)
    return [
        labels[code] for code in judging.lacking(stage, sheet, form_api.read(sheet, answers, person).answers, person)
    ]


def _save(request: HttpRequest, visit_id: UUID, head: Mapping[str, Any]) -> str:
    done = amend_visit(
        visit_id=visit_id, answers=request.POST, based_on=head["based_on"], actor=request.actor, reason=head["reason"], confirmed=head["confirmed"]
    )  # fmt: skip
    messages.success(
        request, _("已保存，这次随访已齐全。") if done.visit.is_complete else _("已保存，还有必查项目没有结果。")
    )
    return address("programmes:done", visit_id)
