"""Writing a chapter: saved while it is typed, with the printed form beside it; two at one chapter are told, nothing is lost."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from yigong.core.asked import whole_number
from yigong.core.errors import DomainError, InvalidInput, NotFound
from yigong.core.paging import number_of
from yigong.core.rights import guarded
from yigong.workreport import policies
from yigong.workreport.commands import editing
from yigong.workreport.data import Saved
from yigong.workreport.forms import TextForm
from yigong.workreport.models import Edition
from yigong.workreport.queries import documents, editions
from yigong.workreport.views.editions import chart, period_of


@guarded(policies.WRITE)
def write(request: HttpRequest, edition_id: UUID, chapter: str) -> HttpResponse:
    """The chapter with its figures locked and its text open; a form sent without scripts saves as well."""
    row = editions.edition(edition_id, actor=request.actor)
    text = editions.chapter_text(row, chapter)
    context: dict[str, Any] = {"saved": None, "refusal": "", "mine": "", "newer": None, "chapter_code": chapter}
    if request.method == "POST":
        outcome, context["refusal"] = _save(request, row, chapter)
        if outcome is not None and not outcome.is_conflict:
            return redirect("workreport:edition", edition_id=row.pk)
        context |= {"saved": outcome, "mine": request.POST.get("text", "")}
        text.refresh_from_db()
    return render(
        request, "workreport/chapter.html", context | _seen(request, row, chapter, text), status=422 if context["refusal"] else 200
    )  # fmt: skip


def _seen(request: HttpRequest, row: Edition, chapter: str, text: Any) -> dict[str, Any]:
    report = documents.document(row)
    codes = [one.code for one in report.chapters]
    at = codes.index(chapter)
    return {
        "row": row, "report": report, "chapter": report.chapters[at], "text": text, "period": period_of(row), "chart": chart,
        "before": report.chapters[at - 1] if at else None, "after": report.chapters[at + 1] if at + 1 < len(codes) else None,
        "others": editions.others_at(text, request.actor), "aside": text.versions.filter(number=0, account_id=request.actor.account_id).order_by("-at").first(),
    }  # fmt: skip


@guarded(policies.WRITE)
def save(request: HttpRequest, edition_id: UUID, chapter: str) -> HttpResponse:
    """What the page sends while somebody types: the answer replaces the line below the text, the base version and the preview."""
    if request.method != "POST":
        raise NotFound()
    row = editions.edition(edition_id, actor=request.actor)
    outcome, refusal = _save(request, row, chapter)
    context = {
        "row": row,
        "saved": outcome,
        "refusal": refusal,
        "chapter_code": chapter,
        "mine": request.POST.get("text", ""),
    }
    return render(request, "workreport/_saved.html", context)


def _save(request: HttpRequest, row: Edition, chapter: str) -> tuple[Saved | None, str]:
    form = TextForm(request.POST)
    if not form.is_valid():
        return None, "; ".join(str(sentence) for sentences in form.errors.values() for sentence in sentences)
    try:
        return editing.save_chapter(
            edition_id=row.pk, chapter=chapter, text=form.cleaned_data["text"], base=form.cleaned_data["base"], actor=request.actor
        ), ""  # fmt: skip
    except InvalidInput as refusal:
        return None, " ".join(refusal.errors.values()) or str(refusal)
    except DomainError as refusal:
        return None, str(refusal)


@guarded(policies.WRITE)
def here(request: HttpRequest, edition_id: UUID, chapter: str) -> HttpResponse:
    """A page that is open for writing says so every few seconds and hears who else is there."""
    if request.method != "POST":
        raise NotFound()
    row = editions.edition(edition_id, actor=request.actor)
    text = editions.chapter_text(row, chapter)
    editing.be_present(chapter_id=text.pk, actor=request.actor)
    newest = text.versions.filter(number=text.version).first() if text.version else None
    base = whole_number(request.POST.get("base"))
    context = {
        "others": editions.others_at(text, request.actor), "row": row, "chapter_code": chapter,
        "newer": newest if newest and base is not None and base < text.version else None,
    }  # fmt: skip
    return render(request, "workreport/_here.html", context)


@guarded(policies.READ)
def versions(request: HttpRequest, edition_id: UUID, chapter: str) -> HttpResponse:
    """Who wrote what: every version of a chapter, those set aside included."""
    row = editions.edition(edition_id, actor=request.actor)
    text = editions.chapter_text(row, chapter)
    report = documents.document(row)
    title = next((one.title for one in report.chapters if one.code == chapter), chapter)
    found = editions.versions_of(text, number_of(request.GET.get("page")))
    context = {"row": row, "title": title, "page": found, "period": period_of(row), "chapter_code": chapter}
    return render(request, "workreport/versions.html", context)
