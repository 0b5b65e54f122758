"""Used in a patient, bound to the encounter."""

from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.moving import (
    locked_pack,
    move,
    pack_data,
    refuse_elsewhere,
    refuse_unfit,
    round_of,
    set_round,
)
from yigong.centres.sterile.data import Scanned
from yigong.centres.sterile.events import PackUsed
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.records import api as records


class IndicatorBad(Conflict):
    """A pack whose inner indicator has not changed is not sterile."""

    code = "sterile.indicator_bad"
    message = "%(label)s 包内化学指示物不合格，不能使用。请封存并退回消毒供应中心。"


@racing("sterile.use")
@transaction.atomic
def use_pack(
    *, code: str, encounter_id: UUID, actor: Actor, used_for: str = "", indicator_good: bool = True
) -> Scanned:
    """Step 11: opened for a patient in this encounter. Refuses what is outdated, recalled, elsewhere or with a bad inner indicator."""
    encounter = records.encounter(encounter_id, actor=actor)
    if encounter.institution_id not in actor.institution_ids:
        raise Forbidden(_("这次就诊不在您的机构，不能登记使用。"))
    if encounter.status in {"cancelled", "entered-in-error"}:
        raise InvalidInput(errors={"encounter": _("这次就诊已取消，请选择正确的就诊。")})
    pack = locked_pack(code)
    refuse_elsewhere(pack, actor)
    refuse_unfit(pack, _("使用"))
    row = round_of(pack)
    if not indicator_good:
        raise IndicatorBad(label=row.label)
    moved = move(pack, "use", actor=actor, note=used_for)
    set_round(
        row, used_at=clock.now(), used_on=clock.today(), resident_id=encounter.resident_id, encounter_id=encounter.id,
        used_for=used_for.strip()[:100],
    )  # fmt: skip
    record(PackUsed(row.pk, moved.pk, encounter.resident_id, encounter.id, moved.holder_id))
    return Scanned(pack_data(moved), "use", _("已登记使用"))
