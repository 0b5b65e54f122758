"""Vaccine in stock by lot, and who was given which lot."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.asked import key_of
from yigong.core.errors import Forbidden, InvalidInput, NotFound
from yigong.core.ledger import api as ledger
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded
from yigong.core.states import api as states
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Dose, VaccineLot
from yigong.programmes.queries import stock
from yigong.programmes.queries.recalls import recalled
from yigong.programmes.rules.packs import programmes
from yigong.programmes.rules.workflow import VACCINE_LOT
from yigong.programmes.views import common
from yigong.programmes.views.managing import names_of_people

TONES = {"usable": "good", "held": "warn", "stopped": "warn", "recalled": "bad", "discarded": "muted"}
# What a person may do with a lot on its page; the other steps follow from what was measured and delivered.
BUTTONS = ("release", "discard", "stop", "free", "recall", "lift")


@guarded(policies.VACCINES)
def listed(request: HttpRequest) -> HttpResponse:
    """The lots of the actor's institutions, those that expire first on top."""
    rows, places = VaccineLot.objects.all(), policies.places(request.actor)
    if places is not None:
        rows = rows.filter(institution_id__in=places)
    text, state = request.GET.get("text", "").strip()[:40], request.GET.get("state", "")
    if text:
        rows = rows.filter(Q(product__icontains=text) | Q(lot__istartswith=text))
    if state in TONES:
        rows = rows.filter(state=state)
    page: Any = page_of(rows.order_by("expires_on", "id"), page=number_of(request.GET.get("page")))
    values = {
        "page": page, "text": text, "state": state, "today": clock.today(), "tones": TONES, "given": _given(page.items),
        "left": stock.balances([r.id for r in page.items]), "places": common.names_of(r.institution_id for r in page.items),
        "states": [("", _("全部状态")), *_states()], "labels": dict(_states()),
    }  # fmt: skip
    return render(request, "programmes/vaccines.html", values)


def _states() -> list[tuple[str, str]]:
    return [(code, VACCINE_LOT.label(code)) for code in VACCINE_LOT.states]


def _given(rows: Iterable[VaccineLot]) -> dict[tuple[UUID, str, str], int]:
    """How many people were given each lot at its institution."""
    found = Dose.objects.filter(lot__in={r.lot for r in rows}, visit__void_reason="")
    counted = found.values_list("institution_id", "product", "lot").annotate(n=Count("id"))
    return {(place, product, lot): n for place, product, lot, n in counted}


@guarded(policies.VACCINES)
def receive(request: HttpRequest) -> HttpResponse:
    """A delivery."""
    stores = [(str(s.id), s.name) for s in stock.stores_of(request.actor.institution_id)]
    form = own.LotForm(request.POST or None, stores=stores)

    def received() -> str:
        row = api.receive_lot(actor=request.actor, key=ui_forms.idempotency_key(request), **form.cleaned_data)
        messages.success(request, _("已入库 %(n)s 剂。") % {"n": form.cleaned_data["doses"]})
        return address("programmes:vaccine", row.id)

    answer = ui_forms.sent(request, form, received)
    return answer or ui_forms.page(request, "programmes/vaccine_in.html", {"form": form}, form=form)


@guarded(policies.VACCINES)
def lot(request: HttpRequest, lot_id: UUID) -> HttpResponse:
    """One lot: what is left, every movement, what may be done."""
    row = VaccineLot.objects.select_related("institution", "held_by__site").filter(pk=lot_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(request.actor, row.institution_id):
        raise Forbidden(_("这批疫苗由其他机构管理。"))
    moves = ledger.accounts_of([row.id], stock.STOCK).get(row.id)
    stores = [(str(s.id), s.name) for s in stock.stores_of(row.institution_id)]
    values = {
        "row": row, "today": clock.today(), "label": VACCINE_LOT.label(row.state), "tone": TONES[row.state],
        "left": stock.balances([row.id])[row.id], "given": _given([row]).get((row.institution_id, row.product, row.lot), 0),
        "lines": ledger.statement(moves.id, page=1, size=20).lines if moves else [], "steps": steps_of(row, request.actor),
        "recall": recalled(row.product, row.lot), "stays": stock.stays_of([row.id])[row.id], "stores": stores, "since": held_since(row),
    }  # fmt: skip
    return render(request, "programmes/vaccine.html", values)


def steps_of(row: VaccineLot, actor: Actor) -> list[tuple[str, str]]:
    """(action, label) of what the actor may do with a lot."""
    steps = [s for s in VACCINE_LOT.steps if s.action in BUTTONS and row.state in s.sources and actor.has(s.permission)]
    return [(s.action, _(s.label)) for s in steps]


def words() -> dict[str, Any]:
    """The words and colours of the states, for other pages that show lots."""
    return {"labels": dict(_states()), "tones": TONES}


def with_steps(
    rows: QuerySet[VaccineLot], actor: Actor | None
) -> list[tuple[VaccineLot, dict[str, int], list[tuple[str, str]]]]:
    """(lot, doses, how it may be judged by the actor) of some lots."""
    found = list(rows.order_by("expires_on", "id"))
    left = stock.balances([row.id for row in found])
    judging = ("release", "discard")
    return [
        (
            row,
            left[row.id],
            [s for s in steps_of(row, actor) if s[0] in judging] if actor and row.state == "held" else [],
        )
        for row in found
    ]


def held_since(row: VaccineLot) -> str:
    """Why and since when a lot waits for a judgement, as it was written down when it was put aside."""
    if row.state != "held":
        return ""
    return next((step.reason for step in reversed(states.history(row.id)) if step.action == "hold"), "")


@guarded(policies.VACCINES)
@require_POST
def act(request: HttpRequest, lot_id: UUID, action: str) -> HttpResponse:
    """Write doses off, put them into another refrigerator; judge, stop, free, recall a lot or lift its recall."""
    if action not in {"off", "move", *BUTTONS}:
        raise NotFound()
    reason = request.POST.get("reason", "")

    def done() -> str:
        if action == "off":
            text = request.POST.get("doses", "")
            key = ui_forms.idempotency_key(request)
            api.write_off(
                lot_id=lot_id, doses=int(text) if text.isdigit() else 0, reason=reason, actor=request.actor, key=key
            )
            return _("已报损。")
        if action == "move":
            if (store := key_of(request.POST.get("store_id"))) is None:
                raise InvalidInput(errors={"store_id": _("请选择本机构在管的冰箱。")})
            api.move_lot(lot_id=lot_id, store_id=store, actor=request.actor)
            return _("存放位置已更新。")
        n = api.judge_lot(lot_id=lot_id, action=action, reason=reason, actor=request.actor)
        return _("已处理，涉及 %(n)s 个机构。") % {"n": n}

    back = request.POST.get("next", "")
    return ui_forms.clicked(
        request,
        done,
        back if back.startswith("/") and not back.startswith("//") else address("programmes:vaccine", lot_id),
    )


@guarded(policies.VACCINES, about="resident")
def given(request: HttpRequest) -> HttpResponse:
    """Everybody who was given a lot, wherever the actor's view reaches: the list of a recall."""
    actor, product, code = request.actor, request.GET.get("product", "")[:60], request.GET.get("lot", "")[:40]
    rows = Dose.objects.filter(lot=code, visit__void_reason="").select_related("visit__enrolment")
    if product:
        rows = rows.filter(product=product)
    places = policies.places(actor)
    if places is not None:
        rows = rows.filter(Q(institution_id__in=places) | Q(visit__enrolment__institution_id__in=places))
    page: Any = page_of(rows.order_by("institution_id", "-visit__on", "id"), page=number_of(request.GET.get("page")))
    titles = {(p.code, s.code): _(s.title) for p in programmes().values() for s in p.stages}
    values = {
        "product": product, "lot": code, "page": page, "titles": titles,
        "names": names_of_people(actor, [d.visit.enrolment.resident_id for d in page.items]),
        "places": common.names_of(d.institution_id for d in page.items),
        "recall": recalled(product, code), "lots": VaccineLot.objects.filter(lot=code, product=product).exclude(state="usable").count(),
    }  # fmt: skip
    return render(request, "programmes/vaccine_given.html", values)
