"""Advice is carried out item by item by the asking side, or left with a reason."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.centres.consultation import policies
from yigong.centres.consultation.commands import waiting
from yigong.centres.consultation.data import AdviceLine
from yigong.centres.consultation.events import TransferAdvised
from yigong.centres.consultation.models import Advice, Consultation
from yigong.centres.consultation.rules.definitions import advice_kinds
from yigong.centres.consultation.rules.workflow import ADVICE
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.errors import InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.states import api as states
from yigong.orders import api as orders
from yigong.orders.events import ReportWithdrawn
from yigong.tasks import api as tasks

AT_ONCE = timedelta(minutes=30)
ROOM = system("consultation")


def open_advice(row: Consultation, lines: Sequence[AdviceLine], *, actor: Actor) -> None:
    """The items of a signed conclusion. What a newer version no longer says is superseded; what it says again goes on as it is."""
    kept = {(a.category, a.text): a for a in row.advice.exclude(state="superseded")}
    for gone in kept.keys() - {(line.category, line.text) for line in lines}:
        _supersede(kept[gone], _("新结论不再包含此项"))
    for place, line in enumerate(lines):
        if (line.category, line.text) not in kept:
            _open(row, place, line, actor)


@racing("consultation.answer_advice")
@transaction.atomic
def answer_advice(*, advice_id: UUID, done: bool, actor: Actor, note: str = "") -> Advice:
    """One item was carried out, or was not for a reason. The second answer at the same instant learns who was first."""
    row = Advice.objects.select_related("consultation__order").filter(pk=advice_id).first()
    if row is None:
        raise NotFound(_("没有这条建议。"))
    policies.access_consultation(row.consultation.order_id, actor=actor)
    if not done and not note.strip():
        raise InvalidInput(errors={"note": _("请写明未落实的原因。")})
    row = states.transition(
        ADVICE, row, "carry_out" if done else "leave", actor=actor, reason=note, answered_at=clock.now(), answered_by=actor.name,
        note=note.strip()[:300],
    )  # fmt: skip
    tasks.resolve_task(key=f"{waiting.ADVICE}:{row.pk}", actor=actor, note=note.strip())
    return row


@transaction.atomic
def reopen_advice(*, advice_id: UUID, reason: str, actor: Actor) -> Advice:
    """An answer was a mistake: the item is open again."""
    row = Advice.objects.select_related("consultation__order").filter(pk=advice_id).first()
    if row is None:
        raise NotFound(_("没有这条建议。"))
    row = states.transition(
        ADVICE, row, "reopen", actor=actor, reason=reason, answered_at=None, answered_by="", note=""
    )
    waiting.ask_advice(row, advice_kinds()[row.category].label)
    return row


def take_back(fact: ReportWithdrawn) -> None:
    """A conclusion was withdrawn: nobody carries its advice out, its fee is not shared, and the lead expert is asked for a new one."""
    row = Consultation.objects.select_related("order").filter(order_id=fact.order_id).first()
    # A new conclusion may have been signed before this was told: its advice is its own.
    if row is None or orders.order_facts(fact.order_id).report_state in {
        "final",
        "amended",
        "amending",
        "amend_submitted",
    }:
        return
    for advice in row.advice.filter(state="open"):
        _supersede(advice, _("会诊结论已撤回"))
    row.shares.filter(taken_back_at__isnull=True).update(taken_back_at=clock.now())
    tasks.cancel_task(key=f"{waiting.EVALUATE}:{row.order_id}", reason=_("会诊结论已撤回"), actor=ROOM)
    waiting.ask_rewrite(row, fact.reason)


def _open(row: Consultation, place: int, line: AdviceLine, actor: Actor) -> None:
    kind = advice_kinds()[line.category]
    advice = Advice(
        consultation=row, position=place, category=line.category, text=line.text,
        limit_at=clock.now() + (timedelta(days=line.days) if line.days else AT_ONCE),
    )  # fmt: skip
    states.start(ADVICE, advice, "open", actor=actor)
    waiting.ask_advice(advice, kind.label)
    if kind.refer:
        record(TransferAdvised(row.order_id, row.order.resident_id, row.order.requesting_institution_id, kind.refer))
    if kind.critical and not orders.open_criticals(actor, order_id=row.order_id):
        orders.flag_critical(order_id=row.order_id, item=kind.critical, detail=line.text, actor=actor)


def _supersede(advice: Advice, reason: str) -> None:
    states.transition(ADVICE, advice, "supersede", actor=ROOM, reason=reason)
    tasks.cancel_task(key=f"{waiting.ADVICE}:{advice.pk}", reason=reason, actor=ROOM)
