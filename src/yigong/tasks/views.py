"""Pages of the to-do list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from yigong.access.api import guarded
from yigong.core.errors import DomainError
from yigong.core.ui import forms
from yigong.network import api as network
from yigong.tasks import commands, policies, queries
from yigong.tasks.forms import FinishForm, MoveForm, SnoozeForm


@guarded("signed_in")
def task_list(request: HttpRequest) -> HttpResponse:
    """What is to be done: overdue first; filters by kind and place; the snoozed ones on their own tab."""
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    snoozed = request.GET.get("view") == "snoozed"
    page = queries.tasks_for(request.actor, kind=kind, place=place, snoozed=snoozed, page=_page(request))
    context = {
        "page": page, "kind": kind, "place": place, "snoozed": snoozed, "counts": queries.count_for(request.actor),
        "kinds": queries.kinds_of(request.actor), "places": queries.places_of(request.actor),
    }  # fmt: skip
    return render(request, "tasks/list.html", context)


@guarded("signed_in")
def done(request: HttpRequest) -> HttpResponse:
    """What I have finished."""
    return render(request, "tasks/done.html", {"page": queries.done_by(request.actor, page=_page(request))})


@guarded("signed_in")
def detail(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """One task: finish with a note, or snooze with a reason; its history."""
    task, notes = queries.task(task_id, actor=request.actor)
    which = request.POST.get("which") if request.method == "POST" else ""
    finish = FinishForm(request.POST if which == "finish" else None)
    snooze = SnoozeForm(request.POST if which == "snooze" else None)
    form = {"finish": finish, "snooze": snooze}.get(which or "")
    if form is not None and form.is_valid():
        try:
            return forms.once(request, lambda: _act(request, task_id, which or "", form.cleaned_data))
        except DomainError as error:
            forms.refuse(form, error)
    context = {"task": task, "notes": notes, "finish": finish, "snooze": snooze, "label": queries.label(task.kind)}
    return forms.page(request, "tasks/detail.html", context, form=form)


@guarded("signed_in")
@require_POST
def claim(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """“我来处理”; goes on to the page where the work is done when asked to."""
    task = commands.claim_task(task_id=task_id, actor=request.actor)
    return redirect(task.url if request.POST.get("go") and task.leads(request.actor) else _back(request))


@guarded("signed_in")
@require_POST
def release(request: HttpRequest, task_id: UUID) -> HttpResponse:
    """Give it back to the colleagues."""
    commands.release_task(task_id=task_id, actor=request.actor)
    return redirect(_back(request))


@guarded(policies.MOVE)
def move(request: HttpRequest) -> HttpResponse:
    """Hand somebody's open tasks to another: first the list, then the doing."""
    form = MoveForm(request.POST or None)
    preview = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        preview = queries.moves_of(given["from_staff"])
        if request.POST.get("confirmed"):
            try:
                return forms.once(request, lambda: _moved(request, given))
            except DomainError as error:
                forms.refuse(form, error)
    return forms.page(request, "tasks/move.html", {"form": form, "preview": preview}, form=form)


@guarded(policies.MOVE)
def people(request: HttpRequest) -> HttpResponse:
    """Staff by name or initials, for the picker."""
    found = network.search_staff(request.GET.get("q", "").strip()[:40], limit=12)
    return render(request, "ui/options.html", {"items": [(s.id, s.name, s.code) for s in found], "total": None})


def _act(request: HttpRequest, task_id: UUID, which: str, given: dict) -> str:
    if which == "finish":
        commands.finish_task(task_id=task_id, note=given["note"], actor=request.actor)
        messages.success(request, _("已完成。"))
    else:
        commands.snooze_task(task_id=task_id, until=given["until"], reason=given["reason"], actor=request.actor)
        messages.success(request, _("已暂缓，到时会重新出现。"))
    return reverse("tasks:list")


def _moved(request: HttpRequest, given: dict) -> str:
    count = commands.move_tasks(**given, actor=request.actor)
    messages.success(request, ngettext("已移交 %(n)s 项待办。", "已移交 %(n)s 项待办。", count) % {"n": count})
    return reverse("tasks:move")


def _page(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isdigit() and len(text) < 7 else 1


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    return back if back.startswith("/") and not back.startswith("//") else reverse("tasks:list")
