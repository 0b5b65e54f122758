"""Who may look at and change the network."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.core.rights import ROLES, declare
from yigong.network import tree

VIEW = declare("network.view", "查看机构与人员", roles=set(ROLES))
MANAGE = declare("network.manage", "维护机构、联合体与人员", roles={"admin", "director"})
ROSTER = declare(
    "network.roster", "排班", roles={"admin", "director", "township_manager", "duty_chief", "quality_manager"}
)


def check_may_manage(actor: Actor, institution_id: UUID | None, permission: str = MANAGE) -> None:
    """Refuse unless the actor carries the permission and the institution lies in the tree below the actor's own.

    ``admin`` keeps the whole network; everyone else only what their institution manages. None means "no institution in
    particular" (places, alliances): only ``admin``.
    """
    if actor.is_system:
        return
    if not actor.has(permission):
        raise Forbidden(_("维护机构与人员需要“%(permission)s”权限，请联系系统管理员。") % {"permission": permission})
    if actor.role == "admin":
        return
    if (
        institution_id is None
        or actor.institution_id is None
        or not tree.is_above(actor.institution_id, institution_id)
    ):
        raise Forbidden(_("只能维护本机构及其管理的下级机构，请由该机构的上级或系统管理员办理。"))


def may_manage(actor: Actor, institution_id: UUID | None, permission: str = MANAGE) -> bool:
    """The same question for a page that shows or hides a button."""
    try:
        check_may_manage(actor, institution_id, permission)
    except Forbidden:
        return False
    return True
