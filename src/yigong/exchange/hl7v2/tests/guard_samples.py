"""A message that waits at the desk."""

from typing import Any

from tests.guards.world import Sample

from yigong.exchange.hl7v2 import commands
from yigong.exchange.hl7v2.models import Message
from yigong.exchange.hl7v2.tests.writers import oru


def samples(world: Any) -> dict[str, Any]:
    """Addresses with keys."""
    commands.receive(oru("1000000000000000", {"K": ("4", "mmol/L")}, sender="GUARD").encode())
    return {"hl7v2:messages": Sample(), "hl7v2:message": Sample({"message_id": Message.objects.get().pk})}
