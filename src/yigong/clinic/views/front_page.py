"""The front page: the doctor's form with its gaps, the coder's list, coding, sending back, unlocking."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.clinic import api, policies
from yigong.clinic.data import FrontPageData, FrontPageDiagnosisData, FrontPageProcedureData
from yigong.clinic.front_page_form import FrontPageForm
from yigong.clinic.queries import ward as queries
from yigong.clinic.rules import front_page as rules
from yigong.clinic.rules import lists
from yigong.clinic.views.common import TONES, reasoned
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.forms import MomentField
from yigong.network import api as network
from yigong.records import api as records

DIAGNOSES, PROCEDURES = 6, 3


@guarded(policies.READ)
def front_pages(request: HttpRequest) -> HttpResponse:
    """Front pages by state: the coder's desk, and the doctors' list of what is still to be filled in."""
    actor: Any = request.actor
    counts = queries.front_page_counts(actor.institution_id)
    usual = "completed" if actor.has(policies.CODE) else "draft"
    state = request.GET.get("state") if request.GET.get("state") in counts else usual
    text = request.GET.get("text", "").strip()[:40]
    found = queries.front_pages_of(
        actor.institution_id, state=state or usual, text=text, page=number_of(request.GET.get("page"))
    )
    words = {"draft": _("填写中"), "completed": _("待编码"), "coded": _("已编码锁定")}
    tabs = [(words[code], f"?state={code}", code == state, counts[code]) for code in words]
    return render(
        request, "clinic/front_pages.html", {"page": found, "tabs": tabs, "state": state, "text": text, "tones": TONES}
    )


@guarded(policies.READ, about="resident")
def front_page(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """One front page; saved, completed or coded from here. Gaps stand on top and lead to their field."""
    api.access_stay(stay_id, actor=request.actor)
    page = api.front_page(stay_id)
    form = FrontPageForm(request.POST or None, initial=_initial(page))
    errors: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return forms.once(request, lambda: _saved(request, page, form))
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}
    return _page(request, page, form, errors)


def _page(request: HttpRequest, page: FrontPageData, form: FrontPageForm, errors: dict[str, str]) -> HttpResponse:
    actor: Any = request.actor
    places = network.departments_many({*page.transfers, page.stay.department_id, page.stay.admission_department_id})
    posted = request.method == "POST"
    values = {
        "page": page, "stay": page.stay, "form": form, "errors": errors, "gaps": rules.gaps(page), "tones": TONES,
        "may_write": actor.has(policies.FRONT_PAGE) if page.state == "draft" else page.state == "completed" and actor.has(policies.CODE),
        "diagnoses": _diagnosis_rows(request, page) if posted else _known_diagnoses(page),
        "procedures": _procedure_rows(request) if posted else _known_procedures(page),
        "conditions": _words(lists.CONDITION), "levels": _words(lists.OPERATION_LEVEL), "wounds": _words(lists.WOUND), "anaesthesia": _words(lists.ANAESTHESIA),
        "fees": [(str(label), page.fees[code], "x" in code) for code, label in lists.FEES.items() if page.fees.get(code)],
        "departments": {key: one.name for key, one in places.items()}, "quality": _words(lists.QUALITY), "way_in": _words(lists.WAY_IN), "way_out": _words(lists.WAY_OUT),
    }  # fmt: skip
    return render(request, "clinic/front_page.html", values, status=422 if errors or form.errors else 200)


def _words(words: dict[str, Any]) -> dict[str, str]:
    """A code list in the reader's language."""
    return {code: str(label) for code, label in words.items()}


def _initial(page: FrontPageData) -> dict[str, Any]:
    values = {name: getattr(page, name) for name in FrontPageForm.base_fields if hasattr(page, name)}
    values["newborn_weights"] = " ".join(str(weight) for weight in page.newborn_weights)
    return values


def _known_diagnoses(page: FrontPageData) -> list[FrontPageDiagnosisData]:
    blank = FrontPageDiagnosisData("", "", "")
    return [*page.diagnoses, *[blank] * max(2, DIAGNOSES - len(page.diagnoses))]


def _known_procedures(page: FrontPageData) -> list[FrontPageProcedureData]:
    blank = FrontPageProcedureData("", "", None)
    return [*page.procedures, *[blank] * max(1, PROCEDURES - len(page.procedures))]


def _diagnosis_rows(request: HttpRequest, page: FrontPageData) -> list[FrontPageDiagnosisData]:
    given, rows = request.POST, []
    for n in range(45):
        if f"diagnosis_{n}" not in given:
            break
        code, text = given[f"diagnosis_{n}"][:20], given.get(f"diagnosis_{n}__text", "").strip()
        known = next((d.name for d in page.diagnoses if d.code == code), "")
        rows.append(
            FrontPageDiagnosisData(
                code, records.diagnosis_name(code) or known or text, given.get(f"condition_{n}", "")[:1]
            )
        )
    return rows


def _procedure_rows(request: HttpRequest) -> list[FrontPageProcedureData]:
    given, rows = request.POST, []
    for n in range(45):
        if f"procedure_{n}" not in given:
            break
        rows.append(
            FrontPageProcedureData(
                code=given.get(f"procedure_code_{n}", "").strip()[:20], name=given[f"procedure_{n}"].strip()[:100],
                performed_at=_moment(given.get(f"performed_{n}", ""), n), level=given.get(f"level_{n}", "")[:1],
                operator_id=key_of(given.get(f"operator_{n}")), operator_name=given.get(f"operator_{n}__text", "").strip()[:40],
                first_assistant=given.get(f"assistant_{n}", "").strip()[:40], wound=given.get(f"wound_{n}", "")[:2],
                anaesthesia=given.get(f"anaesthesia_{n}", "")[:6], anaesthetist=given.get(f"anaesthetist_{n}", "").strip()[:40],
            )
        )  # fmt: skip
    return rows


def _moment(text: str, place: int) -> datetime | None:
    try:
        return MomentField(required=False).clean(text or None)
    except ValidationError as bad:
        raise InvalidInput(errors={f"performed_{place}": _("手术日期无法识别，请在日历中选择。")}) from bad


def _saved(request: HttpRequest, page: FrontPageData, form: FrontPageForm) -> str:
    stay_id, actor, given = page.stay.id, request.actor, request.POST
    api.save_front_page(
            stay_id=stay_id, values=form.values(), actor=actor, expected_version=_version(given.get("version", "")),
            diagnoses=[d for d in _diagnosis_rows(request, page) if d.name], procedures=[p for p in _procedure_rows(request) if p.name],
        )  # fmt: skip
    if given.get("next") == "complete":
        api.complete_front_page(stay_id=stay_id, actor=actor)
        messages.success(request, _("首页已完成，等待编码。"))
    elif given.get("next") == "code":
        api.code_front_page(stay_id=stay_id, quality_grade=given.get("quality_grade", ""), actor=actor)
        messages.success(request, _("已编码并锁定。"))
        return reverse("clinic:front_pages")
    else:
        messages.success(request, _("已保存。"))
    return reverse("clinic:front_page", args=[stay_id])


def _version(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) < 9 else None


@guarded(policies.CODE, about="resident")
def back(request: HttpRequest, stay_id: UUID, action: str) -> HttpResponse:
    """To the doctor again: sent back before coding, or unlocked after it; both with a reason."""
    found = api.access_stay(stay_id, actor=request.actor)
    title, command = (
        (_("退回修改"), api.return_front_page) if action == "return" else (_("解锁修改"), api.reopen_front_page)
    )

    def act(reason: str) -> None:
        command(stay_id=stay_id, reason=reason, actor=request.actor)

    return reasoned(request, title, act, reverse("clinic:front_page", args=[stay_id]), found.patient_name)
