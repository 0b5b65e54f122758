"""The world of this room's tests."""

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    """A village with its doctor."""
    from yigong.programmes.tests.world import make_world

    return make_world()
