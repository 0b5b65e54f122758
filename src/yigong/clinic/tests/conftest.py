"""Fixtures of this room's tests."""

from typing import Any

import pytest


@pytest.fixture
def world(db: None) -> Any:
    """A small county, see ``tests.world``."""
    from yigong.clinic.tests.world import make_world

    return make_world()
