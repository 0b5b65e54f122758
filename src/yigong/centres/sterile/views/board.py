"""The centre's board, an institution's own page, packs one by one, labels."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.centres.sterile import forms, queries
from yigong.centres.sterile.commands import registering, supplying
from yigong.centres.sterile.commands.moving import clean_code
from yigong.centres.sterile.models import Pack, RecallItem, Round
from yigong.centres.sterile.policies import MANAGE, PROCESS, READ
from yigong.centres.sterile.queries import work
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import JOURNEY, LOAD, PACK
from yigong.centres.sterile.views.common import TONES, filled
from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, bar_code, print_document
from yigong.core.rights import note_decision
from yigong.network import api as network
from yigong.residents import api as residents

MOST_LABELS = 200


@guarded(READ)
def board(request: HttpRequest) -> HttpResponse:
    """What waits: at the centre by step, at an institution by what it holds."""
    actor, states = request.actor, queries.counts(request.actor)
    at_centre = actor.has(PROCESS)
    context: dict[str, Any] = {
        "at_centre": at_centre, "states": [(code, _(one.label), states.get(code, 0)) for code, one in PACK.states.items()],
        "soon": queries.listed(actor, soon=True)[:8], "requests": work.requests(actor, state="open")[:8],
        "recalls": [one for one in queries.visible_recalls(actor)[:10] if one.state == "open"], "tones": TONES,
        "coming": work.deliveries(actor, state="sent")[:8], "short": work.shortages(actor)[:5],
    }  # fmt: skip
    if at_centre:
        context |= {
            "loads": work.loads(actor).filter(state__in=["open", "running", "finished", "early"])[:12],
            "load_label": LOAD.label, "machines": work.machines(actor),
        }  # fmt: skip
    else:
        context["used"] = supplying.to_send_back(actor.institution_id) if actor.institution_id else 0
        context["held"] = queries.by_set(actor.institution_id, "received") if actor.institution_id else []
    return render(request, "sterile/board.html", context)


@guarded(READ)
def packs(request: HttpRequest) -> HttpResponse:
    """All packs the actor may see."""
    asked = {name: request.GET.get(name, "").strip()[:40] for name in ("q", "state", "set")}
    soon = request.GET.get("soon") == "1"
    rows = queries.listed(request.actor, text=asked["q"], state=asked["state"], set_code=asked["set"], soon=soon)
    context = {
        "page": page_of(rows, page=number_of(request.GET.get("page"))), "asked": asked, "soon": soon, "tones": TONES,
        "states": [("", _("全部"))] + [(code, _(one.label)) for code, one in PACK.states.items()] + [("blocked", _("召回中"))],
        "sets": [("", _("全部"))] + [(code, one.title) for code, one in definitions.sets().items()], "label": PACK.label,
    }  # fmt: skip
    return render(request, "sterile/packs.html", context)


@guarded(READ, about="sterile_use")
def pack(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """One pack: its present round step by step, earlier rounds, what is in it."""
    row = _pack(request, pack_id)
    wanted = request.GET.get("round", "")
    rounds = list(row.rounds.select_related("destination", "load", "wash").order_by("-number")[:30])
    shown = next((one for one in rounds if str(one.number) == wanted), None) or row.round
    assert shown is not None
    context = {
        "row": row, "shown": shown, "rounds": rounds, "scans": queries.scans_of(shown), "tones": TONES, "label": PACK.label,
        "known": definitions.instrument_set(row.set_code, row.set_version), "patient": _patient(request, shown),
        "material": definitions.material(shown.material).label if shown.material else "", "steps": _steps(shown),
        "infection": definitions.infection_label(shown.infection), "words": {s.action: _(s.label) for s in PACK.steps},
        "recall": RecallItem.objects.filter(pack=row, state__in=["wanted", "sealed"]).select_related("recall").first(),
    }  # fmt: skip
    return render(request, "sterile/pack.html", context)


@guarded(READ, about="sterile_use")
def find(request: HttpRequest) -> HttpResponseBase:
    """A code scanned anywhere leads to its pack."""
    code = clean_code(request.GET.get("code", ""))
    found = queries.visible(request.actor).filter(rounds__label=code).first() or queries.visible(request.actor).filter(number=code).first()  # fmt: skip
    if found is None:
        raise NotFound(_("没有编码为“%(code)s”的器械包，或它不在您的机构。") % {"code": code})
    return pack(request, found.pk)


@guarded(PROCESS)
def labels(request: HttpRequest) -> HttpResponse:
    """Labels of packed packs: of one, of a load, or all that were packed and not loaded yet."""
    rows = Round.objects.select_related("pack", "load__machine").filter(pack__centre_id__in=request.actor.places)
    rows = rows.filter(pack__round_id=F("id"))
    if one := request.GET.get("pack"):
        rows = rows.filter(pack__number=one)
    elif load := request.GET.get("load"):
        rows = rows.filter(load__number=load)
    else:
        rows = rows.filter(pack__state="packed")
    found = list(rows.order_by("label")[:MOST_LABELS])
    if not found:
        raise NotFound(_("没有待打印的标签。"))
    sheet = print_document(
        "sterile_label", "sterile/labels", {"title": _("无菌包标签"), "labels": [_label(one) for one in found]},
        actor=request.actor, about=About("sterile.label", found[0].pk, str(len(found))),
    )  # fmt: skip
    return answer(sheet)


@guarded(READ)
def sets(request: HttpRequest) -> HttpResponse:
    """What kinds of packs there are and what is in them."""
    text = request.GET.get("q", "")[:40]
    materials = {one.code: one for one in definitions.parameters().material}
    rows = [
        (one, materials.get(one.material), definitions.price_of(one.code), [_(definitions.METHODS[m]) for m in one.methods])
        for one in definitions.find_sets(text)
    ]  # fmt: skip
    return render(request, "sterile/sets.html", {"rows": rows, "text": text, "kinds": definitions.SET_KINDS})


@guarded(READ)
def pick_set(request: HttpRequest) -> HttpResponse:
    """Sets for pickers."""
    found = definitions.find_sets(request.GET.get("q", "")[:40])
    items = [(one.code, one.title, _("%(n)s 件") % {"n": one.pieces}) for one in found[:12]]
    return render(request, "ui/options.html", {"items": items, "total": len(found)})


@guarded(MANAGE)
def register(request: HttpRequest) -> HttpResponse:
    """New packs."""
    form = forms.RegisterForm(request.POST or None)

    def act() -> str:
        given = form.cleaned_data
        made = registering.register_packs(
            set_code=given["set_code"], count=given["count"], owner_id=given["owner_id"], actor=request.actor
        )
        messages.success(
            request, _("已登记 %(first)s 至 %(last)s。") % {"first": made[0].number, "last": made[-1].number}
        )
        return reverse("sterile:packs") + f"?set={given['set_code']}"

    return filled(
        request, form, act, title=_("登记器械包"), back=reverse("sterile:packs"), crumbs=[(_("无菌包"), reverse("sterile:packs"))],
        lead=_("每包一个终身编号；登记后从回收清点开始走流程。"),
    )  # fmt: skip


@guarded(MANAGE)
def aside(request: HttpRequest, pack_id: UUID) -> HttpResponse:
    """Repair, lost, found, scrapped."""
    row = _pack(request, pack_id)
    form = forms.AsideForm(request.POST or None)

    def act() -> str:
        registering.set_aside(code=row.number, actor=request.actor, **form.cleaned_data)
        return reverse("sterile:pack", args=[row.pk])

    return filled(
        request, form, act, title=_("登记异常"), lead=f"{row.number} {row.set_name}", back=reverse("sterile:pack", args=[row.pk]),
        crumbs=[(row.number, reverse("sterile:pack", args=[row.pk]))],
    )  # fmt: skip


def _pack(request: HttpRequest, pack_id: UUID) -> Pack:
    row = queries.visible(request.actor).select_related("round", "holder", "owner", "centre").filter(pk=pack_id).first()
    if row is None:
        raise NotFound()
    return row


def _patient(request: HttpRequest, row: Round) -> Any:
    """In whom it was used, for who may know; asking is logged."""
    note_decision()
    if row.resident_id is None:
        return None
    decision = access.decide(request.actor, "read_detail", queries.subject(row))
    return residents.resident_names([row.resident_id]).get(row.resident_id) if decision.allowed else None


def _steps(row: Round) -> list[tuple[str, str, str]]:
    """The eleven steps as done, now, next."""
    done = {scan.action for scan in row.scans.filter(undoes__isnull=True, undone_by__isnull=True)}
    if "register" in done or "take_back" in done:
        done.add("collect")
    last = max((place for place, one in enumerate(JOURNEY) if one in done), default=-1)
    labels = {s.action: _(s.label) for s in PACK.steps}
    return [
        (labels[one], "done" if place <= last else "now" if place == last + 1 else "next", "")
        for place, one in enumerate(JOURNEY)
    ]


def _label(row: Round) -> dict[str, Any]:
    day = row.sterilised_on or clock.today()
    expires = row.expires_on or (definitions.expires(row.material, day) if row.material else None)
    return {
        "code": row.label, "bar": bar_code(row.label), "name": row.pack.set_name, "packed": row.packed_by, "checked": row.checked_by,
        "machine": row.load.machine.code if row.load else "—", "batch": row.load.number if row.load else "—",
        "day": day.isoformat(), "expires": expires.isoformat() if expires else "—", "note": row.incomplete,
        "centre": network.institution(row.pack.centre_id).short_name or network.institution(row.pack.centre_id).name,
    }  # fmt: skip
