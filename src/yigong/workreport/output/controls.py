"""Content controls and footnotes in a Word document: what python-docx has no words for, as XML of ISO/IEC 29500 (WordprocessingML)."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

from docx.opc.constants import CONTENT_TYPE, RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from lxml import etree

FIGURE_LOCK, TEXT_LOCK = "sdtContentLocked", "sdtLocked"
EDITION, TEXT = "edition:", "text:"
LONGEST_TAG = 64


def run(text: str, *, bold: bool = False, superscript: bool = False, small: bool = False) -> Any:
    """One run of text."""
    made, look, word = OxmlElement("w:r"), OxmlElement("w:rPr"), OxmlElement("w:t")
    if bold:
        look.append(OxmlElement("w:b"))
    if small:
        look.append(_valued("w:sz", "18"))
    if superscript:
        look.append(_valued("w:vertAlign", "superscript"))
    if len(look):
        made.append(look)
    word.text = text
    word.set(qn("xml:space"), "preserve")
    made.append(word)
    return made


def inline(tag: str, alias: str, text: str, number: int, *, lock: str = FIGURE_LOCK, small: bool = False) -> Any:
    """A content control within a line."""
    made, content = _control(tag, alias, number, lock)
    facts, word = made.find(qn("w:sdtPr")), run(text, bold=not small, small=small)
    # Word reads the look of the run, others that of the control.
    facts.insert(0, deepcopy(word.find(qn("w:rPr"))))
    facts.append(OxmlElement("w:text"))
    content.append(word)
    return made


def block(tag: str, alias: str, lines: list[str], number: int, *, placeholder: bool = False) -> Any:
    """A content control of whole paragraphs: free text, one paragraph a line."""
    made, content = _control(tag, alias, number, TEXT_LOCK)
    if placeholder:
        made.find(qn("w:sdtPr")).append(OxmlElement("w:showingPlcHdr"))
    for line in lines or [""]:
        paragraph, look, indent = OxmlElement("w:p"), OxmlElement("w:pPr"), OxmlElement("w:ind")
        indent.set(qn("w:firstLine"), "480")
        look.append(indent)
        paragraph.append(look)
        paragraph.append(run(line))
        content.append(paragraph)
    return made


def controls(root: Any) -> Iterator[tuple[str, Any]]:
    """All content controls below an element, each with its tag."""
    for one in root.iter(qn("w:sdt")):
        yield tag_of(one), one


def tag_of(control: Any) -> str:
    """The name of a content control; empty for one of somebody else's without a name."""
    tag = control.find(f"{qn('w:sdtPr')}/{qn('w:tag')}")
    return tag.get(qn("w:val"), "") if tag is not None else ""


def text_of(element: Any, *, outside: bool = False) -> str:
    """The words of a paragraph or control without what tracked changes deleted; ``outside`` leaves controls within it out."""
    found: list[str] = []
    left_out = {qn("w:del"), qn("w:moveFrom"), qn("w:sdtPr")} | ({qn("w:sdt")} if outside else set())

    def walk(node: Any) -> None:
        if node.tag in left_out:
            return
        if node.tag == qn("w:t"):
            found.append(node.text or "")
        elif node.tag == qn("w:tab"):
            found.append("\t")
        elif node.tag in (qn("w:br"), qn("w:cr")):
            found.append("\n")
        for child in node:
            walk(child)

    walk(element)
    return "".join(found)


class Footnotes:
    """The footnotes of one document."""

    def __init__(self) -> None:
        self.root = etree.fromstring(
            f"<w:footnotes {nsdecls('w')}>"
            '<w:footnote w:type="separator" w:id="-1"><w:p><w:r><w:separator/></w:r></w:p></w:footnote>'
            '<w:footnote w:type="continuationSeparator" w:id="0"><w:p><w:r><w:continuationSeparator/></w:r></w:p></w:footnote>'
            "</w:footnotes>"
        )
        self.count = 0

    def add(self, parts: list[Any]) -> Any:
        """A footnote of these runs and controls; returns the run that refers to it."""
        self.count += 1
        note, paragraph, sign = etree.SubElement(self.root, qn("w:footnote")), OxmlElement("w:p"), OxmlElement("w:r")
        note.set(qn("w:id"), str(self.count))
        close, spacing = OxmlElement("w:pPr"), OxmlElement("w:spacing")
        for name, value in (("w:before", "0"), ("w:after", "0"), ("w:line", "240"), ("w:lineRule", "auto")):
            spacing.set(qn(name), value)
        close.append(spacing)
        paragraph.append(close)
        look = OxmlElement("w:rPr")
        look.append(_valued("w:sz", "18"))
        look.append(_valued("w:vertAlign", "superscript"))
        sign.append(look)
        sign.append(OxmlElement("w:footnoteRef"))
        paragraph.append(sign)
        for part in parts:
            paragraph.append(part)
        note.append(paragraph)
        return self._reference()

    def _reference(self) -> Any:
        made, look, reference = OxmlElement("w:r"), OxmlElement("w:rPr"), OxmlElement("w:footnoteReference")
        look.append(_valued("w:vertAlign", "superscript"))
        reference.set(qn("w:id"), str(self.count))
        made.append(look)
        made.append(reference)
        return made

    def attach(self, document: Any) -> None:
        """Put them into the document."""
        blob = etree.tostring(self.root, xml_declaration=True, encoding="UTF-8", standalone=True)
        part = Part(PackURI("/word/footnotes.xml"), CONTENT_TYPE.WML_FOOTNOTES, blob, document.part.package)
        document.part.relate_to(part, RELATIONSHIP_TYPE.FOOTNOTES)


def footnotes_of(document: Any) -> Any | None:
    """The root of a document's footnotes; None without any."""
    for relation in document.part.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FOOTNOTES and not relation.is_external:
            return etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
    return None


def _control(tag: str, alias: str, number: int, lock: str) -> tuple[Any, Any]:
    if len(tag) > LONGEST_TAG:
        raise ValueError(f"Word keeps names of {LONGEST_TAG} characters: {tag}")
    made, facts, content = OxmlElement("w:sdt"), OxmlElement("w:sdtPr"), OxmlElement("w:sdtContent")
    for name, value in (("w:alias", alias[:LONGEST_TAG]), ("w:tag", tag), ("w:id", str(number)), ("w:lock", lock)):
        facts.append(_valued(name, value))
    made.append(facts)
    made.append(content)
    return made, content


def _valued(name: str, value: str) -> Any:
    made = OxmlElement(name)
    made.set(qn("w:val"), value)
    return made
