"""Headers and refusals of every page."""

from collections.abc import Callable
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme

from yigong.core.errors import DomainError
from yigong.core.once import one_page
from yigong.core.ui.errors import refusal

# Everything comes from ourselves; no script or style inside pages.
PAGE_POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
# The image viewer compiles WebAssembly and writes styles.
VIEWER_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-eval' 'wasm-unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' blob: data:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)


class LanguageMiddleware:
    """Chinese unless the person chose another language; the browser's own wish is not asked: county machines often say English."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        wish = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = wish if wish in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PageMiddleware:
    """Content security policy, refusals as pages, and the way back after an expired session."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method in {"GET", "HEAD"}:
            with one_page():
                response = self.get_response(request)
        else:
            response = self.get_response(request)
        policy = VIEWER_POLICY if request.path.startswith("/ohif/") else PAGE_POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        if response.status_code == 302 and _leads_to_login(response["Location"]):
            return _login_with_way_back(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Render a DomainError that no view has caught."""
        return refusal(request, exception) if isinstance(exception, DomainError) else None


def _leads_to_login(location: str) -> bool:
    return urlsplit(location).path == resolve_url(settings.LOGIN_URL)


def _login_with_way_back(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A form sent after the session ended comes back to the page that showed it.

    A part of a page leaves the page alone and offers the login beside it (286 is htmx's word for "stop asking").
    """
    part = bool(getattr(request, "htmx", False))
    if request.method == "GET" and not part:
        return response
    page = request.headers.get("HX-Current-URL" if part else "Referer", "")
    if not url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()}):
        page = "/"
    shown = urlsplit(page)
    way_back = shown.path + (f"?{shown.query}" if shown.query else "")
    target = f"{resolve_url(settings.LOGIN_URL)}?next={quote(way_back)}"
    if part:
        return HttpResponse(status=286, headers={"X-Login": target})
    response["Location"] = target
    return response
