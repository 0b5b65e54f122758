"""Phones that work without a line: whether their clock can be believed, and the worker that keeps a page's own files.

The other half runs on the phone: ``core/ui/static/ui/device.js`` (store, encryption, calls).
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.core import clock

CHANGED, OTHER_DAY = "changed", "other_day"


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
    told = {"files": json.dumps(list(files)), "name": json.dumps(name), "page": json.dumps(page)}
    text = render(request, "ui/keeper.js", told).content
    return HttpResponse(text, content_type="text/javascript; charset=utf-8", headers={"Cache-Control": "no-cache"})
