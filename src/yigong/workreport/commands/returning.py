"""A Word file comes back: looked at first, then taken over chapter by chapter."""

from collections.abc import Mapping
from uuid import UUID

from django.utils.translation import gettext as _

from yigong.core import clock
from yigong.core.actor import Actor
from yigong.core.changes import change
from yigong.core.commands import racing
from yigong.core.errors import Conflict, InvalidInput, NotFound
from yigong.workreport import policies
from yigong.workreport.commands.editing import LONGEST, NotADraft, save_chapter, tidy
from yigong.workreport.models import Edition, ReturnedFile
from yigong.workreport.output import reading, word
from yigong.workreport.queries import documents, editions

LARGEST = reading.MOST_BYTES


@change
def look_at_file(*, edition_id: UUID, name: str, content: bytes, actor: Actor) -> ReturnedFile:
    """Read a file without changing the edition: texts by chapter, and everything of it that will not be taken, each with a sentence."""
    policies.must(actor, policies.WRITE)
    row = editions.edition(edition_id, actor=actor)
    if row.state != "draft":
        raise NotADraft()
    found = reading.read(content)
    if found.edition_id != row.pk:
        raise InvalidInput(
            errors={"file": _("这个文件是另一份汇报（%(number)s）的，不能导入到 %(mine)s。请打开那一份再导入。") % {"number": found.number or "—", "mine": row.number}}
        )  # fmt: skip
    texts, refused = _compared(row, found)
    return ReturnedFile.objects.create(
        edition=row, name=name[-120:], texts=texts, refused=refused, made_by=actor.name, account_id=actor.account_id
    )


@racing("workreport.take_file")
@change
def take_file(*, file_id: UUID, chapters: Mapping[str, int], actor: Actor) -> list[str]:
    """Take the chosen chapters over; each with the version the chooser saw, so that nobody's later text is overwritten. Returns their codes."""
    file = ReturnedFile.objects.select_for_update().filter(pk=file_id).first()
    if file is None:
        raise NotFound()
    editions.edition(file.edition_id, actor=actor)
    if file.taken_at is not None:
        raise Conflict(_("这个文件已经导入过了。再改的请重新上传。"))
    taken = []
    for chapter, base in chapters.items():
        if chapter not in file.texts:
            continue
        saved = save_chapter(
            edition_id=file.edition_id, chapter=chapter, text=file.texts[chapter]["text"], base=base, actor=actor, source="word"
        )  # fmt: skip
        if saved.is_conflict:
            raise Conflict(_("您核对之后，%(who)s又改了这一章。请重新核对差异再导入。") % {"who": saved.other})
        taken.append(chapter)
    file.taken_at = clock.now()
    file.save(update_fields=["taken_at"])
    return taken


def _compared(row: Edition, found: reading.Found) -> tuple[dict[str, dict[str, object]], list[dict[str, str]]]:
    report = documents.document(row)
    texts: dict[str, dict[str, object]] = {}
    refused: list[dict[str, str]] = []
    for chapter in report.chapters:
        if chapter.code not in found.texts:
            refused.append({"kind": "no_text", "key": "", "what": chapter.title, "mine": "", "theirs": ""})
            continue
        base, given = found.texts[chapter.code]
        given = "" if given.strip() == word.placeholder(chapter.hint) else tidy(given)
        if len(given) > LONGEST:
            refused.append(
                {"kind": "too_long", "key": "", "what": chapter.title, "mine": "", "theirs": str(len(given))}
            )
        else:
            texts[chapter.code] = {"base": base, "text": given}
    own = reading.read(word.write(report, row.pk))
    return texts, [*refused, *_figures(own.figures, found.figures), *_stray(own, found)]


def _figures(mine: dict[str, list[str]], theirs: dict[str, list[str]]) -> list[dict[str, str]]:
    """Figures that are not what the edition holds: changed, gone (from one of their places or all), or unknown."""
    refused = []
    for key, texts in mine.items():
        others = theirs.get(key, [])
        if len(others) < len(texts):
            refused.append({"kind": "gone", "key": key, "what": key, "mine": texts[0], "theirs": ""})
        refused += [
            {"kind": "changed", "key": key, "what": key, "mine": texts[0], "theirs": other[:60]}
            for other in others
            if other.strip() != texts[0].strip()
        ]
    unknown = sorted(theirs.keys() - mine.keys())
    return refused + [
        {"kind": "unknown", "key": key, "what": key, "mine": "", "theirs": theirs[key][0][:60]} for key in unknown
    ]


def _stray(own: reading.Found, found: reading.Found) -> list[dict[str, str]]:
    """Words typed outside of the text controls: they are told, because they would be lost."""
    known = set(own.outside)
    return [
        {"kind": "outside", "key": "", "what": words[:200], "mine": "", "theirs": ""}
        for words in found.outside
        if words not in known
    ]


__all__ = ["look_at_file", "take_file"]
