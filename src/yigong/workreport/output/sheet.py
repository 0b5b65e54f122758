"""A report and a statutory table as printed sheets (PDF)."""

# texts: data (the sheet's own words)

from typing import Any

from yigong.core.actor import Actor
from yigong.core.printing.api import About, PrintedDocument, print_document
from yigong.workreport.data import ChapterView, Document
from yigong.workreport.models import Edition
from yigong.workreport.queries.statutory import FilledTable
from yigong.workreport.rules.sentences import Piece

_DEFINITION_HEADS = ["注", "代码", "指标", "名称确度", "口径版本", "分子", "分母", "口径", "依据", "说明"]
_HEADS = ["序号", "方面", "指标", "数值", "分子", "分母", "口径", "佐证或无数据的原因"]


def print_report(report: Document, edition: Edition, actor: Actor) -> PrintedDocument:
    """The report as PDF, counted and logged as a printed sheet of this state and text of the edition."""
    seen: set[int] = set()

    def noted(number: int) -> dict[str, Any] | None:
        if not number:
            return None
        first = number not in seen
        seen.add(number)
        return {"number": number, "text": _pieces(report.note(number).pieces) if first else None}

    values = {
        "title": report.title, "subtitle": report.subtitle, "heading": f"{report.number} {report.subtitle}", "mark": report.mark,
        "facts": report.facts, "chapters": [_chapter(chapter, noted) for chapter in report.chapters], "annex": "附件：指标口径",
        "remarks": report.remarks, "closing": report.closing, "definition_heads": _DEFINITION_HEADS, "definitions": report.definitions,
    }  # fmt: skip
    version = f"{edition.version}.{sum(chapter.version for chapter in report.chapters)}"
    about = About("workreport", edition.id, version)
    return print_document(
        "workreport", "workreport/report", values, actor=actor, about=about, title=f"{report.title} {report.subtitle}"
    )


def print_table(filled: FilledTable, mark: str, about: About, actor: Actor) -> PrintedDocument:
    """A statutory table as PDF."""
    lines = [
        [one.item, one.group, f"{one.name}{f'({one.certainty})' if one.certainty else ''}", one.text or "—", _plain(one.above), _plain(one.below),
         " / ".join(filter(None, [one.numerator, one.denominator])) or "—", one.evidence or one.missing]
        for one in filled.entries
    ]  # fmt: skip
    criteria = [
        [one.number, one.dimension, one.title, one.looks_at, one.evidence, filled.evidence_of(one) or "—", ""]
        for one in filled.criteria
    ]
    values = {
        "title": filled.table.title, "subtitle": f"{filled.scope} · {filled.period}", "mark": mark, "basis": filled.table.basis, "note": filled.table.note,
        "heads": _HEADS, "lines": lines, "criteria": criteria, "criteria_title": "评判标准",
        "criteria_heads": ["序号", "维度", "条目", "看什么", "平台能出的证据", "相关指标", "自评"], "signs": ["填表人", "审核人", "单位负责人"],
    }  # fmt: skip
    return print_document(
        "workreport_table", "workreport/table", values, actor=actor, about=about, title=filled.table.title
    )


def _chapter(chapter: ChapterView, noted: Any) -> dict[str, Any]:
    return {
        "title": chapter.title,
        "paragraphs": [
            [{"pieces": _pieces(part.pieces), "note": noted(part.note)} for part in one.parts]
            for one in chapter.paragraphs
        ],
        "tables": [
            {
                "title": sheet.title,
                "heads": [{"name": name, "note": noted(note)} for name, note in sheet.heads],
                "lines": [[name, *(cell.piece.text for cell in cells)] for name, cells in sheet.lines],
            }
            for sheet in chapter.tables
            if sheet.heads
        ],
        "drawings": [
            {
                "title": one.title,
                "note": noted(one.note),
                "items": [{"name": bar.name, "text": bar.piece.text, "share": bar.share} for bar in one.bars],
            }
            for one in chapter.drawings
            if one.bars
        ],
        "text": chapter.text.split("\n") if chapter.text else [],
    }


def _pieces(pieces: tuple[Piece, ...]) -> list[list[Any]]:
    return [[piece.text, bool(piece.key)] for piece in pieces]


def _plain(value: object) -> str:
    return "—" if value is None else f"{value:,}"
