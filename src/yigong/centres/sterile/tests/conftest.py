"""Fixtures of the sterile supply centre."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.sterile.tests.world import SterileWorld


@pytest.fixture
def world(db: None) -> "SterileWorld":
    """A small county with a sterile supply centre."""
    from yigong.centres.sterile.tests.world import make_sterile_world  # the apps are not ready when this file is read

    return make_sterile_world()
