"""A trail for the guards: a mission of their own with the driver aboard."""

from typing import Any
from uuid import uuid4

from tests.guards.world import Sample

from yigong.whereabouts import missions


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    missions.declare_mission(missions.Mission("guard", lambda key: True, lambda key, actor: True))
    one = {"kind": "guard", "subject": uuid4()}
    return {
        "whereabouts:token": Sample(), "whereabouts:switch": Sample(one, post={"sent": '{"on": true}'}),
        "whereabouts:report": Sample(one, post={"sent": '{"now": "2026-01-01T00:00:00Z", "points": []}'}),
    }  # fmt: skip
