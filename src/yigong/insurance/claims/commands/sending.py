"""A list goes out, is answered, corrected, appealed."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor, system
from yigong.core.commands import racing
from yigong.core.constraints import refusing
from yigong.core.errors import Conflict, Forbidden, InvalidInput
from yigong.core.events.api import record
from yigong.core.ids import new_id
from yigong.core.states.api import check as may
from yigong.core.states.api import start, transition
from yigong.insurance.claims import policies
from yigong.insurance.claims.commands.listing import checked, locked
from yigong.insurance.claims.data import Found
from yigong.insurance.claims.events import ListAnswered, ListUploaded
from yigong.insurance.claims.gateway import LIST_UPLOAD, envelope_of, gateway_of
from yigong.insurance.claims.models import Appeal, Finding, GatewayMessage, SettlementList
from yigong.insurance.claims.rules.workflow import LIST
from yigong.network import api as network
from yigong.residents import api as residents
from yigong.tasks import api as tasks


@racing("claims.upload_list")
@transaction.atomic
def upload_list(*, list_id: UUID, actor: Actor, expected_version: int | None = None) -> SettlementList:
    """Send a checked list with the full certificate number (the read is logged); the envelope stays in the message log."""
    row = locked(list_id, actor, policies.UPLOAD)
    may(LIST, row, "upload", actor=actor)
    now = clock.now()
    row.content["setlinfo"]["dcla_time"] = f"{now.astimezone(clock.SHANGHAI):%Y-%m-%d}"
    place = network.institution(row.institution_id)
    envelope = envelope_of(
        row.content, identity=_identity(row, actor), institution=(place.code, place.name),
        operator=(str(actor.staff_id or "system")[:30], actor.name),
    )  # fmt: skip
    gateway = gateway_of(row.institution_id)
    answer = gateway.upload(envelope)
    GatewayMessage.objects.create(
        of=row, gateway=gateway.name, transaction_number=LIST_UPLOAD, message_id=answer.message_id, envelope=_masked(envelope, row),
        answer={"reference": answer.reference, "said": answer.said},
    )  # fmt: skip
    row = transition(
        LIST, row, "upload", actor=actor, expected_version=expected_version, uploaded_at=now, platform_ref=answer.reference,
        content=row.content,
    )  # fmt: skip
    tasks.cancel_task(key=f"claims.late.{row.id}", reason="已上传", actor=actor)
    record(ListUploaded(row.id, row.settlement_id, row.institution_id, row.month, row.drg_code))
    return row


def _identity(row: SettlementList, actor: Actor) -> dict[str, str]:
    """The full number for the envelope, after a logged decision about the list; the list itself keeps the masked one."""
    if not row.content["setlinfo"].get("certno"):
        return {}
    access.require(
        actor, "reveal_numbers", Subject("settlement_list", row.id), purpose="上传结算清单，填写完整证件号码"
    )
    numbers = residents.reveal_numbers(row.resident_id, actor=system("claims"))
    return {"certno": numbers[0][1]} if numbers else {}


def _masked(envelope: dict, row: SettlementList) -> dict:
    """As kept in the log: the number masked, as on the list."""
    head = envelope["input"]["setlinfo"] | {"certno": row.content["setlinfo"].get("certno", "")}
    return envelope | {"input": envelope["input"] | {"setlinfo": head}}


@transaction.atomic
def take_answer(
    *,
    list_id: UUID,
    accepted: bool,
    actor: Actor,
    feedback: str = "",
    findings: Sequence[Found] = (),
    expected_version: int | None = None,
) -> SettlementList:
    """What the insurance office says about an uploaded list; what it found stands beside our own findings. A list sent back is a task."""
    row = locked(list_id, actor, policies.UPLOAD)
    action = "accept" if accepted else "reject"
    row = transition(
        LIST,
        row,
        action,
        actor=actor,
        reason=feedback,
        expected_version=expected_version,
        feedback=feedback.strip()[:1000],
    )
    row.findings.filter(origin="platform").delete()
    Finding.objects.bulk_create(
        Finding(of=row, origin="platform", place=place, rule=f.rule[:12], mark=f.mark, path=f.path[:60], sentence=f.sentence[:300])
        for place, f in enumerate(findings)
    )  # fmt: skip
    if not accepted:
        tasks.open_task(
            key=f"claims.rejected.{row.id}", kind="claims.rejected", title=f"结算清单被退回：{row.patient_name} {row.feedback}"[:200],
            institution_id=row.institution_id, url=f"/claims/{row.id}/", role="quality_manager", about_resident_id=row.resident_id,
            subject=("settlement_list", row.id),
        )  # fmt: skip
    record(ListAnswered(row.id, row.settlement_id, row.institution_id, accepted))
    return row


@transaction.atomic
def correct_list(*, list_id: UUID, reason: str, actor: Actor) -> SettlementList:
    """A new revision as a draft; what was uploaded stays as it was."""
    old = locked(list_id, actor, policies.CODE)
    old = transition(LIST, old, "correct", actor=actor, reason=reason)
    keys = ("number", "settlement_id", "settlement_number", "bill_id", "stay_id", "resident_id", "patient_name", "patient_note",
            "institution_id", "department_id", "settled_on", "month", "total", "main_code", "main_name", "content", "basis", "own",
            "drg_scheme", "drg_code", "drg_name", "expected")  # fmt: skip
    row = SettlementList(
        id=new_id(), revision=old.revision + 1, replaces=old, **{name: getattr(old, name) for name in keys}
    )
    row.content["setlinfo"]["dcla_time"] = ""
    start(LIST, row, "draft", actor=actor, reason=reason)
    tasks.resolve_task(key=f"claims.rejected.{old.id}", actor=actor, note=reason)
    return checked(row)


@transaction.atomic
def appeal_list(*, list_id: UUID, text: str, actor: Actor) -> Appeal:
    """Object to what the office said, with the reasons; one objection at a time."""
    row = locked(list_id, actor, policies.APPEAL)
    if not text.strip():
        raise InvalidInput(errors={"text": _("请写明申诉的理由和依据。")})
    row = transition(LIST, row, "appeal", actor=actor, reason=text)
    with refusing(claims_one_open_appeal=Conflict()):
        return Appeal.objects.create(of=row, text=text.strip()[:1000], made_by=actor.name)


@racing("claims.decide_appeal")
@transaction.atomic
def decide_appeal(
    *, list_id: UUID, upheld: bool, reason: str, actor: Actor, expected_version: int | None = None
) -> Appeal:
    """The office's answer to an objection. Of two who write it down at once one wins, the other learns who."""
    row = locked(list_id, actor, policies.UPLOAD)
    row = transition(LIST, row, "decide", actor=actor, reason=reason, expected_version=expected_version)
    appeal = row.appeals.get(upheld__isnull=True)
    appeal.upheld, appeal.reason, appeal.decided_by, appeal.decided_at = (
        upheld,
        reason.strip()[:1000],
        actor.name,
        clock.now(),
    )
    appeal.save()
    return appeal


@transaction.atomic
def withdraw_list(*, settlement_id: UUID, reason: str, actor: Actor) -> int:
    """The settlement was taken back: its list does not count any more. For the system only."""
    if not actor.is_system:
        raise Forbidden()
    rows = SettlementList.objects.select_for_update().filter(settlement_id=settlement_id)
    open_now = [row for row in rows if not LIST.states[row.state].final]
    for row in open_now:
        transition(LIST, row, "withdraw", actor=actor, reason=reason)
    return len(open_now)
