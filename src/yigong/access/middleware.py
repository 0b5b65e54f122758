"""The actor of a request, and refusals turned into pages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pghistory
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from yigong.access import readlog
from yigong.access.actors import actor_of, pack, unpack
from yigong.access.context import RequestContext, current
from yigong.access.errors import NoPost, Refused
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import DomainError

_WITHOUT_NEW_PASSWORD = ("access:password", "access:logout", "access:login")


class ActorMiddleware:
    """Sets ``request.actor`` (None when nobody is signed in) and renders DomainError as a page with its status.

    The session row carries the built actor; it is rebuilt when the account's or the person's rights version or the day has changed,
    so a request costs one statement and a change of rights takes effect with the next request.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        context = RequestContext(page=request.path)
        token = current.set(context)
        try:
            return self._answer(request, context)
        finally:
            current.reset(token)

    def _answer(self, request: HttpRequest, context: RequestContext) -> HttpResponse:
        try:
            request.actor = _actor(request)  # type: ignore[attr-defined]
        except NoPost as refusal:
            request.session.flush()
            request.actor = None  # type: ignore[attr-defined]
            return _refused(request, refusal)
        if _must_change_password(request):
            return HttpResponseRedirect(reverse("access:password"))
        response = self._traced(request)
        readlog.write(context.waiting)
        return response

    def _traced(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = request.actor  # type: ignore[attr-defined]
        if actor is None or request.method in {"GET", "HEAD"}:
            return self.get_response(request)
        facts = {"actor": actor.name, "account": str(actor.account_id), "post": str(actor.post_id)}
        with pghistory.context(**facts, page=request.path, address=actor.address):
            return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """A refusal of a command becomes a page with a sentence and a way on."""
        return _refused(request, exception) if isinstance(exception, DomainError) else None


def _actor(request: HttpRequest) -> Actor | None:
    session: Any = request.session
    account = session.get("_auth_user_id")
    if account is None:
        return None
    standing = session.standing
    if standing is not None and not standing.is_active:
        session.flush()
        return None
    stamp = [*standing.version, clock.today().isoformat()] if standing else None
    if stamp is None or session.get("stamp") != stamp:
        _remember(session, actor_of(UUID(account), _uuid(session.get("post"))), stamp)
    return unpack(session["actor"], request.META.get("REMOTE_ADDR", ""))


def _remember(session: Any, actor: Actor, stamp: list[Any] | None) -> None:
    session["actor"], session["post"], session["stamp"] = pack(actor), str(actor.post_id), stamp


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _must_change_password(request: HttpRequest) -> bool:
    standing = getattr(request.session, "standing", None)
    if not standing or not standing.must_change_password or request.actor is None:  # type: ignore[attr-defined]
        return False
    return request.path not in {reverse(name) for name in _WITHOUT_NEW_PASSWORD}


def _refused(request: HttpRequest, refusal: DomainError) -> HttpResponse:
    decision = refusal.decision if isinstance(refusal, Refused) else None
    page = {
        "title": _("不能完成"),
        "text": decision.explanation if decision else str(refusal),
        "next_step": decision.next_step if decision else "",
        "links": decision.links if decision else (),
    }
    return render(request, "access/refused.html", page, status=refusal.status)
