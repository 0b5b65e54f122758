"""Who reads, writes, signs and issues work reports. A report speaks of institutions, never of persons."""

from uuid import UUID

from yigong.access.api import declare
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.indicators import api as indicators

READ = declare("workreport.read", "查看工作汇报", roles={"director", "bureau", "quality_manager"})
WRITE = declare("workreport.write", "编写工作汇报", roles={"director", "bureau", "quality_manager"})
SIGN = declare("workreport.sign", "签署工作汇报", roles={"director", "bureau"})
ISSUE = declare("workreport.issue", "印发工作汇报", roles={"director", "bureau"})


def may_see(actor: Actor, places: set[UUID] | None) -> bool:
    """Whether the actor may read figures of all these institutions; None is the whole county."""
    if actor.is_system:
        return True
    own = indicators.places_of(actor)
    return own is None or (places is not None and places <= set(own))


def must(actor: Actor, permission: str) -> None:
    """Forbidden without the permission."""
    if not actor.has(permission):
        raise Forbidden()
