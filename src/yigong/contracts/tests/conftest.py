"""The world of this room's tests."""

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    """A village and its health centre with a team."""
    from .world import make_world

    return make_world()
