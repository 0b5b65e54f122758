"""Ending, taking back, resuming and handing over a contract."""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.contracts.commands import common, counting, money
from yigong.contracts.data import ContractData
from yigong.contracts.errors import AlreadySigned
from yigong.contracts.events import ContractEnded, ContractSigned
from yigong.contracts.models import Contract, FeeShare, Service, Stint, Team
from yigong.contracts.queries.contracts import overlapping, to_data
from yigong.contracts.rules import fees
from yigong.contracts.rules.packs import rules
from yigong.contracts.rules.workflow import CONTRACT
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import one_at_a_time, racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput
from yigong.core.events.api import record
from yigong.core.ledger import api as ledger
from yigong.core.states.api import transition
from yigong.core.ui.shell import address
from yigong.residents import api as residents
from yigong.tasks import api as tasks


@change
def end_contract(*, contract_id: UUID, ending: str, reason: str, actor: Actor, on: date | None = None) -> ContractData:
    """End a contract before its term; ``on`` (today when not given) is the first day that no longer counts."""
    row = common.contract_of(contract_id, actor)
    known = rules().ending(ending)
    if known is None:
        raise InvalidInput(errors={"ending": _("请选择解约原因。")})
    if known.follows and not actor.is_system:
        words = {"title": _(known.title)}
        raise InvalidInput(errors={"ending": _("“%(title)s”请在居民档案登记，协议随之自动终止。") % words})
    day = on or clock.today()
    if not row.starts_on <= day <= clock.today():
        raise InvalidInput(errors={"on": _("解约日期应在协议开始日和今天之间。")})
    return to_data(finish(row, ending, common.required(reason), actor=actor, on=day))


def finish(row: Contract, ending: str, reason: str, *, actor: Actor, on: date, by_itself: bool = False) -> Contract:
    """The step itself; ``by_itself`` when an event ends it. A term still to come ends with no day."""
    day = max(row.starts_on, min(on, row.ends_on))
    action = "close" if by_itself else "end"
    back = _give_back(row, ending, day, actor=actor, by_itself=by_itself)
    row = transition(CONTRACT, row, action, actor=actor, reason=reason, ending=ending, ends_on=day, returned=back)
    Stint.objects.filter(contract=row, ends_on__gt=day, starts_on__lte=day).update(ends_on=day)
    access.close_relationships(source=row.id)
    counting.count_again([row.id])
    record(ContractEnded(row.id, row.resident_id, row.institution_id, ending, row.signed_on))
    return row


def _give_back(row: Contract, ending: str, day: date, *, actor: Actor, by_itself: bool) -> dict[str, int]:
    """What of the fee goes back by the ending's rule. A pool that was shared already refuses a clerk; an event ends the contract all the same and
    somebody is asked to see to the money."""
    known = rules().ending(ending)
    parts = (
        fees.returned(row.fee_fen, row.payers, (row.starts_on, row.term_ends_on), day)
        if known and known.returns
        else {}
    )
    try:
        with transaction.atomic():
            money.return_rest(row, parts, actor=actor)
    except ledger.NotEnough:
        if not by_itself:
            raise Conflict(_("这支团队的签约费已分配，余下的钱不够退；请先撤销分配，再办理解约。")) from None
        tasks.open_task(
            key=f"contracts/refund/{row.id}", kind="contracts.refund", title=_("%(number)s 已自动终止，签约费待退") % {"number": row.number},
            institution_id=row.institution_id, role="township_manager", url=address("contracts:detail", row.id), subject=("contract", row.id),
        )  # fmt: skip
        return {}
    return parts


@change
def revoke_contract(*, contract_id: UUID, reason: str, actor: Actor) -> ContractData:
    """Take a signing back that was a mistake: it never held, the fee goes back. Refused once something was done by hand or the fee was shared."""
    row = common.contract_of(contract_id, actor)
    text = common.required(reason)
    if Service.objects.filter(contract=row, source_kind="manual").exists():
        raise Conflict(_("协议下已登记服务，不能撤销；如不再继续，请办理解约。"))
    if FeeShare.objects.filter(team=row.team_id, year=row.starts_on.year, reversed_because="").exists():
        raise Conflict(_("这支团队本年的签约费已分配，请先撤销分配，或办理解约。"))
    row = transition(CONTRACT, row, "revoke", actor=actor, reason=text, done_times=0, first_done_on=None)
    Service.objects.filter(contract=row).delete()
    Stint.objects.filter(contract=row).delete()
    access.close_relationships(source=row.id)
    money.give_back(row, actor=actor, reason=text)
    record(ContractEnded(row.id, row.resident_id, row.institution_id, "", row.signed_on))
    return to_data(row)


@change
def withdraw_offer(*, contract_id: UUID, reason: str, actor: Actor) -> ContractData:
    """Take an offer back before it was confirmed; its link no longer works."""
    row = common.contract_of(contract_id, actor)
    return to_data(transition(CONTRACT, row, "withdraw", actor=actor, reason=common.required(reason)))


@change
def reopen_contract(*, contract_id: UUID, reason: str, actor: Actor) -> ContractData:
    """Undo an ending: the contract goes on to its agreed term. Refused when the person signed elsewhere meanwhile."""
    row = common.contract_of(contract_id, actor)
    return to_data(resume(row, common.required(reason), actor=actor))


def resume(row: Contract, reason: str, *, actor: Actor, by_itself: bool = False) -> Contract:
    """The step itself."""
    one_at_a_time(row.resident_id)
    person = residents.identity(row.resident_id)
    if person.status != "active":
        raise Conflict(_("居民档案%(status)s，不能恢复协议。") % {"status": person.status_label})
    held = overlapping(residents.identities(row.resident_id), row.ends_on, row.term_ends_on, but=row.id)
    other = held.select_related("team").first()
    taken = AlreadySigned(
        name=person.name,
        team=other.team.name if other else _("另一支团队"),
        until=(other or row).ends_on - timedelta(days=1),
    )
    if other:
        raise taken
    stopped = row.ends_on
    money.take_again(row, actor=actor)
    with refusing(contract_one_at_a_time=taken):
        row = transition(
            CONTRACT,
            row,
            "revive" if by_itself else "reopen",
            actor=actor,
            reason=reason,
            ending="",
            ends_on=row.term_ends_on,
            returned={},
        )
    Stint.objects.filter(contract=row, team=row.team_id, ends_on=stopped).update(ends_on=row.ends_on)
    common.let_see([row], Team.objects.get(pk=row.team_id))
    counting.count_again([row.id])
    record(ContractSigned(row.id, row.resident_id, row.team_id, row.institution_id, clock.today()))
    return row


@racing("contracts.transfer_contract")
@change
def transfer_contract(
    *, contract_id: UUID, team_id: UUID, reason: str, actor: Actor, version: int | None = None
) -> ContractData:
    """Another team answers from today; the term, the packages and what was done stay. What was paid for the days to come goes to its pool."""
    row = common.contract_of(contract_id, actor)
    text = common.required(reason)
    team = Team.objects.filter(pk=team_id, ended_on__isnull=True).first()
    if team is None:
        raise InvalidInput(errors={"team_id": _("请选择接收的团队。")})
    if team.id == row.team_id:
        raise InvalidInput(errors={"team_id": _("已由这支团队负责。")})
    today = clock.today()
    if row.ends_on <= today:
        raise Conflict(_("协议已期满，请直接与新团队签约。"))
    day = max(today, row.starts_on)
    term = (row.starts_on, row.term_ends_on)
    rest = row.fee_fen - fees.earned(row.fee_fen, term, term, day)
    money.hand_over(row, rest, to_team=team.id, actor=actor, key=f"contracts/transfer/{row.id}/{row.version}")
    row = transition(
        CONTRACT, row, "transfer", actor=actor, reason=f"{text} → {team.name}", expected_version=version, team_id=team.id,
        institution_id=team.institution_id,
    )  # fmt: skip
    Stint.objects.filter(contract=row, starts_on__gte=day).delete()
    Stint.objects.filter(contract=row, ends_on__gt=day).update(ends_on=day)
    Stint.objects.create(contract=row, team=team, starts_on=day, ends_on=row.ends_on)
    common.let_see([row], team)
    return to_data(row)
