"""The laboratory's world."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.laboratory.tests.world import LabWorld


@pytest.fixture
def world(db: None) -> "LabWorld":
    """A small county with a laboratory."""
    from yigong.centres.laboratory.tests.world import make_lab_world  # the apps are not ready when this file is read

    return make_lab_world()
