"""The coding desk."""

import re
from decimal import Decimal
from uuid import UUID

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from yigong.access.api import guarded
from yigong.core.ui.forms import once
from yigong.insurance.claims import api, policies
from yigong.insurance.claims.queries.desk import Desk, look
from yigong.insurance.claims.rules.questions import Value

_MOST = 41
_SALT = "claims.desk"


@guarded(policies.DESK, about="stay")
def page(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """The stay's codes as they are, to try others; group and questions beside them."""
    desk = look(stay_id, actor=request.actor)
    return render(request, "claims/desk.html", {"desk": desk, "carried": _carried(desk, request)})


@guarded(policies.DESK, about="stay")
def part(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Group, payment, way and questions for the codes in the query; asked again while they change."""
    desk = look(
        stay_id,
        actor=request.actor,
        diagnoses=codes(request.GET.get("diagnoses")),
        procedures=codes(request.GET.get("procedures")),
        values=_given(request, stay_id),
    )
    return render(request, "claims/desk_part.html", {"desk": desk})


def _carried(desk: Desk, request: HttpRequest) -> str:
    """The values read for this page, signed for this stay and this account; empty where none could be read."""
    if desk.results_hidden:
        return ""
    rows = [[v.code, v.name, None if v.value is None else str(v.value), v.shown, v.on] for v in desk.values]
    return signing.dumps([str(desk.page.stay.id), str(request.actor.account_id), rows], salt=_SALT, compress=True)


def _given(request: HttpRequest, stay_id: UUID) -> list[Value] | None:
    """The values that the page carries; None (read again) when they are not from here or an hour old."""
    try:
        stay, account, rows = signing.loads(request.GET.get("values", ""), salt=_SALT, max_age=3600)
    except signing.BadSignature:
        return None
    if (stay, account) != (str(stay_id), str(request.actor.account_id)):
        return None
    return [Value(code, name, None if v is None else Decimal(v), shown, on) for code, name, v, shown, on in rows]


def codes(text: str | None) -> list[str] | None:
    """Codes as typed, one a line or separated by commas; None where the page sent none."""
    if text is None:
        return None
    return [part.strip().upper().replace("X", "x") for part in re.split(r"[\s,,;;]+", text) if part.strip()][:_MOST]


@guarded(policies.DESK)
def ask(request: HttpRequest, stay_id: UUID) -> HttpResponse:
    """Send one of the questions to the doctor."""
    here = reverse("claims:desk", args=[stay_id])
    if request.method != "POST":
        return redirect(here)

    def act() -> str:
        api.ask_doctor(stay_id=stay_id, key=request.POST.get("key", ""), actor=request.actor)
        return here

    return once(request, act)
