"""Named rights over the village day."""

from django.utils.translation import gettext as _

from yigong.access.api import declare, permissions
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden

USE = declare("villageday.use", "使用乡村医生工作页与离线随访包", roles={"village_doctor", "gp", "nurse"})
MANAGE = declare("villageday.manage", "查看和收回离线随访包", roles={"township_manager", "gp"})


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without this right."""
    if not actor.has(permission):
        raise Forbidden(
            _("您没有“%(label)s”的权限，请联系本机构管理员。") % {"label": _(permissions()[permission].label)}
        )
