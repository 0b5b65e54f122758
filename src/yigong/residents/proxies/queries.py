"""Reads of proxies. Keys are followed through merges."""

from collections.abc import Collection, Sequence
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.states.models import StateChange
from yigong.residents import api as residents
from yigong.residents.proxies import rules
from yigong.residents.proxies.data import ProxyData
from yigong.residents.proxies.models import Proxy
from yigong.residents.proxies.rules import ACTIVE, PROXY


def proxy(proxy_id: UUID) -> ProxyData:
    """One proxy. NotFound."""
    row = Proxy.objects.filter(pk=proxy_id).first()
    if row is None:
        raise NotFound(_("没有找到这条代办登记，请返回重新查找。"))
    return _to_data([row])[0]


def of_principal(resident_id: UUID) -> list[ProxyData]:
    """Who acts or acted for this person, those that hold first."""
    return _listed(Q(principal__in=residents.identities(resident_id)))


def of_agent(resident_id: UUID) -> list[ProxyData]:
    """For whom this person acts or acted, those that hold first."""
    return _listed(Q(agent__in=residents.identities(resident_id)))


def agents_of(ids: Collection[UUID]) -> dict[UUID, list[ProxyData]]:
    """Who acts today for each of these people; two questions however many."""
    found: dict[UUID, list[ProxyData]] = {}
    for one in _to_data(list(Proxy.objects.filter(principal__in=ids, state=ACTIVE))):
        if one.holds:
            found.setdefault(one.principal_id, []).append(one)
    return found


def active_of(ids: Collection[UUID]) -> list[Proxy]:
    """Rows in force on either side of these keys."""
    return list(Proxy.objects.filter(Q(principal__in=ids) | Q(agent__in=ids), state=ACTIVE).order_by("id"))


def who_acts_for(people: set[UUID]) -> set[UUID]:
    """Who acts in force for any of these people, by the keys of today."""
    keys = frozenset().union(*(residents.identities(person) for person in people))
    agents = set(Proxy.objects.filter(state=ACTIVE, principal__in=keys).values_list("agent", flat=True))
    return set(residents.resolve(agents).values())


def held_about(ids: Collection[UUID]) -> int:
    """How many proxies are kept under these keys."""
    return Proxy.objects.filter(Q(principal__in=ids) | Q(agent__in=ids)).count()


def _listed(condition: Q) -> list[ProxyData]:
    rows = list(Proxy.objects.filter(condition).order_by("-starts_on", "-id")[:100])
    return sorted(_to_data(rows), key=lambda p: not p.holds)


def _to_data(rows: Sequence[Proxy]) -> list[ProxyData]:
    names = residents.resident_names({key for r in rows for key in (r.principal_id, r.agent_id)})
    ends = StateChange.objects.filter(object_id__in=[r.id for r in rows]).exclude(action="create")
    because = dict(ends.values_list("object_id", "reason"))
    relations, today = residents.relations(), clock.today()
    return [
        ProxyData(
            id=r.id,
            principal_id=names[r.principal_id].id,
            principal_name=names[r.principal_id].name,
            principal_note=_note(names[r.principal_id]),
            agent_id=names[r.agent_id].id,
            agent_name=names[r.agent_id].name,
            agent_note=_note(names[r.agent_id]),
            relation_label=relations.get(r.relation, r.relation),
            basis=r.basis,
            basis_label=_(rules.BASES[r.basis]),
            document=r.document,
            starts_on=r.starts_on,
            ends_on=r.ends_on,
            state=r.state,
            state_label=PROXY.label(r.state),
            holds=r.state == ACTIVE and r.starts_on <= today and (r.ends_on is None or today < r.ends_on),
            ended_because=because.get(r.id, ""),
            version=r.version,
        )
        for r in rows
    ]


def _note(who: residents.ResidentName) -> str:
    return " · ".join(filter(None, (who.sex_label, who.age_text, who.masked_number)))
