"""Named rights over programmes. An enrolment belongs to the institution that manages it; institutions above it help."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.api import declare, permissions
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.network import api as network

READ = declare(
    "programmes.read",
    "查看公卫管理对象",
    roles={"village_doctor", "gp", "nurse", "township_manager", "quality_manager"},
)
WORK = declare("programmes.work", "登记公卫随访", roles={"village_doctor", "gp", "nurse", "township_manager"})
FIND = declare("programmes.find", "核实公卫管理对象", roles={"village_doctor", "gp", "township_manager"})
SENSITIVE = declare("programmes.sensitive", "查看严格保密的管理对象", roles={"gp", "township_manager"})
FIGURES = declare(
    "programmes.figures", "查看公卫指标", roles={"gp", "township_manager", "quality_manager", "director", "bureau"}
)
CHECK = declare("programmes.check", "核查随访真实性", roles={"township_manager", "quality_manager"})
DEFINE = declare(
    "programmes.define",
    "审阅公卫方案",
    roles={"gp", "township_manager", "quality_manager", "bureau", "admin", "director"},
)
SITES = declare(
    "programmes.sites", "登记监管单位巡查与健康教育活动", roles={"village_doctor", "gp", "nurse", "township_manager"}
)

SITES_READ = declare(
    "programmes.sites_read",
    "查看监管单位与巡查记录",
    roles={"village_doctor", "gp", "nurse", "township_manager", "quality_manager", "director", "bureau"},
)
VACCINES = declare(
    "programmes.vaccines",
    "登记疫苗库存",
    roles={"village_doctor", "gp", "nurse", "township_manager", "quality_manager"},
)
WARNINGS = declare("programmes.warnings", "核实症候群预警", roles={"gp", "township_manager", "quality_manager"})
RECALL = declare("programmes.recall", "召回和判定疫苗批号", roles={"township_manager", "quality_manager"})


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without this right."""
    if not actor.has(permission):
        raise Forbidden(
            _("您没有“%(label)s”的权限，请联系本机构管理员。") % {"label": _(permissions()[permission].label)}
        )


places = network.institutions_seen_by


def manages(actor: Actor, institution_id: UUID) -> bool:
    """Whether the actor works at the managing institution or one above it."""
    allowed = places(actor)
    return allowed is None or institution_id in allowed


def may_see(actor: Actor, *, institution_id: UUID, staff_id: UUID | None, restricted: bool) -> bool:
    """Restricted programmes are for the responsible person and holders of the right to sensitive ones."""
    if restricted and not (actor.has(SENSITIVE) or (staff_id is not None and actor.staff_id == staff_id)):
        return False
    return manages(actor, institution_id)
