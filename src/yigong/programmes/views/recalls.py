"""Recalls of vaccine: which lots, how far telling people has come, who is to be told, and the end."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded
from yigong.core.states.api import history
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Recall, RecallContact
from yigong.programmes.queries import recalls
from yigong.programmes.rules.packs import programmes
from yigong.programmes.rules.workflow import RECALL
from yigong.programmes.views import common
from yigong.programmes.views.managing import names_of_people
from yigong.residents import api as residents

_TONES = {"open": "bad", "closed": "good", "lifted": "muted"}


@guarded(policies.VACCINES)
def listed(request: HttpRequest) -> HttpResponse:
    """All recalls, those under way first."""
    rows = Recall.objects.order_by("-state", "-called_at", "id")
    page = page_of(rows, page=number_of(request.GET.get("page")))
    places = policies.places(request.actor)
    sums = {r.id: _sum(r, places) for r in page.items}
    values = {"page": page, "sums": sums, "labels": {c: RECALL.label(c) for c in RECALL.states}, "tones": _TONES}
    return render(request, "programmes/recalls.html", values)


def _sum(row: Recall, places: set[UUID] | None) -> dict[str, int]:
    """Of what the actor sees: institutions with something of the lot, doses sealed, people given it, told, unwell and not reached."""
    houses = recalls.houses(row.product, row.lot, places, row)
    doses = recalls.doses_of(row.product, row.lot, places)
    said = RecallContact.objects.filter(recall=row, dose__in=doses).values_list("outcome", flat=True)
    outcomes = list(said)
    return {
        "houses": len(houses), "left": sum(h.left for h in houses.values()), "people": doses.count(), "unwell": outcomes.count("unwell"),
        "told": outcomes.count("told") + outcomes.count("unwell"), "unreached": outcomes.count("unreached"),
    }  # fmt: skip


@guarded(policies.RECALL)
def new(request: HttpRequest) -> HttpResponse:
    """Call a lot back by its number, whether anybody here has it or not; what it reaches is shown before."""
    form = own.RecallForm(request.POST or None, initial={k: request.GET.get(k, "") for k in ("product", "lot")})
    lot, product = (request.POST.get(k) or request.GET.get(k, "") for k in ("lot", "product"))
    lot, product = lot.strip()[:40], product.strip()[:60]

    def called() -> str:
        row = api.call_back(**form.cleaned_data, actor=request.actor)
        return address("programmes:recall", row.id)

    answer = ui_forms.sent(request, form, called)
    if answer:
        return answer
    places = policies.places(request.actor)
    known = recalls.known_lots(lot) if lot else []
    chosen = product or (known[0][0] if len(known) == 1 else "")
    if not request.POST and chosen:
        form = own.RecallForm(initial={"product": chosen, "lot": lot})
    values = {
        "form": form, "lot": lot, "product": chosen, "known": known, "recall": recalls.recalled(chosen, lot) if chosen and lot else None,
        "sum": _preview(chosen, lot, places) if chosen and lot else None,
    }  # fmt: skip
    return ui_forms.page(request, "programmes/recall_new.html", values, form=form)


def _preview(product: str, lot: str, places: set[UUID] | None) -> dict[str, int]:
    houses = recalls.houses(product, lot, places)
    people = recalls.doses_of(product, lot, places).count()
    return {"houses": len(houses), "left": sum(h.left for h in houses.values()), "people": people}


@guarded(policies.VACCINES, about="resident")
def recall(request: HttpRequest, recall_id: UUID) -> HttpResponse:
    """One recall: houses, and the people to tell with their numbers; the result of each call in one tap."""
    row = Recall.objects.filter(pk=recall_id).first()
    if row is None:
        raise NotFound()
    actor, side = request.actor, request.GET.get("side", "")
    places = policies.places(actor)
    doses = recalls.doses_of(row.product, row.lot, places)
    waiting = recalls.untold(row, doses)
    shown = waiting if side == "untold" else doses
    page: Any = page_of(
        shown.select_related("visit__enrolment").order_by("institution_id", "-visit__on", "id"),
        page=number_of(request.GET.get("page")),
    )
    people = [d.visit.enrolment.resident_id for d in page.items]
    houses = recalls.houses(row.product, row.lot, places, row)
    contacts = {c.dose_id: c for c in RecallContact.objects.filter(recall=row, dose__in=page.items)}
    can_end = actor.has(policies.RECALL) and (row.institution_id is None or policies.manages(actor, row.institution_id))
    values = {
        "row": row, "label": RECALL.label(row.state), "tone": _TONES[row.state], "sum": _sum(row, places), "page": page, "side": side,
        "houses": sorted(houses.values(), key=lambda h: (h.is_done, -h.people)), "contacts": contacts, "history": history(row.id),
        "places": common.names_of([*houses, *(d.institution_id for d in page.items), *([row.institution_id] if row.institution_id else [])]),
        "names": names_of_people(actor, people), "phones": residents.phones_to_ring(people, actor=actor) if people else {},
        "titles": {(p.code, s.code): _(s.title) for p in programmes().values() for s in p.stages},
        "steps": [(s.action, _(s.label)) for s in RECALL.steps if s.action in {"close", "lift"} and row.state in s.sources] if can_end else [],
        "outcomes": RecallContact.Outcome.choices, "tabs": [(_("全部"), "?", side != "untold", doses.count()), (_("待通知"), "?side=untold", side == "untold", waiting.count())],
    }  # fmt: skip
    return render(request, "programmes/recall.html", values)


@guarded(policies.VACCINES)
@require_POST
def contact(request: HttpRequest, recall_id: UUID, dose_id: UUID, outcome: str) -> HttpResponse:
    """What became of one call."""

    def noted() -> str:
        note = request.POST.get("note", "")
        said = api.note_contact(recall_id=recall_id, dose_id=dose_id, outcome=outcome, note=note, actor=request.actor)
        return _("已记录：%(what)s。") % {"what": _(said.get_outcome_display())}

    return ui_forms.clicked(request, noted, f"{address('programmes:recall', recall_id)}?side=untold")


@guarded(policies.RECALL)
@require_POST
def act(request: HttpRequest, recall_id: UUID, action: str) -> HttpResponse:
    """End or lift a recall."""
    commands = {"close": api.close_recall, "lift": api.lift_recall}
    if action not in commands:
        raise NotFound()

    def done() -> str:
        row = commands[action](recall_id=recall_id, reason=request.POST.get("reason", ""), actor=request.actor)
        return RECALL.label(row.state) + "。"

    return ui_forms.clicked(request, done, address("programmes:recall", recall_id))
