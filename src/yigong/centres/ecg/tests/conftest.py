"""Fixtures of the ECG centre."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.ecg.tests.world import EcgWorld


@pytest.fixture
def world(db: None) -> "EcgWorld":
    """A small county with an ECG centre."""
    from yigong.centres.ecg.tests.world import make_ecg_world  # the apps are not ready when this file is read

    return make_ecg_world()
