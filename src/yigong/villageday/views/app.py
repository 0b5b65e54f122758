"""The installable app: its page without people, its worker, and the three calls it makes on line."""

from typing import Any
from uuid import UUID

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.core import clock, device
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
    """What a phone sends: visits, and what its clock says now."""

    now: device.Moment
    entries: list[EntryIn]


class TakeIn(msgspec.Struct):
    """For how many days a phone wants a bundle."""

    now: device.Moment
    days: int = 0


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
    return device.keeper(request, "village-day", files)


@guarded(policies.USE)
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for the two calls below, and which of the phone's bundles were revoked."""
    own = Bundle.objects.filter(staff_id=request.actor.staff_id, revoked_at__isnull=False).order_by("-taken_at")
    revoked = [str(k) for k in own.values_list("id", flat=True)[:50]]
    return device.token(request, revoked=revoked, staff=str(request.actor.staff_id or ""))


@guarded(policies.USE, about="resident")
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """The bundle."""

    def act() -> dict[str, Any]:
        given = device.sent(request, TakeIn)
        agent = request.headers.get("User-Agent", "")
        taken = commands.take_bundle(actor=request.actor, device_at=given.now, days=given.days, device=agent)
        note_decision()  # nobody due: nobody read about
        row, packed = taken.bundle, taken.packed
        return {
            "id": str(row.id), "until": packed.until.isoformat(), "expires": row.expires_at.isoformat(), "now": row.taken_at.isoformat(),
            "people": packed.people, "dues": packed.dues, "forms": packed.forms, "shelves": packed.shelves, "uses": packed.uses,
            "left_out": packed.left_out, "staff": str(row.staff_id), "doctor": request.actor.name,
        }  # fmt: skip

    return device.told(act)


@guarded(policies.USE, about="resident")
@require_POST
def send(request: HttpRequest, bundle_id: UUID) -> HttpResponse:
    """What was written on the way."""

    def act() -> dict[str, Any]:
        given = device.sent(request, SentIn)
        told = commands.receive(bundle_id=bundle_id, entries=given.entries, device_at=given.now, actor=request.actor)
        note_decision()
        answers = [{"id": str(t.id), "state": t.state, "sentence": t.sentence} for t in told]
        return {"told": answers, "now": clock.now().isoformat()}

    return device.told(act)
