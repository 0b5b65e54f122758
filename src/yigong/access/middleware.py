"""The actor of a request, and refusals turned into pages."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from yigong.core.errors import DomainError


class ActorMiddleware:
    """Sets ``request.actor`` (None when nobody is signed in) and renders DomainError as a page with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.actor = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, DomainError):
            return None
        page = {"title": "不能完成", "text": str(exception)}
        return render(request, "ui/refused.html", page, status=exception.status)
