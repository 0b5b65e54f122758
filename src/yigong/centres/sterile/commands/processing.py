"""One scan, one step: the journey of a pack through the centre."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands import shortages
from yigong.centres.sterile.commands.errors import LoadMismatch, NotFound
from yigong.centres.sterile.commands.moving import locked_pack, move, pack_data, refuse_unfit, round_of, set_round
from yigong.centres.sterile.commands.registering import begin_round
from yigong.centres.sterile.data import PLAIN, Context, Scanned
from yigong.centres.sterile.models import Load, Pack
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.workflow import PACK
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.states.api import check

MANUAL_WASHING = {"manual": "手工清洗", "ultrasonic": "超声清洗", "repeated": "返洗"}


@transaction.atomic
def collect(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 1: back from an institution, counted against its contents; begins the next round.

    A pack that was never opened is taken back with a reason (a recall is reason enough). What is missing becomes a shortage.
    """
    pack = locked_pack(code)
    unused = pack.state in {"stored", "issued", "received"}
    reason = context.reason or (_("召回") if pack.blocked else "")
    if unused and not reason:
        raise InvalidInput(
            errors={"reason": _("%(label)s 还没有使用，退回请写明原因。") % {"label": round_of(pack).label}}
        )
    infection = definitions.infection(context.infection)
    check(PACK, pack, "take_back" if unused else "collect", actor=actor, reason=reason)
    came_from = pack.holder_id
    begin_round(pack, came_from, infection)
    moved = move(
        pack, "take_back" if unused else "collect", actor=actor, second=context.second, note=reason,
        method=definitions.infection_label(infection), holder_id=pack.centre_id,
    )  # fmt: skip
    short = shortages.declare(moved, came_from, context, actor)
    said = _("回收清点完成") if not short else ""
    return Scanned(
        pack_data(moved), "collect", said, "、".join(short) and _("短少：%(what)s") % {"what": "、".join(short)}
    )


@transaction.atomic
def sort(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 2: sorted for washing."""
    return _plain(code, "sort", actor, method=context.method)


@transaction.atomic
def clean(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 3: into the open load of a washer, or washed by hand."""
    pack = locked_pack(code)
    row = round_of(pack)
    if context.load_id is None:
        if context.method not in MANUAL_WASHING:
            raise InvalidInput(errors={"load": _("请先选择清洗锅次，或选择手工清洗方式。")})
        return _done(move(pack, "clean", actor=actor, method=_(MANUAL_WASHING[context.method])), "clean")
    load = open_load(context.load_id, "wash", actor)
    mixed = load.washed.exclude(infection=row.infection).exists()
    if mixed:
        raise LoadMismatch(label=row.label, why=_("特殊感染器械必须单独清洗。"))
    moved = move(pack, "clean", actor=actor, load=load, method=load.programme_label)
    set_round(row, wash=load)
    return _done(moved, "clean")


@transaction.atomic
def disinfect(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 4 by hand (what came out of a washer is disinfected with its load)."""
    pack = locked_pack(code)
    row = round_of(pack)
    if row.wash is not None and row.wash.state != "released":
        raise LoadMismatch(
            label=row.label, why=_("清洗锅次 %(load)s 判定合格后会自动登记消毒。") % {"load": row.wash.number}
        )
    if not context.method.strip():
        raise InvalidInput(errors={"method": _("请写明消毒方法，例如“75% 酒精擦拭”“90℃ 5 分钟煮沸”。")})
    return _done(move(pack, "disinfect", actor=actor, method=context.method), "disinfect")


@transaction.atomic
def inspect(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 5: dried, looked at under the lens, function tested; what fails goes back with ``reject``."""
    return _plain(code, "inspect", actor, method=context.method)


@transaction.atomic
def assemble(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 6: packed by one and checked by another, in a material that gives the expiry. An open shortage needs a reason to go on."""
    pack = locked_pack(code)
    row = round_of(pack)
    known = definitions.instrument_set(pack.set_code, pack.set_version)
    wrapping = definitions.material(context.material or known.material)
    checker = context.second.strip()
    if not checker or checker == actor.name:
        raise InvalidInput(errors={"second": _("包装要由另一个人核对，请填写核对人。")})
    missing = shortages.open_of(pack)
    if missing and not context.reason.strip():
        what = "、".join(one.item_name for one in missing)
        raise InvalidInput(
            errors={"reason": _("还缺：%(what)s。请先处理短少，或写明缺件包装的原因。") % {"what": what}}
        )
    moved = move(pack, "pack", actor=actor, second=checker, method=wrapping.label, note=context.reason)
    set_round(
        row, material=wrapping.code, packed_at=clock.now(), packed_by=actor.name[:80], checked_by=checker[:80],
        incomplete=context.reason.strip()[:200] if missing else "",
    )  # fmt: skip
    return _done(moved, "pack")


@transaction.atomic
def put_into(*, code: str, actor: Actor, context: Context = PLAIN) -> Scanned:
    """Step 7: into the open load of a steriliser that suits the set."""
    pack = locked_pack(code)
    row = round_of(pack)
    if context.load_id is None:
        raise InvalidInput(errors={"load": _("请先选择灭菌锅次。")})
    load = open_load(context.load_id, "sterilise", actor)
    known = definitions.instrument_set(pack.set_code, pack.set_version)
    if load.machine.method not in known.methods:
        allowed = "、".join(_(definitions.METHODS[one]) for one in known.methods)
        raise LoadMismatch(
            label=row.label, why=_("%(set)s应当用%(methods)s。") % {"set": known.title, "methods": allowed}
        )
    if load.rounds.count() >= definitions.limits().most_packs_a_load:
        raise LoadMismatch(label=row.label, why=_("这一锅登记的包数已到上限。"))
    moved = move(pack, "load", actor=actor, load=load, method=load.programme_label)
    set_round(row, load=load)
    return _done(moved, "load")


@transaction.atomic
def reject(*, code: str, reason: str, actor: Actor) -> Scanned:
    """Unclean, damaged, wet or badly packed: back to washing, with the reason."""
    pack = locked_pack(code)
    moved = move(pack, "rework", actor=actor, note=reason, load=round_of(pack).load)
    clear_work(moved)
    return _done(moved, "rework")


def clear_work(pack: Pack) -> None:
    """A pack that is washed again loses what was done to it; the scans remember."""
    set_round(
        round_of(pack), wash=None, load=None, material="", packed_at=None, packed_by="", checked_by="", incomplete="",
        sterilised_on=None, expires_on=None, stored_at=None,
    )  # fmt: skip


def open_load(load_id: UUID, kind: str, actor: Actor) -> Load:
    """A load of the actor's centre that still takes packs, locked; LoadMismatch, NotFound."""
    found = Load.objects.select_for_update(of=("self",)).select_related("machine").filter(pk=load_id, kind=kind).first()
    if found is None or found.centre_id not in actor.institution_ids:
        raise NotFound(_("没有找到这个锅次，请重新选择。"))
    if found.state != "open":
        raise LoadMismatch(label=found.number, why=_("这一锅已经启动或结束，请另开一锅。"))
    return found


def _plain(code: str, action: str, actor: Actor, *, method: str = "") -> Scanned:
    return _done(move(locked_pack(code), action, actor=actor, method=method), action)


def _done(pack: Pack, action: str) -> Scanned:
    label = next(step.label for step in PACK.steps if step.action == action)
    return Scanned(pack_data(pack), action, _("%(step)s完成") % {"step": _(label)})


__all__ = [
    "STEPS",
    "assemble",
    "clean",
    "collect",
    "disinfect",
    "inspect",
    "put_into",
    "refuse_unfit",
    "reject",
    "sort",
]
STEPS: dict[str, Callable[..., Scanned]] = {
    "collect": collect, "sort": sort, "clean": clean, "disinfect": disinfect, "inspect": inspect, "pack": assemble,
    "load": put_into,
}  # fmt: skip
