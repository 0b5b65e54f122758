"""The vaccination certificate: what somebody was given and what comes next, on a page and on paper."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from yigong.core.errors import NotFound
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.programmes import policies
from yigong.programmes.models import Enrolment
from yigong.programmes.queries import doses, people
from yigong.programmes.rules.packs import Stock, stock_of, version_of
from yigong.residents import api as residents


def _access(request: HttpRequest, enrolment_id: UUID) -> tuple[Enrolment, Stock]:
    """The management after the decision about its person; NotFound for a programme that gives no vaccine."""
    row = people.access_enrolment(enrolment_id, actor=request.actor)
    if (stock := stock_of(row.programme)) is None:
        raise NotFound(_("这个方案不登记接种，没有接种证。"))
    return row, stock


@guarded(policies.READ, about="resident")
@require_GET
def certificate(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """Doses by the schedule with date, lot, site and house; below them what is planned."""
    row, stock = _access(request, enrolment_id)
    resident = residents.identity(row.resident_id)
    values = residents.file_context(resident, actor=request.actor, active="programmes", cards=False) | {
        "enrolment": people.to_data(row), "doses": doses.given(row, stock), "ahead": _ahead(row, request.actor),
    }  # fmt: skip
    return render(request, "programmes/certificate.html", values)


def _ahead(row: Enrolment, actor: Any) -> list[Any]:
    rows = people.due_rows(residents.identities(row.resident_id), actor=actor, later=True)
    return sorted((d for d in rows if d.enrolment_id == row.id), key=lambda d: d.due_on)


@guarded(policies.READ, about="resident")
@require_GET
def print_certificate(request: HttpRequest, enrolment_id: UUID) -> HttpResponse:
    """The record page of the certificate on paper."""
    row, stock = _access(request, enrolment_id)
    programme, resident = version_of(row.programme, row.definition), residents.identity(row.resident_id)
    given = doses.given(row, stock)
    data = {
        "title": _("预防接种证（接种记录页）"), "subtitle": programme.source,
        "facts": [
            [_("姓名"), resident.name], [_("性别"), resident.sex_label], [_("出生日期"), str(resident.birth_date or "—")],
            [_("档案编号"), resident.archive_number or "—"], [_("证件号码"), resident.masked_number or "—"], [_("联系电话"), resident.masked_phone or "—"],
        ],
        "heads": [_("疫苗与剂次"), _("接种日期"), _("批号"), _("上市许可持有人"), _("有效期至"), _("接种部位"), _("接种单位"), _("接种人")],
        "rows": [[d.title, str(d.on), d.lot, d.manufacturer, d.expires, d.site, d.place, d.staff] for d in given],
        "ahead_label": _("下次接种"),
        "ahead": [[d.title, d.due_on.isoformat()] for d in _ahead(row, request.actor)],
        "none": _("还没有接种记录。"), "signer_label": _("接种单位（盖章）"), "person_label": _("监护人签字"),
    }  # fmt: skip
    document = printing.print_document(
        "vaccination_certificate", "programmes/certificate", data, actor=request.actor,
        about=printing.About("programme_enrolment", row.id, str(len(given))), title=str(data["title"]),
    )  # fmt: skip
    return printing.answer(document)
