"""Jinja2 for every page: translations, addresses, static files and formats."""

import json
from contextlib import suppress
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, cast
from urllib.parse import urlencode
from uuid import uuid4

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template import engines
from django.template.backends.jinja2 import Jinja2
from django.templatetags.static import static
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from jinja2 import Environment, FileSystemBytecodeCache, StrictUndefined, pass_context
from jinja2.bccache import Bucket
from markupsafe import Markup

from yigong.core import clock
from yigong.core.actor import shown
from yigong.core.money import yuan
from yigong.core.ui.shell import Shell, address


class _Components:
    """``ui`` in templates: the macros of ui/components.html, made with this page's request when first used."""

    def __init__(self, values: dict[str, Any]) -> None:
        self._values = values
        self._module: Any = None

    @staticmethod
    def icon(name: str, size: str = "", label: str = "") -> Markup:
        """A symbol of the sprite."""
        return _icon(name, size, label)

    def __getattr__(self, name: str) -> Any:
        if self._module is None:
            template = cast(AppJinja2, engines["jinja"]).env.get_template("ui/components.html")
            self._module = template.make_module(self._values)
        return getattr(self._module, name)


class _Compiled(FileSystemBytecodeCache):
    """Templates as code, made once for all processes of a data folder; one that cannot be kept (a full disk) is made again."""

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep one, if there is room."""
        with suppress(OSError):
            super().dump_bytecode(bucket)


def _compiled(*decides: object) -> _Compiled | None:
    """``decides`` is what the code depends on beside the template's text."""
    stamp = sha256(repr((version("jinja2"), *decides)).encode()).hexdigest()[:12]
    folder = settings.COMPILED_TEMPLATES / stamp
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return _Compiled(str(folder))


class AppJinja2(Jinja2):
    """Templates live in ``<app>/templates/<app>/``."""

    app_dirname = "templates"


def environment(**options: Any) -> Environment:
    """The one environment; undefined names are errors, not blanks."""
    own = {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**{**options, **own, "bytecode_cache": _compiled(options.get("extensions"), own)})
    env.install_gettext_callables(translation.gettext, translation.ngettext, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        static=_static,
        icon=_icon,
        still=_still,
        url=_url,
        address=address,
        today=clock.today,
        now=clock.now,
        language=translation.get_language,
        with_query=with_query,
        face_of=_face_of,
        fresh_key=lambda: str(uuid4()),
    )
    env.filters.update(
        day=_day,
        moment=_moment,
        clock_time=_clock_time,
        ago=ago,
        left=left,
        count=_count,
        percent=_percent,
        mask=_mask,
        who=shown,
        yuan=yuan,
    )
    env.filters["json"] = lambda value: json.dumps(value, ensure_ascii=False)
    return env


def page_context(request: HttpRequest) -> dict[str, Any]:
    """What every page may use without asking."""
    own = {"csrf_token": get_token(request), "request": request}
    return {
        **own,
        "actor": getattr(request, "actor", None),
        "notices": messages.get_messages(request) if hasattr(request, "_messages") else [],
        "shell": Shell(request),
        "ui": _Components(own),
    }


@pass_context
def with_query(context: Any, **changes: Any) -> str:
    """The present page's query string with some values changed (None takes one out)."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value
    return "?" + urlencode(list(query.lists()), doseq=True)


def ago(value: datetime | None) -> str:
    """How long ago, in words a person would say."""
    return _("%(span)s前") % {"span": _span(clock.now() - value)} if value else "—"


def left(value: datetime | None) -> str:
    """Time left until ``value`` or time past it."""
    if not value:
        return "—"
    gap = value - clock.now()
    if gap < timedelta():
        return _("超时 %(span)s") % {"span": _span(-gap)}
    return _("剩 %(span)s") % {"span": _span(gap)}


def _span(gap: timedelta) -> str:
    minutes = max(0, int(gap.total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(n)s 分钟", "%(n)s 分钟", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)s 小时", "%(n)s 小时", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s 天", "%(n)s 天", minutes // 1440) % {"n": minutes // 1440}


@cache
def _static(path: str) -> str:
    """A file's address changes with a release only."""
    return static(path)


@lru_cache(maxsize=2000)
def _icon(name: str, size: str = "", label: str = "") -> Markup:
    """A symbol of the sprite; with a label it speaks, without it is decoration."""
    classes = f"y-icon y-icon-{size}" if size else "y-icon"
    said = Markup(' role="img" aria-label="{}"').format(label) if label else Markup(' aria-hidden="true"')
    frame = Markup('<svg class="{}"{}><use href="{}#{}"></use></svg>')
    return frame.format(classes, said, _static("ui/icons.svg"), name)


def _still() -> Markup:
    """The part of the shell that is the same on every page of a language."""
    return _still_in(translation.get_language())


@cache
def _still_in(_language: str | None) -> Markup:
    return Markup(cast(AppJinja2, engines["jinja"]).env.get_template("ui/still.html").render())


def _face_of(bound: Any) -> dict[str, Any]:
    from yigong.core.ui.forms import face_of  # forms need the tables, which are not there yet when templates are set up

    return face_of(bound)


@lru_cache(maxsize=5000)
def _url(name: str, *args: Any, **kwargs: Any) -> str:
    return reverse(name, args=args, kwargs=kwargs)


def _day(value: date | datetime | None) -> str:
    if isinstance(value, datetime):
        value = value.astimezone(clock.SHANGHAI).date()
    return value.strftime("%Y-%m-%d") if value else "—"


def _moment(value: datetime | None) -> str:
    return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if value else "—"


def _clock_time(value: datetime | None) -> str:
    return value.astimezone(clock.SHANGHAI).strftime("%H:%M") if value else "—"


def _count(value: int | None) -> str:
    return "—" if value is None else f"{value:,}"


def _percent(value: float | None, places: int = 1) -> str:
    return "—" if value is None else f"{value * 100:.{places}f}%"


def _mask(value: str | None, head: int = 3, tail: int = 4) -> str:
    if not value:
        return "—"
    return value if len(value) <= head + tail else value[:head] + "*" * (len(value) - head - tail) + value[-tail:]
