"""Rights. The insurance office keeps the rolls of everybody insured, so its writes need no relationship with the person; each leaves its row
in the audit history. Reading a person's coverage is a read about the person and is decided and logged like any other."""

from yigong.access.api import declare
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden

KEEP = declare("coverage.keep", "登记参保与待遇资格", roles={"insurance_clerk"})


def may_keep(actor: Actor) -> None:
    """Refuse whoever does not keep the rolls."""
    if not actor.is_system and not actor.has(KEEP):
        raise Forbidden()
