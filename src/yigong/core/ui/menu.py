"""The left menu. Each app registers its entries in ``apps.ready``; the shell shows what the actor may use.

menu.register(MenuEntry(_("转诊"), "referrals:inbox", "referrals.read", order=30, icon="referral"))
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.core.checks import CheckMessage, Error
from django.urls import NoReverseMatch, reverse

from yigong.core.actor import Actor
from yigong.core.rights import ROLES, permissions_of

MOST = 12


@dataclass(frozen=True)
class MenuEntry:
    """One entry: ``label`` (use ``gettext_lazy``), the address by name, the permission that shows it (empty: everyone signed in).

    ``order`` sorts (the home page is 0; daily work 10-49, registers 50-79, administration 80-99); ``icon`` names a symbol of
    the sprite; ``count(actor)`` may add a small number; ``roles`` narrows the entry to roles where the permission is wider.
    """

    label: Any
    url_name: str
    permission: str = ""
    order: int = 50
    icon: str = "list"
    count: Callable[[Actor], int] | None = None
    roles: frozenset[str] = frozenset()

    def visible(self, actor: Actor) -> bool:
        """Whether this actor may use the entry."""
        return (not self.permission or actor.has(self.permission)) and (not self.roles or actor.role in self.roles)


@dataclass(frozen=True)
class MenuItem:
    """An entry as the page draws it."""

    label: str
    url: str
    icon: str
    active: bool
    count: int = 0


_entries: dict[str, MenuEntry] = {}


def register(entry: MenuEntry) -> None:
    """Offer an entry; the same address registered again replaces the earlier one."""
    _entries[entry.url_name] = entry


def entries() -> list[MenuEntry]:
    """All entries in order."""
    return sorted(_entries.values(), key=lambda e: (e.order, e.url_name))


def menu_of(actor: Actor, path: str) -> list[MenuItem]:
    """What this actor sees, with the entry of the present page marked."""
    seen = [(entry, _address(entry.url_name)) for entry in entries() if entry.visible(actor)][:MOST]
    here = _longest_match([url for _, url in seen], path)
    return [
        MenuItem(str(entry.label), url, entry.icon, url == here, entry.count(actor) if entry.count else 0)
        for entry, url in seen
    ]


@cache
def _address(url_name: str) -> str:
    return reverse(url_name)


def _longest_match(urls: list[str], path: str) -> str:
    fitting = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(fitting, key=len, default="")


def check_entries(**_kwargs: Any) -> list[CheckMessage]:
    """Django system check: every entry leads to an address that exists, and no role has more than a dozen (the rest would be hidden)."""
    dead: list[CheckMessage] = []
    for role in ROLES:
        actor = Actor(name="", role=role, permissions=permissions_of(role))
        if (count := sum(entry.visible(actor) for entry in entries())) > MOST:
            dead.append(Error(f"{role} has {count} menu entries, at most {MOST}", id="yigong.ui.E002"))
    for entry in entries():
        try:
            reverse(entry.url_name)
        except NoReverseMatch:
            dead.append(Error(f"menu entry {entry.url_name!r} leads nowhere", id="yigong.ui.E001"))
    return dead
