"""Taking along and revoking."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from yigong.network import api as network
from yigong.villageday import policies
from yigong.villageday.models import Bundle
from yigong.villageday.queries.packing import Packed, pack
from yigong.villageday.rules import limits


@dataclass(frozen=True, slots=True)
class Taken:
    """The row and what goes onto the phone."""

    bundle: Bundle
    packed: Packed


@change
def take_bundle(*, actor: Actor, device_at: datetime, days: int = 0, device: str = "") -> Taken:
    """Take the own people due in some days along; bounded by the county's limits, each person decided and logged. ``device_at`` is what the phone's
    clock says now. A clock wrong by more than a day is refused: its days would all be wrong."""
    policies.require(actor, policies.USE)
    county, now = limits(), clock.now()
    if actor.institution_id is None or actor.staff_id is None:
        raise Forbidden(_("请先选择工作岗位。"))
    span = days or county.days
    if not 1 <= span <= county.most_days:
        raise InvalidInput(errors={"days": _("最多带 %(n)s 天的随访。") % {"n": county.most_days}})
    ahead = device_at - now
    if abs(ahead) > timedelta(days=2):
        words = {
            "phone": f"{device_at.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
            "now": f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}",
        }
        raise InvalidInput(errors={"device_at": _("手机时间是 %(phone)s，实际是 %(now)s，请先校准手机时间。") % words})
    packed = pack(actor, span, county.most_people)
    row = Bundle.objects.create(
        staff_id=actor.staff_id, institution_id=actor.institution_id, taken_at=now, until=packed.until,
        expires_at=now + timedelta(days=county.lives_days), clock_ahead=round(ahead.total_seconds()), people=len(packed.people),
        dues=len(packed.dues), left_out=packed.left_out, device=device[:120],
    )  # fmt: skip
    return Taken(row, packed)


@change
def revoke_bundle(*, bundle_id: UUID, reason: str, actor: Actor) -> None:
    """A phone is lost or its owner left: the bundle is wiped when the phone comes on line, and what it sends afterwards waits for a person."""
    row = Bundle.objects.select_for_update(of=("self",)).filter(pk=bundle_id).first()
    if row is None:
        raise NotFound(_("没有找到这个随访包。"))
    own = actor.has(policies.USE) and row.staff_id == actor.staff_id
    if not own and not (
        actor.has(policies.MANAGE) and row.institution_id in network.descendants_of(actor.institution_ids)
    ):
        raise Forbidden(_("只能收回自己的或所辖机构的随访包。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明收回的原因。")})
    if row.revoked_at:
        raise Conflict(_("已收回。"))
    row.revoked_at, row.revoked_by, row.revoked_because = clock.now(), actor.name, reason.strip()[:200]
    row.save(update_fields=["revoked_at", "revoked_by", "revoked_because"])
