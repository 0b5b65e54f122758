"""What was told when a management began, to read and on paper: the card of a reported illness or reaction, the supplement of a patient."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.core.errors import NotFound
from yigong.core.forms import api as forms
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import people
from yigong.programmes.rules import judging, paper
from yigong.programmes.rules.packs import version_of
from yigong.residents import api as residents


def _told(row: Enrolment) -> tuple[forms.FormDefinition, Mapping[str, Any]]:
    """The enrolment form in the version it was filled in, and its answers; what came in bulk has its answers with the enrolment."""
    programme = version_of(row.programme, row.definition)
    if not programme.enrol_form:
        raise NotFound(_("这个方案纳入时没有要填的内容。"))
    newest = forms.responses(("programme_enrolment", row.id))
    if newest:
        form = forms.form_version(newest[0].form_code, newest[0].form_version)
        return form, newest[0].answers
    return forms.form(programme.enrol_form, programme.effective_from), row.facts


def _sections(lines: list[tuple[str, str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for section, label, text in lines:
        found.setdefault(section or _("内容"), []).append((label, text))
    return list(found.items())


@guarded(policies.READ, about="resident")
@require_GET
def card(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The answers with which a management began."""
    row = people.access_enrolment(enrolment_id, actor=request.actor)
    form, answers = _told(row)
    resident = residents.identity(row.resident_id)
    values = residents.file_context(resident, actor=request.actor, active="programmes", cards=False) | {
        "enrolment": people.to_data(row), "title": form.title, "sections": _sections(forms.sheet(form, answers)), "place": network.institution(row.institution_id),
    }  # fmt: skip
    return render(request, "programmes/card.html", values)


@guarded(policies.READ, about="resident")
@require_GET
def print_card(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The same on paper."""
    row = people.access_enrolment(enrolment_id, actor=request.actor)
    form, answers = _told(row)
    resident, place = residents.identity(row.resident_id), network.institution(row.institution_id)
    staff = network.staff_many([row.staff_id]) if row.staff_id else {}
    person = judging.person_facts(resident.birth_date, resident.sex, row.started_on)
    data: dict[str, Any] = {
        "title": form.title, "subtitle": "",
        "facts": [
            [_("姓名"), resident.name], [_("性别"), resident.sex_label], [_("年龄"), resident.age_text], [_("出生日期"), str(resident.birth_date or "—")],
            [_("证件号码"), resident.masked_number or "—"], [_("登记日期"), row.started_on.isoformat()], [_("机构"), place.name],
        ],
        "sections": paper.laid_out(form, answers, person), "blank": "—", "signer_label": _("填表人"),
        "signer": staff[row.staff_id].name if row.staff_id in staff else "", "person_label": _("审核人"),
    }  # fmt: skip
    about = printing.About("programme_enrolment", row.id, str(row.version))
    return printing.answer(
        printing.print_document(
            "programme_card", "programmes/card", data, actor=request.actor, about=about, title=form.title
        )
    )
