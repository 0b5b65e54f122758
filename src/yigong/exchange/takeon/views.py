"""Pages of taking on: layouts and history, upload, columns, what became of a file."""

from pathlib import Path
from urllib.parse import quote
from uuid import UUID

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from yigong.core.errors import InvalidInput
from yigong.core.jobs.api import result_file
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.core.ui import forms
from yigong.core.ui.shell import address
from yigong.exchange.takeon import api, policies, queries, sheets
from yigong.exchange.takeon.commands.uploading import access, require
from yigong.exchange.takeon.forms import UndoForm, UploadForm
from yigong.exchange.takeon.models import Import
from yigong.exchange.takeon.rules.layouts import layout
from yigong.exchange.takeon.rules.states import IMPORT

_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_WORKING = {"checking", "running", "undoing"}


@require_GET
@guarded(policies.USE)
def layouts(request: HttpRequest) -> HttpResponse:
    """What can be taken on, in order, and what was."""
    code, known = request.GET.get("layout", ""), queries.layouts_for(request.actor)
    context = {
        "layouts": known, "layout": code,
        "tabs": [(one.title, f"?layout={one.code}", one.code == code) for one in known],
        "page": queries.imports(request.actor, code, number_of(request.GET.get("page"))),
    }  # fmt: skip
    return render(request, "takeon/layouts.html", context)


@require_GET
@guarded(policies.USE)
def template(request: HttpRequest, code: str) -> HttpResponse:
    """The workbook to fill in."""
    chosen = layout(code)
    require(request.actor, code)
    found = HttpResponse(sheets.template(chosen), content_type=_SHEET)
    name = quote(_("数据接入模板-%(title)s.xlsx") % {"title": chosen.title})
    found["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return found


@guarded(policies.USE)
def upload(request: HttpRequest, code: str) -> HttpResponse:
    """Upload a file of a layout."""
    chosen = layout(code)
    require(request.actor, code)
    actor = request.actor
    initial = {"institution_id": actor.institution_id, "institution_id__text": actor.institution_name}
    form = UploadForm(request.POST or None, request.FILES or None, initial=initial)
    if done := forms.sent(request, form, lambda: _upload(request, form, code)):
        return done
    context = {"layout": chosen, "form": form, "columns": sheets.told(chosen.columns)}
    return forms.page(request, "takeon/upload.html", context, form=form)


def _upload(request: HttpRequest, form: UploadForm, code: str) -> str:
    v = form.cleaned_data
    row = api.upload(
        layout_code=code, file_name=v["file"].name, chunks=v["file"].chunks(), system=v["system"], institution_id=v["institution_id"],
        actor=request.actor,
    )  # fmt: skip
    return address("takeon:columns", row.pk)


@guarded(policies.USE)
def columns(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """Which header stands for which column; then the trial."""
    row = access(import_id, request.actor)
    picked, errors = (queries.by_header(row), {}) if "by_header" in request.GET else (None, {})
    if request.method == "POST":
        picked = {c.name: request.POST.get(c.name, "")[:200] for c in layout(row.layout).each()}
        try:
            api.name_columns(import_id=import_id, columns=picked, actor=request.actor)
            api.start_check(import_id=import_id, actor=request.actor)
            return redirect("takeon:imported", import_id=import_id)
        except InvalidInput as refusal:
            errors = refusal.errors
    choices = queries.column_choices(row, picked)
    used = {one.header for one in choices}
    context = {
        "import": queries.import_data(row), "choices": choices, "errors": errors, "options": [("", "—"), *((h, h) for h in row.header if h)],
        "unused": [h for h in row.header if h and h not in used],
    }  # fmt: skip
    return render(request, "takeon/columns.html", context, status=422 if errors else 200)


@guarded(policies.USE)
def imported(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """One file: how far its job is, counts, what was wrong, the next step, undo."""
    row = access(import_id, request.actor)
    if request.headers.get("HX-Request") and request.method == "GET":
        return _progress(request, row)
    form = UndoForm(request.POST or None)
    if done := forms.sent(request, form, lambda: _undo(request, form, import_id)):
        return done
    return forms.page(request, "takeon/imported.html", _told(request, row) | {"form": form}, form=form)


def _progress(request: HttpRequest, row: Import) -> HttpResponse:
    """How far the job is; the whole page again once it is over."""
    if row.state not in _WORKING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "takeon/progress.html", {"import": queries.import_data(row), "job": queries.job_of(row)})


def _undo(request: HttpRequest, form: UndoForm, import_id: UUID) -> str:
    api.start_undo(import_id=import_id, reason=form.cleaned_data["reason"], actor=request.actor)
    return address("takeon:imported", import_id)


def _told(request: HttpRequest, row: Import) -> dict[str, object]:
    return {
        "import": queries.import_data(row), "job": queries.job_of(row), "faults": queries.faults_of(row.pk, number_of(request.GET.get("page"))),
        "has_result": queries.has_result(row), "actions": {step.action for step in IMPORT.actions_for(row, request.actor)},
        "is_working": row.state in _WORKING,
    }  # fmt: skip


@require_POST
@guarded(policies.USE)
def run(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """For good."""

    def act() -> str:
        api.start_run(import_id=import_id, actor=request.actor)
        return ""

    return forms.clicked(request, act, address("takeon:imported", import_id))


@require_POST
@guarded(policies.USE)
def discard(request: HttpRequest, import_id: UUID) -> HttpResponse:
    """The file goes."""

    def act() -> str:
        api.discard(import_id=import_id, actor=request.actor)
        return _("已作废，文件已从服务器删除。")

    return forms.clicked(request, act, address("takeon:imported", import_id))


@require_GET
@guarded(policies.USE)
def result(request: HttpRequest, import_id: UUID) -> HttpResponse | FileResponse:
    """The refused rows with what is wrong, and what else the job left."""
    row = access(import_id, request.actor)
    job = queries.job_of(row)
    path: Path = result_file(job.id if job else import_id)
    return FileResponse(path.open("rb"), as_attachment=True, filename=job.result_name if job else path.name)
