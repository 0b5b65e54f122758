"""What the pages share."""

from collections.abc import Callable
from typing import Any

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse

from yigong.core.ui import forms as ui

TONES = {
    "returned": "neutral", "sorted": "neutral", "cleaned": "info", "disinfected": "info", "inspected": "info", "packed": "info",
    "loaded": "warn", "stored": "good", "issued": "info", "received": "good", "used": "muted", "expired": "bad", "repair": "warn",
    "lost": "bad", "scrapped": "muted", "open": "info", "running": "warn", "finished": "warn", "early": "bad", "released": "good",
    "rejected": "bad", "recalled": "bad", "void": "muted", "asked": "warn", "issuing": "info", "done": "good", "cancelled": "muted",
    "sent": "info", "settled": "good", "closed": "muted", "wanted": "bad", "sealed": "warn", "exposed": "bad",
    "recovered": "good", "cleared": "good", "assessed": "good", "missing": "bad", "failed": "bad",
}  # fmt: skip


def filled(request: HttpRequest, form: django_forms.Form, act: Callable[[], str], **more: Any) -> HttpResponse:
    """``ui.filled`` with the room's look and, at a use, what was used already."""
    return ui.filled(request, form, act, template="sterile/act.html", **{"used": [], "nothing": False, **more})
