"""Recalls: the list of packs and patients, how each is settled, print."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.centres.sterile import forms, queries
from yigong.centres.sterile.commands import recalling
from yigong.centres.sterile.models import RecallItem
from yigong.centres.sterile.policies import MONITOR, READ, RECALL
from yigong.centres.sterile.rules.workflow import ITEM, PACK
from yigong.centres.sterile.views.common import TONES, filled
from yigong.core.errors import NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.rights import note_decision
from yigong.core.ui import forms as ui
from yigong.network import api as network

RECALLS = "sterile:recalls"
A_PAGE = 50
WAYS = {"seal": "就地封存", "clear": "核实解除", "give_up": "无法追回", "assess": "完成患者评估"}


@guarded(READ)
def recalls(request: HttpRequest) -> HttpResponse:
    """All recalls that touch the actor."""
    page = page_of(queries.visible_recalls(request.actor), page=number_of(request.GET.get("page")))
    return render(request, "sterile/recalls.html", {"page": page, "tones": TONES})


@guarded(RECALL, about="sterile_use")
def recall(request: HttpRequest, recall_id: UUID) -> HttpResponse:
    """One recall: every pack with its holder, every patient, what is settled."""
    row = queries.recall_of(recall_id, request.actor)
    rows = queries.items_of(row, request.actor)
    view = request.GET.get("view", "")
    shown = rows.filter(state=view) if view in ITEM.states else rows
    page = page_of(shown, page=number_of(request.GET.get("page")), limit=A_PAGE)
    figures = queries.figures_of(rows)
    context = {
        "row": row, "page": page, "view": view, "figures": figures, "tones": TONES, "label": ITEM.label, "pack_label": PACK.label,
        "patients": queries.patients_of(list(page.items), request.actor), "total": sum(figures[s] for s in ITEM.states),
        "states": [(code, _(one.label), figures[code]) for code, one in ITEM.states.items() if figures[code]],
        "ways": {item.pk: [(s.action, _(s.label)) for s in ITEM.actions_for(item, request.actor) if s.action in WAYS] for item in page.items},
        "mine": [h for h in request.actor.places if rows.filter(holder_id=h, state="wanted").exists()],
        "may_close": row.state == "open" and request.actor.has(MONITOR) and row.centre_id in request.actor.places,
    }  # fmt: skip
    note_decision()
    return render(request, "sterile/recall.html", context)


@guarded(RECALL)
def settle(request: HttpRequest, item_id: UUID, action: str) -> HttpResponse:
    """One pack or patient settled."""
    item = _item(request, item_id)
    if action not in WAYS:
        raise NotFound()
    form = forms.ItemForm(request.POST or None)
    here = reverse("sterile:recall", args=[item.recall_id])

    def act() -> str:
        recalling.settle_item(item_id=item.pk, action=action, note=form.cleaned_data["note"], actor=request.actor)
        return here

    return filled(
        request, form, act, title=_(WAYS[action]), lead=f"{item.round.label} {item.pack.set_name}", back=here,
        crumbs=[(_("召回"), reverse(RECALLS)), (item.recall.number, here)],
    )  # fmt: skip


@require_POST
@guarded(RECALL)
def seal_all(request: HttpRequest, recall_id: UUID) -> HttpResponse:
    """All packs at one's institutions are put away."""

    def act() -> str:
        places = sorted(request.actor.places)
        done = sum(recalling.seal_all(recall_id=recall_id, institution_id=one, actor=request.actor) for one in places)
        return _("已登记封存 %(n)s 包。") % {"n": done}

    return ui.clicked(request, act, reverse("sterile:recall", args=[recall_id]))


@guarded(MONITOR)
def close(request: HttpRequest, recall_id: UUID) -> HttpResponse:
    """Everything settled, cause found."""
    row = queries.recall_of(recall_id, request.actor)
    form = forms.ReasonForm(request.POST or None)
    here = reverse("sterile:recall", args=[row.pk])

    def act() -> str:
        recalling.close_recall(recall_id=row.pk, note=form.cleaned_data["reason"], actor=request.actor)
        return here

    return filled(
        request, form, act, title=_("结束召回"), lead=_("写明原因分析和整改。"), back=here,
        crumbs=[(_("召回"), reverse(RECALLS)), (row.number, here)],
    )  # fmt: skip


@guarded(RECALL, about="sterile_use")
def print_recall(request: HttpRequest, recall_id: UUID) -> HttpResponse:
    """The list on paper."""
    row = queries.recall_of(recall_id, request.actor)
    items = list(queries.items_of(row, request.actor))
    patients = queries.patients_of(items, request.actor)
    note_decision()

    def who(item: Any) -> str:
        found = patients.get(item.pk)
        return (
            f"{found.name} {found.sex_label} {found.age_text}"
            if found
            else ("—" if not item.resident_id else _("见使用机构"))
        )

    data = {
        "title": _("无菌物品召回清单"), "number": row.number,
        "facts": [
            (_("召回编号"), row.number), (_("设备"), str(row.machine)), (_("发出时间"), row.opened_at),
            (_("上次合格"), row.since or _("没有合格记录")), (_("原因"), row.reason), (_("共"), _("%(n)s 项") % {"n": len(items)}),
        ],
        "heads": [_("编码"), _("名称"), _("锅次"), _("所在/使用机构"), _("发出时"), _("患者"), _("处置")],
        "lines": [
            (i.round.label, i.pack.set_name, i.load.number, i.holder.short_name or i.holder.name, PACK.label(i.pack_state), who(i),
             ITEM.label(i.state))
            for i in items
        ],
        "signs": [_("制表"), _("护士长"), _("院感管理")],
    }  # fmt: skip
    centre = network.institution(row.centre_id).name
    about = About("sterile.recall", row.pk, row.state)
    return answer(
        print_document("sterile_recall", "sterile/list", data, actor=request.actor, about=about, institution=centre)
    )


def _item(request: HttpRequest, item_id: UUID) -> Any:
    item = RecallItem.objects.select_related("recall", "round", "pack").filter(pk=item_id).first()
    if item is None or not queries.items_of(queries.recall_of(item.recall_id, request.actor), request.actor).filter(pk=item_id).exists():  # fmt: skip
        raise NotFound()
    return item
