"""Fixtures of the consultation centre."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from yigong.centres.consultation.tests.world import ConsultWorld


@pytest.fixture
def world(db: None) -> "ConsultWorld":
    """A small county with a consultation centre."""
    from yigong.centres.consultation.tests.world import (
        make_consult_world,  # the apps are not ready when this file is read
    )

    return make_consult_world()
