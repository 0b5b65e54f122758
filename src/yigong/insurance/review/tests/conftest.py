"""Fixtures of this room's tests."""

from typing import Any

import pytest


@pytest.fixture
def county(db: None) -> Any:
    """A hospital, a health centre below it and their people, see ``tests.world``."""
    from yigong.insurance.review.tests.world import make_county

    return make_county()
