"""Named rights over residents and who carries them by default."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.api import declare, permissions
from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden

_CLINICAL = {
    "village_doctor", "gp", "nurse", "specialist", "technician", "radiologist", "senior_radiologist", "ecg_reader",
    "lab_technician", "lab_doctor", "pathology_technician", "pathologist", "senior_pathologist",
    "pharmacist",
}  # fmt: skip
_DESK = {"registrar", "referral_office", "township_manager", "duty_chief", "identity_manager"}

SEARCH = declare("residents.search", "查找居民", roles=_CLINICAL | _DESK | {"insurance_clerk", "quality_manager"})
REGISTER = declare("residents.register", "居民建档", roles={"village_doctor", "gp", "nurse", "specialist"} | _DESK)
CHANGE = declare("residents.change", "修改居民基本信息", roles={"village_doctor", "gp", "nurse"} | _DESK)
CLOSE = declare("residents.close", "注销与恢复居民档案", roles={"gp", "township_manager", "identity_manager"})
REVEAL = declare("residents.reveal", "查看完整证件号与电话", roles=_CLINICAL | _DESK | {"insurance_clerk"})
LINK = declare("residents.link", "合并、拆分与关联居民档案", roles={"identity_manager"})
CONFIRM = declare(
    "residents.confirm_link",
    "确认合并居民档案（第二人）",
    roles={"identity_manager", "quality_manager"},
)


def refusal(permission: str) -> Forbidden:
    """The refusal that names the missing right and whom to ask."""
    label = permissions()[permission].label
    return Forbidden(_("您没有“%(label)s”的权限，请联系本机构管理员。") % {"label": _(label)})


def decide_index(actor: Actor, action: str, resident_id: UUID) -> Decision:
    """Who keeps the index looks at particulars of anybody, masked, to tell people apart; each look is logged about the resident."""
    allowed = actor.is_system or actor.has(LINK) or actor.has(CONFIRM)
    if allowed:
        return Decision(True, "permission", _("依据：主索引管理职责"), resident_id=resident_id)
    refused = _("只有主索引管理员和第二确认人可以比对居民档案。")
    return Decision(False, "none", refused, _("如需比对，请联系主索引管理员。"), resident_id=resident_id)


def require(actor: Actor, permission: str) -> None:
    """Refuse an actor without this right."""
    if not actor.has(permission):
        raise refusal(permission)
