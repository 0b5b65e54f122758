"""New packs and machines, and what is set aside: repaired, lost, found, scrapped."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.sterile.commands.errors import NotCentre
from yigong.centres.sterile.commands.moving import SOURCE, account, locked_pack, move, pack_data, write_scan
from yigong.centres.sterile.data import PackData
from yigong.centres.sterile.models import Pack, Round
from yigong.centres.sterile.policies import MANAGE
from yigong.centres.sterile.rules.definitions import instrument_set
from yigong.centres.sterile.rules.workflow import PACK
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput
from yigong.core.ledger import api as ledger
from yigong.core.numbers.api import next_value
from yigong.core.pinyin import initials
from yigong.core.states.api import start
from yigong.network import api as network

MOST_AT_ONCE = 100


def centre_of(actor: Actor) -> UUID:
    """The institution whose sterile supply centre the actor works at; NotCentre."""
    for place in [actor.institution_id, *sorted(actor.institution_ids)]:
        if place and any(one.kind == "sterile" for one in network.centres_hosted(place)):
            return place
    raise NotCentre()


@transaction.atomic
def register_packs(*, set_code: str, count: int, actor: Actor, owner_id: UUID | None = None) -> list[PackData]:
    """New packs of a set, unclean, in the centre's hands; ``owner_id`` when they serve one institution only."""
    if not actor.has(MANAGE):
        raise NotCentre()
    if not 1 <= count <= MOST_AT_ONCE:
        raise InvalidInput(errors={"count": _("一次登记 1 到 %(most)s 包。") % {"most": MOST_AT_ONCE}})
    known, centre = instrument_set(set_code), centre_of(actor)
    if owner_id:
        network.institution(owner_id)
    source = account(SOURCE.removeprefix("sterile."), centre, known.code)
    target = account("returned", centre, known.code)
    found = []
    for _number in range(count):
        pack = Pack(
            number=f"BB{next_value('sterile.pack', 'BB'):06d}", set_code=known.code, set_version=known.version,
            set_name=known.title, set_initials=initials(known.title)[:60], kind=known.kind, centre_id=centre, owner_id=owner_id,
            holder_id=centre,
        )  # fmt: skip
        start(PACK, pack, "returned", actor=actor, reason=_("新登记"))
        begin_round(pack, None, "")
        posted = ledger.post(
            [(source, -1), (target, 1)], key=f"sterile:{pack.pk}:1", actor=actor, reason=_("新登记"), about=pack.pk
        )
        write_scan(pack, "register", posted.id, actor, source="")
        found.append(pack_data(pack))
    return found


def begin_round(pack: Pack, returned_from: UUID | None, infection: str) -> Round:
    """The next round of a locked pack, with a label of its own."""
    last = pack.rounds.order_by("-number").first()
    number = last.number + 1 if last else 1
    row = Round.objects.create(
        pack=pack, number=number, label=f"{pack.number}-{number}", returned_from_id=returned_from, returned_at=clock.now(),
        infection=infection,
    )  # fmt: skip
    pack.round = row
    pack.save(update_fields=["round"])
    return row


@transaction.atomic
def set_aside(*, code: str, action: str, reason: str, actor: Actor) -> PackData:
    """Repair, mend, lose, find or scrap a pack, each with a reason where the table asks one."""
    if action not in {"repair", "mend", "lose", "find", "scrap"}:
        raise InvalidInput(errors={"action": _("请选择要登记的情况。")})
    pack = locked_pack(code)
    home: dict[str, Any] = {"holder_id": pack.centre_id} if action in {"find", "scrap"} else {}
    return pack_data(move(pack, action, actor=actor, note=reason, **home))
