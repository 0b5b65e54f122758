"""The to-do list as a page: filter, take over, put off, tick off."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.tasks import api as tasks

_LATER = {"hour": timedelta(hours=1), "tomorrow": timedelta(hours=16)}


@guarded("signed_in")
def todo(request: HttpRequest) -> HttpResponse:
    """Open, put-off and finished tasks of the actor."""
    actor = request.actor  # type: ignore[attr-defined]
    shown, number = request.GET.get("show", "open"), number_of(request.GET.get("page", 1))
    kind, place = request.GET.get("kind", ""), request.GET.get("place", "")
    if shown == "done":
        rows = tasks.done_by(actor, page=number)
    else:
        rows = tasks.tasks_for(actor, page=number, kind=kind, place=place, snoozed=shown == "later")
    page = {
        "rows": rows,
        "shown": shown,
        "counts": tasks.count_for(actor),
        "kinds": tasks.kinds_of(actor),
        "places": tasks.places_of(actor),
        "kind": kind,
        "place": place,
        "label": tasks.label,
        "me": actor.staff_id,
    }
    return render(request, "console/todo.html", page)


@require_POST
@guarded("signed_in")
def todo_act(request: HttpRequest, task_id: UUID, action: str) -> HttpResponse:
    """Take over, give back, put off or tick off one task."""
    actor = request.actor  # type: ignore[attr-defined]
    if action == "claim":
        tasks.claim_task(task_id=task_id, actor=actor)
        messages.success(request, _("已由您处理。"))
    elif action == "release":
        tasks.release_task(task_id=task_id, actor=actor)
        messages.success(request, _("已放回待办,同岗位的人都能看到。"))
    elif action == "later":
        tasks.snooze_task(task_id=task_id, until=clock.now() + _later(request), reason=_said(request), actor=actor)
        messages.success(request, _("已暂时收起,到时会再出现;临近时限不会被收起。"))
    elif action == "finish":
        tasks.finish_task(task_id=task_id, note=_said(request), actor=actor)
        messages.success(request, _("已记为完成。"))
    else:
        raise NotFound()
    return redirect(_back(request))


def _later(request: HttpRequest) -> timedelta:
    return _LATER.get(request.POST.get("span", ""), _LATER["hour"])


def _said(request: HttpRequest) -> str:
    said = request.POST.get("said", "").strip()
    if len(said) > 500:
        raise InvalidInput(errors={"said": _("说明最多 500 个字。")})
    return said


def _back(request: HttpRequest) -> str:
    page = request.POST.get("next", "")
    return (
        page if url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}) else reverse("console:todo")
    )
