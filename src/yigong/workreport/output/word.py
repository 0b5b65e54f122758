"""A report as a Word document: every figure a locked content control named by its key, free text in controls of its own, real footnotes."""

# texts: data (the document's own words)

import io
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from uuid import UUID

import docx
from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from yigong.core.printing.api import draw
from yigong.workreport.data import ChapterView, Document, Drawing, Sheet
from yigong.workreport.output import controls
from yigong.workreport.output.controls import Footnotes
from yigong.workreport.rules.sentences import Piece

_DEFINITION_HEADS = ("注", "代码", "指标", "名称确度", "口径版本", "分子", "分母", "口径", "依据", "说明")
_DEFINITION_WIDTHS = (0.9, 2.6, 3.0, 1.8, 1.5, 3.4, 3.0, 2.3, 3.2, 2.8)  # cm: a page on its side less its margins
_TEXT_WIDTH, _NAME_WIDTH = 15.8, 4.0  # cm


def write(report: Document, edition_id: UUID) -> bytes:
    """The document. Its figures are locked against typing; what is typed into the text controls comes back by ``reading``."""
    return _Writer(report, edition_id).write()


def placeholder(hint: str) -> str:
    """What an empty text control shows."""
    return f"（在此填写：{hint or '本章的文字'}）"


class _Writer:
    def __init__(self, report: Document, edition_id: UUID) -> None:
        self.report, self.edition_id = report, edition_id
        self.document = docx.Document()
        self.notes, self.numbers, self.seen = Footnotes(), count(1), set[int]()

    def write(self) -> bytes:
        self._look()
        self._cover()
        for chapter in self.report.chapters:
            self._chapter(chapter)
        self._closing()
        self._annex()
        self.notes.attach(self.document)
        facts = self.document.core_properties
        facts.title, facts.author, facts.identifier = (
            f"{self.report.title} {self.report.subtitle}",
            "医共体平台",
            str(self.edition_id),
        )
        facts.created = facts.modified = datetime.now(UTC).replace(tzinfo=None)
        out = io.BytesIO()
        self.document.save(out)
        return out.getvalue()

    def _look(self) -> None:
        section = self.document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.6)
        for name, font, size in (
            ("Normal", "宋体", 12),
            ("Title", "黑体", 20),
            ("Heading 1", "黑体", 15),
            ("Heading 2", "黑体", 12),
        ):
            style: Any = self.document.styles[name]
            style.font.name, style.font.size = "Times New Roman", Pt(size)
            style.font.color.rgb = RGBColor(0, 0, 0)
            style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
        plain: Any = self.document.styles["Normal"].paragraph_format
        plain.space_after, plain.line_spacing = Pt(0), 1.4
        head = section.header.paragraphs[0]
        head.text = " · ".join(filter(None, [self.report.title, self.report.number, self.report.mark]))
        head.runs[0].font.size = Pt(9)
        foot = section.footer.paragraphs[0]
        foot.alignment = WD_ALIGN_PARAGRAPH.CENTER
        foot._p.append(_page_number())

    def _cover(self) -> None:
        title = self.document.add_paragraph(self.report.title, style="Title")
        title.alignment = WD_ALIGN_PARAGRAPH.CENTER
        below = self.document.add_paragraph(self.report.subtitle)
        below.alignment = WD_ALIGN_PARAGRAPH.CENTER
        if self.report.mark:
            self.document.add_paragraph().add_run(self.report.mark).bold = True
        for label, value in self.report.facts:
            line = self.document.add_paragraph(f"{label}：")
            line.paragraph_format.space_after = Pt(2)
            if label == "编号":
                tag = f"{controls.EDITION}{self.edition_id}"
                line._p.append(controls.inline(tag, "汇报编号，请勿删除", value, next(self.numbers)))
            else:
                line.add_run(value)
        for remark in self.report.remarks:
            line = self.document.add_paragraph()
            line.paragraph_format.space_before, line.paragraph_format.space_after = Pt(4), Pt(2)
            line.add_run(remark).font.size = Pt(10)

    def _chapter(self, chapter: ChapterView) -> None:
        self.document.add_heading(chapter.title, level=1)
        for paragraph in chapter.paragraphs:
            line = self.document.add_paragraph()
            line.paragraph_format.first_line_indent = Pt(24)
            for part in paragraph.parts:
                self._add(line._p, part.pieces)
                self._refer(line._p, part.note)
        for sheet in chapter.tables:
            self._table(sheet)
        for drawing in chapter.drawings:
            self._picture(drawing)
        self._text(chapter)

    def _text(self, chapter: ChapterView) -> None:
        tag = f"{controls.TEXT}{chapter.code}:{chapter.version}"
        lines = chapter.text.split("\n") if chapter.text else [placeholder(chapter.hint)]
        made = controls.block(
            tag, f"{chapter.title} 文字，可修改", lines, next(self.numbers), placeholder=not chapter.text
        )
        self.document.element.body.insert(len(self.document.element.body) - 1, made)

    def _add(self, line: Any, pieces: Iterable[Piece]) -> None:
        for piece in pieces:
            line.append(self._figure(piece) if piece.key else controls.run(piece.text))

    def _figure(self, piece: Piece, *, small: bool = False) -> Any:
        return controls.inline(piece.key, f"数字 {piece.key}", piece.text, next(self.numbers), small=small)

    def _refer(self, line: Any, number: int) -> None:
        """The first mention of an indicator carries its footnote; later ones its number."""
        if not number:
            return
        if number in self.seen:
            line.append(controls.run(f"[注 {number}]", superscript=True))
            return
        self.seen.add(number)
        pieces = self.report.note(number).pieces
        line.append(
            self.notes.add([self._figure(p, small=True) if p.key else controls.run(p.text, small=True) for p in pieces])
        )

    def _table(self, sheet: Sheet) -> None:
        if not sheet.heads:
            return
        self.document.add_heading(sheet.title, level=2)
        table = self.document.add_table(rows=1, cols=len(sheet.heads) + 1, style="Table Grid")
        for cell, (name, note) in zip(table.rows[0].cells, (("机构", 0), *sheet.heads), strict=True):
            line = cell.paragraphs[0]
            line.add_run(name).bold = True
            self._refer(line._p, note)
        _repeat(table.rows[0])
        for name, cells in sheet.lines:
            row = table.add_row().cells
            row[0].text = name
            for cell, value in zip(row[1:], cells, strict=True):
                line = cell.paragraphs[0]
                line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
                self._add(line._p, [value.piece])
        _small(table)
        others = len(sheet.heads)
        _wide(table, (_NAME_WIDTH, *[(_TEXT_WIDTH - _NAME_WIDTH) / others] * others))

    def _picture(self, drawing: Drawing) -> None:
        if not drawing.bars:
            return
        line = self.document.add_paragraph(style="Heading 2")
        line.add_run(drawing.title)
        self._refer(line._p, drawing.note)
        items = [{"name": bar.name, "text": bar.piece.text, "share": bar.share} for bar in drawing.bars]
        picture = self.document.add_picture(io.BytesIO(draw(items)), width=Cm(15))
        told = "；".join(f"{bar.name} {bar.piece.text}" for bar in drawing.bars)
        picture._inline.docPr.set("descr", f"{drawing.title}：{told}")

    def _closing(self) -> None:
        """Who hands it in, and when."""
        for n, text in enumerate(self.report.closing):
            line = self.document.add_paragraph(text)
            line.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            line.paragraph_format.keep_with_next = True
            if n == 0:
                line.paragraph_format.space_before = Pt(24)

    def _annex(self) -> None:
        _turned(self.document.add_section(WD_SECTION.NEW_PAGE))
        self.document.add_heading("附件：指标口径", level=1)
        table = self.document.add_table(rows=1, cols=len(_DEFINITION_HEADS), style="Table Grid")
        for cell, name in zip(table.rows[0].cells, _DEFINITION_HEADS, strict=True):
            cell.paragraphs[0].add_run(name).bold = True
        _repeat(table.rows[0])
        for definition in self.report.definitions:
            for cell, text in zip(table.add_row().cells, definition, strict=True):
                cell.text = text
        _small(table, 7)
        _wide(table, _DEFINITION_WIDTHS)


def _page_number() -> Any:
    made, begin, text, end = (
        OxmlElement("w:r"),
        OxmlElement("w:fldChar"),
        OxmlElement("w:instrText"),
        OxmlElement("w:fldChar"),
    )
    begin.set(qn("w:fldCharType"), "begin")
    end.set(qn("w:fldCharType"), "end")
    text.text = " PAGE "
    for part in (begin, text, end):
        made.append(part)
    return made


def _turned(section: Any) -> None:
    """A page on its side, for the ten columns of the annex."""
    section.orientation = WD_ORIENT.LANDSCAPE
    section.page_width, section.page_height = section.page_height, section.page_width


def _wide(table: Any, widths: tuple[float, ...]) -> None:
    """Fixed columns, in centimetres. Word takes the grid's widths, others those of the cells: both are set."""
    table.autofit = False
    for column, width in zip(table.columns, widths, strict=True):
        column.width = Cm(width)
    for row in table.rows:
        for cell, width in zip(row.cells, widths, strict=True):
            cell.width = Cm(width)


def _repeat(row: Any) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


def _small(table: Any, size: float = 9) -> None:
    """The words of a table smaller, in controls too, and its lines close."""
    for line in table._tbl.iter(qn("w:p")):
        spacing = OxmlElement("w:spacing")
        for name, value in (("w:before", "20"), ("w:after", "20"), ("w:line", "240"), ("w:lineRule", "auto")):
            spacing.set(qn(name), value)
        line.get_or_add_pPr()._insert_spacing(spacing)
    for look in [one for name in ("w:r", "w:sdtPr") for one in table._tbl.iter(qn(name))]:
        found = look.find(qn("w:rPr"))
        if found is None:
            found = OxmlElement("w:rPr")
            look.insert(0, found)
        if found.find(qn("w:sz")) is None:
            tag = OxmlElement("w:sz")
            tag.set(qn("w:val"), str(int(size * 2)))
            found.append(tag)
