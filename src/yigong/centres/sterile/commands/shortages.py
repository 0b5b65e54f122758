"""What was missing at the count, until somebody answers for it."""

from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.sterile.data import Context
from yigong.centres.sterile.models import Pack, Shortage
from yigong.centres.sterile.rules import definitions
from yigong.centres.sterile.rules.release import missing_pieces
from yigong.centres.sterile.rules.workflow import SHORTAGE
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.states.api import start, transition
from yigong.tasks import api as tasks

MISSING = tasks.declare_kind("sterile.shortage", gettext_lazy("器械短少"))
DISPOSITIONS = {
    "found": gettext_lazy("已找回"),
    "replaced": gettext_lazy("中心补件"),
    "paid": gettext_lazy("机构赔付"),
    "written_off": gettext_lazy("报损核销"),
}
MOST_AMOUNT = 10_000_000


def declare(pack: Pack, institution_id: UUID, context: Context, actor: Actor) -> list[str]:
    """Compare the count with the set's contents and keep what is short; returns it in words. Called inside ``collect``."""
    known = definitions.instrument_set(pack.set_code, pack.set_version)
    contents = {one.code: one.quantity for one in known.item}
    if unknown := set(context.counted) - set(contents):
        raise InvalidInput(errors={"counted": _("清点单上没有 %(what)s。") % {"what": "、".join(sorted(unknown))}})
    if any(n < 0 or n > contents[code] for code, n in context.counted.items()):
        raise InvalidInput(errors={"counted": _("清点数量应在 0 和应有数量之间。")})
    names, said = {one.code: one.name for one in known.item}, []
    assert pack.round_id is not None
    for code, (expected, counted) in missing_pieces(contents, context.counted).items():
        row = Shortage(
            pack=pack, round_id=pack.round_id, centre_id=pack.centre_id, institution_id=institution_id, item_code=code,
            item_name=names[code], expected=expected, counted=counted, declared_at=clock.now(), declared_by=actor.name[:80],
            handed_over_by=context.second.strip()[:80],
        )  # fmt: skip
        start(SHORTAGE, row, "open", actor=actor)
        said.append(f"{names[code]} {counted}/{expected}")
        tasks.open_task(
            key=f"{MISSING}:{row.pk}", kind=MISSING, institution_id=institution_id, role="nurse",
            title=_("器械短少待查找：%(pack)s %(item)s 少 %(n)s 件")
            % {"pack": pack.set_name, "item": names[code], "n": expected - counted},
            url=reverse("sterile:shortages"), subject=("sterile.shortage", row.pk),
            due_at=clock.now() + timedelta(hours=definitions.limits().shortage_hours),
            escalate_to=tasks.Escalation(role="township_manager"),
        )  # fmt: skip
    return said


def open_of(pack: Pack) -> list[Shortage]:
    """What the pack still lacks."""
    return list(Shortage.objects.filter(pack=pack, state="open"))


@transaction.atomic
def settle_shortage(*, shortage_id: UUID, disposition: str, note: str, actor: Actor, amount: int = 0) -> Shortage:
    """Found, replaced, paid for (``amount`` in fen) or written off."""
    if disposition not in DISPOSITIONS:
        raise InvalidInput(errors={"disposition": _("请选择处理方式。")})
    if not note.strip():
        raise InvalidInput(errors={"note": _("请写明处理经过。")})
    if (disposition == "paid") != (amount > 0) or not 0 <= amount <= MOST_AMOUNT:
        raise InvalidInput(errors={"amount": _("机构赔付要填写金额，其他方式不填。")})
    row = transition(
        SHORTAGE, _get(shortage_id), "settle", actor=actor, reason=note, disposition=disposition,
        settled_note=note.strip()[:200], amount=amount,
    )  # fmt: skip
    tasks.resolve_task(key=f"{MISSING}:{row.pk}", actor=actor, note=note)
    return row


@transaction.atomic
def reopen_shortage(*, shortage_id: UUID, reason: str, actor: Actor) -> Shortage:
    """The settlement was wrong."""
    return transition(SHORTAGE, _get(shortage_id), "reopen", actor=actor, reason=reason, disposition="", amount=0)


def remind(row: Shortage) -> None:
    """The clock's: nobody has answered for it today."""
    tasks.open_task(
        key=f"{MISSING}:{row.pk}:late", kind=MISSING, institution_id=row.centre_id, role="sterile_technician",
        title=_("器械短少逾期未处理：%(pack)s %(item)s") % {"pack": row.pack.set_name, "item": row.item_name},
        url=reverse("sterile:shortages"), subject=("sterile.shortage", row.pk),
    )  # fmt: skip


def _get(shortage_id: UUID) -> Shortage:
    row = Shortage.objects.filter(pk=shortage_id).first()
    if row is None:
        raise NotFound()
    return row
