"""Why somebody need not be enrolled here in a year."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.insurance.coverage import policies
from yigong.insurance.coverage.errors import AlreadyExempt
from yigong.insurance.coverage.models import Exemption
from yigong.insurance.coverage.parameters import enrolment_rules
from yigong.residents import api as residents


@racing("coverage.exempt")
@transaction.atomic
def exempt(*, resident_id: UUID, year: int, reason: str, evidence: str, actor: Actor) -> UUID:
    """Record the lawful reason why somebody is not enrolled here in a year; the denominator of the rate shrinks by one, and names whom.

    ``reason`` is a code of the definition (``coverage.toml``). AlreadyExempt; InvalidInput names the fields.
    """
    policies.may_keep(actor)
    today, faults = clock.today(), {}
    if reason not in {one.code for one in enrolment_rules(today).reasons}:
        faults["reason"] = _("没有这个理由，请从列表中选择。")
    if not evidence.strip():
        faults["evidence"] = _("请写明凭证，如异地参保凭证、入伍通知书。")
    if not 2000 <= year <= today.year + 1:
        faults["year"] = _("年度应在 2000 年至明年之间。")
    if faults:
        raise InvalidInput(errors=faults)
    person = residents.resolve([resident_id])[resident_id]
    row = Exemption(
        resident_id=person, year=year, reason=reason, evidence=evidence.strip()[:200], recorded_by=actor.name[:60]
    )
    with acting(actor, reason=evidence), refusing(one_exemption_a_year=AlreadyExempt()):
        row.save(force_insert=True)
    return row.id


@racing("coverage.withdraw_exemption")
@transaction.atomic
def withdraw_exemption(*, exemption_id: UUID, reason: str, actor: Actor) -> None:
    """The reason did not hold: the person counts again."""
    policies.may_keep(actor)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写。")})
    row = Exemption.objects.select_for_update().filter(pk=exemption_id).first()
    if row is None:
        raise NotFound()
    if row.withdrawn_because:
        raise Conflict(_("这条登记已经撤销，请刷新后查看。"))
    row.withdrawn_because = reason.strip()[:100]
    with acting(actor, reason=reason):
        row.save(update_fields=["withdrawn_because"])
