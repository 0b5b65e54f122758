"""The calls of a telephone that reports. What is shown stands on the pages of the rooms whose vehicles they are (``whereabouts/_parts.html``)."""

from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.access.api import guarded
from yigong.core import clock
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.ui import forms as ui
from yigong.whereabouts import commands
from yigong.whereabouts.data import PointIn
from yigong.whereabouts.policies import REPORT


class ReportIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a telephone sends."""

    now: str
    points: list[PointIn]


@guarded(REPORT)
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for the calls below."""
    return JsonResponse(
        {"token": get_token(request), "now": clock.now().isoformat()}, headers={"Cache-Control": "no-store"}
    )


@guarded(REPORT)
@require_POST
def switch(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """On or off."""
    try:
        wish = msgspec.json.decode(request.POST.get("sent", "").encode(), type=dict[str, bool]).get("on", False)
        act = commands.switch_on if wish else commands.switch_off
        act(kind=kind, subject=subject, actor=request.actor)
    except msgspec.DecodeError:
        return _refused(InvalidInput(_("内容无法识别，请刷新后再试。")))
    except DomainError as refusal:
        return _refused(refusal)
    return JsonResponse({"on": wish})


@guarded(REPORT)
@require_POST
def report(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Positions."""
    try:
        given = msgspec.json.decode(request.POST.get("sent", "").encode(), type=ReportIn)
        at = parse_datetime(given.now)
        if at is None or at.tzinfo is None or any(one.at.tzinfo is None for one in given.points):
            raise InvalidInput(_("手机没有报告时间，请刷新后再试。"))
        kept = commands.report(kind=kind, subject=subject, points=given.points, device_at=at, actor=request.actor)
    except (msgspec.DecodeError, ValueError):
        return _refused(InvalidInput(_("内容无法识别，请刷新后再试。")))
    except DomainError as refusal:
        return _refused(refusal)
    return JsonResponse({"kept": kept})


def _refused(refusal: DomainError) -> HttpResponse:
    return JsonResponse({"sentence": ui.sentence(refusal)}, status=refusal.status)
