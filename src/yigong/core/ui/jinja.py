"""Jinja2 for every page: translations, addresses, static files and formats."""

from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from jinja2 import Environment, StrictUndefined

from yigong.core import clock


class AppJinja2(Jinja2):
    """Templates live in ``<app>/templates/<app>/``."""

    app_dirname = "templates"


def environment(**options: Any) -> Environment:
    """The one environment; undefined names are errors, not blanks."""
    env = Environment(**{**options, "undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True})
    env.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(static=static, url=_url, today=clock.today, now=clock.now, language=translation.get_language)
    env.filters.update(day=_day, moment=_moment, count=_count)
    return env


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page may use without asking."""
    return {
        "actor": getattr(request, "actor", None),
        "csrf_token": get_token(request),
        "notices": messages.get_messages(request) if hasattr(request, "_messages") else [],
    }


def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def _day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(clock.SHANGHAI).date()
    return value.strftime("%Y-%m-%d") if value else "—"


def _moment(value: datetime | None) -> str:
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def _count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"
