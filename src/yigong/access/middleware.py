"""The actor of a request."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from yigong.access import readlog
from yigong.access.actors import actor_with_posts, pack, unpack
from yigong.access.context import RequestContext, current
from yigong.access.errors import NoPost
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.ui.errors import refusal as refusal_page

_WITHOUT_NEW_PASSWORD = ("access:password", "access:logout", "access:login")


class ActorMiddleware:
    """Sets ``request.actor`` (None when nobody is signed in) and names the actor to the history of rows.

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
            request.actor = _actor(request)
        except NoPost as refusal:
            request.session.flush()
            request.actor = None
            return refusal_page(request, refusal)
        if _must_change_password(request):
            return HttpResponseRedirect(reverse("access:password"))
        response = self._traced(request)
        readlog.write(context.waiting)
        return response

    def _traced(self, request: HttpRequest) -> HttpResponse:
        actor: Actor | None = request.actor
        if actor is None or request.method in {"GET", "HEAD"}:
            return self.get_response(request)
        with acting(actor, account=str(actor.account_id), page=request.path):
            return self.get_response(request)


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
        _remember(session, UUID(account), stamp)
    return unpack(session["actor"], request.META.get("REMOTE_ADDR", ""))


def _remember(session: Any, account_id: UUID, stamp: list[Any] | None) -> None:
    actor, posts = actor_with_posts(account_id, _uuid(session.get("post")))
    session["actor"], session["post"], session["stamp"] = pack(actor), str(actor.post_id), stamp
    session["posts"] = [[str(post.id), post.institution_name, post.role] for post in posts]


def _uuid(text: str | None) -> UUID | None:
    return UUID(text) if text else None


def _must_change_password(request: HttpRequest) -> bool:
    standing = getattr(request.session, "standing", None)
    if not standing or not standing.must_change_password or request.actor is None:
        return False
    return request.path not in {reverse(name) for name in _WITHOUT_NEW_PASSWORD}
