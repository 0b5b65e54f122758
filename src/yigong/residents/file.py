"""The frame of a resident's file: header, buttons, tabs and cards that other rooms add to it.

A room's own page within the frame extends ``residents/file.html`` and passes ``file_context(resident, actor=…, active="…")``.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from yigong.core.actor import Actor
from yigong.core.ui.shell import address
from yigong.residents import policies
from yigong.residents.data import ResidentData, ResidentPanel

_panels: dict[str, ResidentPanel] = {}


def file_address(resident_id: UUID) -> str:
    """Where a person's file opens: the timeline when the record room is installed."""
    return address("records:timeline", resident_id) or address("residents:detail", resident_id)


def register_panel(panel: ResidentPanel) -> None:
    """Add a button, line, card or tab to every resident's file (call it in ``apps.ready``); the same name replaces."""
    _panels[panel.name] = panel


def panels_for(actor: Actor, place: str) -> list[ResidentPanel]:
    """The registered parts this actor may see at a place, in order."""
    allowed = [p for p in _panels.values() if p.place == place and (not p.permission or actor.has(p.permission))]
    return sorted(allowed, key=lambda p: (p.order, p.name))


def file_context(resident: ResidentData, *, actor: Actor, active: str, cards: bool = True) -> dict[str, Any]:
    """What ``residents/file.html`` needs; ``active`` is the name of the tab that is open. The caller has decided and logged."""
    return {
        "resident": resident,
        "actions": filled_panels(resident.id, actor, "action"),
        "lines": filled_panels(resident.id, actor, "header"),
        "cards": filled_panels(resident.id, actor, "panel") if cards else [],
        "tabs": _tabs(resident, actor, active),
        "may_reveal": actor.has(policies.REVEAL),
    }


def filled_panels(key: UUID, actor: Actor, place: str) -> list[tuple[ResidentPanel, Mapping[str, Any]]]:
    """The parts of a place with what their rooms provide for a resident (or, at the place ``household``, a household)."""
    filled = [(panel, panel.provider(key, actor)) for panel in panels_for(actor, place)]
    return [(panel, values) for panel, values in filled if values is not None]


def _tabs(resident: ResidentData, actor: Actor, active: str) -> list[tuple[str, str, bool]]:
    own = ResidentPanel("particulars", place="tab", label=_("基本信息"), url_name="residents:detail", order=50)
    tabs = sorted([own, *panels_for(actor, "tab")], key=lambda p: (p.order, p.name))
    return [(str(t.label), address(t.url_name, resident.id), t.name == active) for t in tabs]
