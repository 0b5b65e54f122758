"""Key populations: who is in which by the records."""

from collections.abc import Callable, Collection
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from yigong.contracts.rules.definition import Group
from yigong.contracts.rules.packs import groups
from yigong.core import statements
from yigong.core.months import add_months
from yigong.programmes import api as programmes
from yigong.residents import api as residents

_KEPT = 'select "group", since from contracts_groupmember where resident_id = any(%(keys)s) and until is null order by since'
Roll = Callable[[date], Any]
_rolls: dict[str, Roll] = {}


def register_roll(source: str, members: Roll) -> None:
    """A room above offers a roll (``members(day)``: a set or queryset of resident keys) for the groups whose ``source`` names it; called in ``apps.ready``."""
    _rolls[source] = members


def has_roll(group: Group) -> bool:
    """Whether the group's members can be known: a group whose roll nobody offers is not collected, which is not the same as empty."""
    return not group.source or group.source in _rolls


def people_in(group: Group, day: date) -> Any:
    """The members on a day as a queryset of residents, for one statement."""
    people = residents.population(**_born(group, day))
    if group.programme:
        people = people.filter(pk__in=programmes.under_management(group.programme).values("resident_id"))
    if group.source:
        people = people.filter(pk__in=_rolls[group.source](day)) if has_roll(group) else people.none()
    return people


def _born(group: Group, day: date) -> dict[str, Any]:
    """Ages as days of birth: ``age_from`` completed years and more, fewer than ``age_below``."""
    found = {}
    if group.age_from is not None:
        found["born_until"] = add_months(day, -12 * group.age_from)
    if group.age_below is not None:
        found["born_after"] = add_months(day, -12 * group.age_below)
    return found


def groups_of(resident_ids: Collection[UUID], day: date) -> dict[UUID, set[str]]:
    """The groups of some people today, straight from the records (not from the kept rows): a signing must not lag by a day."""
    keys = residents.identities_of(resident_ids)
    found: dict[UUID, set[str]] = {one: set() for one in resident_ids}
    for code, group in groups(day).items():
        if has_roll(group):
            for key in people_in(group, day).filter(pk__in=keys).values_list("pk", flat=True):
                found[keys[key]].add(code)
    return found


def kept_of(resident_id: UUID) -> list[tuple[str, date]]:
    """(group, since) of a person by the kept rows."""
    values = {"keys": list(residents.identities(resident_id))}
    return [(code, since) for code, since in statements.fetch(_KEPT, values)]


def yesterday(day: date) -> date:
    """The last day that counts of a half-open span."""
    return day - timedelta(days=1)
