"""Phones that work without a line: their calls, whether their clock can be believed, and the worker that keeps a page's own files.

The other half runs on the phone: ``core/ui/static/ui/device.js`` (store, encryption, calls).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import DomainError, InvalidInput, sentence

T = TypeVar("T")
CHANGED, OTHER_DAY = "changed", "other_day"
Moment = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time by a phone's clock, with its zone."""


def token(request: HttpRequest, **more: Any) -> HttpResponse:
    """A fresh token for the calls that send something, since a kept page's own may be old, and the platform's time."""
    return _answer({"token": get_token(request), "now": clock.now().isoformat(), **more})


def sent(request: HttpRequest, kind: type[T]) -> T:
    """What a phone sent, in the given shape. InvalidInput where it cannot be read: then it stays on the phone."""
    try:
        return msgspec.json.decode(request.POST.get("sent", "").encode(), type=kind)
    except msgspec.DecodeError:
        raise InvalidInput(_("内容无法识别，请刷新页面后再上传；已记下的内容仍在手机上。")) from None


def told(act: Callable[[], Mapping[str, Any]]) -> HttpResponse:
    """What a phone is answered: what came out, or the sentence of a refusal."""
    try:
        return _answer(act())
    except DomainError as refusal:
        return _answer({"code": refusal.code, "sentence": sentence(refusal)}, refusal.status)


def _answer(what: Mapping[str, Any], status: int = 200) -> HttpResponse:
    return JsonResponse(what, status=status, headers={"Cache-Control": "no-store"})


def corrected(said: datetime, taken: timedelta, back: timedelta, within: timedelta) -> tuple[datetime, bool]:
    """The real time of something a phone noted by how far its clock was ahead before and when it came back, and whether that is sure.

    A clock that is wrong by the same at both ends is put right; one that was changed meanwhile leaves the time unsure.
    """
    return said - taken, abs(taken - back) <= within


def doubt(said: datetime, taken: timedelta, back: timedelta, within: timedelta) -> str:
    """Why a person should look at a phone's time: ``CHANGED`` on the way, ``OTHER_DAY`` in China once it is put right, or empty."""
    at, is_sure = corrected(said, taken, back, within)
    if not is_sure:
        return CHANGED
    return OTHER_DAY if days_off(said, at) else ""


def days_off(said: datetime, at: datetime) -> timedelta:
    """By how many days of China's calendar a time moves when it is put right."""
    return at.astimezone(clock.SHANGHAI).date() - said.astimezone(clock.SHANGHAI).date()


def keeper(request: HttpRequest, name: str, files: Sequence[str], page: str = "") -> HttpResponse:
    """The service worker ``name``: it keeps ``files`` and nothing else. Without a line an address below its scope that it does not keep shows
    ``page`` where one is given. Its version changes with the addresses of the files."""
    words = {"files": json.dumps(list(files)), "name": json.dumps(name), "page": json.dumps(page)}
    text = render(request, "ui/keeper.js", words).content
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
