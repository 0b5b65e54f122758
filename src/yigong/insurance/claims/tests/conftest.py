"""Fixtures of this room's tests."""

from typing import Any

import pytest


@pytest.fixture
def house(db: None, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A hospital with settled stays, see ``tests.world``."""
    from yigong.insurance.claims.tests.world import make_house

    return make_house(monkeypatch)
