"""Whom to ring: number, purpose, attempts so far, and the result in one tap."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yigong.core import clock
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.paging import number_of, page_of
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.core.ui.shell import address
from yigong.programmes import api, policies
from yigong.programmes import forms as own
from yigong.programmes.models import Due, Enrolment
from yigong.programmes.queries import lists, people
from yigong.programmes.rules.packs import version_of
from yigong.programmes.views import common
from yigong.residents import api as residents


@guarded(policies.WORK, about="resident")
def listed(request: HttpRequest) -> HttpResponse:
    """The people to ring now, the most pressing first."""
    actor, tried, code = request.actor, request.GET.get("tried", ""), request.GET.get("programme", "")
    known = common.known(actor)
    found = lists.calls(actor, tried=bool(tried), programme=code if code in known else "")
    page: Any = page_of(
        found,
        page=number_of(request.GET.get("page")),
        convert=lambda rows: [people.due_data(d, clock.today()) for d in rows],
    )
    ids = {d.resident_id for d in page.items}
    enrolments = {d.enrolment_id for d in page.items}
    values = {
        "page": page, "tried": tried, "code": code, "choices": common.choices(actor), "phones": residents.phones_to_ring(ids, actor=actor),
        "names": residents.resident_names(ids), "last": lists.last_tries(enrolments),
        "rows": {e.id: (e.attempts, _most(e)) for e in Enrolment.objects.filter(pk__in=enrolments)},
        "tabs": [(_("待拨打"), "?", not tried), (_("今天未接通"), "?tried=1", bool(tried))],
        "failed": [("no_answer", _("无人接听")), ("wrong", _("空号停机"))],
    }  # fmt: skip
    return render(request, "programmes/calls.html", values)


def _most(row: Enrolment) -> int:
    """How many failed attempts in a row the definition bears before somebody above is told or the management ends as lost."""
    programme = version_of(row.programme, row.definition)
    return next((e.attempts for e in programme.endings if e.attempts), programme.report_after_attempts)


@guarded(policies.WORK, about="resident")
@require_POST
def note(request: HttpRequest, due_id: UUID, result: str) -> HttpResponse:
    """The result of one call."""
    due = Due.objects.select_related("enrolment").filter(pk=due_id).first()
    if due is None:
        raise NotFound()
    people.access_enrolment(due.enrolment_id, actor=request.actor)
    failed = {"no_answer": _("电话无人接听"), "wrong": _("电话空号或停机")}
    if result not in {*failed, "booked", "declined"}:
        raise NotFound()

    def noted() -> str:
        if result in failed:
            n = api.note_attempt(enrolment_id=due.enrolment_id, note=failed[result], actor=request.actor)
            return _("已记录，连续 %(n)s 次未访到。") % {"n": n}
        if result == "declined":
            api.refuse_due(due_id=due_id, reason=_("电话中本人不愿意"), actor=request.actor)
            return _("已记录拒绝的原因。")
        form = own.BookForm(request.POST)
        if not form.is_valid():
            raise InvalidInput(_("请选择预约日期。"))
        api.book(due_id=due_id, on=form.cleaned_data["on"], actor=request.actor)
        return _("已预约。")

    return ui_forms.clicked(request, noted, address("programmes:calls"))
