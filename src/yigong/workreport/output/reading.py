"""A Word document that comes back: free text by chapter, figures compared with the edition's. Files from outside are trusted in nothing."""

import io
import zipfile
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import docx
from django.utils.translation import gettext as _
from docx.oxml.ns import qn
from lxml import etree

from yigong.core.asked import DAMAGED_ZIP, key_of, whole_number
from yigong.core.errors import InvalidInput
from yigong.workreport.output import controls
from yigong.workreport.output.controls import EDITION, TEXT

MOST_BYTES, MOST_UNPACKED, MOST_PARTS, MOST_RATIO = 20_000_000, 100_000_000, 1000, 200
_OLD_WORD = b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Found:
    """What stands in a document: texts with the version they began from, figures by key (each place), words outside of the controls."""

    edition_id: UUID
    number: str
    texts: dict[str, tuple[int, str]]
    figures: dict[str, list[str]]
    outside: list[str]


def read(content: bytes) -> Found:
    """The document's parts; InvalidInput on ``file`` says what is wrong with a file and what to do."""
    document = _opened(content)
    body = document.element.body
    roots = [body] + ([notes] if (notes := controls.footnotes_of(document)) is not None else [])
    edition_id, number = None, ""
    texts: dict[str, tuple[int, str]] = {}
    figures: dict[str, list[str]] = {}
    for tag, control in (pair for root in roots for pair in controls.controls(root)):
        if tag.startswith(EDITION):
            edition_id, number = key_of(tag.removeprefix(EDITION)), controls.text_of(control)
        elif tag.startswith(TEXT):
            chapter, _colon, version = tag.removeprefix(TEXT).partition(":")
            texts[chapter] = (whole_number(version) or 0, _lines(control))
        elif tag:
            figures.setdefault(tag, []).append(controls.text_of(control))
    if edition_id is None:
        raise _bad(
            _(
                "文件里没有汇报编号：它不是从平台下载的工作汇报，或者封面上的编号控件被删掉了。请重新下载，在新文件里修改。"
            )
        )
    return Found(edition_id, number, texts, figures, _outside(body))


def _opened(content: bytes) -> Any:
    if not content:
        raise _bad(_("文件是空的（0 字节），请重新选择。"))
    if len(content) > MOST_BYTES:
        raise _bad(_("文件超过 20 MB，请删去贴进去的大图片后再导入。"))
    if content.startswith(_OLD_WORD):
        raise _bad(_("这是旧的 .doc 文件或加了密码的文件。请在 Word 里去掉密码，另存为 .docx 再导入。"))
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _bounded(archive)
    except DAMAGED_ZIP:
        raise _bad(
            _("这不是 Word 文档（.docx），或者文件已损坏。请选择从平台下载、用 Word 修改后保存的文件。")
        ) from None
    try:
        return docx.Document(io.BytesIO(content))
    except (KeyError, ValueError, AttributeError, etree.LxmlError, *DAMAGED_ZIP):
        raise _bad(_("文件读不出来，可能已损坏。请用 Word 打开后另存为 .docx 再导入。")) from None


def _bounded(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)
    if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or unpacked > MOST_RATIO * max(packed, 1):
        raise _bad(_("文件解开后大得不正常，没有打开。请重新下载汇报，在新文件里修改。"))
    if "word/document.xml" not in archive.namelist():
        raise _bad(_("这不是 Word 文档（.docx）。请选择从平台下载、用 Word 修改后保存的文件。"))
    for part in parts:
        if part.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in archive.open(part).read(4096):
            raise _bad(_("文件里有不允许的声明，没有打开。请重新下载汇报，在新文件里修改。"))


def _lines(control: Any) -> str:
    content = control.find(qn("w:sdtContent"))
    paragraphs = list(content.iter(qn("w:p"))) if content is not None else []
    return "\n".join(controls.text_of(one) for one in paragraphs) if paragraphs else controls.text_of(control)


def _outside(body: Any) -> list[str]:
    """The words of every paragraph that lie in no control."""
    words = (controls.text_of(p, outside=True).strip() for p in body.iter(qn("w:p")) if not _in_text_control(p))
    return [word for word in words if word]


def _in_text_control(paragraph: Any) -> bool:
    return any(controls.tag_of(one).startswith(TEXT) for one in paragraph.iterancestors(qn("w:sdt")))


def _bad(sentence: str) -> InvalidInput:
    return InvalidInput(errors={"file": sentence})
