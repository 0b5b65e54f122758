"""Pages of the index: where particulars come from, merging, splitting, linking, undoing, the second person."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core.actor import Actor
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.residents import api, policies, queries
from yigong.residents.data import LinkOperationData, LinkPreview
from yigong.residents.errors import UndoFirst
from yigong.residents.forms import ReasonForm, SecondForm
from yigong.residents.models import SourceRecord
from yigong.residents.queries import operations, previews


def look(actor: Actor, *ids: UUID) -> None:
    """Decide and log that the index is looked at about these people."""
    for key in ids:
        access.require(actor, "read_index", Subject("residents.index", key))


@guarded("signed_in", about="resident")
def index(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """A person as the index sees it: fields with their origin, source records, every change of links."""
    today = _today(resident_id)
    look(request.actor, today)
    if today != resident_id:
        return redirect("residents:index", today)
    sources = api.sources_of(today)
    values = {
        "resident": api.identity(today),
        "origins": queries.origins_of(today),
        "sources": sources,
        "order": {s.id: place for place, s in enumerate(sources, 1)},
        "places": place_names(s.institution_id for s in sources),
        "systems": SYSTEMS,
        "history": operations.operations_of(today),
        "others": len(api.identities(today)) - 1,
    }
    return render(request, "residents/index.html", values)


def _today(resident_id: UUID) -> UUID:
    found = api.resolve([resident_id])
    if resident_id not in found:
        raise NotFound(_("没有找到这位居民，请返回重新查找。"))
    return found[resident_id]


SYSTEMS = {
    "yigong": gettext_lazy("本平台登记"),
    "yigong.correction": gettext_lazy("人工更正"),
    "yigong.file": gettext_lazy("档案现值"),
    "yigong.card": gettext_lazy("发卡"),
    "demo": gettext_lazy("演示数据"),
}


def place_names(ids: Any) -> dict[UUID, str]:
    """Names of institutions by key."""
    return {key: place.name for key, place in network.institutions({k for k in ids if k}).items()}


@guarded(policies.LINK, about="resident")
def merge(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Merge another file into this one: pick it, look at what will happen, give the reason."""
    survivor = _today(resident_id)
    look(request.actor, survivor)
    other = forms_key(request, "other")
    if other is None or other not in api.resolve([other]):
        return render(request, "residents/merge_pick.html", {"resident": api.identity(survivor)})
    other = _today(other)
    if other == survivor:
        messages.info(request, _("这两份档案已经是同一份。"))
        return redirect("residents:index", survivor)
    look(request.actor, other)

    def act(reason: str) -> LinkOperationData:
        return api.merge_residents(survivor_id=survivor, other_id=other, reason=reason, actor=request.actor)

    swap = f"{reverse('residents:merge', args=[other])}?other={survivor}"
    return _carry_out(request, act, lambda: previews.preview_merge(survivor, other), _("合并档案"), survivor, swap=swap)


@guarded(policies.LINK, about="resident")
def split(request: HttpRequest, resident_id: UUID) -> HttpResponse:
    """Take the ticked records out into a file of their own."""
    look(request.actor, resident_id)
    chosen = [k for k in map(key_of, request.POST.getlist("record") or request.GET.getlist("record")) if k]
    if not chosen:
        messages.info(request, _("请先勾选要拆分出来的来源记录。"))
        return redirect("residents:index", resident_id)

    def act(reason: str) -> LinkOperationData:
        return api.split_resident(resident_id=resident_id, record_ids=chosen, reason=reason, actor=request.actor)

    return _carry_out(
        request, act, lambda: previews.preview_split(resident_id, chosen), _("拆分档案"), resident_id, chosen
    )


@guarded(policies.LINK, about="resident")
def link(request: HttpRequest, record_id: UUID) -> HttpResponse:
    """Hang one record on another person."""
    found = SourceRecord.objects.filter(pk=record_id).first()
    if found is None:
        raise NotFound(_("没有找到这条来源记录，请刷新页面后重新选择。"))
    look(request.actor, found.resident_id)
    other = forms_key(request, "other")
    if other is None or other not in api.resolve([other]):
        values = {"resident": api.identity(found.resident_id), "record": found}
        return render(request, "residents/merge_pick.html", values)
    target = _today(other)
    look(request.actor, target)

    def act(reason: str) -> LinkOperationData:
        return api.link_record(record_id=record_id, resident_id=target, reason=reason, actor=request.actor)

    return _carry_out(
        request, act, lambda: previews.preview_link(record_id, target), _("关联到另一份档案"), found.resident_id
    )


@guarded("signed_in", about="resident")
def operation(request: HttpRequest, operation_id: UUID) -> HttpResponse:
    """One change of links: what it moved; undo it, or decide as the second person."""
    row = operations.operation(operation_id)
    done = operations.operation_data(row)
    look(request.actor, *{_today(k) for k in (done.origin_id, done.target_id) if k})
    if done.state == "waiting":
        return _second(request, done)
    if done.state != "done" or done.kind == "undo" or not request.actor.has(policies.LINK):
        return render(request, "residents/operation.html", {"operation": done, "preview": None})
    blocker = operations.blocker_of(row)
    if blocker:
        values = {"operation": done, "blocker": operations.operation_data(blocker), "preview": None}
        return render(request, "residents/operation.html", values)

    def act(reason: str) -> LinkOperationData:
        return api.undo_operation(operation_id=operation_id, reason=reason, actor=request.actor)

    title = _("撤销%(kind)s") % {"kind": done.kind_label}
    return _carry_out(request, act, lambda: previews.preview_undo(operation_id), title, done.origin_id, operation=done)


def _second(request: HttpRequest, done: LinkOperationData) -> HttpResponse:
    form = SecondForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            if form.cleaned_data["agree"] == "yes":
                api.confirm_operation(operation_id=done.id, actor=request.actor, note=form.cleaned_data["note"])
                messages.success(request, _("已确认，两份档案已合并。"))
            else:
                api.refuse_operation(operation_id=done.id, reason=form.cleaned_data["note"], actor=request.actor)
                messages.success(request, _("已退回，档案没有变动。"))
            return redirect("residents:operation", done.id)
        except DomainError as error:
            forms.refuse(form, error)
    preview = previews.preview_merge(done.target_id, done.origin_id)
    mine = done.staff_id == request.actor.staff_id and done.by == request.actor.name
    values = {"operation": done, "preview": preview, "form": form, "second": True, "mine": mine} | _names(preview)
    return forms.page(request, "residents/operation.html", values, form=form)


@guarded(policies.CONFIRM)
def history(request: HttpRequest) -> HttpResponse:
    """All changes of links, those that wait for a second person first to hand."""
    state = request.GET.get("state", "waiting")
    page = operations.operations(state if state != "all" else "", number_of(request.GET.get("page", 1)))
    return render(request, "residents/operations.html", {"page": page, "state": state})


def forms_key(request: HttpRequest, name: str) -> UUID | None:
    """A key that the address or the form carries."""
    return key_of(request.POST.get(name) or request.GET.get(name))


def _names(preview: LinkPreview | None) -> dict[str, Any]:
    found = preview.records if preview else ()
    return {"places": place_names(r.institution_id for r in found), "systems": SYSTEMS}


def _carry_out(
    request: HttpRequest,
    act: Callable[[str], LinkOperationData],
    look_ahead: Callable[[], LinkPreview],
    title: str,
    back: UUID,
    chosen: list[UUID] | None = None,
    **more: Any,
) -> HttpResponse:
    """The preview with the reason below it; done, it leads to the person."""
    form = ReasonForm(request.POST if "reason" in request.POST else None)
    blocker: UUID | None = None
    if form.is_bound and form.is_valid():
        try:
            return forms.once(request, lambda: _done(request, act(form.cleaned_data["reason"])))
        except UndoFirst as refusal:
            blocker = refusal.operation_id
            forms.refuse(form, refusal)
        except DomainError as error:
            forms.refuse(form, error)
    preview = look_ahead()
    values = {
        "form": form,
        "preview": preview,
        "title": title,
        "back": back,
        "blocker": blocker,
        "chosen": chosen or [],
    }
    return forms.page(request, "residents/link.html", values | _names(preview) | more, form=form)


def _done(request: HttpRequest, done: LinkOperationData) -> str:
    if done.state == "waiting":
        messages.info(request, _("有业务在办（%(why)s），已提交，等待第二人确认。") % {"why": done.why_two})
        return reverse("residents:operation", args=[done.id])
    messages.success(request, _("已完成：%(kind)s。以后任何时候都可以撤销。") % {"kind": done.kind_label})
    seen = done.origin_id if done.kind == "split" else done.target_id
    return reverse("residents:index", args=[seen])
