"""Downloads, the printed report, and Word files that come back."""

from typing import Any
from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from yigong.core.asked import whole_number
from yigong.core.errors import NotFound
from yigong.core.printing.api import answer
from yigong.core.rights import guarded
from yigong.core.ui import forms as ui_forms
from yigong.workreport import policies
from yigong.workreport.commands import returning
from yigong.workreport.data import Document
from yigong.workreport.forms import FileForm
from yigong.workreport.models import Edition, ReturnedFile
from yigong.workreport.output import sheet, spreadsheet, word
from yigong.workreport.queries import documents, editions
from yigong.workreport.views.editions import period_of

_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@guarded(policies.READ)
def word_file(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The report as a Word document."""
    row, report = _built(request, edition_id)
    return download(word.write(report, row.pk), _WORD, f"{_name(report)}.docx")


@guarded(policies.READ)
def spreadsheet_file(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """All figures of the report as a spreadsheet."""
    _row, report = _built(request, edition_id)
    return download(spreadsheet.write(report), SHEET, f"{_name(report)}.xlsx")


@guarded(policies.READ)
def printed(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """The report as PDF, counted as a print."""
    row, report = _built(request, edition_id)
    return answer(sheet.print_report(report, row, request.actor))


@guarded(policies.WRITE)
def bring(request: HttpRequest, edition_id: UUID) -> HttpResponse:
    """Upload a Word file that was edited; nothing changes before it was looked at."""
    row = editions.edition(edition_id, actor=request.actor)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()

    def look() -> str:
        given = form.cleaned_data["file"]
        content = given.read(returning.LARGEST + 1)
        found = returning.look_at_file(edition_id=row.pk, name=given.name, content=content, actor=request.actor)
        return reverse("workreport:returned", args=[found.pk])

    if done := ui_forms.sent(request, form, look):
        return done
    context = {"row": row, "form": form, "period": period_of(row)}
    return ui_forms.page(request, "workreport/import.html", context, form=form)


@guarded(policies.WRITE)
def taken(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """What would change, chapter by chapter; the chosen chapters are taken over."""
    file = ReturnedFile.objects.filter(pk=file_id).first()
    if file is None:
        raise NotFound()
    row = editions.edition(file.edition_id, actor=request.actor)
    form = forms.Form(request.POST if request.method == "POST" else None)

    def take() -> str:
        chosen = {
            code: seen
            for code in request.POST.getlist("chapter")
            if (seen := whole_number(request.POST.get(f"seen_{code}"))) is not None
        }
        returning.take_file(file_id=file.pk, chapters=chosen, actor=request.actor)
        return reverse("workreport:edition", args=[row.pk])

    if done := ui_forms.sent(request, form, take):
        return done
    context = {
        "row": row,
        "file": file,
        "form": form,
        "period": period_of(row),
        "kinds": _kinds(),
        "changes": _changes(row, file),
    }
    return ui_forms.page(request, "workreport/returned.html", context, form=form)


def _changes(row: Edition, file: ReturnedFile) -> list[dict[str, Any]]:
    """Chapters in which the file says something else than the page; ``late`` when the page was changed after the download."""
    found = []
    for chapter in documents.document(row).chapters:
        theirs = file.texts.get(chapter.code)
        if theirs is not None and theirs["text"] != chapter.text:
            found.append({"chapter": chapter, "text": theirs["text"], "late": theirs["base"] != chapter.version})
    return found


def _kinds() -> dict[str, str]:
    return {
        "changed": _("数字被改过，没有采用"), "gone": _("数字被删掉，没有采用"), "unknown": _("不认识的数字控件"),
        "no_text": _("这一章的文字框不见了，没有导入"), "too_long": _("这一章太长，没有导入"), "outside": _("写在文字框外面，不会导入，请移到文字框里"),
    }  # fmt: skip


def _built(request: HttpRequest, edition_id: UUID) -> tuple[Edition, Document]:
    row = editions.edition(edition_id, actor=request.actor)
    if row.built_at is None:
        raise NotFound(_("这份汇报还没有生成。"))
    return row, documents.document(row)


def _name(report: Document) -> str:
    return f"{report.title} {report.subtitle.replace(' · ', ' ')} {report.number}"


def download(content: bytes, kind: str, name: str) -> HttpResponse:
    """A file to keep, never in a cache."""
    made = HttpResponse(content, content_type=kind)
    made["Content-Disposition"] = content_disposition_header(True, name) or ""
    made["Cache-Control"] = "no-store"
    return made
