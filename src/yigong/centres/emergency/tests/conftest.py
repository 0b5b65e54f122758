"""Fixtures of the emergency centre."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.emergency.tests.world import EmergencyWorld


@pytest.fixture
def world(db: None) -> "EmergencyWorld":
    """A small county with an emergency centre."""
    from yigong.centres.emergency.tests.world import (
        make_emergency_world,  # the apps are not ready when this file is read
    )

    return make_emergency_world()
