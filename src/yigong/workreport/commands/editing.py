"""Free text: saved by version, never over somebody else's head."""

import re
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.workreport import policies
from yigong.workreport.data import Saved
from yigong.workreport.models import ChapterText, ChapterVersion, Edition, Presence

LONGEST = 20_000
# What XML 1.0 forbids: pasted from elsewhere it would make the Word document impossible.
_UNHOLDABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotADraft(Conflict):
    """Free text is written while the edition is a draft."""

    code = "workreport.not_a_draft"
    message = "这一版不在编写状态，不能改文字。需要修改的，请先退回或撤回；已印发的请另出更正版。"


@racing("workreport.save_chapter")
@transaction.atomic
def save_chapter(*, edition_id: UUID, chapter: str, text: str, base: int, actor: Actor, source: str = "page") -> Saved:
    """Keep a chapter's text that was written on version ``base``.

    When somebody else has saved meanwhile, the text is set aside (kept, not shown) and ``Saved.other`` tells whose text stands now.
    """
    policies.must(actor, policies.WRITE)
    if len(text) > LONGEST:
        raise InvalidInput(
            errors={"text": _("这一章太长，最多 %(most)s 个字，请删减或分到其他章。") % {"most": f"{LONGEST:,}"}}
        )
    row = locked(edition_id, chapter)
    text = tidy(text)
    if text == row.text:
        return Saved(row.version, text)
    if base != row.version:
        _keep(row, 0, text, source, actor)
        newest = row.versions.filter(number=row.version).first()
        return Saved(row.version, row.text, other=newest.by if newest else "", at=newest.at if newest else None)
    row.version, row.text = row.version + 1, text
    row.save(update_fields=["version", "text"])
    _keep(row, row.version, text, source, actor)
    return Saved(row.version, text)


def locked(edition_id: UUID, chapter: str) -> ChapterText:
    """The chapter, locked, of an edition that may be written."""
    edition = Edition.objects.select_for_update(no_key=True).filter(pk=edition_id).first()
    if edition is None:
        raise NotFound()
    if edition.state != "draft":
        raise NotADraft()
    row = ChapterText.objects.select_for_update().filter(edition=edition, chapter=chapter).first()
    if row is None:
        raise NotFound(_("这份汇报没有这一章。"))
    return row


def tidy(text: str) -> str:
    """One kind of line end, nothing at the end of lines, no rows of empty lines, no signs that a document cannot hold.

    >>> tidy("甲 \\r\\n\\n\\n乙\\x0b")
    '甲\\n\\n乙'
    """
    lines = [line.rstrip() for line in _UNHOLDABLE.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    kept = [line for n, line in enumerate(lines) if line or (n and lines[n - 1])]
    return "\n".join(kept).strip("\n")


def be_present(*, chapter_id: int, actor: Actor) -> None:
    """Say that the actor has the chapter open for writing."""
    if actor.account_id is not None:
        Presence.objects.update_or_create(
            chapter_id=chapter_id, account_id=actor.account_id, defaults={"name": actor.name, "seen_at": clock.now()}
        )


def _keep(row: ChapterText, number: int, text: str, source: str, actor: Actor) -> None:
    if number or not row.versions.filter(number=0, text=text, account_id=actor.account_id).exists():
        ChapterVersion.objects.create(
            chapter=row, number=number, text=text, source=source, by=actor.name, account_id=actor.account_id
        )
