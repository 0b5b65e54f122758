"""Renewal in bulk: the same team and the packages of today for another term that begins where the old one ends."""

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.commands import common, signing
from yigong.contracts.data import ContractData, SignedMany, Skipped
from yigong.contracts.models import Contract
from yigong.contracts.queries.contracts import to_data
from yigong.contracts.queries.renewals import plan_of
from yigong.core.actor import Actor
from yigong.core.audit.api import acting
from yigong.core.commands import one_at_a_time, racing
from yigong.core.errors import Conflict, DomainError, InvalidInput
from yigong.core.jobs import api as jobs
from yigong.residents import api as residents


@racing("contracts.renew_contracts")
def renew_contracts(*, contract_ids: Collection[UUID], actor: Actor) -> SignedMany:
    """Renew these contracts, each in a transaction of its own; who cannot be renewed is told with the reason. Twice is once."""
    policies.require(actor, policies.SIGN)
    signed: list[ContractData] = []
    skipped: list[Skipped] = []
    for key in contract_ids:
        try:
            with transaction.atomic(), acting(actor, _("续签")):
                signed.append(_renew(key, actor))
        except DomainError as refusal:
            row = Contract.objects.filter(pk=key).first()
            name = residents.identity(row.resident_id).name if row else ""
            sentences = list(refusal.errors.values()) if isinstance(refusal, InvalidInput) else []
            skipped.append(Skipped(row.resident_id if row else key, name, "".join(sentences) or str(refusal)))
    return SignedMany(tuple(signed), tuple(skipped))


def _renew(key: UUID, actor: Actor) -> ContractData:
    row = common.contract_of(key, actor)
    planned = plan_of([row])[0]
    if planned.fault:
        raise Conflict(planned.fault)
    one_at_a_time(row.resident_id)
    team = common.open_team(row.team_id, actor)
    person = residents.identity(row.resident_id)
    fresh = signing.drafted(person, team, planned.packages, actor, planned.starts_on, row.signer_id)
    fresh.way, fresh.renews_id, fresh.household_id = "paper", row.id, row.household_id
    contract = signing.signed(fresh, team, person, actor)
    Contract.objects.filter(pk=row.id).update(is_renewed=True)
    return to_data(contract)


@jobs.job_kind("contracts.renew")
def renew_job(job: jobs.JobData, *, contract_ids: list[str]) -> None:
    """Many renewals with progress; a repetition renews nobody twice."""
    actor = jobs.actor_of(job.id)
    skipped: list[Skipped] = []
    for place, key in enumerate(contract_ids):
        skipped += renew_contracts(contract_ids=[UUID(key)], actor=actor).skipped
        if place % 20 == 0:
            jobs.progress(job.id, place, len(contract_ids), _("正在续签"))
    lines = [_("续签 %(n)s 份，未续 %(m)s 份。") % {"n": len(contract_ids) - len(skipped), "m": len(skipped)}]
    lines += [f"{s.name}：{s.why}" for s in skipped]
    jobs.store_result(job.id, _("续签结果.txt"), "\n".join(lines).encode())
    jobs.progress(job.id, len(contract_ids), len(contract_ids), lines[0])
