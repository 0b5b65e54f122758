"""What the pages of this room share: one form page, the path of an institution, page numbers."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.ui import forms

Crumbs = list[tuple[str, str]]


def actor_of(request: HttpRequest) -> Actor:
    """The signed-in actor of a guarded view."""
    return request.actor


def form_page(
    request: HttpRequest,
    form: django_forms.Form,
    *,
    title: str,
    crumbs: Crumbs,
    act: Callable[[dict[str, Any]], str],
    lead: str = "",
    label: str = "",
) -> HttpResponse:
    """Show the form; when posted and in order run ``act(values)`` once and go to the address it returns."""
    if done := forms.sent(request, form, lambda: act(form.cleaned_data)):
        return done
    back = next((url for _label, url in reversed(crumbs) if url), "/")
    page = {"form": form, "title": title, "lead": lead, "crumbs": [*crumbs, (title, "")], "back": back}
    return forms.page(request, "network/form.html", page | {"label": label or _("保存")}, form=form)


def page_number(text: str | None) -> int:
    """The page asked for, 1 for anything that is none."""
    return max(int(text), 1) if text and text.isascii() and text.isdigit() and len(text) < 8 else 1
