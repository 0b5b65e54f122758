"""The doctor's desk: the queue, one visit, a village visit that is charged afterwards."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import api, policies
from yigong.clinic.commands.consultation import cautions_for
from yigong.clinic.commands.village import charge_visit
from yigong.clinic.data import NewCharge, VisitNote
from yigong.clinic.models import Bill, Visit
from yigong.clinic.queries import bills, visits
from yigong.clinic.queries.places import level_of
from yigong.clinic.rules import definitions
from yigong.clinic.views.common import TONES, day_count, number_of, reasoned, refused
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.paging import number_of as page_number
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.records import api as records
from yigong.records.data import FREQUENCIES, ROUTES
from yigong.residents import api as residents

DIAGNOSES = 5


@guarded(policies.CONSULT)
def queue(request: HttpRequest) -> HttpResponse:
    """Whom I see today: those who wait in their order, those who were seen."""
    actor: Any = request.actor
    state = "finished" if request.GET.get("state") == "finished" else "waiting"
    found = visits.queue_page(actor, state, page_number(request.GET.get("page")))
    waiting = visits.queue_of(actor).filter(state__in=["waiting", "called", "seeing"]).count()
    done = visits.queue_of(actor).filter(state="finished").count()
    tabs = [
        (_("候诊与接诊中"), "?", state == "waiting", waiting),
        (_("今天已诊毕"), "?state=finished", state == "finished", done),
    ]
    values = {
        "page": found,
        "tabs": tabs,
        "state": state,
        "tones": TONES,
        "label": visits.VISIT.label,
        "staff_id": actor.staff_id,
    }
    return render(request, "clinic/queue.html", values)


@require_POST
@guarded(policies.CONSULT)
def call_next(request: HttpRequest) -> HttpResponse:
    """Call the next of the queue."""
    called = api.call_next(actor=request.actor)
    if called:
        messages.success(
            request,
            _("已叫 %(serial)s 号 %(name)s。") % {"serial": called.serial or _("急"), "name": called.patient_name},
        )
    else:
        messages.info(request, _("没有候诊的患者。"))
    return redirect("clinic:queue")


@require_POST
@guarded(policies.CONSULT)
def step(request: HttpRequest, visit_id: UUID, action: str) -> HttpResponse:
    """Call, skip or begin, by one click."""
    acts = {"call": api.call_visit, "skip": api.skip_visit, "begin": api.begin_visit}
    try:
        acts[action](visit_id=visit_id, actor=request.actor)
    except DomainError as refusal:
        refused(request, refusal)
        return redirect("clinic:queue")
    return redirect("clinic:visit", visit_id) if action == "begin" else redirect("clinic:queue")


@guarded(policies.CONSULT, about="resident")
def visit(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """One visit: the record's summary, the note, diagnoses, lines, totals; saved or finished from here."""
    row = _seen(request, visit_id)
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            return forms.once(request, lambda: _written(request, row))
        except DomainError as refusal:
            errors = _errors(refusal)
    return _page(request, row, errors)


def _seen(request: HttpRequest, visit_id: UUID) -> Visit:
    access.require(request.actor, "read_detail", Subject("visit", visit_id))
    return Visit.objects.get(pk=visit_id)


def _errors(refusal: DomainError) -> dict[str, str]:
    return refusal.errors if isinstance(refusal, InvalidInput) and refusal.errors else {"": str(refusal)}


def _page(
    request: HttpRequest, row: Visit, errors: dict[str, str], typed: dict[str, str] | None = None
) -> HttpResponse:
    actor: Any = request.actor
    resident = residents.identity(row.resident_id)
    mine = [
        bills.bill(key) for key in Bill.objects.filter(visit=row).order_by("opened_at").values_list("id", flat=True)
    ]
    level = level_of(row.institution_id)
    lines = [line for bill in mine for line in bill.lines]
    values = {
        "row": row, "resident": resident, "bills": mine, "total": sum(b.total for b in mine), "errors": errors, "typed": typed or dict.fromkeys(_TYPED, ""),
        "note": _shown(request, row), "may_write": row.state == "seeing" and row.staff_id == actor.staff_id, "tones": TONES,
        "label": visits.VISIT.label(row.state), "department": _department(row), "images": _images(lines, level),
        "summary": records.summary(row.resident_id, actor=actor) if row.state in {"seeing", "finished"} else None,
        "routes": [("", ""), *((r, r) for r in ROUTES)], "frequencies": [("", ""), *((f, f) for f in FREQUENCIES)],
    }  # fmt: skip
    return render(request, "clinic/visit.html", values, status=422 if errors else 200)


_TYPED = ("item", "item__text", "quantity", "dose", "route", "frequency", "days", "line_note")


def _department(row: Visit) -> str:
    return network.department(row.department_id).name if row.department_id else ""


def _images(lines: Any, level: str) -> list[tuple[str, str]]:
    """Examinations of the imaging centre that are on the bill: their request form is the orders room's."""
    known = [(line, definitions.item(line.item_code, level)) for line in lines if definitions.is_item(line.item_code)]
    return [(item.order_code, line.item_name) for line, item in known if item.order_code]


def _shown(request: HttpRequest, row: Visit) -> dict[str, Any]:
    if request.method == "POST" and "complaint" in request.POST:
        picked = [
            (request.POST.get(f"diagnosis_{n}", ""), request.POST.get(f"diagnosis_{n}__text", ""))
            for n in range(DIAGNOSES)
        ]
        return {name: request.POST.get(name, "") for name in ("complaint", "history", "examination", "advice")} | {
            "picked": picked
        }
    known = list(row.diagnoses.values_list("code", "name"))
    picked = (known + [("", "")] * DIAGNOSES)[:DIAGNOSES]
    return {
        "complaint": row.complaint,
        "history": row.history,
        "examination": row.examination,
        "advice": row.advice,
        "picked": picked,
    }


def _written(request: HttpRequest, row: Visit) -> str:
    given = request.POST
    diagnoses = []
    for n in range(DIAGNOSES):
        code, text = given.get(f"diagnosis_{n}", "")[:20], given.get(f"diagnosis_{n}__text", "").strip()
        name = records.diagnosis_name(code) or text
        if name:
            diagnoses.append((code if records.diagnosis_name(code) else "", name, False))
    note = VisitNote(
        given.get("complaint", ""),
        given.get("history", ""),
        given.get("examination", ""),
        given.get("advice", ""),
        tuple(diagnoses),
    )
    api.save_note(visit_id=row.id, note=note, actor=request.actor)
    if "finish" not in given:
        messages.success(request, _("已保存。"))
        return reverse("clinic:visit", args=[row.id])
    api.finish_visit(visit_id=row.id, actor=request.actor)
    messages.success(request, _("%(name)s 已诊毕，账单已送收费窗口。") % {"name": row.patient_name})
    return reverse("clinic:queue")


@require_POST
@guarded(policies.CONSULT, about="resident")
def add_line(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """One more line; a refusal comes back on the visit's page with what was typed."""
    row = _seen(request, visit_id)
    given = request.POST
    try:
        return forms.once(request, lambda: _added(request, row))
    except DomainError as refusal:
        typed = {name: given.get(name, "") for name in _TYPED}
        return _page(request, row, _errors(refusal), typed)


def _added(request: HttpRequest, row: Visit) -> str:
    given, actor = request.POST, request.actor
    code = given.get("item", "")
    if not code:
        raise InvalidInput(errors={"item": _("请从列表中选择收费项目或药品。")})
    line = NewCharge(
        code, number_of(given.get("quantity", ""), "quantity"), dose=given.get("dose", ""), route=given.get("route", ""),
        frequency=given.get("frequency", ""), days=day_count(given.get("days", "")), note=given.get("line_note", ""),
    )  # fmt: skip
    told = cautions_for(row, [code], level_of(row.institution_id), actor).get(code, [])
    api.order_lines(visit_id=row.id, lines=[line], actor=actor)
    for one in told:
        messages.warning(request, one.text)
    return reverse("clinic:visit", args=[row.id]) + "#lines"


@guarded(policies.CHARGE, about="resident")
def strike(request: HttpRequest, bill_id: UUID, line_id: UUID) -> HttpResponse:
    """Strike out a line of an open bill, with the reason."""
    bill = api.access_bill(bill_id, actor=request.actor)
    line = next((one for one in bill.lines if one.id == line_id), None)
    back = (
        reverse("clinic:visit", args=[bill.visit_id]) if bill.visit_id else reverse("clinic:stay", args=[bill.stay_id])
    )
    if line is None:
        return redirect(back)

    def act(reason: str) -> None:
        api.strike_line(line_id=line_id, reason=reason, actor=request.actor)

    return reasoned(
        request, _("撤销费用"), act, back, f"{bill.patient_name} · {line.item_name} × {line.quantity.normalize():f}"
    )


@require_POST
@guarded(policies.CONSULT, about="resident")
def charge_afterwards(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """“收费” on a resident's file: the visit that was just recorded gets a bill, without being written down twice."""
    residents.access_resident(resident_id, actor=request.actor, action="write")
    try:
        found = charge_visit(resident_id=resident_id, actor=request.actor)
    except DomainError as refusal:
        refused(request, refusal)
        return redirect("records:timeline", resident_id)
    return redirect("clinic:visit", found.id)
