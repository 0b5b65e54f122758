"""What the page shell shows but the ground floor cannot know: posts to switch between, the number of open tasks.

Rooms above give it in ``apps.ready``: ``provide("posts", posts_of_request)``. Nothing given, nothing shown.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from yigong.core.actor import Actor
from yigong.core.ui import menu


@dataclass(frozen=True)
class PostChoice:
    """One post of the signed-in person: posting ``value`` under ``name`` to ``switch_url`` switches to it."""

    value: str
    institution: str
    role: str
    current: bool


_providers: dict[str, Callable[[HttpRequest], Any]] = {}


def provide(part: str, provider: Callable[[HttpRequest], Any]) -> None:
    """Give a part of the shell: ``posts`` → list[PostChoice]; ``tasks`` and ``pressing`` → int, open tasks of the actor."""
    _providers[part] = provider


@lru_cache(maxsize=5000)
def address(name: str, *args: Any) -> str:
    """The address by name, or empty where the room that has it is not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


class Shell:
    """The shell of one request; every part is worked out when the template asks for it, once."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.actor: Actor | None = getattr(request, "actor", None)

    @cached_property
    def menu(self) -> list[menu.MenuItem]:
        """The menu entries of the actor."""
        return menu.menu_of(self.actor, self.request.path) if self.actor else []

    @cached_property
    def tabs(self) -> list[tuple[str, str, bool]]:
        """The pages that share a menu entry with this one."""
        return menu.tabs_of(self.actor, self.request.path) if self.actor else []

    @cached_property
    def posts(self) -> list[PostChoice]:
        """The posts the person may switch between."""
        return self._ask("posts", [])

    @cached_property
    def tasks(self) -> int:
        """Open tasks of the actor."""
        return self._ask("tasks", 0)

    @cached_property
    def pressing(self) -> int:
        """Those of them where minutes count for a life."""
        return self._ask("pressing", 0)

    @property
    def path(self) -> str:
        """The address of this page with its query."""
        return self.request.get_full_path()

    def _ask(self, part: str, nothing: Any) -> Any:
        return _providers[part](self.request) if self.actor and part in _providers else nothing
