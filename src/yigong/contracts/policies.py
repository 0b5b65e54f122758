"""Named rights over family-doctor contracts. A contract belongs to its team's institution; institutions above it help."""

from django.utils.translation import gettext as _

from yigong.access.api import declare, permissions
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.network import api as network

READ = declare(
    "contracts.read",
    "查看家庭医生签约",
    roles={"village_doctor", "gp", "nurse", "township_manager", "specialist", "quality_manager"},
)
SIGN = declare("contracts.sign", "办理家庭医生签约", roles={"village_doctor", "gp", "nurse", "township_manager"})
MANAGE = declare("contracts.manage", "维护签约团队与分配签约费", roles={"township_manager"})
FIGURES = declare(
    "contracts.figures",
    "查看签约指标",
    roles={"village_doctor", "gp", "township_manager", "quality_manager", "director", "bureau"},
)


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without this right."""
    if not actor.has(permission):
        raise Forbidden(
            _("您没有“%(label)s”的权限，请联系本机构管理员。") % {"label": _(permissions()[permission].label)}
        )


places = network.institutions_seen_by
