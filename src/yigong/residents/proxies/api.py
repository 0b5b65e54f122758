"""Proxies: the door for other rooms."""

from uuid import UUID

from yigong.core.actor import Actor
from yigong.residents import api as residents
from yigong.residents.proxies import queries
from yigong.residents.proxies.commands import grant_proxy, withdraw_proxy
from yigong.residents.proxies.data import NewProxy, ProxyData

__all__ = ["NewProxy", "ProxyData", "acting_for", "grant_proxy", "may_act", "proxies_of", "withdraw_proxy"]


def proxies_of(resident_id: UUID, *, actor: Actor) -> tuple[list[ProxyData], list[ProxyData]]:
    """Who acts for this person, and for whom this person acts, after the decision to read, which is logged."""
    person = residents.access_resident(resident_id, actor=actor)
    return queries.of_principal(person.id), queries.of_agent(person.id)


def acting_for(agent_id: UUID) -> list[ProxyData]:
    """For whom somebody may act today. Without a decision: the caller has made one about the agent."""
    return [p for p in queries.of_agent(agent_id) if p.holds]


def may_act(agent_id: UUID, principal_id: UUID) -> bool:
    """Whether the one may act for the other today; keys are followed through merges."""
    today = residents.resolve([principal_id]).get(principal_id)
    return any(p.principal_id == today for p in acting_for(agent_id))
