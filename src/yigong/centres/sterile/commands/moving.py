"""The one way a pack moves: state table, ledger and scan in one transaction."""

import unicodedata
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.errors import ElsewhereSent, NoSuchPack, OldLabel, Outdated, UnderRecall
from yigong.centres.sterile.data import PackData
from yigong.centres.sterile.models import Load, Pack, RecallItem, Round, Scan
from yigong.centres.sterile.rules.workflow import ITEM, PACK
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.ledger import api as ledger
from yigong.core.states.api import transition
from yigong.network import api as network

SOURCE = "sterile.registered"
LONGEST_CODE = 40
# What brings a recalled pack home.
_HOMECOMING = {"collect", "take_back", "rework"}


def clean_code(text: str) -> str:
    """What a hand scanner or a person typed: full-width letters and stray blanks folded."""
    return "".join(unicodedata.normalize("NFKC", text).split()).upper()[:LONGEST_CODE]


def locked_pack(code: str) -> Pack:
    """The pack that carries this code or label, locked. A label of an earlier round is refused; NoSuchPack."""
    wanted = clean_code(code)
    found = Pack.objects.select_for_update(of=("self",)).select_related("round").filter(number=wanted).first()
    if found:
        return found
    labelled = Round.objects.filter(label=wanted).first()
    if labelled is None:
        raise NoSuchPack(code=wanted)
    pack = Pack.objects.select_for_update(of=("self",)).select_related("round").get(pk=labelled.pack_id)
    if pack.round_id != labelled.pk:
        raise OldLabel(code=wanted, label=round_of(pack).label)
    return pack


def round_of(pack: Pack) -> Round:
    """The present round; every registered pack has one."""
    assert pack.round is not None, "a pack is registered with its first round"
    return pack.round


def move(
    pack: Pack,
    action: str,
    *,
    actor: Actor,
    load: Load | None = None,
    second: str = "",
    method: str = "",
    note: str = "",
    at_round: Round | None = None,
    undoes: Scan | None = None,
    **values: Any,
) -> Pack:
    """Take a locked pack one step. Its unit moves from the account of its old place and state to that of the new one.

    ``values`` are fields of the pack. The posting's key holds the pack's version: the same step cannot be booked twice.
    """
    source, place, unit = pack.state, pack.holder_id, pack.set_code
    moved = transition(PACK, pack, action, actor=actor, reason=note, **values)
    if undoes is not None:
        posted = ledger.reverse(undoes.posting_id, key=f"sterile:undo:{undoes.pk}", actor=actor, reason=note)
    else:
        posted = ledger.post(
            [(account(source, place, unit), -1), (account(moved.state, moved.holder_id, unit), 1)],
            key=f"sterile:{moved.pk}:{moved.version}", actor=actor, reason=note, about=moved.pk,
        )  # fmt: skip
    write_scan(
        moved, action, posted.id, actor, source=source, load=load, second=second, method=method, note=note,
        at_round=at_round, undoes=undoes,
    )  # fmt: skip
    if moved.blocked and action in _HOMECOMING:
        recovered(moved, actor)
    return moved


def write_scan(
    pack: Pack,
    action: str,
    posting_id: UUID,
    actor: Actor,
    *,
    source: str,
    load: Load | None = None,
    second: str = "",
    method: str = "",
    note: str = "",
    at_round: Round | None = None,
    undoes: Scan | None = None,
) -> Scan:
    """The line of one step."""
    return Scan.objects.create(
        pack=pack, round=at_round or round_of(pack), action=action, undoes=undoes, from_state=source,
        to_state=pack.state, at=pack.state_since, actor_name=actor.name[:80], staff_id=actor.staff_id, second=second.strip()[:80],
        institution_id=actor.institution_id, load=load, method=method[:40], posting_id=posting_id, note=note.strip()[:200],
    )  # fmt: skip


def account(state: str, place: UUID, set_code: str) -> UUID:
    """The ledger account of packs of one set in one state at one place, opened when it does not exist yet."""
    kind = f"sterile.{state}"
    return ledger.open_accounts({(kind, place): kind == SOURCE}, set_code)[kind, place]


def set_round(row: Round, **values: Any) -> None:
    """Write facts of a round."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))


def recovered(pack: Pack, actor: Actor) -> None:
    """A recalled pack is back in the centre's hands: its open items end, the block falls."""
    from yigong.centres.sterile.commands import recalling

    for item in RecallItem.objects.filter(pack=pack, state__in=["wanted", "sealed"]).select_related("recall"):
        done = transition(ITEM, item, "recover", actor=actor)
        recalling.settle_tasks(done, actor)
    unblock(pack)


def unblock(pack: Pack) -> None:
    """The block falls when no recall wants the pack any more."""
    if not RecallItem.objects.filter(pack=pack, state__in=["wanted", "sealed"]).exists():
        Pack.objects.filter(pk=pack.pk).update(blocked=False)
        pack.blocked = False


def refuse_unfit(pack: Pack, what: str) -> None:
    """Outdated or recalled packs go nowhere but back."""
    row = round_of(pack)
    if pack.blocked:
        item = RecallItem.objects.filter(pack=pack, state__in=["wanted", "sealed"]).select_related("recall").first()
        raise UnderRecall(label=row.label, recall=item.recall.number if item else "", what=what)
    if row.expires_on is not None and row.expires_on < clock.today():
        raise Outdated(label=row.label, day=row.expires_on, what=what)


def refuse_elsewhere(pack: Pack, actor: Actor) -> None:
    """A pack that is not here cannot be received or used here."""
    if not actor.is_system and pack.holder_id not in actor.institution_ids:
        raise ElsewhereSent(label=round_of(pack).label, place=network.institution(pack.holder_id).short_name)


def pack_data(pack: Pack) -> PackData:
    """The row as other rooms see it."""
    row = round_of(pack)
    return PackData(
        pack.pk, pack.number, row.label, pack.set_code, pack.set_name, pack.state, _(PACK.states[pack.state].label),
        pack.holder_id, row.expires_on, pack.blocked,
    )  # fmt: skip
