"""Receiving, correcting, replaying and discarding messages."""

import logging
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yigong.centres.laboratory import api as laboratory
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.audit.api import acting
from yigong.core.commands import racing
from yigong.core.errors import Conflict, DomainError, InvalidInput, NotFound
from yigong.exchange.hl7v2 import rules
from yigong.exchange.hl7v2.models import Message
from yigong.tasks import api as tasks

FAILED = tasks.declare_kind("hl7v2.failed", gettext_lazy("仪器报文待处理"))
log = logging.getLogger(__name__)
OPEN = (Message.State.UNMATCHED, Message.State.FAILED)


class Unmatched(DomainError):
    """The message is well formed but belongs to nothing that is known."""

    code = "hl7v2.unmatched"
    message = "%(text)s"


@racing("hl7v2.receive")
def receive(block: bytes) -> str:
    """One block from the wire: kept, its values entered, and its acknowledgement. The same message again gets the same answer.

    Of one message on two connections at once one is processed, the other waits for it and answers the same.
    """
    text = rules.decoded(block)
    head, digest = rules.header_of(text), sha256(block).hexdigest()
    with transaction.atomic():
        row = Message(
            sender=head.sender, facility=head.facility, control_id=head.control_id, sent=head.sent, kind=head.kind, digest=digest,
            raw=text.replace("\x00", ""), state=Message.State.FAILED, code="AE", received_at=clock.now(),
        )  # fmt: skip
        if head.control_id and (known := _known(head)) is not None:
            return _again(head, known, digest)
        Message.objects.bulk_create([row], ignore_conflicts=True)
        if head.control_id and (known := _known(head)) is not None and known.pk != row.pk:
            return _again(head, known, digest)
        _process(row, text)
    return rules.answer(head, row.code, row.said, at=clock.now(), number=row.pk.hex[-20:])


@transaction.atomic
def replay(*, message_id: UUID, actor: Actor) -> Message:
    """Process a waiting message once more, as it was corrected; the result says whether it went well now."""
    row = _open(message_id)
    with acting(actor, reason=_("重新处理")):
        row.handled_at, row.handled_by = clock.now(), actor.name[:80]
        _process(row, row.corrected or row.raw)
    return row


@transaction.atomic
def correct(*, message_id: UUID, text: str, reason: str, actor: Actor) -> Message:
    """Keep a corrected text beside the original and process it."""
    row = _open(message_id)
    errors = {}
    if not reason.strip():
        errors["reason"] = _("请写明改了什么、依据是什么。")
    if not text.strip() or len(text) > 200_000:
        errors["text"] = _("请填写更正后的报文。")
    if errors:
        raise InvalidInput(errors=errors)
    with acting(actor, reason=reason.strip()):
        row.corrected, row.reason = rules.decoded(text.encode()), reason.strip()[:300]
        row.handled_at, row.handled_by = clock.now(), actor.name[:80]
        _process(row, row.corrected)
    return row


@transaction.atomic
def discard(*, message_id: UUID, reason: str, actor: Actor) -> None:
    """The message is nobody's: a test of the analyser, a doubled run."""
    row = _open(message_id)
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请写明作废的原因，例如“仪器空白测试”。")})
    with acting(actor, reason=reason.strip()):
        row.state, row.reason = Message.State.DISCARDED, reason.strip()[:300]
        row.handled_at, row.handled_by = clock.now(), actor.name[:80]
        row.save(update_fields=["state", "reason", "handled_at", "handled_by"])
    tasks.resolve_task(key=f"{FAILED}:{row.pk}", actor=actor, note=reason.strip())


def _known(head: rules.Header) -> Message | None:
    return Message.objects.filter(
        sender=head.sender, facility=head.facility, control_id=head.control_id, sent=head.sent
    ).first()


def _again(head: rules.Header, known: Message, digest: str) -> str:
    code, said = known.code, known.said
    if known.digest != digest:
        code, said = "AR", "控制号（MSH-10）和时间（MSH-7）与先前的报文相同，但内容不同"
    return rules.answer(head, code, said, at=clock.now(), number=known.pk.hex[-20:])


def _process(row: Message, text: str) -> None:
    """Enter the values, all or nothing, and write down what became of the message."""
    try:
        with transaction.atomic():
            taken = _take(row, text)
    except rules.Malformed as fault:
        row.state, row.code, row.said = Message.State.FAILED, "AR" if fault.refused else "AE", str(fault)[:400]
    except (Unmatched, laboratory.NoSuchTube) as fault:
        row.state, row.code, row.said = Message.State.UNMATCHED, "AE", str(fault)[:400]
    except DomainError as fault:
        row.state, row.code, row.said = Message.State.FAILED, "AE", str(fault)[:400]
    except Exception:
        log.exception("a message from %s could not be processed", row.sender)
        row.state, row.code, row.said = Message.State.FAILED, "AE", "平台内部错误，已记录，请联系管理员"
    else:
        row.state, row.code, row.said = Message.State.TAKEN, "AA", ""
        row.order_id, row.values = taken[0].order_id, sum(len(one.entered) for one in taken)
    row.save()
    _tell(row)


def _take(row: Message, text: str) -> list[laboratory.Taken]:
    incoming = rules.read(text)
    instrument = laboratory.instrument_called(incoming.header.sender)
    if instrument is None:
        raise Unmatched(
            text=_("未登记的仪器“%(code)s”（MSH-3），请先在室内质控页登记。") % {"code": incoming.header.sender or "—"}
        )
    row.institution_id, row.kind = instrument.institution_id, incoming.header.kind
    return [_take_one(one, instrument) for one in incoming.specimens]


def _take_one(one: rules.Specimen, instrument: laboratory.InstrumentData) -> laboratory.Taken:
    """Values of one specimen under the first of its numbers that is a tube of ours."""
    at = one.at if one.at and one.at <= clock.now() else None
    refusal: DomainError | None = None
    for number in one.numbers:
        try:
            return laboratory.take_results(
                number=number, readings=one.readings, instrument_id=instrument.id, at=at, actor=system(instrument.name)
            )
        except laboratory.NoSuchTube as unknown:
            refusal = refusal or unknown
    assert refusal is not None
    raise refusal


def _tell(row: Message) -> None:
    """Whoever looks after the analyser is asked once for each message that waits."""
    key = f"{FAILED}:{row.pk}"
    if row.state == Message.State.TAKEN:
        tasks.resolve_task(key=key, actor=system("hl7v2"))
    elif row.institution_id:
        tasks.open_task(
            key=key, kind=FAILED, role="lab_technician", institution_id=row.institution_id, subject=("hl7v2", row.pk),
            title=_("仪器报文待处理：%(who)s %(said)s") % {"who": row.sender, "said": row.said}, url=reverse("hl7v2:message", args=[row.pk]),
        )  # fmt: skip


def _open(message_id: UUID) -> Message:
    row = Message.objects.select_for_update().filter(pk=message_id).first()
    if row is None:
        raise NotFound()
    if row.state not in OPEN:
        raise Conflict(_("这条报文已由%(who)s处理。") % {"who": row.handled_by or _("系统")})
    return row
