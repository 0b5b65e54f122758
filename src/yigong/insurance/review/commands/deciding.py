"""Notice, appeal, decision, and taking a decision back."""

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import NotFound
from yigong.core.events.api import record
from yigong.core.states.api import transition
from yigong.insurance.review.commands.telling import tell_institution, tell_officer
from yigong.insurance.review.errors import AppealInvalid, DeductTooMuch
from yigong.insurance.review.events import SuspicionDecided
from yigong.insurance.review.models import Appeal, Attachment, Deduction, Suspicion
from yigong.insurance.review.rules.workflow import SUSPICION
from yigong.tasks import api as tasks

MOST_FILES, MOST_BYTES = 5, 5 * 1024 * 1024
KINDS = {".pdf": "application/pdf", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png"}


@transaction.atomic
def notify(*, suspicion_id: UUID, actor: Actor) -> Suspicion:
    """Tell the institution: a task with a time limit."""
    row = transition(SUSPICION, _found(suspicion_id), "notify", actor=actor)
    tell_institution(row)
    return row


@racing("review.appeal")
@transaction.atomic
def appeal(*, suspicion_id: UUID, text: str, actor: Actor, files: Sequence[tuple[str, bytes]] = ()) -> Appeal:
    """The institution's explanation, with files if there are any (PDF, JPEG, PNG)."""
    if not text.strip():
        raise AppealInvalid(errors={"text": _("请写明申诉的理由和依据。")})
    kinds = [_kind(name, content) for name, content in _few(files)]
    row = transition(SUSPICION, _found(suspicion_id), "appeal", actor=actor, reason=text[:500])
    made = Appeal.objects.create(of=row, text=text.strip()[:2000], made_by=actor.name)
    Attachment.objects.bulk_create(
        Attachment(appeal=made, name=name[-120:], kind=kind, content=content)
        for (name, content), kind in zip(files, kinds, strict=True)
    )
    tasks.resolve_task(key=f"review.notice.{row.id}", actor=actor, note=text[:200])
    tell_officer(row, actor)
    return made


def _few(files: Sequence[tuple[str, bytes]]) -> Sequence[tuple[str, bytes]]:
    if len(files) > MOST_FILES or sum(len(content) for _n, content in files) > MOST_BYTES:
        raise AppealInvalid(errors={"papers": _("附件最多 5 个，合计不超过 5 MB。")})
    return files


def _kind(name: str, content: bytes) -> str:
    """By the ending, and the first bytes must agree with it."""
    kind = next((kind for end, kind in KINDS.items() if name.lower().endswith(end)), "")
    heads = {"application/pdf": b"%PDF", "image/jpeg": b"\xff\xd8", "image/png": b"\x89PNG"}
    if not kind or not content.startswith(heads[kind]):
        raise AppealInvalid(errors={"papers": _("附件“%(name)s”不是 PDF、JPG 或 PNG 文件。") % {"name": name}})
    return kind


@racing("review.decide")
@transaction.atomic
def decide(
    *, suspicion_id: UUID, upheld: bool, reason: str, actor: Actor, deduct: int = 0, expected_version: int | None = None
) -> Suspicion:
    """An officer decides with a reason; upheld with what is deducted (fen, at most the doubtful amount). Of two at once one wins."""
    row = _found(suspicion_id)
    if not upheld:
        deduct = 0
    if not 0 <= deduct <= row.amount:
        most = f"{row.amount / 100:.2f}"
        raise DeductTooMuch(errors={"deduct": _("扣减金额应在 0 至 %(most)s 元之间。") % {"most": most}}, most=most)
    row = transition(
        SUSPICION, row, "uphold" if upheld else "dismiss", actor=actor, reason=reason, expected_version=expected_version, deduct=deduct,
        decision=reason.strip()[:1000],
        decided_by=actor.name, decided_at=clock.now(),
    )  # fmt: skip
    _deduct(row, deduct, reason, actor)
    for what in ("notice", "decide"):
        tasks.resolve_task(key=f"review.{what}.{row.id}", actor=actor, note=reason[:200])
    record(SuspicionDecided(row.id, row.bill_id, row.institution_id, upheld, deduct))
    return row


@transaction.atomic
def reopen(*, suspicion_id: UUID, reason: str, actor: Actor) -> Suspicion:
    """Take a decision back with a reason; a deduction is taken back by its opposite."""
    row = _found(suspicion_id)
    taken = row.deduct
    row = transition(SUSPICION, row, "reopen", actor=actor, reason=reason, deduct=0)
    _deduct(row, -taken, reason, actor)
    tell_institution(row)
    record(SuspicionDecided(row.id, row.bill_id, row.institution_id, False, -taken))
    return row


def _deduct(row: Suspicion, amount: int, reason: str, actor: Actor) -> None:
    if amount:
        Deduction.objects.create(
            of=row, institution_id=row.institution_id, amount=amount, month=clock.today().replace(day=1), reason=reason[:1000],
            made_by=actor.name,
        )  # fmt: skip


def _found(suspicion_id: UUID) -> Suspicion:
    row = Suspicion.objects.select_for_update().filter(pk=suspicion_id).first()
    if row is None:
        raise NotFound(_("没有找到这条疑点。"))
    return row
