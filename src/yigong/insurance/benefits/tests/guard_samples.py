"""Plans for the guards."""

from typing import Any

from tests.guards.world import Sample


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    return {
        "benefits:detail": Sample({"code": "resident-demo", "version": "2026.1"}),
        "benefits:compare": Sample(),
        "benefits:list": Sample(),
    }
