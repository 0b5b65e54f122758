"""The pathology centre's world."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.pathology.tests.world import PathologyWorld


@pytest.fixture
def world(db: None) -> "PathologyWorld":
    """A small county with a pathology centre."""
    from yigong.centres.pathology.tests.world import (
        make_pathology_world,  # the apps are not ready when this file is read
    )

    return make_pathology_world()
