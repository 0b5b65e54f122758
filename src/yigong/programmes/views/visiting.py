"""The visit form with the grade appearing while typing, what came of it, and “what is due for him” beside an encounter."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.core import clock
from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.forms import api as form_api
from yigong.core.printing import api as printing
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.commands import notifying
from yigong.programmes.data import VisitData
from yigong.programmes.errors import LotBlocked
from yigong.programmes.models import Dose, Due, Enrolment, Visit
from yigong.programmes.queries import medicines, people, prefilling, sharing, stock
from yigong.programmes.queries.effects import foresee
from yigong.programmes.rules import counting, entries, judging, paper
from yigong.programmes.rules import medicines as taking
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import version_of
from yigong.programmes.views import amending, drawing, growing, plotting, together
from yigong.records import api as records
from yigong.residents import api as residents
from yigong.residents.data import ResidentData
from yigong.tasks import api as tasks

MOST = 3  # things shown beside an encounter


def _due(due_id: UUID) -> Due:
    row = Due.objects.filter(pk=due_id).select_related("enrolment").first()
    if row is None:
        raise NotFound()
    return row


@guarded(policies.WORK, about="resident")
def visit(request: HttpRequest, due_id: UUID) -> HttpResponse:
    """The form of a visit that is due."""
    due = _due(due_id)
    if due.state != "open" and request.method == "GET":
        people.access_enrolment(due.enrolment_id, actor=request.actor)
        messages.info(request, _("这一项已处理：%(state)s。") % {"state": due.get_state_display()})
        return redirect("programmes:person", due.enrolment.resident_id)
    return _page(request, due.enrolment_id, due.stage)


@guarded(policies.WORK, about="resident")
def extra(request: HttpRequest, enrolment_id: UUID, stage: str) -> HttpResponse:
    """The form of a visit before its time, or of a stage that is not due."""
    return _page(request, enrolment_id, stage)


def _page(request: HttpRequest, enrolment_id: UUID, stage_code: str) -> HttpResponse:
    actor = request.actor
    row = people.access_enrolment(enrolment_id, actor=actor, action="write")
    programme = version_of(row.programme, row.definition)
    stage = programme.stage(stage_code)
    if stage is None:
        raise NotFound()
    sheet = form_api.form(stage.form, programme.effective_from)
    head = own.VisitHead(
        request.POST or None, initial={"on": clock.today(), "way": "2" if actor.role == "village_doctor" else "1"}
    )
    errors: dict[str, str] = {}
    warnings: dict[str, str] = {}
    if request.method == "POST" and head.is_valid():
        try:
            return ui_forms.once(request, lambda: _record(request, row, stage_code, head.cleaned_data))
        except InvalidInput as refusal:
            told = {k: v for k, v in refusal.errors.items() if k not in head.fields}
            errors, warnings = ({}, told) if refusal.code == "programmes.unconfirmed" else (told, {})
            above = {k: v for k, v in refusal.errors.items() if k in head.fields}
            if refusal.code == LotBlocked.code:
                above["lot_reason"] = str(refusal)
            ui_forms.refuse(head, InvalidInput(str(refusal), errors=above))
        except DomainError as refusal:
            ui_forms.refuse(head, refusal)
    resident = residents.identity(row.resident_id)
    visits = people.visits_of([row], limit=12)
    start = prefilling.start_of(sheet, row, stage_code, actor=actor)
    typed = posted(request) if request.method == "POST" else start.values
    values = residents.file_context(resident, actor=actor, active="programmes", cards=False) | {
        "head": head, "sheet": sheet, "typed": typed, "facts": start.facts, "notes": {} if request.method == "POST" else start.notes, "errors": errors, "warnings": warnings, "enrolment": people.to_data(row),
        "programme": programme, "stage": stage, "visits": [v for v in visits if not v.void_reason][:5], "charts": drawing.trends([row], visits),
        "counted": counting.counted(programme, row.anchor_on, clock.today(), stage_code),
        "curves": growing.curves([row], visits, resident), "lots": stock.shelf(programme.code, actor.institution_id).choices(stage.track),
        "also": sharing.titles(sharing.partners(row, stage, actor, clock.today())),
    } | medicines_asked(programme.code, sheet, resident.id, request.POST)  # fmt: skip
    return ui_forms.page(request, "programmes/visit.html", values, form=head)


def posted(request: HttpRequest) -> dict[str, list[str]]:
    """Everything typed, by the names of its fields."""
    return {k: request.POST.getlist(k) for k in request.POST}


def medicines_asked(programme: str, sheet: form_api.FormDefinition, resident_id: UUID, posted: Any) -> dict[str, Any]:
    """What a page with this form needs to ask for the medicines one by one; nothing where it does not ask."""
    if not taking.asks(programme, sheet):
        return {"uses": None}
    return {
        "uses": taking.medicine_uses(), "medicines": medicines.rows_of([resident_id]).get(resident_id, []),
        "typed_uses": {u.name: u for u in taking.typed(posted)}, "allergies": records.allergies_of([resident_id]).get(resident_id, []),
    }  # fmt: skip


def _record(request: HttpRequest, row: Enrolment, stage: str, head: dict[str, Any]) -> str:
    done = api.record_visit(
        enrolment_id=row.id, stage=stage, answers=request.POST, actor=request.actor, on=head["on"], way=head["way"],
        confirmed=head["confirmed"], late_reason=head["late_reason"], lot_reason=head["lot_reason"], idempotency_key=ui_forms.idempotency_key(request),
        medicines=taking.typed(request.POST),
    )  # fmt: skip
    return address("programmes:done", done.visit.id)


@guarded(policies.WORK, about="resident")
@require_POST
def judge(request: HttpRequest, enrolment_id: UUID, stage: str) -> HttpResponse:
    """While typing: the grade, the next contact, what is missing or unlikely."""
    row = people.access_enrolment(enrolment_id, actor=request.actor, action="write")
    head = own.VisitHead(request.POST)
    head.is_valid()
    try:
        on = head.cleaned_data.get("on")
        told = foresee(
            enrolment_id=row.id, stage=stage, answers=request.POST, on=on, way=head.cleaned_data.get("way") or "1",
            medicines=[u for u in taking.typed(request.POST) if u.taken in {t.code for t in taking.medicine_uses().taken}],
        )  # fmt: skip
    except InvalidInput as refusal:
        return render(request, "programmes/_judged.html", {"told": None, "refusals": refusal.errors.values()})
    programme = version_of(row.programme, row.definition)
    values = {
        "told": told,
        "refusals": [],
        "findings": findings(programme, told.values),
        "scores": growing.told(programme, told.scores),
        "counted": counting.counted(programme, row.anchor_on, on or clock.today(), stage)[:1],
    }
    return render(request, "programmes/_judged.html", values)


def findings(programme: Programme, values: Any) -> list[tuple[str, str]]:
    """The named findings of a visit that are true, each with its tone."""
    return [(_(r.title), r.tone) for r in programme.rules if r.shown and values.get(r.code) is True]


def findings_of(row: Enrolment, visits: Sequence[VisitData]) -> list[tuple[str, str]]:
    """The findings of a management's newest visit."""
    newest = next((v.id for v in visits if v.enrolment_id == row.id and not v.void_reason and v.grade), None)
    values = Visit.objects.filter(pk=newest).values_list("values", flat=True).first() if newest else None
    return findings(version_of(row.programme, row.definition), values or {})


def access_visit(visit_id: UUID, actor: Any) -> tuple[Visit, Enrolment]:
    """A visit after the decision about its person."""
    row = Visit.objects.filter(pk=visit_id).first()
    if row is None:
        raise NotFound()
    return row, people.access_enrolment(row.enrolment_id, actor=actor)


@guarded(policies.READ, about="resident")
@require_GET
def done(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """What came of a visit: grade, what to do now, the answers, printing and taking back."""
    actor = request.actor
    row, owner = access_visit(visit_id, actor)
    programme = version_of(owner.programme, row.definition)
    form, answers = form_api.answered(row.response_id) or (None, {})
    sheet = form_api.sheet(form, answers) if form else []
    resident = residents.identity(owner.resident_id)
    refer = address("referrals:new")
    values = residents.file_context(resident, actor=actor, active="programmes", cards=False) | {
        "visit": people.visit_data(row, owner.programme, answers), "enrolment": people.to_data(owner), "sheet": sheet,
        "programme": programme, "uses": medicines.of_visit(row.id), "labels": taking.medicine_uses().label, "dose": Dose.objects.filter(visit=row).first(),
        "findings": findings(programme, row.values), "scores": growing.told(programme, row.facts), "refer": f"{refer}?resident={resident.id}" if refer else "",
        "counted": counting.counted(programme, owner.anchor_on, row.on, row.stage), "together": together.at_home(row, resident, actor),
        "place": network.institution(row.institution_id), "staff": network.staff_many([row.staff_id]) if row.staff_id else {},
        "manages": policies.manages(actor, owner.institution_id) and actor.has(policies.WORK), "lacking": amending.lacking(row, owner, form, answers), "twins": sharing.shown_twins(row, actor),
    }  # fmt: skip
    return render(request, "programmes/done.html", values)


@guarded(policies.WORK, about="resident")
@require_POST
def void(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """A visit entered by mistake is taken back."""
    _row, owner = access_visit(visit_id, request.actor)
    api.void_visit(visit_id=visit_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("随访已作废，随访计划和分级已重新计算。"))
    return redirect("programmes:person", owner.resident_id)


@guarded(policies.WORK, about="resident")
@require_POST
def due_act(request: HttpRequest, due_id: UUID, action: str) -> HttpResponse:
    """Book or decline a visit that is due, in one step; answers with the panel where it stands on a page."""
    due = _due(due_id)
    people.access_enrolment(due.enrolment_id, actor=request.actor)
    if action == "book":
        form = own.BookForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(_("请选择预约日期。"))
        api.book(due_id=due_id, on=form.cleaned_data["on"], actor=request.actor)
    elif action == "refuse":
        api.refuse_due(due_id=due_id, reason=request.POST.get("reason", ""), actor=request.actor)
    else:
        raise NotFound()
    if request.htmx:  # type: ignore[attr-defined]
        return render(
            request,
            "programmes/_at_visit.html",
            {"panel": at_visit(due.enrolment.resident_id, request.actor), "resident_id": due.enrolment.resident_id},
        )
    messages.success(request, _("已预约。") if action == "book" else _("已记录拒绝的原因。"))
    return redirect(request.POST.get("next") or address("programmes:person", due.enrolment.resident_id))


def at_visit(resident_id: UUID, actor: Any) -> dict[str, Any]:
    """What is due for a person, at most three things; the caller has decided."""
    rows = api.due_for([resident_id], actor=actor)
    cards = tasks.open_about(resident_id, notifying.KIND) if actor.has(policies.WORK) else []
    return {
        "dues": rows[:MOST], "more": max(0, len(rows) - MOST), "resident_id": resident_id, "today": clock.today(), "cards": cards,
    }  # fmt: skip


def panel(resident_id: UUID, actor: Any) -> dict[str, Any] | None:
    """The same for the resident's file; nothing when nothing is due."""
    found = at_visit(resident_id, actor)
    return found if found["dues"] or found["cards"] else None


@guarded(policies.READ, about="resident")
@require_GET
def beside(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """The panel as a fragment for other rooms' pages."""
    resident = residents.access_resident(resident_id, actor=request.actor, purpose=_("公卫提醒"))
    return render(
        request,
        "programmes/_at_visit.html",
        {"panel": at_visit(resident.id, request.actor), "resident_id": resident.id},
    )


@guarded(policies.READ, about="resident")
@require_GET
def print_visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """The filled follow-up form on paper."""
    row, owner = access_visit(visit_id, request.actor)
    programme, filled = version_of(owner.programme, row.definition), form_api.answered(row.response_id)
    if filled is None:
        raise NotFound()
    form, answers = filled
    told = people.visit_data(row, owner.programme, answers)
    resident = residents.identity(owner.resident_id)
    staff = network.staff_many([row.staff_id]) if row.staff_id else {}
    data = {
        "title": form.title, "subtitle": f"{programme.title} {programme.version}",
        "facts": [
            [_("姓名"), resident.name], [_("性别"), resident.sex_label], [_("年龄"), resident.age_text], [_("档案编号"), resident.archive_number or "—"],
            [_("随访日期"), row.on.isoformat()], [_("随访方式"), told.way_label], [_("本次分级"), told.grade_title or "—"],
            [_("下次随访"), str(owner.next_due_on or "—")], [_("证件号码"), resident.masked_number or "—"],
            *(_register(resident) if entries.rules_for(form.code) else ()),
            *([label, text] for label, text in counting.counted(programme, owner.anchor_on, row.on, row.stage)),
        ],
        "sections": paper.laid_out(form, answers, judging.person_facts(resident.birth_date, resident.sex, row.on, row.stage)), "blank": "—", "advice_label": _("处理意见"), "advice": told.advice,
        "judged_label": _("评价"), "judged": _judged(programme, row),
        "signer_label": _("随访医生"), "signer": staff[row.staff_id].name if row.staff_id in staff else "", "person_label": _("居民（监护人）签字"),
        "curves_label": _("生长曲线"), "curves": [[c.title, plotting.svg(c.option)] for c in growing.curves([owner], people.visits_of([owner]), resident)],
        "note": _("作废：%(why)s") % {"why": row.void_reason} if row.void_reason else "",
    }  # fmt: skip
    document = printing.print_document(
        "programme_visit",
        "programmes/visit",
        data,
        actor=request.actor,
        about=printing.About("programme_visit", row.id, "1"),
        title=form.title,
    )
    return printing.answer(document)


def _judged(programme: Programme, row: Visit) -> list[list[str]]:
    """What was reckoned from the answers: growth in standard deviations, named findings, each with its label."""
    lines = [[title, text] for title, text, _tone in growing.told(programme, row.facts)]
    found = "、".join(text for text, _tone in findings(programme, row.values))
    return [*lines, [_("提示"), found]] if found else lines


def _register(resident: ResidentData) -> list[list[str]]:
    """What the paper of basic data has from the register of residents."""
    contact = next(iter(resident.contacts), None)
    return [
        [_("出生日期"), str(resident.birth_date or "—")], [_("民族"), resident.ethnicity_label or "—"], [_("本人电话"), resident.masked_phone or "—"],
        [_("联系人"), f"{contact.name} {contact.masked_phone}".strip() if contact else "—"], [_("住址"), resident.place or "—"],
    ]  # fmt: skip
