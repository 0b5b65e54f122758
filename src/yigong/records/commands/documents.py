"""Documents: draft, final, amended by a new version, void. A final text never changes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from yigong.access import api as access
from yigong.access.data import Subject
from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.core.events.api import record
from yigong.core.ids import new_id
from yigong.records import policies, queries, rules
from yigong.records.commands.common import place, repeated, require
from yigong.records.data import DocumentData, Source
from yigong.records.events import DocumentAmended, DocumentFinal, DocumentVoid
from yigong.records.models import Document


@racing("records.amend_document")
@transaction.atomic
def add_document(
    *,
    kind: str,
    title: str,
    content: Mapping[str, Any],
    resident_id: UUID,
    actor: Actor,
    text: str = "",
    source: Source | None = None,
    supersedes: UUID | None = None,
    reason: str = "",
    draft: bool = False,
    author_name: str = "",
    encounter_id: UUID | None = None,
    institution_id: UUID | None = None,
    staff_id: UUID | None = None,
    occurred_at: datetime | None = None,
    request_key: UUID | None = None,
) -> DocumentData:
    """File a document: ``content`` structured, ``text`` as people read it, ``source`` the room and object it came from.

    With ``supersedes`` (the final version's id) this becomes the next version: a reason is required, the old one stays readable as
    superseded, and ``DocumentAmended`` tells its receivers. Of two amendments of one version the second is a Conflict.
    """
    require(actor, policies.WRITE)
    if done := repeated(Document, request_key):
        return queries.document_data(done)
    where = place(
        resident_id, actor, occurred_at=occurred_at, institution_id=institution_id, staff_id=staff_id, source=source,
        request_key=request_key,
    )  # fmt: skip
    came = source or Source()
    document = Document(
        **where.values, encounter_id=encounter_id, kind=kind[:30], title=rules.check_text(title, "title", 120, required=True),
        content=_sized(content), text=rules.check_text(text, "text", rules.LONGEST_DOCUMENT),
        author_name=author_name or actor.name, source_app=came.app, source_id=came.id, reason=reason.strip()[:400],
        status=Document.Status.DRAFT if draft else Document.Status.FINAL, finalised_at=None if draft else clock.now(),
    )  # fmt: skip
    old = _replace(document, supersedes, reason) if supersedes else None
    document.series_id = old.series_id if old else new_id()
    try:
        with transaction.atomic():
            document.save(force_insert=True)
    except IntegrityError as clash:
        raise Conflict(_("这份文书刚刚已被他人修订，请刷新后查看最新版本。")) from clash
    if not draft:
        _tell(document, old)
    return queries.document_data(document)


@transaction.atomic
def finalise_document(*, document_id: UUID, content: Mapping[str, Any], text: str, actor: Actor) -> DocumentData:
    """Turn a draft into its final version with this content."""
    document = _locked(document_id, actor)
    if document.status != Document.Status.DRAFT:
        raise Conflict(
            _("这份文书%(status)s，不能再改；如需更正请修订。") % {"status": _(document.get_status_display())}
        )
    document.content, document.text = _sized(content), rules.check_text(text, "text", rules.LONGEST_DOCUMENT)
    document.status, document.finalised_at = Document.Status.FINAL, clock.now()
    document.save(update_fields=["content", "text", "status", "finalised_at"])
    _tell(document, document.supersedes)
    return queries.document_data(document)


@transaction.atomic
def void_document(*, document_id: UUID, reason: str, actor: Actor) -> DocumentData:
    """Declare a document void, with a reason; it stays readable as such."""
    document = _locked(document_id, actor)
    if document.status not in {Document.Status.FINAL, Document.Status.DRAFT}:
        raise Conflict(_("这份文书%(status)s，不能作废。") % {"status": _(document.get_status_display())})
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写作废原因。")})
    document.status, document.reason = Document.Status.VOID, reason.strip()[:400]
    document.save(update_fields=["status", "reason"])
    record(DocumentVoid(document.id, document.series_id, document.resident_id, document.kind, document.reason))
    return queries.document_data(document)


def _sized(content: Mapping[str, Any]) -> dict[str, Any]:
    size = len(orjson.dumps(content, default=str))
    if size > rules.LONGEST_CONTENT:
        raise InvalidInput(
            errors={
                "content": _("文书内容过大（%(n)s KB），最多 %(most)s KB。")
                % {"n": size // 1000, "most": rules.LONGEST_CONTENT // 1000}
            }
        )
    return orjson.loads(orjson.dumps(content, default=str))


def _replace(document: Document, old_id: UUID, reason: str) -> Document:
    old = Document.objects.select_for_update(of=("self",)).filter(pk=old_id).first()
    if old is None or old.resident_id not in queries.keys_of(document.resident_id):
        raise NotFound(_("没有找到要修订的文书。"))
    if not reason.strip():
        raise InvalidInput(errors={"reason": _("请填写修订原因。")})
    if old.status != Document.Status.FINAL:
        raise Conflict(_("这份文书%(status)s，请在最新版本上修订。") % {"status": _(old.get_status_display())})
    old.status = Document.Status.SUPERSEDED
    old.save(update_fields=["status"])
    document.supersedes, document.version = old, old.version + 1
    document.source_app, document.source_id = old.source_app, document.source_id or old.source_id
    return old


def _locked(document_id: UUID, actor: Actor) -> Document:
    require(actor, policies.WRITE)
    document = Document.objects.select_for_update(of=("self",)).filter(pk=document_id).first()
    if document is None:
        raise NotFound(_("没有找到这份文书。"))
    access.require(actor, "write", Subject("resident", document.resident_id))
    return document


def _tell(d: Document, old: Document | None) -> None:
    if old is None:
        record(DocumentFinal(d.id, d.series_id, d.resident_id, d.institution_id, d.kind, d.source_app, d.source_id))
        return
    record(
        DocumentAmended(
            d.id,
            old.id,
            d.series_id,
            d.version,
            d.resident_id,
            d.institution_id,
            d.kind,
            d.source_app,
            d.source_id,
            d.reason,
        )
    )
