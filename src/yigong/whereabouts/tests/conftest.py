"""A mission of nobody's room, with one person aboard."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import pytest


@dataclass
class Lorry:
    """A mission: who is aboard (built once: a travelled clock may lie on a day before their posts), and whether it is under way."""

    person: Any
    driver: Any
    mate: Any
    subject: UUID = field(default_factory=uuid4)
    is_out: bool = True


@pytest.fixture
def lorry(db: None) -> Iterator[Lorry]:
    """Two drivers aboard, under way."""
    from yigong.access.tests.factories import make_person  # the apps are not ready when this file is read
    from yigong.whereabouts import missions

    person = make_person("driver")
    one = Lorry(person, person.actor, make_person("driver").actor)
    aboard = {one.driver.staff_id, one.mate.staff_id}
    missions.declare_mission(
        missions.Mission("test_lorry", lambda key: one.is_out, lambda key, actor: actor.staff_id in aboard)
    )
    yield one
    missions._missions.pop("test_lorry")
