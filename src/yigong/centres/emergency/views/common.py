"""What the pages share."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from yigong.centres.emergency.models import Case
from yigong.centres.emergency.rules import definitions
from yigong.core.ui import forms as ui

TONES = {
    "called": "bad", "under_way": "warn", "coming": "info", "arrived": "warn", "waiting": "info", "in_care": "good", "resuscitation": "bad",
    "observation": "info", "closed": "muted", "cancelled": "muted", "dispatched": "warn", "departed": "warn", "at_scene": "info",
    "at_patient": "info", "on_board": "info", "left_scene": "info", "handed_over": "good", "back": "muted", "empty": "muted",
    "open": "neutral", "running": "warn", "met": "good", "missed": "bad", "dropped": "muted", "unknown": "bad", "held": "info",
    "settled": "good", "released": "muted", "expired": "muted",
}  # fmt: skip


def filled(request: HttpRequest, form: django_forms.Form, act: Callable[[], str], **more: Any) -> HttpResponse:
    """``ui.filled`` with the room's look, a warning above and, for a phone, everything closer together."""
    return ui.filled(request, form, act, **{"template": "emergency/act.html", "warning": "", "compact": False, **more})


def words() -> dict[str, Any]:
    """What lists and boards look up."""
    return {
        "tones": TONES, "complaint": lambda code: definitions.label("complaint", code), "priorities": {p.code: p for p in definitions.parameters().priority},
        "levels": {one.code: one for one in definitions.parameters().level}, "paths": definitions.pathways(), "signs": definitions.sign_words(),
    }  # fmt: skip


def on_case(request: HttpRequest, row: Case, form: Any, act: Any, title: str, **more: Any) -> HttpResponse:
    """A form about one case, with its page behind it."""
    return filled(
        request, form, act, title=title, back=case_url(row.pk), crumbs=[(row.number, case_url(row.pk))], **more
    )


def case_url(case_id: UUID) -> str:
    """The case's page."""
    return reverse("emergency:case", args=[case_id])
