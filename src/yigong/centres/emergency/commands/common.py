"""What the commands share: the locked case, the centre in charge."""

from uuid import UUID

from yigong.centres.emergency.commands.errors import NotServed
from yigong.centres.emergency.models import Case
from yigong.core.actor import Actor, system
from yigong.core.errors import NotFound
from yigong.core.ids import new_id
from yigong.network import api as network
from yigong.network.data import CentreData

__all__ = ["RECORDER", "centre_for", "locked_case", "new_id"]

# In a resident's record the room writes, with the person's key as author: whoever drives has no right there, and the patient is at the door all the same.
RECORDER = system("emergency")


def locked_case(case_id: UUID) -> Case:
    """The row, locked until the transaction ends: all times of one case are written one after the other."""
    row = Case.objects.select_for_update(of=("self",)).filter(pk=case_id).first()
    if row is None:
        raise NotFound()
    return row


def centre_for(institution_id: UUID | None, actor: Actor) -> CentreData:
    """The emergency centre hosted by or serving an institution; NotServed."""
    hosted = (
        [one for one in network.centres_hosted(institution_id) if one.kind == "emergency"] if institution_id else []
    )
    found = hosted[0] if hosted else network.serving_centre("emergency", institution_id) if institution_id else None
    if found is None:
        raise NotServed(place=actor.institution_name)
    return found
