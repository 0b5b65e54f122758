"""What every command does first, and what a contract's becoming valid or ending brings along."""

from collections.abc import Iterable
from datetime import date, datetime, time
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.contracts import policies
from yigong.contracts.models import Contract, Team
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound


def team_of(team_id: UUID, actor: Actor, *, permission: str = policies.SIGN) -> Team:
    """A team that the actor may work for: somebody in it, or of its institution or one above."""
    policies.require(actor, permission)
    team = Team.objects.filter(pk=team_id).select_related("institution").first()
    if team is None:
        raise NotFound(_("没有找到这支团队，请重新选择。"))
    allowed = policies.places(actor)
    member = actor.staff_id and team.members.filter(staff_id=actor.staff_id, ends_on__isnull=True).exists()
    if allowed is not None and team.institution_id not in allowed and not member:
        raise Forbidden(_("“%(team)s”不属于您所在的机构；请选本机构的团队，或联系该团队办理。") % {"team": team.name})
    return team


def open_team(team_id: UUID, actor: Actor) -> Team:
    """A team that still signs."""
    team = team_of(team_id, actor)
    if team.ended_on is not None and team.ended_on <= clock.today():
        raise Conflict(_("“%(team)s”已撤销，请选其他团队。") % {"team": team.name})
    return team


def contract_of(contract_id: UUID, actor: Actor, *, lock: bool = True) -> Contract:
    """A contract that the actor may work on, its row locked."""
    policies.require(actor, policies.SIGN)
    rows = Contract.objects.select_for_update(of=("self",)) if lock else Contract.objects
    row = rows.filter(pk=contract_id).first()
    if row is None:
        raise NotFound(_("没有找到这份协议，可能已被撤销。"))
    if not actor.is_system:
        team_of(row.team_id, actor)
    return row


def required(text: str, field: str = "reason") -> str:
    """A reason that was given, or the refusal that asks for it."""
    if not text.strip():
        raise InvalidInput(errors={field: _("请写明原因。")})
    return text.strip()[:200]


def midnight(day: date) -> datetime:
    """The instant at which a day begins in China."""
    return datetime.combine(day, time(0), clock.SHANGHAI)


def places_of(team: Team) -> set[UUID]:
    """The institutions that see the people of a team: its own and where its members work."""
    members = team.members.filter(ends_on__isnull=True).values_list("institution_id", flat=True)
    return {team.institution_id, *members}


def let_see(rows: Iterable[Contract], team: Team) -> None:
    """Open the relationships of contracts that hold, after closing what they had opened before."""
    places = sorted(places_of(team))
    for row in rows:
        access.close_relationships(source=row.id)
        if midnight(row.ends_on) <= clock.now():
            continue
        for place in places:
            access.open_relationship(
                resident_id=row.resident_id, basis="contract", source=row.id, institution_id=place,
                ends_at=midnight(row.ends_on), note=team.name,
            )  # fmt: skip
