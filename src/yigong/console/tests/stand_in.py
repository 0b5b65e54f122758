"""A signed-in person without the login: the browser tests of the kit need an actor, not an account."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from yigong.access.api import permissions_of
from yigong.core.actor import Actor

ACCOUNT = UUID(int=7)


def actor_of(role: str) -> Actor:
    """An actor of this role at a sample institution."""
    return Actor(
        name="李春梅",
        role=role,
        account_id=ACCOUNT,
        institution_id=UUID(int=3),
        institution_name="城关镇中心卫生院",
        permissions=permissions_of(role),
    )


class StandInMiddleware:
    """The cookie ``role`` says who is sitting there."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        role = request.COOKIES.get("role")
        request.actor = actor_of(role) if role else None  # type: ignore[attr-defined]
        return self.get_response(request)


def middleware() -> list[str]:
    """The settings' middleware with the stand-in after the real one."""
    place = settings.MIDDLEWARE.index("yigong.access.middleware.ActorMiddleware") + 1
    return [*settings.MIDDLEWARE[:place], f"{__name__}.StandInMiddleware", *settings.MIDDLEWARE[place:]]
