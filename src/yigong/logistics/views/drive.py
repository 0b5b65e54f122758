"""The driver's page, made for a telephone: where next, what to load and unload, one tap each; with and without a line."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.access.api import guarded
from yigong.core import clock, device
from yigong.core.asked import key_of
from yigong.core.errors import Conflict
from yigong.core.ui import forms as ui
from yigong.logistics import forms
from yigong.logistics.commands import runs as commands
from yigong.logistics.commands import taps
from yigong.logistics.data import ConsignmentData, RunRow, StopRow, TapIn, TapTold
from yigong.logistics.policies import DRIVE
from yigong.logistics.queries import positions, runs
from yigong.logistics.queries import taps as tap_reads
from yigong.logistics.rules import definitions
from yigong.logistics.views.common import TONES, driver_words
from yigong.whereabouts import api as whereabouts

_FILES = (
    "ui/vendor/tabler.min.css", "ui/ui.css", "ui/vendor/htmx.min.js", "ui/ui.js", "ui/icons.svg", "ui/mark.svg", "ui/device.js",
    "logistics/logistics.css", "logistics/drive.js", "whereabouts/whereabouts.css", "whereabouts/position.js",
)  # fmt: skip


class SentIn(msgspec.Struct, forbid_unknown_fields=True):
    """What a telephone sends: taps, and what its clock says now."""

    now: device.Moment
    taps: list[TapIn]


@dataclass(frozen=True, slots=True)
class Ahead:
    """A stop that is not over with everything that may be done there: what is aboard for it, and what is yet to be loaded for it on the way."""

    stop: StopRow
    unload: tuple[ConsignmentData, ...]
    later: tuple[ConsignmentData, ...]
    unsigned: int


@guarded(DRIVE)
def drive(request: HttpRequest) -> HttpResponse:
    """Today's runs; the one under way open, with every stop that is ahead, so that the telephone can go on without a line."""
    mine = runs.runs_of_driver(clock.today(), request.actor)
    chosen = key_of(request.GET.get("run"))
    run = next((one for one in mine if one.id == chosen), None) or next((o for o in mine if o.state != "done"), None)
    carried = runs.on_run(run.id) if run else []
    aboard = [one for one in carried if one.state == "aboard"]
    ahead = _ahead(run, carried) if run else []
    planned = {one.number: one for at in ahead for one in at.stop.load}
    context = {
        "mine": mine, "run": run, "stop": run.next if run else None, "aboard": aboard, "tones": TONES, "ahead": ahead,
        "planned": list(planned.values()), "boxes": definitions.parameters().boxes, "goods": definitions.goods(),
        "cold": _cold(aboard, planned.values()), "troubles": runs.troubles_of(run.id) if run else [], "most": definitions.parameters().most_taps,
        "words": definitions.troubles(), "script": driver_words() | {"taps": tap_reads.words()}, "late": tap_reads.late_of_run(run.id) if run else {},
        "reporting": whereabouts.reporting(positions.KIND, run.id, request.actor.staff_id) if run else False,
        "position": whereabouts.limits(), "waiting": tap_reads.waiting_of_run(run.id) if run else 0,
    }  # fmt: skip
    return ui.page(request, "logistics/drive.html", context)


@guarded("public")
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """Keeps this page and its files on the telephone."""
    here = reverse("logistics:drive")
    return device.keeper(request, "drive", [here, *map(static, _FILES)], here)


@guarded(DRIVE)
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """A fresh token for sending, and the platform's time."""
    return device.token(request)


@guarded(DRIVE)
@require_POST
def send(request: HttpRequest) -> HttpResponse:
    """What was tapped, at once or on the way."""

    def act() -> dict[str, Any]:
        given = device.sent(request, SentIn)
        told = taps.take_taps(taps=given.taps, device_at=given.now, actor=request.actor)
        _say(request, told)
        answers = [{"id": str(one.id), "state": one.state, "sentence": one.sentence} for one in told]
        return {"told": answers, "now": clock.now().isoformat()}

    return device.told(act)


@require_POST
@guarded(DRIVE)
def tap(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """One tap or one scan of a browser without the page's script, and back to the page."""
    given, now = request.POST, clock.now()
    words: dict[str, Any] = {
        name: given.get(name, "") for name in ("action", "number", "box", "celsius", "name", "strokes", "reason")
    }
    one = TapIn(id=ui.idempotency_key(request), run=run_id, at=now, key=key_of(given.get("key")), **words)

    def act() -> str:
        (told,) = taps.take_taps(taps=[one], device_at=now, actor=request.actor)
        if told.state == "refused":
            raise Conflict(told.sentence)
        return told.sentence

    return ui.clicked(request, act, reverse("logistics:drive") + f"?run={run_id}")


@guarded(DRIVE)
def trouble(request: HttpRequest, run_id: UUID) -> HttpResponse:
    """Held up: where, how long, and the way on."""
    row, _shown = runs.run(run_id, request.actor)
    form = forms.TroubleForm(request.POST or None)
    here = reverse("logistics:drive") + f"?run={row.pk}"

    def act() -> str:
        commands.report_trouble(run_id=row.pk, actor=request.actor, **form.cleaned_data)
        messages.success(request, _("已告知调度，各站会看到新的预计时间。"))
        return here

    return ui.filled(
        request, form, act, title=_("途中受阻"), back=here, crumbs=[(_("今日班次"), here)],
        lead=f"{row.number} {row.name}", label=_("告知调度"),
    )  # fmt: skip


def _say(request: HttpRequest, told: list[TapTold]) -> None:
    good = [one for one in told if one.state == "accepted"]
    if len(good) == 1:
        messages.success(request, good[0].sentence)
    elif good:
        messages.success(request, _("已补传 %(n)s 条。") % {"n": len(good)})
    for one in told:
        if one.state == "refused":
            messages.error(request, one.sentence)
        elif one.state == "review":
            messages.warning(request, _("已补传，与平台不一致，由调度核对：%(why)s") % {"why": one.sentence})


def _ahead(run: RunRow, carried: list[ConsignmentData]) -> list[Ahead]:
    left = [stop for stop in run.stops if not stop.is_over]
    found = []
    for n, stop in enumerate(left):
        # What is loaded on the way is put down at the first stop of its receiver behind that.
        later = {
            one.number: one for m, other in enumerate(left[:n]) for one in other.load
            if one.receiver_id == stop.institution_id and all(s.institution_id != one.receiver_id for s in left[m + 1 : n])
        }  # fmt: skip
        unsigned = sum(
            one.receiver_id == stop.institution_id and one.state == "arrived" and not one.is_signed for one in carried
        )
        found.append(Ahead(stop, stop.unload, tuple(later.values()), unsigned))
    return found


def _cold(aboard: list[ConsignmentData], planned: Any) -> list[tuple[str, bool, str]]:
    """The boxes with a thermometer: each with whether something lies in it now, and the numbers that will."""
    goods = definitions.goods()
    now = {one.box for one in aboard if one.band != "any"}
    soon: dict[str, list[str]] = {}
    for one in planned:
        if one.band != "any":
            soon.setdefault(goods[one.kind].box, []).append(one.number)
    return [(box, box in now, " ".join(soon.get(box, []))) for box in sorted(now | set(soon))]
