"""Who may do what: permissions, relationships, decisions, and the guard of every view."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse

from yigong.core.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Permission:
    """A named right declared beside its domain, with the roles that carry it by default."""

    code: str
    label: str
    roles: frozenset[str]


@dataclass(frozen=True, slots=True)
class ViewPolicy:
    """How a view is guarded: ``public``, ``signed_in`` or a permission code; ``about`` names the kind of subject it reads."""

    rule: str
    about: str = ""


_permissions: dict[str, Permission] = {}


def declare(code: str, label: str, roles: set[str]) -> str:
    """Declare a permission (in the domain's ``policies.py``); returns its code."""
    _permissions[code] = Permission(code, label, frozenset(roles))
    return code


def permissions() -> dict[str, Permission]:
    """All declared permissions by code."""
    return dict(_permissions)


def permissions_of(role: str) -> frozenset[str]:
    """The permission codes that a role carries."""
    return frozenset(p.code for p in _permissions.values() if role in p.roles)


def guarded(rule: str, *, about: str = "") -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Guard a view with ``"public"``, ``"signed_in"`` or a permission code. Every view of the product carries one.

    ``about="resident"`` (or another subject kind) states that the view reads about a person; such a view must reach the person
    through a door that decides and logs. A view without this decorator fails the guard test.
    """

    def wrap(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            actor = getattr(request, "actor", None)
            if rule != "public" and actor is None:
                return redirect_to_login(request.get_full_path())
            if rule not in {"public", "signed_in"} and not actor.has(rule):
                raise Forbidden()
            return view(request, *args, **kwargs)

        inner.policy = ViewPolicy(rule, about)  # type: ignore[attr-defined]
        return inner

    return wrap
