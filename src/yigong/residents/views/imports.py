"""Files of people: upload, what became of them, undo."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yigong.core.errors import DomainError
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.residents import api, policies
from yigong.residents.desk_forms import ImportForm
from yigong.residents.forms import ReasonForm
from yigong.residents.queries import imports as queries


@guarded(policies.LINK)
def imports(request: HttpRequest) -> HttpResponse:
    """Upload, and what was uploaded before."""
    form = ImportForm(request.POST or None, request.FILES or None)
    if done := forms.sent(request, form, lambda: _start(request, form)):
        return done
    values = {"form": form, "page": queries.imports(number_of(request.GET.get("page", 1)))}
    return forms.page(request, "residents/imports.html", values, form=form)


def _start(request: HttpRequest, form: ImportForm) -> str:
    v = form.cleaned_data
    uploads = [(f.name, f.chunks()) for f in v["lists"]]
    job = api.start_import(uploads=uploads, system=v["system"], is_trial=v["purpose"] == "trial", actor=request.actor)
    return address("jobs:page", job.id)


@guarded(policies.LINK)
def imported(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One import: counts, the job with its result, undo."""
    found = queries.import_of(import_id)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            done = api.undo_import(import_id=import_id, reason=form.cleaned_data["reason"], actor=request.actor)
            texts = {"n": done.counts["undone_records"], "m": done.counts["kept_records"]}
            messages.success(request, _("已撤销:%(n)s 条记录;因已被使用而保留 %(m)s 条。") % texts)
            found, form = queries.import_of(import_id), ReasonForm()
        except DomainError as error:
            forms.refuse(form, error)
    return forms.page(request, "residents/imported.html", {"import": found, "form": form}, form=form)
