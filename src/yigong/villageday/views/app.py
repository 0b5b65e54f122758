"""The installable app: its page without people, its worker, and the three calls it makes on line."""

import json
from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.core import clock
from yigong.core.device import keeper
from yigong.core.errors import DomainError, InvalidInput
from yigong.core.rights import guarded, note_decision
from yigong.core.ui.shell import address
from yigong.villageday import commands, policies
from yigong.villageday.data import EntryIn
from yigong.villageday.models import Bundle
from yigong.villageday.queries.words import words
from yigong.villageday.rules import limits

_FILES = (
    "ui/vendor/tabler.min.css",
    "ui/ui.css",
    "villageday/app.css",
    "ui/device.js",
    "villageday/parts.js",
    "villageday/app.js",
    "ui/mark.svg",
)


class SentIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a phone sends."""

    now: str
    entries: list[EntryIn]


@guarded(policies.USE)
@require_GET
def shell(request: HttpRequest) -> HttpResponse:
    """The app's page; it holds nobody's data and may be kept by the worker."""
    return render(
        request,
        "villageday/app.html",
        {"words": words(), "limits": limits(), "staff": str(request.actor.staff_id or "")},
    )


@guarded("public")
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """What a phone needs to install it."""
    icon = {"src": static("ui/mark.svg"), "sizes": "any", "type": "image/svg+xml", "purpose": "any"}
    return JsonResponse({
        "name": _("医共·入户随访"), "short_name": _("入户随访"), "start_url": address("villageday:app"), "scope": address("villageday:app"),
        "display": "standalone", "lang": "zh-CN", "background_color": "#f4f6f8", "theme_color": "#1f6feb", "icons": [icon],
    })  # fmt: skip


@guarded("public")
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker with the list of files it keeps; its version changes with their addresses."""
    files = [address("villageday:app"), address("villageday:manifest"), *map(static, _FILES)]
    return keeper(request, "village-day", files)


@guarded(policies.USE)
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for the two calls below, and which of the phone's bundles were revoked."""
    own = Bundle.objects.filter(staff_id=request.actor.staff_id, revoked_at__isnull=False).order_by("-taken_at")
    revoked = [str(k) for k in own.values_list("id", flat=True)[:50]]
    answer = {
        "token": get_token(request),
        "now": clock.now().isoformat(),
        "revoked": revoked,
        "staff": str(request.actor.staff_id or ""),
    }
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})


@guarded(policies.USE, about="resident")
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The bundle."""
    try:
        given = json.loads(request.POST.get("sent", ""))
        at = parse_datetime(str(given.get("now", "")))
        if at is None or at.tzinfo is None:
            raise InvalidInput(_("手机没有报告时间，请刷新后再试。"))
        days = given.get("days", 0)
        taken = commands.take_bundle(
            actor=request.actor,
            device_at=at,
            days=days if isinstance(days, int) else 0,
            device=request.headers.get("User-Agent", ""),
        )
    except (ValueError, AttributeError):
        return _refused(InvalidInput(_("内容无法识别，请刷新后再试。")))
    except DomainError as refusal:
        return _refused(refusal)
    note_decision()  # nobody due: nobody read about
    row, packed = taken.bundle, taken.packed
    body = {
        "id": str(row.id), "until": packed.until.isoformat(), "expires": row.expires_at.isoformat(), "now": row.taken_at.isoformat(), "people": packed.people,
        "dues": packed.dues, "forms": packed.forms, "shelves": packed.shelves, "uses": packed.uses, "left_out": packed.left_out, "staff": str(row.staff_id), "doctor": request.actor.name,
    }  # fmt: skip
    return JsonResponse(body, headers={"Cache-Control": "no-store"})


@guarded(policies.USE, about="resident")
@require_POST
def send(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """What was written on the way."""
    try:
        given = msgspec.json.decode(request.POST.get("sent", "").encode(), type=SentIn)
        at = parse_datetime(given.now)
        if at is None or at.tzinfo is None or any(e.at.tzinfo is None for e in given.entries):
            raise InvalidInput(_("手机没有报告时间，请刷新后再试。"))
        told = commands.receive(bundle_id=bundle_id, entries=given.entries, device_at=at, actor=request.actor)
    except (msgspec.DecodeError, ValueError):
        return _refused(InvalidInput(_("内容无法识别，请更新手机上的应用后再上传；已录的随访仍在手机上。")))
    except DomainError as refusal:
        return _refused(refusal)
    note_decision()
    told_all = [{"id": str(t.id), "state": t.state, "sentence": t.sentence} for t in told]
    return JsonResponse({"told": told_all, "now": clock.now().isoformat()}, headers={"Cache-Control": "no-store"})


def _refused(refusal: DomainError) -> HttpResponse:
    errors: Any = list(refusal.errors.values()) if isinstance(refusal, InvalidInput) else []
    return JsonResponse({"code": refusal.code, "sentence": "；".join(errors) or str(refusal)}, status=refusal.status)
