"""The world of logistics."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.logistics.tests.world import RoadWorld


@pytest.fixture
def world(db: None) -> "RoadWorld":
    """A hub, two townships and a route."""
    from yigong.logistics.tests.world import make_road_world  # the apps are not ready when this file is read

    return make_road_world()
