"""What pages of this room share."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.network import api as network
from yigong.programmes import policies
from yigong.programmes.rules.definition import Programme
from yigong.programmes.rules.packs import programmes


def known(actor: Actor) -> dict[str, Programme]:
    """The programmes this actor may work with."""
    return {
        c: p
        for c, p in programmes().items()
        if not p.restricted or actor.has(policies.SENSITIVE) or actor.role == "village_doctor"
    }


def choices(actor: Actor) -> list[tuple[str, str]]:
    """The same for a filter."""
    return [("", _("全部方案")), *((code, _(p.short)) for code, p in known(actor).items())]


def names_of(ids: Any) -> dict[UUID, str]:
    """Names of institutions by key."""
    return {k: (place.short_name or place.name) for k, place in network.institutions({i for i in ids if i}).items()}
