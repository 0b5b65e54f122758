"""The last scan was wrong: one step back, with a reason, by a counter-posting."""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.errors import NotUndoable
from yigong.centres.sterile.commands.moving import locked_pack, move, pack_data, round_of, set_round
from yigong.centres.sterile.data import Scanned
from yigong.centres.sterile.models import Pack, RecallItem, Round, Scan, Shortage
from yigong.centres.sterile.rules.definitions import limits
from yigong.centres.sterile.rules.workflow import JOURNEY
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing

# What a step wrote into the round, taken back with it.
_FACTS: dict[str, dict[str, Any]] = {
    "clean": {"wash": None},
    "pack": {"material": "", "packed_at": None, "packed_by": "", "checked_by": "", "incomplete": ""},
    "load": {"load": None},
    "issue": {"delivery": None, "destination": None, "issued_at": None, "issued_on": None, "price": None},
    "receive": {"received_at": None},
    "use": {"used_at": None, "used_on": None, "resident": None, "encounter": None, "used_for": ""},
}


@racing("sterile.undo")
@transaction.atomic
def undo_last(*, code: str, reason: str, actor: Actor) -> Scanned:
    """Take back the last scan of a pack. Raises NotUndoable saying why, ReasonMissing, or Forbidden where the step was another's right."""
    pack = locked_pack(code)
    last = pack.scans.filter(undoes__isnull=True, undone_by__isnull=True).order_by("-at", "-id").first()
    if why := _why_not(pack, last):
        raise NotUndoable(label=round_of(pack).label, why=why)
    assert last is not None
    row = round_of(pack)
    home: dict[str, Any] = {}
    if last.action == "collect":
        before = Round.objects.filter(pack=pack, number__lt=row.number, scans__isnull=False).order_by("-number").first()
        home = {"round": before, "holder_id": row.returned_from_id or pack.centre_id}
    if last.action == "issue":
        home = {"holder_id": pack.centre_id}
    if last.action in _FACTS:
        set_round(row, **_FACTS[last.action])
    moved = move(pack, f"back_to_{last.from_state}", actor=actor, note=reason, undoes=last, at_round=row, **home)
    return Scanned(pack_data(moved), "undo", _("已撤销，回到“%(state)s”") % {"state": pack_data(moved).state_label})


def _why_not(pack: Pack, last: Scan | None) -> str:
    if last is None or last.action not in JOURNEY or last.action == "store" or last.to_state != pack.state:
        return _("上一步不是可以撤销的扫描，请用返工、退回等操作更正。")
    if clock.now() - last.at > timedelta(hours=limits().undo_hours):
        return _("已超过 %(n)s 小时。") % {"n": limits().undo_hours}
    if last.load is not None and last.load.state != "open":
        return _("锅次 %(load)s 已经启动。") % {"load": last.load.number}
    row = round_of(pack)
    if last.action == "issue" and row.delivery is not None and row.delivery.state != "open":
        return _("发放单 %(number)s 已经发车。") % {"number": row.delivery.number}
    if last.action == "collect" and Shortage.objects.filter(round=row).exists():
        return _("这次回收登记了短少。")
    if RecallItem.objects.filter(round=row, state__in=["exposed", "assessed"]).exists():
        return _("这次使用已列入召回。")
    return ""
