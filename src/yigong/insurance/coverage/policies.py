"""Rights. The insurance office keeps the rolls of everybody insured, so its reads and writes need no relationship with the person: reading is
decided by the duty and logged with the person's name, writing leaves its row in the audit history. Everybody else reads a person's coverage
with a relationship, and sees the roll of the own institutions' villages."""

from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access.api import declare
from yigong.access.data import Decision
from yigong.core.actor import Actor
from yigong.core.errors import Forbidden
from yigong.network import api as network

KEEP = declare("coverage.keep", "登记参保与待遇资格", roles={"insurance_clerk"})
READ = declare(
    "coverage.read",
    "查看参保与待遇资格",
    roles={"insurance_clerk", "registrar", "village_doctor", "gp", "specialist", "township_manager", "referral_office"},
)
APPLY = declare("coverage.apply", "申报待遇资格", roles={"gp", "specialist", "referral_office"})
ROLL = declare(
    "coverage.roll",
    "查看参保名册与参保率",
    roles={"insurance_clerk", "village_doctor", "township_manager", "director", "bureau"},
)


def may_keep(actor: Actor) -> None:
    """Refuse whoever does not keep the rolls."""
    if not actor.is_system and not actor.has(KEEP):
        raise Forbidden()


def decide(actor: Actor, action: str, resident_id: UUID) -> Decision:
    """A person's coverage: whoever keeps the rolls reads it by duty."""
    if actor.is_system:
        return Decision(True, "system", _("系统自动处理"), resident_id=resident_id)
    if actor.has(KEEP):
        return Decision(True, "permission", _("依据：医保经办岗位职责"), resident_id=resident_id)
    refusal = _("参保资料由医保专员经办。")
    return Decision(False, "none", refusal, _("如需了解，请联系医保办。"), resident_id=resident_id)


places = network.institutions_seen_by
