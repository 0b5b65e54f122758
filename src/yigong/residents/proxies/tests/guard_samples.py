"""Somebody acts for the guards' resident."""

from datetime import date
from typing import Any

from tests.guards.world import Sample, World

from yigong.residents import api as residents
from yigong.residents.proxies import api


def samples(world: World) -> dict[str, Any]:
    """A mandate in writing."""
    person, clerk = world.things["person"], world.actor("registrar")
    given = residents.NewResident("卫长安", "1", date(1984, 3, 3))
    agent = residents.register_resident(given=given, actor=clerk).resident.id
    proxy = api.grant_proxy(
        resident_id=person, given=api.NewProxy(agent, "20", "consent", "委托书 2026-1"), actor=clerk
    )
    return {
        "proxies:of": Sample({"resident_id": person}),
        "proxies:grant": Sample({"resident_id": person}),
        "proxies:withdraw": Sample({"proxy_id": proxy.id}),
    }
