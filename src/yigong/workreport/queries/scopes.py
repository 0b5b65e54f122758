"""Of whom a report speaks: the whole county, or one medical community with all that its members manage."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.network import api as network
from yigong.network.data import InstitutionData
from yigong.workreport import policies


@dataclass(frozen=True, slots=True)
class Scope:
    """``places`` None is the whole county, with what belongs to no institution."""

    code: str
    name: str
    places: frozenset[UUID] | None


def scopes_for(actor: Actor, on: date | None = None) -> list[Scope]:
    """The scopes whose figures the actor may read, the county first."""
    found = [Scope("county", _("全县"), None)]
    for alliance in network.alliances("community", on):
        members = [member.institution_id for member in network.alliance_members(alliance.id, on)]
        found.append(Scope(f"community:{alliance.id}", alliance.name, frozenset(network.descendants_of(members))))
    return [one for one in found if policies.may_see(actor, None if one.places is None else set(one.places))]


def scope_of(code: str, actor: Actor, on: date | None = None) -> Scope:
    """One of them by its code; InvalidInput when there is none or the actor may not read it."""
    found = next((one for one in scopes_for(actor, on) if one.code == code), None)
    if found is None:
        raise InvalidInput(errors={"scope": _("请选择全县或一个医共体；您只能选择自己管理范围内的。")})
    return found


def visible_scopes(actor: Actor) -> list[str] | None:
    """The codes of the scopes whose editions the actor may open; None: all, those of communities that are no more included."""
    if policies.may_see(actor, None):
        return None
    return [one.code for one in scopes_for(actor)]


def heads_of(houses: Iterable[UUID]) -> tuple[dict[UUID, UUID], dict[UUID, InstitutionData]]:
    """For each institution the county or township institution that manages it (itself, where it is one), and these institutions."""
    known = network.institutions(houses)
    while missing := {one.parent_id for one in known.values() if one.parent_id and one.parent_id not in known}:
        above = network.institutions(missing)
        if not above:
            break
        known |= above
    heads = {key: head for key in known if (head := _head(key, known)) is not None}
    return heads, {key: known[key] for key in set(heads.values())}


def _head(key: UUID, known: dict[UUID, InstitutionData]) -> UUID | None:
    at: UUID | None = key
    while at is not None and at in known:
        if known[at].level != "village":
            return at
        at = known[at].parent_id
    return None
