"""The page of one consultation with its buttons, the file, the sheet, and an expert's own list."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.access import api as access
from yigong.access.api import guarded
from yigong.access.data import Subject
from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import following, inviting, meeting
from yigong.centres.consultation.models import Advice, Consultation, Invitation
from yigong.centres.consultation.queries import files, reading
from yigong.centres.consultation.queries.whole import whole
from yigong.centres.consultation.views.sheet import sheet_of
from yigong.core.asked import key_of
from yigong.core.errors import InvalidInput
from yigong.core.paging import number_of
from yigong.core.printing.api import About, answer, print_document
from yigong.core.ui import forms as ui
from yigong.network import api as network
from yigong.orders import api as orders

TONES = {
    "requested": "warn", "accepted": "info", "scheduled": "info", "checked_in": "info", "acquired": "info", "uploaded": "warn",
    "reported": "good", "completed": "good", "rejected": "bad", "no_show": "bad", "refused": "bad", "cancelled": "muted",
    "invited": "warn", "opined": "good", "declined": "bad", "absent": "bad", "withdrawn": "muted",
    "open": "warn", "done": "good", "not_done": "bad", "superseded": "muted",
}  # fmt: skip


@guarded("signed_in")
def mine(request: HttpRequest) -> HttpResponse:
    """The actor's own invitations: waiting, coming, done."""
    view = request.GET.get("view", "waiting")
    page = reading.mine(request.actor, view=view, page=number_of(request.GET.get("page")))
    context = {"page": page, "view": view, "counts": reading.counts(request.actor), "tones": TONES}
    return render(request, "consultation/mine.html", context)


@guarded("signed_in", about="consultation")
def detail(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One consultation, with what the actor may do now."""
    row = _row(request, order_id)
    criticals = orders.open_criticals(request.actor, order_id=order_id)
    rejects = orders.service("consultation")
    context = {**whole(row, request.actor), "tones": TONES, "criticals": criticals, "definition": rejects}
    return render(request, "consultation/detail.html", context)


@guarded("signed_in", about="consultation")
def file(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The named entries of the record, for whom the platform's decision lets read them."""
    row = _row(request, order_id)
    context = {**whole(row, request.actor), "entries": files.read_file(row, actor=request.actor), "tones": TONES}
    return render(request, "consultation/file.html", context)


@guarded("signed_in", about="consultation")
@require_POST
def act(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """One step, named by ``action``."""
    _row(request, order_id)
    command = _ACTIONS.get(request.POST.get("action", ""))
    if command is None:
        raise InvalidInput(_("没有这项操作。"))
    return ui.once(request, lambda: _done(request, order_id, command))


@guarded("signed_in", about="consultation")
def print_sheet(request: HttpRequest, order_id: UUID) -> HttpResponse:
    """The consultation as a sheet of paper; copies are counted and marked."""
    row = _row(request, order_id)
    values = sheet_of(whole(row, request.actor))
    version = values["version"]
    sheet = print_document(
        "consultation_sheet", "consultation/sheet", values, actor=request.actor, about=About("order", order_id, version),
        institution=network.institution(row.order.reporting_institution_id).name,
    )  # fmt: skip
    return answer(sheet)


def _row(request: HttpRequest, order_id: UUID) -> Consultation:
    access.require(request.actor, "read_detail", Subject("consultation", order_id))
    return policies.access_consultation(order_id, actor=request.actor)


def _done(request: HttpRequest, order_id: UUID, command: Callable[[HttpRequest, UUID], str]) -> str:
    messages.success(request, command(request, order_id))
    return reverse("consultation:detail", args=[order_id])


def _invitation(request: HttpRequest, order_id: UUID) -> UUID:
    """The posted invitation, when it belongs to this consultation."""
    key = key_of(request.POST.get("invitation"))
    if key is None or not Invitation.objects.filter(pk=key, consultation__order_id=order_id).exists():
        raise InvalidInput(_("这份邀请不属于本次会诊。"))
    return key


def _advice(request: HttpRequest, order_id: UUID) -> UUID:
    key = key_of(request.POST.get("advice"))
    if key is None or not Advice.objects.filter(pk=key, consultation__order_id=order_id).exists():
        raise InvalidInput(_("这条建议不属于本次会诊。"))
    return key


def _accept(request: HttpRequest, order_id: UUID) -> str:
    inviting.answer(invitation_id=_invitation(request, order_id), accept=True, actor=request.actor)
    return _("已接受邀请，可以调阅会诊资料。")


def _decline(request: HttpRequest, order_id: UUID) -> str:
    given = {"reason_code": request.POST.get("reason_code", ""), "reason": request.POST.get("reason", "")}
    inviting.answer(invitation_id=_invitation(request, order_id), accept=False, actor=request.actor, **given)
    return _("已谢绝，已告知会诊中心。")


def _withdraw(request: HttpRequest, order_id: UUID) -> str:
    key = _invitation(request, order_id)
    inviting.withdraw(invitation_id=key, reason=request.POST.get("reason", ""), actor=request.actor)
    return _("邀请已撤回，时段已释放。")


def _set_meeting(request: HttpRequest, order_id: UUID) -> str:
    inviting.set_meeting(order_id=order_id, meeting_url=request.POST.get("meeting_url", ""), actor=request.actor)
    return _("会议地址已保存。")


def _finish(request: HttpRequest, order_id: UUID) -> str:
    meeting.finish(order_id=order_id, actor=request.actor)
    return _("会诊已结束，等待专家签署意见和结论。")


def _advised(done: bool) -> Callable[[HttpRequest, UUID], str]:
    def run(request: HttpRequest, order_id: UUID) -> str:
        key, note = _advice(request, order_id), request.POST.get("note", "")
        following.answer_advice(advice_id=key, done=done, note=note, actor=request.actor)
        return _("已登记落实。") if done else _("已登记未落实。")

    return run


def _reopen(request: HttpRequest, order_id: UUID) -> str:
    key = _advice(request, order_id)
    following.reopen_advice(advice_id=key, reason=request.POST.get("reason", ""), actor=request.actor)
    return _("已撤销登记。")


_ACTIONS: dict[str, Any] = {
    "accept": _accept, "decline": _decline, "withdraw": _withdraw, "meeting": _set_meeting, "finish": _finish,
    "advice_done": _advised(True), "advice_left": _advised(False), "advice_reopen": _reopen,
}  # fmt: skip
