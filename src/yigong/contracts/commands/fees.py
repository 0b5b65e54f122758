"""A team's fee of a year, shared by the county's rule and posted."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.commands import common, money
from yigong.contracts.data import FeeShareData
from yigong.contracts.models import FeeShare, Team
from yigong.contracts.queries.fees import reckon, to_data
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.ids import new_id
from yigong.core.ledger import api as ledger


@racing("contracts.share_fee")
@change
def share_fee(*, team_id: UUID, year: int, actor: Actor, until: date | None = None) -> FeeShareData:
    """Share what a team earned in a year up to a day (today when not given): by days served, times the share of items done, to seats and house.

    Once per team and year; a reversed one may be done again. What is not paid out stays in the team's pool.
    """
    team = common.team_of(team_id, actor, permission=policies.MANAGE)
    day = min(until or clock.today(), date(year + 1, 1, 1))
    if not date(year, 1, 1) < day <= clock.today():
        raise InvalidInput(errors={"until": _("截止日期应在所选年度之内，且不晚于今天。")})
    Team.objects.select_for_update().get(pk=team.id)
    found = reckon(team, year, day)
    if found.paid_fen <= 0:
        raise Conflict(_("这支团队在所选期间没有可分配的签约费（没有收入，或约定的服务尚未开展）。"))
    key = new_id()
    entries = [(money.pool_account(team.id), -found.paid_fen)]
    for line in found.lines:
        if line.fen:
            house = line.staff_id is None
            entries.append(
                (
                    money.share_account(team.institution_id if line.staff_id is None else line.staff_id, house=house),
                    line.fen,
                )
            )
    once = Conflict(_("这支团队 %(year)s 年的签约费已分配；如需重算，请先撤销原来的分配。") % {"year": year})
    with refusing(contract_fee_shared_once=once):
        posting = ledger.post(
            entries, key=f"contracts/share/{key}", actor=actor, reason=f"{team.name} {year}", about=team.id
        )
        row = FeeShare.objects.create(
            id=key, team=team, year=year, until=day, earned_fen=found.earned_fen, paid_fen=found.paid_fen, done_times=found.done_times,
            due_times=found.due_times, rules_version=rules().version, posting_id=posting.id, by=actor.name,
            lines=[[line.role, str(line.staff_id or ""), line.fen] for line in found.lines],
        )  # fmt: skip
    return to_data(row)


@change
def reverse_share(*, share_id: UUID, reason: str, actor: Actor) -> FeeShareData:
    """Undo a sharing: everything goes back to the team's pool."""
    row = FeeShare.objects.select_for_update(of=("self",)).filter(pk=share_id).first()
    if row is None:
        raise NotFound(_("没有找到这次分配。"))
    common.team_of(row.team_id, actor, permission=policies.MANAGE)
    text = common.required(reason)
    if row.reversed_because:
        raise Conflict(_("这次分配已撤销。"))
    ledger.reverse(row.posting_id, key=f"contracts/share-back/{row.id}", actor=actor, reason=text)
    row.reversed_because = text
    row.save(update_fields=["reversed_because"])
    return to_data(row)
