"""The left menu. Each app registers its entries in ``apps.ready``; the shell shows what the actor may use.

menu.register(MenuEntry(_("转诊"), "referrals:inbox", "referrals.read", order=30, icon="referral"))

Pages that one person uses together are one entry with tabs: a ``MenuGroup`` for some roles, and entries that name it.
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
    ``group`` names the group in which it is a tab for the group's roles, ``tab`` what it is called there.
    """

    label: Any
    url_name: str
    permission: str = ""
    order: int = 50
    icon: str = "list"
    count: Callable[[Actor], int] | None = None
    roles: frozenset[str] = frozenset()
    group: str = ""
    tab: Any = ""

    def visible(self, actor: Actor) -> bool:
        """Whether this actor may use the entry."""
        if self.permission and not actor.has(self.permission):
            return False
        return not self.roles or actor.role in self.roles or self.is_tab(actor)

    def is_tab(self, actor: Actor) -> bool:
        """Whether it stands in a group for this actor."""
        group = _groups.get(self.group)
        return group is not None and actor.role in group.roles


@dataclass(frozen=True)
class MenuGroup:
    """One entry for several pages, for some roles; the pages show each other as tabs. With one page left the page itself is the entry."""

    code: str
    label: Any
    roles: frozenset[str]
    order: int
    icon: str


@dataclass(frozen=True)
class MenuItem:
    """An entry as the page draws it."""

    label: str
    url: str
    icon: str
    active: bool
    count: int = 0


_entries: dict[str, MenuEntry] = {}
_groups: dict[str, MenuGroup] = {}


def register(entry: MenuEntry) -> None:
    """Offer an entry; the same address registered again replaces the earlier one."""
    _entries[entry.url_name] = entry


def register_group(group: MenuGroup) -> None:
    """Offer a group; entries name it by its code."""
    _groups[group.code] = group


def entries() -> list[MenuEntry]:
    """All entries in order."""
    return sorted(_entries.values(), key=lambda e: (e.order, e.url_name))


def menu_of(actor: Actor, path: str) -> list[MenuItem]:
    """What this actor sees, with the entry of the present page marked."""
    seen = _slots(actor)[:MOST]
    urls = {_address(entry.url_name): n for n, (_head, tabs) in enumerate(seen) for entry in tabs}
    here = urls.get(_longest_match(list(urls), path))
    return [
        MenuItem(
            str(head.label), _address(tabs[0].url_name), head.icon, n == here,
            sum(entry.count(actor) for entry in tabs if entry.count),
        )
        for n, (head, tabs) in enumerate(seen)
    ]  # fmt: skip


def tabs_of(actor: Actor, path: str) -> list[tuple[str, str, bool]]:
    """The pages that share an entry with the page at ``path``, as tabs: label, address, whether it is this one. None on other pages."""
    for _head, tabs in _slots(actor):
        if len(tabs) > 1 and path in {_address(entry.url_name) for entry in tabs}:
            found = [(str(entry.tab or entry.label), _address(entry.url_name)) for entry in tabs]
            return [(label, url, url == path) for label, url in found]
    return []


def _slots(actor: Actor) -> list[tuple[MenuEntry | MenuGroup, list[MenuEntry]]]:
    """Entries and groups in order, each with its pages."""
    together: dict[str, list[MenuEntry]] = {}
    alone: list[MenuEntry] = []
    for entry in filter(lambda one: one.visible(actor), entries()):
        if entry.is_tab(actor):
            together.setdefault(entry.group, []).append(entry)
        else:
            alone.append(entry)
    slots: list[tuple[MenuEntry | MenuGroup, list[MenuEntry]]] = [(entry, [entry]) for entry in alone]
    for code, tabs in together.items():
        slots.append((tabs[0] if len(tabs) == 1 else _groups[code], tabs))
    return sorted(slots, key=lambda slot: (slot[0].order, slot[1][0].url_name))


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
        if (count := len(_slots(actor))) > MOST:
            dead.append(Error(f"{role} has {count} menu entries, at most {MOST}", id="yigong.ui.E002"))
    for entry in entries():
        if entry.group and entry.group not in _groups:
            dead.append(Error(f"menu entry {entry.url_name!r} names no group", id="yigong.ui.E003"))
        try:
            reverse(entry.url_name)
        except NoReverseMatch:
            dead.append(Error(f"menu entry {entry.url_name!r} leads nowhere", id="yigong.ui.E001"))
    return dead
