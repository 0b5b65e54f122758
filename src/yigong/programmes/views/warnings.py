"""Syndromic early warning: what stood out, the days behind it as a chart, what a person found."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.asked import day_of
from yigong.core.errors import Forbidden, NotFound
from yigong.core.paging import number_of, page_of, page_of_list
from yigong.core.rights import guarded
from yigong.core.states import api as states
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import SyndromeAlarm, SyndromeDay
from yigong.programmes.queries.cases import cases_of
from yigong.programmes.rules.warning import surveillance
from yigong.programmes.views import common
from yigong.programmes.views.managing import names_of_people

_SHOWN, _LISTED = 60, 14


@guarded(policies.WARNINGS)
def listed(request: HttpRequest) -> HttpResponse:
    """The alarms of the actor's institutions, open ones first, and how many institutions could be judged yesterday."""
    places, state = policies.places(request.actor), request.GET.get("state", "open")
    rows, days = SyndromeAlarm.objects.filter(state=state if state == "resolved" else "open"), SyndromeDay.objects.all()
    if places is not None:
        rows, days = rows.filter(institution_id__in=places), days.filter(institution_id__in=places)
    page: Any = page_of(rows.order_by("-on", "id"), page=number_of(request.GET.get("page")))
    newest = days.order_by("-on").values_list("on", flat=True).first()
    seen = days.filter(on=newest) if newest else days.none()
    definition = surveillance()
    values = {
        "page": page, "state": state, "newest": newest, "definition": definition, "titles": {s.code: _(s.title) for s in definition.syndromes},
        "watched": seen.values("institution_id").distinct().count(),
        "judged": seen.filter(limit__isnull=False).values("institution_id").distinct().count(),
        "places": common.names_of(r.institution_id for r in page.items), "outcomes": dict(SyndromeAlarm.Outcome.choices),
        "tabs": [(_("待核实"), "?state=open", state != "resolved"), (_("已核实"), "?state=resolved", state == "resolved")],
    }  # fmt: skip
    return render(request, "programmes/warnings.html", values)


@guarded(policies.WARNINGS)
def detail(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    """One alarm: the institution's last two months beside their limits, and the form for what was found."""
    row = SyndromeAlarm.objects.select_related("institution").filter(pk=alarm_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(request.actor, row.institution_id):
        raise Forbidden(_("这条预警由其他机构核实。"))
    form = own.AlarmForm(request.POST or None)

    def resolved() -> str:
        api.resolve_alarm(alarm_id=alarm_id, actor=request.actor, **form.cleaned_data)
        messages.success(request, _("核实结果已记录。"))
        return address("programmes:warning", alarm_id)

    if (answer := ui_forms.sent(request, form, resolved)) is not None:
        return answer
    syndrome = surveillance().syndrome(row.syndrome)
    until = min(row.last_on + timedelta(days=14), clock.today())
    days = SyndromeDay.objects.filter(
        institution_id=row.institution_id, syndrome=row.syndrome, on__range=(until - timedelta(days=_SHOWN), until)
    ).order_by("on")
    values = {
        "row": row, "form": form, "title": _(syndrome.title) if syndrome else row.syndrome, "syndrome": syndrome,
        "outcome": _(row.get_outcome_display()), "steps": states.history(row.id),
        "days": [d for d in reversed(days) if d.cases][:_LISTED], **_drawn(list(days), alarm_id),
    }  # fmt: skip
    return ui_forms.page(request, "programmes/warning.html", values, form=form)


@guarded(policies.WARNINGS, about="resident")
def people(request: HttpRequest, alarm_id: UUID) -> HttpResponse:
    """Who was counted on one day of an alarm's chart, each decided and logged, with the way to a report where one is due."""
    actor, row = request.actor, SyndromeAlarm.objects.select_related("institution").filter(pk=alarm_id).first()
    if row is None:
        raise NotFound()
    if not policies.manages(actor, row.institution_id):
        raise Forbidden(_("这条预警由其他机构核实。"))
    definition = surveillance()
    syndrome, on = definition.syndrome(row.syndrome), day_of(request.GET.get("on", "")) or row.on
    cases = cases_of(definition, syndrome, row.institution_id, on) if syndrome else []
    page = page_of_list(cases, page=number_of(request.GET.get("page")))
    values = {
        "row": row, "title": _(syndrome.title) if syndrome else row.syndrome, "on": on, "page": page, "due": sum(c.report_due for c in cases),
        "names": names_of_people(actor, [c.resident_id for c in page.items]), "report": definition.report,
        "counted": SyndromeDay.objects.filter(institution_id=row.institution_id, syndrome=row.syndrome, on=on).first(),
        "may_report": actor.has(policies.WORK),
    }  # fmt: skip
    return render(request, "programmes/warning_people.html", values)


def _drawn(days: list[SyndromeDay], alarm_id: UUID) -> dict[str, Any]:
    """The chart; a bar leads to the people of its day."""
    at = address("programmes:warning_people", alarm_id)
    points = [(d.on.isoformat(), d.cases, round(d.limit, 1) if d.limit is not None else None) for d in days]
    option = {
        "animation": False, "grid": {"left": 46, "right": 16, "top": 36, "bottom": 30}, "legend": {"top": 4}, "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "time"}, "yAxis": {"type": "value", "minInterval": 1},
        "series": [
            {"name": _("病例数"), "type": "bar", "data": [{"value": [day, n], "href": f"{at}?on={day}"} if n else [day, n] for day, n, _limit in points]},
            {"name": _("本机构常态上限"), "type": "line", "step": "middle", "symbol": "none", "data": [[day, limit] for day, _n, limit in points]},
        ],
    }  # fmt: skip
    table = [
        (d.on.isoformat(), d.contacts, d.cases, f"{d.limit:.1f}" if d.limit is not None else "—")
        for d in reversed(days)
    ]
    return {"option": option, "table": table}
