"""A mission of nobody's room, with one person aboard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest


@dataclass
class Lorry:
    """A mission: who is aboard, and whether it is under way."""

    driver: Any
    mate: Any
    subject: UUID = field(default_factory=uuid4)
    is_out: bool = True


@pytest.fixture
def lorry(db: None) -> Iterator[Lorry]:
    """Two drivers aboard, under way."""
    from yigong.access.tests.factories import make_person  # the apps are not ready when this file is read
    from yigong.whereabouts import missions

    one = Lorry(make_person("driver"), make_person("driver"))
    aboard = {one.driver.actor.staff_id, one.mate.actor.staff_id}
    missions.declare_mission(
        missions.Mission("test_lorry", lambda key: one.is_out, lambda key, actor: actor.staff_id in aboard)
    )
    yield one
    missions._missions.pop("test_lorry")
