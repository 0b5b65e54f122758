"""What the pages share."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from yigong.core.errors import DomainError
from yigong.core.ui import forms as ui

TONES = {
    "returned": "neutral", "sorted": "neutral", "cleaned": "info", "disinfected": "info", "inspected": "info", "packed": "info",
    "loaded": "warn", "stored": "good", "issued": "info", "received": "good", "used": "muted", "expired": "bad", "repair": "warn",
    "lost": "bad", "scrapped": "muted", "open": "info", "running": "warn", "finished": "warn", "early": "bad", "released": "good",
    "rejected": "bad", "recalled": "bad", "void": "muted", "asked": "warn", "issuing": "info", "done": "good", "cancelled": "muted",
    "sent": "info", "settled": "good", "closed": "muted", "wanted": "bad", "sealed": "warn", "exposed": "bad",
    "recovered": "good", "cleared": "good", "assessed": "good", "missing": "bad",
}  # fmt: skip


def filled(
    request: HttpRequest,
    form: django_forms.Form,
    act: Callable[[], str],
    *,
    title: str,
    back: str,
    crumbs: list[tuple[str, str]],
    lead: str = "",
    label: str = "",
    danger: bool = False,
    files: bool = False,
    **more: Any,
) -> HttpResponse:
    """A page with one form and one effect: ``act`` returns where to go; a refusal stands beside the fields."""
    if request.method == "POST" and form.is_valid():
        try:
            return ui.once(request, act)
        except DomainError as refusal:
            ui.refuse(form, refusal)
    context = {
        "form": form, "title": title, "lead": lead, "label": label or title, "back": back, "crumbs": crumbs, "danger": danger,
        "files": files, "used": [], "nothing": False, **more,
    }  # fmt: skip
    return ui.page(request, "sterile/act.html", context, form=form)


def clicked(request: HttpRequest, act: Callable[[], str], back: str) -> HttpResponse:
    """One click, one effect: ``act`` returns the sentence to show; a refusal is shown on the page it came from."""
    try:
        with_sentence: list[str] = []

        def once() -> str:
            with_sentence.append(act())
            return back

        answer = ui.once(request, once)
        for sentence in with_sentence:
            messages.success(request, sentence)
        return answer
    except DomainError as refusal:
        parts = getattr(refusal, "errors", {}) or {}
        messages.error(request, " ".join([str(refusal), *map(str, parts.values())]) if parts else str(refusal))
        return redirect(back)
