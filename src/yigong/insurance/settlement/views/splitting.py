"""Lines of one bill that are paid under different benefits: which are settled apart, and under what."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access.api import guarded
from yigong.clinic import api as clinic
from yigong.core.asked import key_of
from yigong.core.errors import DomainError
from yigong.core.ui.forms import once
from yigong.insurance.benefits.api import INPATIENT
from yigong.insurance.settlement import policies
from yigong.insurance.settlement.calculation import SELF, Option
from yigong.insurance.settlement.clinic_bills import bill_of
from yigong.insurance.settlement.queries.preview import Preview, look
from yigong.insurance.settlement.views import presenting
from yigong.residents import api as residents

ACUTE_DAYS = 7  # what is prescribed for longer is meant for a lasting disease; only a first tick, the clerk decides


def apart(seen: Preview | None, lines: int) -> list[Option]:
    """The benefits under which a part of a bill could be settled by itself; empty where there is nothing to split."""
    if seen is None or lines < 2 or seen.insured is None or seen.bill.is_stay:
        return []
    open_ = [one for one in seen.options if not one.refused and one.kind not in (SELF, INPATIENT)]
    return open_ if len(open_) > 1 else []


@guarded(policies.CHARGE, about="resident")
def split(request: HttpRequest, bill_id: UUID) -> HttpResponse:
    """Tick the lines that are settled apart and say under which benefit; both bills then wait, the new one is opened."""
    data = clinic.access_bill(bill_id, actor=request.actor)
    lines = [line for line in data.lines if line.net_quantity > 0]
    refused, choices = "", apart(look(bill_of(data)), len(lines))
    chosen = {key for text in request.POST.getlist("lines") if (key := key_of(text))}
    kind = request.POST.get("kind", "")
    if request.method == "POST" and kind not in {one.kind for one in choices}:
        refused = _("请选择这些项目按哪种待遇结算。")
    elif request.method == "POST":

        def act() -> str:
            made = clinic.split_bill(bill_id=bill_id, line_ids=chosen, actor=request.actor)
            messages.success(request, _("已拆分。先收这一张，另一张 %(number)s 在待收费里。") % {"number": data.number})
            return f"{reverse('settlement:pay', args=[made.id])}?kind={kind}"

        try:
            return once(request, act)
        except DomainError as refusal:
            refused = str(refusal)
    context: dict[str, Any] = {
        "data": data, "lines": lines, "options": choices, "kind": kind, "pairs": [("", _("请选择待遇")), *((one.kind, one.title) for one in choices)], "refused": refused, "person": residents.identity(data.resident_id),
        "ticked": chosen or {line.id for line in lines if (line.days or 0) > ACUTE_DAYS}, **presenting.common(request.actor, "counter"),
    }  # fmt: skip
    return render(request, "settlement/split.html", context, status=422 if refused else 200)
