"""My people, candidates, one person's history, and the steps of a management."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as N_
from django.views.decorators.http import require_GET, require_POST

from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.forms import api as form_api
from yigong.core.jobs import api as jobs
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.network import api as network
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.commands import enrolling
from yigong.programmes.data import VisitData
from yigong.programmes.models import Attempt, Candidate, Enrolment, Hold
from yigong.programmes.queries import lists, people, stock
from yigong.programmes.rules import counting, judging, planning
from yigong.programmes.rules.packs import stock_of, version_of
from yigong.programmes.views import common, drawing, growing, visiting
from yigong.residents import api as residents

FILTERS = ("programme", "due", "ending", "grade", "place", "text", "state")


def filters_of(request: HttpRequest) -> dict[str, str]:
    """The filters of a list."""
    found = {name: request.GET.get(name, "")[:60] for name in FILTERS}
    if found["place"] and key_of(found["place"]) is None:
        found["place"] = ""
    return found


@guarded(policies.READ, about="resident")
def mine(request: HttpRequest) -> HttpResponse:
    """My people by programme: due, overdue, graded, searched."""
    actor, filters = request.actor, filters_of(request)
    page = lists.people(actor, filters, page=number_of(request.GET.get("page")))
    counts = lists.counts(actor, filters)
    programme = api.programmes().get(filters["programme"])
    values = {
        "page": page, "filters": filters, "choices": common.choices(actor), "programme": programme,
        "tabs": _tabs(request, filters["due"], counts), "waiting": sum(lists.waiting_by_programme(actor).values()),
        "places": common.names_of(row.enrolment.institution_id for row in page.items),
        "grades": [("", _("全部分级")), *((g.code, _(g.title)) for g in programme.grades)] if programme else [],
    }  # fmt: skip
    return render(request, "programmes/mine.html", values)


def _tabs(request: HttpRequest, due: str, counts: dict[str, int]) -> list[tuple[str, str, bool, int | None]]:
    labels = {
        "": _("全部在管"),
        "open": _("到期应访"),
        "overdue": _("已逾期"),
        "week": _("7天内到期"),
        "lost": _("有未访到"),
        "ended": _("已结案"),
    }

    def at(name: str) -> str:
        query = request.GET.copy()
        query.pop("page", None)
        query.pop("ending", None)
        query["due"] = name
        return "?" + query.urlencode()

    return [(label, at(name), name == due, counts.get(name or "all")) for name, label in labels.items()]


@guarded(policies.FIND, about="resident")
def candidates(request: HttpRequest) -> HttpResponse:
    """Who by the record belongs into a programme: taken in or declined, with the search as a job."""
    actor, filters = request.actor, filters_of(request)
    waiting = lists.waiting_by_programme(actor)
    page = lists.candidates(actor, filters, page=number_of(request.GET.get("page")))
    known = common.known(actor)
    values = {
        "page": page, "filters": filters, "titles": {c: _(p.short) for c, p in known.items()},
        "choices": [("", _("全部方案")), *((c, f"{_(p.short)}（{waiting.get(c, 0)}）") for c, p in known.items() if p.who.find)],
        "needs": {c: bool(p.enrol_form and _required(p)) for c, p in known.items()},
        "places": common.names_of(row.institution_id for row in page.items),
        "states": [("waiting", _("待核实")), ("declined", _("不纳入")), ("accepted", _("已纳入"))],
    }  # fmt: skip
    return render(request, "programmes/candidates.html", values)


def _required(programme: Any) -> bool:
    form = form_api.form(programme.enrol_form, programme.effective_from)
    return any(i.required for i in form.items)


@guarded(policies.FIND)
@require_POST
def find(request: HttpRequest) -> HttpResponse:
    """Start the search among the own people."""
    chosen = request.POST.get("programme", "")
    codes = [c for c, p in common.known(request.actor).items() if p.who.find and (not chosen or c == chosen)]
    job = jobs.start_job("programmes.find", _("查找公卫管理对象"), request.actor, codes=codes)
    return redirect("jobs:page", job_id=job.id)


@guarded(policies.FIND, about="resident")
@require_POST
def decide(request: HttpRequest, candidate_id: UUID, action: str) -> HttpResponse:
    """Take a candidate in, or decline with a reason; both lead back to the list."""
    row = Candidate.objects.filter(pk=candidate_id).first()
    if row is None:
        raise NotFound()
    residents.access_resident(row.resident_id, actor=request.actor, purpose=_("核实公卫管理对象"))
    if action == "accept":
        if _required(api.programmes()[row.programme]) if api.programmes()[row.programme].enrol_form else False:
            return redirect("programmes:enrol", row.resident_id, row.programme)
        api.accept(candidate_id=candidate_id, actor=request.actor)
        messages.success(request, _("已纳入管理，随访计划已生成。"))
    elif action == "decline":
        api.decline(candidate_id=candidate_id, reason=request.POST.get("reason", ""), actor=request.actor)
        messages.success(request, _("已记录不纳入的原因。"))
    else:
        raise NotFound()
    return redirect(request.POST.get("next") or address("programmes:candidates"))


@guarded(policies.READ, about="resident")
def person(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A person's programmes with plan, visits, values over time, holds and attempts; a tab of the file."""
    actor = request.actor
    resident = residents.access_resident(resident_id, actor=actor, purpose=_("公共卫生管理"))
    rows = people.of_resident(resident.id, actor=actor)
    visits = people.visits_of(rows)
    active = {r.programme for r in rows if r.state == "active"}
    offered = [
        (c, p, enrolling.unfit(p, resident.birth_date, resident.sex, clock.today()))
        for c, p in common.known(actor).items()
        if c not in active or p.subject
    ]
    values = residents.file_context(resident, actor=actor, active="programmes", cards=False) | {
        "enrolments": [(people.to_data(r), version_of(r.programme, r.definition)) for r in rows], "visits": visits,
        "dues": people.due_rows(residents.identities(resident.id), actor=actor, later=True), "today": clock.today(),
        "holds": Hold.objects.filter(enrolment__in=rows).order_by("lifted_on", "-since"),
        "attempts": Attempt.objects.filter(enrolment__in=rows).order_by("-at")[:20],
        "open": [one for one in offered if not one[2]], "unfit": [one for one in offered if one[2]],
        "shown": {r.id: visiting.findings_of(r, visits) for r in rows if r.state == "active"},
        "places": common.names_of({r.institution_id for r in rows} | {v.institution_id for v in visits}),
        "charts": drawing.trends(rows, visits), "curves": growing.curves(rows, visits, resident), "manages": {r.id for r in rows if policies.manages(actor, r.institution_id)},
        "staff": network.staff_many({v.staff_id for v in visits if v.staff_id}), "counted": _counted(rows, visits),
        "certified": {r.id for r in rows if stock_of(r.programme)},
        "told": people.ending_sheets(rows),
    }  # fmt: skip
    return render(request, "programmes/person.html", values)


def _counted(rows: list[Enrolment], visits: list[VisitData]) -> dict[UUID, list[tuple[str, str]]]:
    """Weeks of those under way that count them, until the visit that ends the count."""
    found = {}
    for row in (r for r in rows if r.state == "active"):
        programme = version_of(row.programme, row.definition)
        over = programme.counts and any(
            v.enrolment_id == row.id and v.stage == programme.counts.until and not v.void_reason for v in visits
        )
        found[row.id] = [] if over else counting.counted(programme, row.anchor_on, clock.today())
    return found


@guarded(policies.WORK, about="resident")
def enrol(request: HttpRequest, resident_id: UUID, code: str) -> HttpResponse:
    """Take a person into a programme: day, and the programme's own questions."""
    actor, programme = request.actor, api.programmes().get(code)
    if programme is None:
        raise NotFound()
    resident = residents.access_resident(resident_id, actor=actor, action="write")
    sheet = form_api.form(programme.enrol_form, programme.effective_from) if programme.enrol_form else None
    form = own.EnrolForm(request.POST or None, initial={"on": clock.today()})
    errors: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return ui_forms.once(request, lambda: _enrolled(request, resident.id, code, form.cleaned_data))
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
            ui_forms.refuse(form, refusal)
    # A page that knows something already (a warning: disease and day) hands it over in the address.
    given = request.POST if request.method == "POST" else request.GET
    typed = {k: given.getlist(k) for k in given}
    if sheet and request.method == "GET":
        typed = form_api.prefilled(sheet, _of_the_file(resident, actor, {i.prefill for i in sheet.items})) | typed
    values = residents.file_context(resident, actor=actor, active="programmes", cards=False) | {
        "form": form, "programme": programme, "sheet": sheet, "typed": typed, "errors": errors,
        "facts": judging.person_facts(resident.birth_date, resident.sex, clock.today()),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/enrol.html", values, form=form)


def _of_the_file(resident: Any, actor: Any, wanted: set[str]) -> dict[str, Any]:
    """The address and telephone of the file and the last vaccination, where the form asks for them; a number that the actor may not see stays open."""
    phone = residents.phones_to_ring([resident.id], actor=actor).get(resident.id, "") if "phone" in wanted else ""
    known = {"address": resident.place or None, "phone": phone if phone and "*" not in phone else None}
    if any(name.startswith("dose_") for name in wanted):
        known |= {f"dose_{name}": text for name, text in stock.newest_dose(residents.identities(resident.id)).items()}
    return known


def _enrolled(request: HttpRequest, resident_id: UUID, code: str, cleaned: dict[str, Any]) -> str:
    done = api.enrol(
        resident_id=resident_id, programme=code, actor=request.actor, on=cleaned["on"], reason=cleaned["reason"], answers=request.POST,
        request_key=ui_forms.idempotency_key(request),
    )  # fmt: skip
    messages.success(
        request, _("已纳入“%(title)s”，下次：%(on)s。") % {"title": done.title, "on": done.next_due_on or "—"}
    )
    return address("programmes:person", done.resident_id)


def _form(action: str, row: Any, data: Any) -> Any:
    programme = version_of(row.programme, row.definition)
    if action == "end":
        endings = [(e.code, _(e.title)) for e in programme.endings]
        return own.EndForm(data, endings=endings, initial={"on": clock.today()})
    if action == "hold":
        tracks = [("", _("全部随访"))] + [
            (t, " / ".join(dict.fromkeys(_(s.title) for s in stages))[:60])
            for t, stages in planning.tracks(programme).items()
        ]
        return own.HoldForm(data, tracks=tracks)
    kinds = {
        "reopen": own.ReasonForm,
        "transfer": own.TransferForm,
        "attempt": own.AttemptForm,
        "ending": own.NothingMore,
    }
    if action not in kinds:
        raise NotFound()
    return kinds[action](data)


@guarded(policies.WORK, about="resident")
def act(request: HttpRequest, enrolment_id: UUID, action: str) -> HttpResponse:
    """One step of a management: end, reopen, hand over, put off, note an attempt that failed."""
    actor = request.actor
    row = people.access_enrolment(enrolment_id, actor=actor)
    form = _form(action, row, request.POST or None)
    errors: dict[str, str] = {}
    if request.method == "POST" and form.is_valid():
        try:
            return ui_forms.once(request, lambda: _acted(request, row, action, form.cleaned_data))
        except DomainError as refusal:
            errors = refusal.errors if isinstance(refusal, InvalidInput) else {}
            ui_forms.refuse(form, refusal)
    resident = residents.identity(row.resident_id)
    values = residents.file_context(resident, actor=actor, active="programmes", cards=False) | {
        "endings": _ending_forms(row, action), "typed": {k: request.POST.getlist(k) for k in request.POST}, "errors": errors,
        "form": form, "title": _ACTIONS[action], "enrolment": people.to_data(row), "programme": version_of(row.programme, row.definition),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/act.html", values, form=form)


def _ending_forms(row: Any, action: str) -> list[tuple[str, form_api.FormDefinition]]:
    """What is asked about the endings that may be chosen here, or about the one that holds."""
    programme = version_of(row.programme, row.definition)
    asked = [
        e for e in programme.endings if e.form and (action == "end" or (action == "ending" and e.code == row.ending))
    ]
    return [(e.code, form_api.form(e.form, programme.effective_from)) for e in asked]


_ACTIONS = {
    "end": N_("结案"),
    "ending": N_("补填结案信息"),
    "reopen": N_("恢复管理"),
    "transfer": N_("转出管理"),
    "attempt": N_("登记未访到"),
    "hold": N_("暂缓或禁忌"),
}


def _acted(request: HttpRequest, row: Any, action: str, cleaned: dict[str, Any]) -> str:
    command: Any = {
        "end": api.end,
        "ending": api.tell_ending,
        "reopen": api.reopen,
        "transfer": api.transfer,
        "attempt": api.note_attempt,
        "hold": api.hold,
    }[action]
    if action in {"end", "ending"}:
        cleaned = cleaned | {"answers": request.POST}
    done = command(enrolment_id=row.id, actor=request.actor, **cleaned)
    if action == "attempt":
        messages.success(request, _("已记录，连续 %(n)s 次未访到。") % {"n": done})
    else:
        messages.success(request, _("已保存。"))
    return address("programmes:person", row.resident_id)


@guarded(policies.WORK, about="resident")
@require_POST
def lift(request: HttpRequest, hold_id: UUID) -> HttpResponse:
    """A hold is lifted with a reason."""
    hold = Hold.objects.filter(pk=hold_id).select_related("enrolment").first()
    if hold is None:
        raise NotFound()
    people.access_enrolment(hold.enrolment_id, actor=request.actor)
    api.lift(hold_id=hold_id, reason=request.POST.get("reason", ""), actor=request.actor)
    messages.success(request, _("已解除，随访计划已恢复。"))
    return redirect("programmes:person", hold.enrolment.resident_id)


@guarded(policies.WORK)
@require_GET
def institutions(request: HttpRequest) -> HttpResponse:
    """What the picker of the receiving institution shows."""
    found = [
        i
        for i in network.search_institutions(request.GET.get("q", "")[:40])
        if i.level in {"village", "township", "county"}
    ]
    return render(request, "ui/options.html", {"items": [(i.id, i.name, i.code) for i in found], "total": len(found)})


def home_card(actor: Any) -> dict[str, int] | None:
    """Figures for the home page; nothing where nobody is under management, and nothing for the county, whose figures are the cockpit's."""
    found = lists.home_counts(actor)
    return found if found and found["all"] else None
