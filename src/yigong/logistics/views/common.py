"""What the pages share."""

from collections.abc import Callable

from django import forms as django_forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from yigong.core.ui import forms as ui

TONES = {
    "packing": "neutral", "waiting": "warn", "aboard": "info", "arrived": "info", "received": "good", "damaged": "bad", "lost": "bad",
    "withdrawn": "muted", "planned": "neutral", "under_way": "info", "done": "good", "cancelled": "muted",
}  # fmt: skip


def views() -> dict[str, str]:
    """The tabs of the list of consignments."""
    return {
        "to_send": _("待送出"), "aboard": _("在途"), "arrived": _("待签收"), "received": _("已签收"), "failed": _("破损、丢失、撤回"),
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
) -> HttpResponse:
    """A page with one form and one effect: ``act`` returns where to go; a refusal stands beside the fields."""
    if done := ui.sent(request, form, act):
        return done
    context = {
        "form": form, "title": title, "lead": lead, "label": label or title, "back": back, "crumbs": crumbs, "danger": danger,
    }  # fmt: skip
    return ui.page(request, "logistics/act.html", context, form=form)
