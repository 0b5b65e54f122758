"""Shifts that change hands: the offer, and what became of it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.asked import key_of
from yigong.core.errors import DomainError, Forbidden
from yigong.core.rights import ROLES, guarded
from yigong.core.states.api import history
from yigong.network import commands, forms, queries, roster_reads
from yigong.network.data import DutyData
from yigong.network.policies import ROSTER, VIEW, may_manage
from yigong.network.swap_states import SWAP
from yigong.network.views.common import actor_of, form_page


@guarded(VIEW)
def offer(request: HttpRequest, duty_id: UUID) -> HttpResponse:
    """One's own shift for a colleague's, or to whom it goes."""
    actor, duty = actor_of(request), roster_reads.duty(duty_id)
    if duty.staff_id != actor.staff_id:
        raise Forbidden(_("只能换自己的班；要调整别人的班次，请由排班人办理。"))
    back = f"{reverse('network:roster')}?institution={duty.institution_id}"

    def act(values: dict) -> str:
        kind, _colon, key = values["with"].partition(":")
        chosen = {"in_exchange_id" if kind == "duty" else "colleague_id": key_of(key)}
        swap = commands.offer_swap(duty_id=duty_id, actor=actor, reason=values["reason"], **chosen)
        messages.success(request, _("已发给%(name)s，对方同意后由排班人批准。") % {"name": swap.colleague_name})
        return reverse("network:swap", args=[swap.id])

    form = forms.SwapForm(request.POST or None, choices=_choices(duty))
    title, lead = _("换班"), _("我的班次：%(shift)s") % {"shift": _shift(duty)}
    return form_page(request, form, title=title, lead=lead, crumbs=[(_("值班表"), back)], act=act, label=_("提出换班"))


@guarded(VIEW)
def detail(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """The offer with its steps, for those who are party to it and for the roster's keeper."""
    actor, row = actor_of(request), roster_reads.swap_row(swap_id)
    if actor.staff_id not in {row.colleague_id, row.offered_by_id} and not may_manage(
        actor, row.institution_id, ROSTER
    ):
        raise Forbidden(_("换班申请只有双方和本机构排班人可以查看。"))
    page = {
        "swap": roster_reads.swap_data(row), "place": queries.institution(row.institution_id), "labels": ROLES,
        "steps": SWAP.actions_for(row, actor), "history": [
            {"at": line.at, "title": SWAP.label(line.to_state), "text": line.reason, "by": line.actor_name, "icon": "swap"}
            for line in history(swap_id)
        ],
    }  # fmt: skip
    return render(request, "network/swap.html", page)


@guarded(VIEW)
@require_POST
def answer(request: HttpRequest, swap_id: UUID) -> HttpResponse:
    """One step of the offer."""
    version = request.POST.get("version", "")
    try:
        done = commands.answer_swap(
            swap_id=swap_id, action=request.POST.get("action", ""), reason=request.POST.get("reason", ""),
            actor=actor_of(request), expected_version=int(version) if version.isdecimal() and len(version) < 9 else None,
        )  # fmt: skip
        messages.success(request, done.state_label)
    except DomainError as refusal:
        messages.error(request, str(refusal))
    return redirect("network:swap", swap_id)


def _choices(duty: DutyData) -> list[tuple[str, list[tuple[str, str]]]]:
    shifts = [(f"duty:{d.id}", f"{d.staff_name} {_shift(d)}") for d in roster_reads.exchangeable(duty)]
    people = [(f"staff:{key}", name) for key, name in roster_reads.stand_ins(duty)]
    return [(_("与他的班次互换"), shifts), (_("请他顶班"), people)]


def _shift(duty: DutyData) -> str:
    begin, end = (moment.astimezone(clock.SHANGHAI) for moment in (duty.starts_at, duty.ends_at))
    return f"{begin:%m-%d} {forms.WEEKDAYS[begin.weekday()]} {begin:%H:%M}–{end:%H:%M} {_(ROLES[duty.role])}"
