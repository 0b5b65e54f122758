"""Fixtures of the imaging centre."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.orders.tests.world import World


@pytest.fixture
def world(db: None) -> "World":
    """A small county."""
    from yigong.orders.tests.world import make_world  # the apps are not ready when this file is read

    return make_world()
