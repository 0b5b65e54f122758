"""The calls of a telephone that reports. What is shown stands on the pages of the rooms whose vehicles they are (``whereabouts/_parts.html``)."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from yigong.access.api import guarded
from yigong.core import device
from yigong.whereabouts import commands
from yigong.whereabouts.data import PointIn
from yigong.whereabouts.policies import REPORT


class ReportIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a telephone sends: positions, and what its clock says now."""

    now: device.Moment
    points: list[PointIn]


class SwitchIn(msgspec.Struct, forbid_unknown_fields=True):
    """On or off."""

    on: bool


@guarded(REPORT)
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for the calls below."""
    return device.token(request)


@guarded(REPORT)
@require_POST
def switch(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """On or off."""

    def act() -> dict[str, Any]:
        wish = device.sent(request, SwitchIn)
        turn = commands.switch_on if wish.on else commands.switch_off
        turn(kind=kind, subject=subject, actor=request.actor)
        return {"on": wish.on}

    return device.told(act)


@guarded(REPORT)
@require_POST
def report(request: HttpRequest, kind: str, subject: UUID) -> HttpResponse:
    """Positions."""

    def act() -> dict[str, Any]:
        given = device.sent(request, ReportIn)
        kept = commands.report(
            kind=kind, subject=subject, points=given.points, device_at=given.now, actor=request.actor
        )
        return {"kept": kept}

    return device.told(act)
