"""What the record room adds to a resident's file."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from yigong.core.actor import Actor
from yigong.records import queries


def warnings(resident_id: UUID, actor: Actor) -> Mapping[str, Any] | None:
    """Allergies and lasting conditions under the name."""
    found = queries.warnings_of(resident_id)
    return {"allergies": found[0], "conditions": found[1]}
