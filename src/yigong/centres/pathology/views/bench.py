"""The centre's benches: receiving, cutting, the stations, one specimen, where everything is."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.centres.pathology import forms
from yigong.centres.pathology.commands import bench, grossing, receiving
from yigong.centres.pathology.commands.errors import NoSuchSpecimen
from yigong.centres.pathology.models import Specimen
from yigong.centres.pathology.policies import BENCH, FOLLOW
from yigong.centres.pathology.queries import reports
from yigong.centres.pathology.queries import specimens as queries
from yigong.centres.pathology.rules.specimens import SPECIMEN, STATIONS
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden, InvalidInput
from yigong.core.paging import number_of
from yigong.core.states.api import history
from yigong.core.ui import forms as ui
from yigong.orders import api as orders
from yigong.residents import api as residents


def stations() -> dict[str, str]:
    """The stations of the workbench, in the order of the work."""
    return {"gross": _("取材"), "process": _("脱水"), "embed": _("包埋"), "section": _("切片"), "stain": _("染色")}


@guarded(BENCH)
def receive(request: HttpRequest) -> HttpResponse:
    """Scan the request (or a container): the page of that order opens, to be held against what is in hand."""
    form = forms.ScanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = form.cleaned_data["code"]
        if order_id := queries.order_of(code, request.actor):
            return redirect(f"{reverse('pathology:check', args=[order_id])}?code={code.strip()[:40]}")
        ui.refuse(form, NoSuchSpecimen(code=code[:40]))
    rows = queries.received_today(request.actor)
    context = {
        "form": form, "rows": rows, "page": queries.listed(request.actor, view="sending", kind="container", page=number_of(request.GET.get("page"))),
        "names": _people(rows), "tones": reports.TONES,
    }  # fmt: skip
    context["waiting_names"] = _people(context["page"].items)  # type: ignore[attr-defined]
    return ui.page(request, "pathology/receive.html", context, form=form)


@guarded(BENCH, about="order")
def check(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The containers of one request: each is scanned in, or refused with a reason."""
    order = _order_at_centre(order_id, request.actor)
    case, given, action = queries.case_of(order_id), request.POST, request.POST.get("action", "")
    containers = case.of("container")
    open_ones = [c for c in containers if c.state in {"to_send", "ready"}]
    start = {"code": request.GET.get("code", "")} if any(c.code == request.GET.get("code") for c in open_ones) else {}
    taking = forms.ReceiveForm(given if action == "receive" else None, initial=start)
    refusing = forms.RejectForm(open_ones, given if action == "reject" else None)
    if action == "receive" and (
        done := ui.sent(request, taking, lambda: _received(request, order_id, taking.cleaned_data))
    ):
        return done
    if action == "reject" and (
        done := ui.sent(request, refusing, lambda: _rejected(request, order_id, refusing.cleaned_data))
    ):
        return done
    context = {
        "order": order, "case": case, "taking": taking, "refusing": refusing, "open": open_ones, "tones": reports.TONES,
        "person": _people(containers).get(order.resident_id) or residents.resident_names([order.resident_id]).get(order.resident_id),
    }  # fmt: skip
    return ui.page(request, "pathology/check.html", context, form=taking if action == "receive" else refusing)


@guarded(BENCH)
def workbench(request: HttpRequest) -> HttpResponse:
    """One box for the scanner: at the station one has chosen a scan is the step; at the first it opens the cutting page."""
    station = request.GET.get("station") or "gross"
    if station not in stations():
        station = "gross"
    form = forms.ScanForm(request.POST or None)
    if done := ui.sent(request, form, lambda: _passed(request, station, form.cleaned_data["code"])):
        return done
    page = queries.waiting(request.actor, station, page=number_of(request.GET.get("page")))
    totals = queries.waiting_totals(request.actor)
    context = {
        "form": form, "page": page, "station": station, "names": _people(page.items), "tones": reports.TONES,
        "tabs": [(label, f"?station={code}", code == station, totals[code]) for code, label in stations().items()],
        "name": stations()[station],
    }  # fmt: skip
    return ui.page(request, "pathology/bench.html", context, form=form)


@guarded(BENCH, about="order")
def gross(request: HttpRequest, specimen_id: UUID) -> HttpResponse:
    """Describe a container and cut it."""
    row, shown = queries.one(specimen_id, request.actor)
    order = _order_at_centre(row.order_id, request.actor)
    form = forms.GrossForm(request.POST or None)
    if done := ui.sent(request, form, lambda: _grossed(request, row, form.cleaned_data)):
        return done
    case = queries.case_of(row.order_id)
    context = {
        "specimen": shown, "order": order, "case": case, "form": form, "tones": reports.TONES,
        "person": residents.resident_names([order.resident_id]).get(order.resident_id),
    }  # fmt: skip
    return ui.page(request, "pathology/gross.html", context, form=form)


@guarded(FOLLOW)
def listed(request: HttpRequest) -> HttpResponse:
    """Where every container, block and slide of one's institutions is, on one line."""
    actor = request.actor
    view = request.GET.get("view") or ("at_bench" if actor.has(BENCH) else "sending")
    text, kind = request.GET.get("q", ""), request.GET.get("kind", "")
    page = queries.listed(actor, view=view, text=text, kind=kind, page=number_of(request.GET.get("page")))
    totals, words = queries.totals(actor), _views()
    context = {
        "page": page, "names": _people(page.items), "view": view, "text": text, "kind": kind, "tones": reports.TONES,
        "kinds": Specimen.Kind.choices, "tabs": [(label, f"?view={code}", view == code, totals[code]) for code, label in words.items()],
    }  # fmt: skip
    return render(request, "pathology/listed.html", context)


@guarded(FOLLOW)
def find(request: HttpRequest) -> HttpResponse:
    """A scanned bar code opens its specimen."""
    code = request.GET.get("code", "")
    row = queries.find(code, request.actor)
    if row is None:
        raise NoSuchSpecimen(code=code[:40] or "—")
    return redirect("pathology:specimen", row.pk)


@guarded(FOLLOW, about="order")
def specimen(request: HttpRequest, specimen_id: UUID) -> HttpResponse:
    """One container, block or slide: where it was, and what may be done with it."""
    row, shown = queries.one(specimen_id, request.actor)
    order = orders.order(row.order_id, actor=request.actor)
    done, error = ui.tried(request, lambda: _acted(request, row))
    if done:
        return done
    lines = [
        {"title": SPECIMEN.label(h.to_state), "text": h.reason, "at": h.at, "by": h.actor_name} for h in history(row.pk)
    ]
    context = {
        "specimen": shown, "order": order, "error": error, "history": lines[::-1], "tones": reports.TONES,
        "person": residents.resident_names([order.resident_id]).get(order.resident_id),
        "steps": {one.action for one in SPECIMEN.actions_for(row, request.actor)}, "row": row,
        "parent": queries.to_data([row.parent])[0] if row.parent else None,
        "parts": [s for s in queries.case_of(row.order_id).specimens if s.parent_id == row.pk],
    }  # fmt: skip
    return render(request, "pathology/specimen.html", context, status=422 if error else 200)


def _views() -> dict[str, str]:
    return {
        "sending": _("送检中"), "at_bench": _("在制"), "ready": _("可阅与在用"), "filed": _("已归档"), "lent": _("借出"), "ended": _("已结束"),
    }  # fmt: skip


def _people(rows: Any) -> dict[UUID, Any]:
    return residents.resident_names({row.resident_id for row in rows})


def _order_at_centre(order_id: UUID, actor: Actor) -> Any:
    order = orders.order(order_id, actor=actor)
    if order.reporting_institution_id not in actor.places:
        raise Forbidden(_("标本由病理中心的人员核收和取材。"))
    return order


def _received(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    row = receiving.receive_container(order_id=order_id, actor=request.actor, **given)
    messages.success(
        request, _("已核收 %(letter)s 瓶，病理号 %(n)s。") % {"letter": row.letter, "n": reports.case_number(order_id)}
    )
    return reverse("pathology:check", args=[order_id])


def _rejected(request: HttpRequest, order_id: UUID, given: dict[str, Any]) -> str:
    receiving.reject_container(actor=request.actor, **given)
    messages.success(request, _("已拒收，并已通知送检方补正。"))
    return reverse("pathology:check", args=[order_id])


def _passed(request: HttpRequest, station: str, code: str) -> str:
    if station == "gross":
        row = queries.find(code, request.actor)
        if row is None:
            raise NoSuchSpecimen(code=code[:40])
        return reverse("pathology:gross", args=[row.pk])
    done = bench.pass_station(station=station, code=code, actor=request.actor)
    messages.success(
        request,
        _("%(code)s %(label)s：%(state)s")
        % {"code": done.code, "label": done.label, "state": SPECIMEN.label(done.state)},
    )
    return f"{reverse('pathology:bench')}?station={station}"


def _grossed(request: HttpRequest, row: Specimen, given: dict[str, Any]) -> str:
    made = grossing.gross_container(
        code=row.code, description=given["description"], tissues=given["tissues"].splitlines(), recorder=given["recorder"],
        decalcify=given["decalcify"], actor=request.actor,
    )  # fmt: skip
    names = "、".join(one.code for one in made if one.kind == "block") or "、".join(one.code for one in made)
    messages.success(request, _("已取材：%(codes)s") % {"codes": names})
    return reverse("pathology:gross", args=[row.pk])


Act = Callable[[Any, Specimen, Actor], Any]
_ACTS: dict[str, Act] = {
    "undo": lambda given, row, actor: grossing.undo(code=row.code, reason=given.get("reason", ""), actor=actor),
    "cancel": lambda given, row, actor: grossing.cancel_piece(code=row.code, reason=given.get("reason", ""), actor=actor),
    "decalcify": lambda given, row, actor: bench.decalcify(code=row.code, actor=actor),
    "file": lambda given, row, actor: bench.file_specimen(code=row.code, place=given.get("place", ""), actor=actor),
    "take_out": lambda given, row, actor: bench.take_out(code=row.code, actor=actor),
    "lose": lambda given, row, actor: bench.lose(code=row.code, reason=given.get("reason", ""), actor=actor),
    "give_back": lambda given, row, actor: bench.give_back(code=row.code, receiver=given.get("receiver", ""), actor=actor),
    "dispose": lambda given, row, actor: bench.dispose(code=row.code, witness=given.get("witness", ""), actor=actor),
}  # fmt: skip


def _acted(request: HttpRequest, row: Specimen) -> str:
    action = request.POST.get("action", "")
    if action in STATIONS:  # a station is named like the step that is taken there
        bench.pass_station(station=action, code=row.code, actor=request.actor)
    elif action in _ACTS:
        _ACTS[action](request.POST, row, request.actor)
    else:
        raise InvalidInput(_("没有这项操作。"))
    messages.success(request, _("已登记。"))
    return reverse("pathology:specimen", args=[row.pk])
