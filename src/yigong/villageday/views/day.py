"""Today and this week by village and household, and one household in one go."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.forms import api as form_api
from yigong.core.rights import guarded, note_decision
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api as programmes
from yigong.programmes.data import DueData
from yigong.records import api as records
from yigong.tasks import api as tasks
from yigong.villageday import policies
from yigong.villageday.data import Stop
from yigong.villageday.models import Entry
from yigong.villageday.queries.packing import stops
from yigong.villageday.rules import limits

_SHOWN = 60


@guarded(policies.USE, about="resident")
def today(request: HttpRequest) -> HttpResponse:
    """Who is due today or this week, in the order of the walk; what came from the hospital; what waits for a look."""
    actor, week = request.actor, request.GET.get("tab", "") == "week"
    way, _bundle = stops(actor, limits().days)
    now = [stop for stop in way if any(_is_today(d) for p in stop.people for d in p.dues)]
    note_decision()  # nobody due: nobody read about
    shown = way if week else now
    texts = request.GET.get("text", "").strip()[:20]
    if texts:
        shown = [s for s in shown if texts in s.village + s.address or any(texts in p.name for p in s.people)]
    values = {
        "stops": shown[:_SHOWN], "more": max(0, len(shown) - _SHOWN), "week": week, "text": texts, "days": limits().days,
        "tabs": [(_("今天"), "?tab=", not week, len(now)), (_("%(n)s 天内") % {"n": limits().days}, "?tab=week", week, len(way))],
        "overdue": sum(s.overdue for s in way), "from_hospital": tasks.tasks_for(actor, kind="referral.first_visit").items[:5],
        "waiting": Entry.objects.filter(state="review", bundle__staff_id=actor.staff_id).count(), "is_today": _is_today,
    }  # fmt: skip
    return render(request, "villageday/day.html", values)


def _is_today(due: Any) -> bool:
    return due.urgency == "overdue" or due.closes_on <= clock.today()


@guarded(policies.USE, about="resident")
def stop(request: HttpRequest, key: UUID) -> HttpResponse:
    """One household: everybody's visits one below the other, each saved by itself, the next one opens."""
    actor = request.actor
    way, bundle = stops(actor, limits().days)
    found = next((s for s in way if s.key == str(key)), None)
    note_decision()
    if found is None:
        messages.success(request, _("这一户近期没有要做的随访了。"))
        return redirect("villageday:day")
    dues = {d.id: d for d in bundle.dues}
    chosen = key_of(request.GET.get("due")) or found.people[0].dues[0].id
    if chosen not in dues or not any(d.id == chosen for p in found.people for d in p.dues):
        raise NotFound(_("这项随访已完成或不在这一户。"))
    due = dues[chosen]
    sheet = _sheet(bundle, due)
    errors: dict[str, str] = {}
    warnings: dict[str, str] = {}
    blocked = ""
    if request.method == "POST":
        try:
            return ui_forms.once(request, lambda: _saved(request, due, found))
        except InvalidInput as refusal:
            unconfirmed = refusal.code == "programmes.unconfirmed"
            errors, warnings = ({}, refusal.errors) if unconfirmed else (refusal.errors, {})
            blocked = str(refusal) if refusal.code == "programmes.lot_blocked" else ""
        except DomainError as refusal:
            errors = {"": str(refusal)}
    stage = bundle.programmes[due.programme].stage(due.stage)
    asks = programmes.asks_medicines(due.programme, sheet)
    start = programmes.start_of(due.enrolment_id, due.stage, sheet, actor=actor)
    typed = {k: request.POST.getlist(k) for k in request.POST} if request.method == "POST" else start.values
    values = {
        "stop": found, "due": due, "sheet": sheet, "typed": typed, "errors": errors, "warnings": warnings, "facts": start.facts, "notes": {} if request.method == "POST" else start.notes, "place": way.index(found) + 1,
        "person": next(p for p in found.people if p.id == due.resident_id), "following": way[way.index(found) + 1].key if found is not way[-1] else "",
        "lots": programmes.shelf(due.programme, bundle.institution_id).choices(stage.track if stage else ""),
        "uses": programmes.medicine_uses() if asks else None, "typed_uses": {u.name: u for u in programmes.medicines_typed(request.POST)},
        "medicines": programmes.medicine_rows([due.resident_id]).get(due.resident_id, []) if asks else [],
        "allergies": records.allergies_of([due.resident_id]).get(due.resident_id, []), "blocked": blocked,
    }  # fmt: skip
    return render(request, "villageday/stop.html", values, status=422 if errors or warnings else 200)


def _sheet(bundle: programmes.Bundle, due: DueData) -> form_api.FormDefinition:
    stage = bundle.programmes[due.programme].stage(due.stage)
    if stage is None:
        raise NotFound(_("方案里没有这个环节。"))
    return bundle.forms[stage.form]


def _saved(request: HttpRequest, due: DueData, found: Stop) -> str:
    posted = request.POST
    done = programmes.record_visit(
        enrolment_id=due.enrolment_id, stage=due.stage, answers=posted, actor=request.actor, way=posted.get("way", "2"),
        confirmed=bool(posted.get("confirmed")), lot_reason=posted.get("lot_reason", ""), idempotency_key=ui_forms.idempotency_key(request),
        medicines=programmes.medicines_typed(posted),
    )  # fmt: skip
    visit = done.visit
    words = {"what": visit.stage_title, "grade": visit.grade_title or _("已保存")}
    (messages.warning if visit.emergency or visit.refer else messages.success)(
        request, _("%(what)s：%(grade)s") % words
    )
    if visit.advice:
        messages.info(request, visit.advice)
    return address("villageday:stop", found.key)
