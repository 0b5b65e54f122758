"""Teams: made, staffed, given an area, closed."""

from datetime import date
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.contracts import policies
from yigong.contracts.commands import common
from yigong.contracts.models import Area, Contract, Member, Team
from yigong.contracts.rules.packs import rules
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.network import api as network


@change
def create_team(
    *, name: str, institution_id: UUID, actor: Actor, started_on: date | None = None, note: str = ""
) -> UUID:
    """A new team of an institution; its members and area come next. Returns its key."""
    policies.require(actor, policies.MANAGE)
    if not name.strip():
        raise InvalidInput(errors={"name": _("请填写团队名称，例如“东河镇第一团队”。")})
    allowed = policies.places(actor)
    if allowed is not None and institution_id not in allowed:
        raise InvalidInput(errors={"institution_id": _("只能为本机构和所辖机构组建团队。")})
    taken = InvalidInput(errors={"name": _("这家机构已有同名的团队，请换一个名称。")})
    with refusing(contract_team_name_once=taken):
        team = Team.objects.create(
            name=name.strip()[:60],
            institution_id=institution_id,
            started_on=started_on or clock.today(),
            note=note[:200],
        )
    return team.id


@change
def add_member(*, team_id: UUID, staff_id: UUID, role: str, actor: Actor) -> UUID:
    """Put somebody into a seat; the seat says whose posts may take it and how many there are. Where he works sees the people from now on."""
    team = common.team_of(team_id, actor, permission=policies.MANAGE)
    seat = rules().role(role)
    if seat is None:
        raise InvalidInput(errors={"role": _("请选择角色。")})
    post = next((p for p in network.posts_of(staff_id) if p.role in seat.posts), None)
    if post is None:
        raise InvalidInput(
            errors={"staff_id": _("这个人现任的岗位不能担任“%(seat)s”，请另选。") % {"seat": _(seat.title)}}
        )
    Team.objects.select_for_update().get(pk=team.id)
    if team.members.filter(role=role, ends_on__isnull=True).count() >= seat.most:
        raise Conflict(_("“%(seat)s”最多 %(n)s 人，请先移出一人。") % {"seat": _(seat.title), "n": seat.most})
    known = common.places_of(team)
    with refusing(contract_member_one_seat=InvalidInput(errors={"staff_id": _("这个人已在团队中。")})):
        member = Member.objects.create(
            team=team, staff_id=staff_id, role=role, institution_id=post.institution_id, starts_on=clock.today()
        )
    if post.institution_id not in known:
        common.let_see(_running(team), team)
    return member.id


@change
def remove_member(*, member_id: UUID, actor: Actor) -> None:
    """Somebody leaves; what only he let an institution see is closed. Refused when a seat would fall below its least while people are signed."""
    member = Member.objects.select_for_update(of=("self",)).filter(pk=member_id, ends_on__isnull=True).first()
    if member is None:
        raise NotFound(_("这名成员已不在团队中。"))
    team = common.team_of(member.team_id, actor, permission=policies.MANAGE)
    seat = rules().role(member.role)
    left = team.members.filter(role=member.role, ends_on__isnull=True).count() - 1
    if seat and left < seat.least and _running(team).exists():
        words = {"seat": _(seat.title), "n": seat.least}
        raise Conflict(_("团队还有签约居民，“%(seat)s”至少 %(n)s 人：请先增加接替的人。") % words)
    before = common.places_of(team)
    member.ends_on = clock.today()
    member.save(update_fields=["ends_on"])
    if common.places_of(team) != before:
        common.let_see(_running(team), team)


@change
def add_area(*, team_id: UUID, institution_id: UUID, actor: Actor) -> None:
    """An institution whose people the team looks after."""
    team = common.team_of(team_id, actor, permission=policies.MANAGE)
    network.institution(institution_id)
    with refusing(contract_area_once=InvalidInput(errors={"institution_id": _("已在服务范围内。")})):
        Area.objects.create(team=team, institution_id=institution_id)


@change
def remove_area(*, team_id: UUID, institution_id: UUID, actor: Actor) -> None:
    """No longer; contracts stay."""
    team = common.team_of(team_id, actor, permission=policies.MANAGE)
    Area.objects.filter(team=team, institution_id=institution_id).delete()


@change
def close_team(*, team_id: UUID, reason: str, actor: Actor) -> None:
    """A team signs no more. Refused while people are signed: they are transferred first."""
    team = common.team_of(team_id, actor, permission=policies.MANAGE)
    text = common.required(reason)
    Team.objects.select_for_update().get(pk=team.id)
    if n := _running(team).count():
        raise Conflict(_("团队还有 %(n)s 名签约居民，请先办理转签。") % {"n": n})
    team.ended_on, team.note = clock.today(), text
    team.save(update_fields=["ended_on", "note"])


def _running(team: Team):  # type: ignore[no-untyped-def]
    return Contract.objects.filter(team=team, state="valid", ends_on__gt=clock.today())
