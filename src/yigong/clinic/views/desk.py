"""The registration desk: numbers, today's list, who sees patients."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.clinic import api, policies
from yigong.clinic.forms import RegisterForm, SessionForm
from yigong.clinic.models import Visit
from yigong.clinic.queries import sessions, visits
from yigong.clinic.views.common import TONES, departments_of, reasoned
from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import DomainError
from yigong.core.money import yuan
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network

AHEAD = 14


@guarded(policies.REGISTER)
def desk(request: HttpRequest) -> HttpResponse:
    """Register somebody; below it today's list with its counts."""
    actor: Any = request.actor
    offered = api.sessions_of(actor.institution_id, clock.today())
    form = RegisterForm(request.POST or None, sessions=offered, departments=departments_of(request))
    if request.method == "POST" and form.is_valid():
        key = forms.idempotency_key(request)
        try:
            return forms.once(request, lambda: _registered(request, form, key))
        except DomainError as refusal:
            forms.refuse(form, refusal)
    chosen = {"text": request.GET.get("text", "").strip()[:40], "state": request.GET.get("state", "")}
    found = visits.of_day(actor.institution_id, clock.today(), page=number_of(request.GET.get("page")), **chosen)
    counts = visits.counts_of_day(actor.institution_id, clock.today())
    latest = Visit.objects.filter(pk__in=[key_of(request.GET.get("new"))], institution_id=actor.institution_id).first()
    values = {
        "form": form, "offered": offered, "page": found, "counts": counts, "chosen": chosen, "tones": TONES, "latest": latest,
        "departments": _names(found.items), "tabs": _tabs(counts, chosen["state"]), "label": visits.VISIT.label,
    }  # fmt: skip
    return forms.page(request, "clinic/desk.html", values, form=form)


def _registered(request: HttpRequest, form: RegisterForm, key: UUID) -> str:
    given = form.cleaned_data
    emergency = given["manner"] == "emergency"
    visit = api.register_visit(
        resident_id=given["resident_id"], manner=given["manner"], actor=request.actor, request_key=key,
        session_id=None if emergency else key_of(given["session_id"]), department_id=key_of(given["department_id"]) if emergency else None,
    )  # fmt: skip
    messages.success(
        request, _("%(name)s 已挂号，应收 %(fee)s 元。") % {"name": visit.patient_name, "fee": yuan(visit.fee)}
    )
    return reverse("clinic:desk") + f"?new={visit.id}"


def _tabs(counts: dict[str, int], state: str) -> list[tuple[str, str, bool, int]]:
    words = {
        "": _("全部"),
        "waiting": _("候诊"),
        "seeing": _("接诊中"),
        "finished": _("已诊毕"),
        "cancelled": _("已退号"),
    }
    return [(text, f"?state={code}", code == state, counts[code or "all"]) for code, text in words.items()]


def _names(found: Any) -> dict[UUID, str]:
    keys = {row.department_id for row in found if row.department_id}
    return {key: one.name for key, one in network.departments_many(keys).items()}


@guarded(policies.REGISTER)
def verdict(request: HttpRequest) -> HttpResponse:
    """While the clerk chooses: what it costs and whether it is a free follow-up, with the ground."""
    resident, session = key_of(request.GET.get("resident_id")), key_of(request.GET.get("session_id"))
    actor: Any = request.actor
    one = next((s for s in api.sessions_of(actor.institution_id, clock.today()) if s.id == session), None)
    judged = None
    if resident and one and request.GET.get("manner", "window") == "window":
        judged = visits.judged(resident, actor.institution_id, one.department_id, one.title)
    return render(request, "clinic/verdict.html", {"session": one, "judged": judged})


@guarded(policies.REGISTER)
def cancel(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """Take a number back, with the reason."""
    row = Visit.objects.filter(pk=visit_id, institution_id__in=request.actor.institution_ids).first()
    if row is None:
        return redirect("clinic:desk")
    lead = _("%(name)s，%(doctor)s，%(number)s") % {
        "name": row.patient_name,
        "doctor": row.staff_name or _("不指定医生"),
        "number": row.number,
    }

    def act(reason: str) -> None:
        api.cancel_visit(visit_id=visit_id, reason=reason, actor=request.actor)

    return reasoned(request, _("退号"), act, reverse("clinic:desk"), lead)


@guarded(policies.REGISTER, about="resident")
def slip(request: HttpRequest, visit_id: UUID) -> HttpResponse:
    """The printed slip: number, doctor, until when it counts."""
    access.require(request.actor, "read_detail", Subject("visit", visit_id))
    row = Visit.objects.select_related("session").get(pk=visit_id)
    department = _names([row]).get(row.department_id, "") if row.department_id else ""
    part = str(sessions.PARTS[row.session.part]) if row.session else ""
    values = {
        "title": _("挂号单"), "serial": f"{row.serial}" if row.serial else _("急"), "bar": bar_code(row.number), "number": row.number,
        "facts": [
            [_("姓名"), row.patient_name], [_("科室"), department or "—"], [_("医生"), row.staff_name or "—"],
            [_("时间"), f"{row.registered_on:%Y-%m-%d} {part}"], [_("应收"), _("复诊 0 元号") if row.follows_id else f"{yuan(row.fee)} 元"],
            [_("有效期至"), f"{row.valid_until:%Y-%m-%d}"],
        ],
        "note": _("有效期内同科复诊免挂号费一次，请凭此单到挂号窗口取复诊号。"),
    }  # fmt: skip
    about = About("visit", row.id, "1")
    return answer(
        print_document("visit_slip", "clinic/slip", values, actor=request.actor, about=about, title=_("挂号单"))
    )


@guarded(policies.SESSIONS)
def session_page(request: HttpRequest) -> HttpResponse:
    """Who sees patients in the coming days; one more session."""
    actor: Any = request.actor
    form = SessionForm(request.POST or None, departments=departments_of(request), doctors=_doctors(actor))
    if done := forms.sent(request, form, lambda: _planned(request, form)):
        return done
    today = clock.today()
    found = api.sessions_of(actor.institution_id, today, today + timedelta(days=AHEAD)) if actor.institution_id else []
    return forms.page(request, "clinic/sessions.html", {"form": form, "found": found, "today": today}, form=form)


def _doctors(actor: Any) -> list[tuple[str, str]]:
    if actor.institution_id is None:
        return []
    posts = [p for role in ("specialist", "gp", "village_doctor") for p in network.posts_at(actor.institution_id, role)]
    names = network.departments_many({p.department_id for p in posts if p.department_id})
    return [
        (str(p.staff_id), p.staff_name + (f"({names[p.department_id].name})" if p.department_id in names else ""))
        for p in sorted(posts, key=lambda p: p.staff_name)
    ]


def _planned(request: HttpRequest, form: SessionForm) -> str:
    given = form.cleaned_data
    first: date = given["day"]
    days = [first + timedelta(days=n) for n in range(given["repeat"])]
    for day in days:
        api.plan_session(
            department_id=UUID(given["department_id"]), staff_id=UUID(given["staff_id"]), day=day, part=given["part"],
            capacity=given["capacity"], actor=request.actor,
        )  # fmt: skip
    messages.success(request, _("已安排 %(n)s 个半天。") % {"n": len(days)})
    return reverse("clinic:sessions")


@guarded(policies.SESSIONS)
def stop(request: HttpRequest, session_id: UUID) -> HttpResponse:
    """A doctor is away: the session is stopped with a reason."""

    def act(reason: str) -> None:
        left = api.stop_session(session_id=session_id, reason=reason, actor=request.actor)
        if left:
            messages.warning(request, _("有 %(n)s 位患者已挂这个号，请告知改约或退号。") % {"n": left})

    return reasoned(request, _("停诊"), act, reverse("clinic:sessions"))
