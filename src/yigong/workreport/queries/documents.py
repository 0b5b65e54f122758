"""A report put together: sentences, tables and drawings from the figures kept with the edition, in Chinese whatever the reader's language."""

# texts: data (the report's own words)

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import translation

from yigong.core import clock
from yigong.core.packs.api import released
from yigong.indicators import api as indicators
from yigong.indicators.api import Amounts, Figure
from yigong.workreport.data import Bar, Cell, ChapterView, Document, Drawing, Line, Note, Paragraph, Sheet
from yigong.workreport.models import Edition, EditionFigure
from yigong.workreport.rules import sentences
from yigong.workreport.rules.sentences import Piece, Reference, Value, key_of
from yigong.workreport.rules.states import EDITION
from yigong.workreport.rules.template import TEMPLATES, Chapter, ChartDefinition, Sentence, TableDefinition, split

MARK = "初步数：统计期尚未冻结，数字仍可能变动"
NAMES = {"previous": "上期", "last_year": "上年同期"}
_REST = "-"


def document(row: Edition) -> Document:
    """The whole report of a built edition."""
    with translation.override("zh-hans"):
        return _Maker(row).make()


@dataclass
class _Maker:
    """Puts one report together; notes are numbered as they are first needed."""

    row: Edition
    values: dict[tuple[str, str, str, str], Value] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)
    notes: dict[tuple[str, str], Note] = field(default_factory=dict)
    chapter_of: dict[tuple[str, str], str] = field(default_factory=dict)

    def make(self) -> Document:
        """Everything, in the template's order."""
        row = self.row
        self.template = released(TEMPLATES, row.template, row.template_version)
        for one in row.figures.order_by("place_code"):
            self.values[one.span, one.code, one.variant, one.place_code] = _value(one)
            if one.place_code:
                self.places[one.place_code] = one.place_name
        texts = {one.chapter: (one.text, one.version) for one in row.texts.all()}
        chapters = tuple(
            self._chapter(chapter, *texts.get(chapter.code, ("", 0))) for chapter in self.template.chapters
        )
        return Document(
            title=row.title, subtitle=f"{row.scope_name} · {self._span('now')['name']}", number=row.number,
            mark=MARK if row.provisional else "", facts=self._facts(), chapters=chapters, notes=tuple(self.notes.values()),
            definitions=tuple(self._definition(*key) for key in self.notes), lines=tuple(self._lines()),
        )  # fmt: skip

    def _span(self, name: str) -> dict[str, Any]:
        return self.row.spans.get(name) or {"name": "", "frozen": False}

    def _facts(self) -> tuple[tuple[str, str], ...]:
        row = self.row
        found = [
            ("编号", row.number),
            ("范围", row.scope_name),
            ("统计期", self._span("now")["name"]),
            ("状态", EDITION.label(row.state)),
        ]
        found.append(("数据", self._sure(self._span("now"))))
        found.append(("模板", f"{self.template.name} {self.template.version} 版"))
        if row.signed_by:
            found.append(("签署", f"{row.signed_by} {_moment(row.signed_at)}"))
        if row.issued_by:
            found.append(("印发", f"{row.issued_by} {_moment(row.issued_at)}"))
        if row.supersedes is not None:
            found.append(("更正", f"取代 {row.supersedes.number}：{row.reason}"))
        return tuple(found)

    def _sure(self, span: dict[str, Any]) -> str:
        """How firm the figures of a span are, in words."""
        if span["frozen"]:
            return f"{span['signed_by']}签署，{span['frozen_by']}于 {_moment(datetime.fromisoformat(span['frozen_at']))} 冻结"
        at = span.get("counted_at")
        return f"未冻结，按 {_moment(datetime.fromisoformat(at))} 的计算" if at else "未冻结"

    def _chapter(self, chapter: Chapter, text: str, version: int) -> ChapterView:
        paragraphs = tuple(self._sentence(one, chapter) for one in chapter.sentences)
        tables = tuple(self._table(one, chapter) for one in chapter.tables)
        drawings = tuple(self._drawing(one, chapter) for one in chapter.charts)
        return ChapterView(chapter.code, chapter.title, chapter.hint, paragraphs, tables, drawings, text, version)

    def _whole(self, span: str, code: str, variant: str) -> Value | None:
        return self.values.get((span, code, variant, ""))

    def _variant(self, code: str, given: str) -> str:
        return given or next((v for s, c, v, _p in self.values if c == code and s == "now"), "")

    def _sentence(self, one: Sentence, chapter: Chapter) -> Paragraph:
        variant = self._variant(one.indicator, one.variant)
        value = self._whole("now", one.indicator, variant)
        if value is None:
            return Paragraph((Piece(f"指标 {one.indicator} 在这一期没有定义。"),), 0)
        references = [
            Reference(span, NAMES[span], self._whole(span, one.indicator, variant))
            for span in one.against
            if span in self.row.spans or not (span == "previous" and self.row.kind == "year")
        ]
        pieces = sentences.tell(value, references, {**self.template.words, **one.words}, Decimal(self.template.flat))
        return Paragraph(tuple(pieces), self._note(value, chapter))

    def _note(self, value: Value, chapter: Chapter) -> int:
        key = (value.definition.code, value.variant)
        if key not in self.notes:
            self.chapter_of[key] = chapter.title
            self.notes[key] = Note(len(self.notes) + 1, tuple(self._note_pieces(value)), key[0], sentences.named(value))
        return self.notes[key].number

    def _note_pieces(self, value: Value) -> list[Piece]:
        d, now = value.definition, self._span("now")
        pieces = [
            Piece(
                f"{sentences.named(value)}：代码 {d.code}，口径 {value.version} 版，名称{_sure_name(d.certainty)}；统计期 {now['name']},{self._sure(now)}"
            )
        ]
        if count := now.get("corrections", {}).get(d.code):
            pieces.append(Piece(f",其后更正 {count} 次（按更正后的数）"))
        if remarks := now.get("remarks", {}).get(d.code):
            pieces.append(Piece(f",核对时指出：{';'.join(remarks)}"))
        figure = Figure(d, value.amounts)
        for part, word, text, facet in (
            (d.numerator, "分子", figure.above, "n"),
            (d.denominator, "分母", figure.below, "d"),
        ):
            if part is not None:
                number = Piece(text, key_of(value, facet)) if value.amounts else Piece("无数据")
                pieces += [Piece(f"。{word}({part.text or part.where}):"), number]
        if not d.is_counted:
            pieces.append(Piece(f"。无数据：{d.missing or '由其他页面计算'}"))
        return [*pieces, Piece("。")]

    def _table(self, table: TableDefinition, chapter: Chapter) -> Sheet:
        columns = [(code, self._variant(code, variant)) for code, variant in map(split, table.indicators)]
        known = [(key, value) for key in columns if (value := self._whole("now", *key)) is not None]
        heads = tuple((sentences.named(value), self._note(value, chapter)) for _key, value in known)
        lines = [
            (name, tuple(self._cell(self.values.get(("now", *key, place)), value, place) for key, value in known))
            for place, name in sorted(self.places.items(), key=lambda pair: (pair[0] == _REST, pair[0]))
            if any(("now", *key, place) in self.values for key, _value in known)
        ]
        lines.append(("合计", tuple(self._cell(value, value, "") for _key, value in known)))
        return Sheet(table.title, heads, tuple(lines))

    def _cell(self, value: Value | None, whole: Value, place: str) -> Cell:
        if value is None or value.value is None:
            return Cell(Piece("—"))
        return Cell(Piece(sentences.told(value), key_of(whole, "v", place)), float(value.value))

    def _drawing(self, chart: ChartDefinition, chapter: Chapter) -> Drawing:
        code, given = split(chart.indicator)
        variant = self._variant(code, given)
        whole = self._whole("now", code, variant)
        if whole is None:
            return Drawing(chart.title, 0, ())
        if chart.by == "period":
            chosen = [
                (self._span(span)["name"], span, self._whole(span, code, variant))
                for span in ("last_year", "previous", "now")
                if span in self.row.spans
            ]
            shown = [
                (name, value, key_of(whole, "v" if span == "now" else f"{span}.v")) for name, span, value in chosen
            ]
        else:
            places = sorted(
                (p for s, c, v, p in self.values if (s, c, v) == ("now", code, variant) and p),
                key=lambda p: (p == _REST, p),
            )
            shown = [(self.places[p], self.values["now", code, variant, p], key_of(whole, "v", p)) for p in places]
        bars = _bars(shown)
        return Drawing(chart.title, self._note(whole, chapter) if bars else 0, bars)

    def _definition(self, code: str, variant: str) -> tuple[str, ...]:
        value = self._whole("now", code, variant)
        assert value is not None
        d = value.definition
        parts = [part.text or part.where if part else "—" for part in (d.numerator, d.denominator)]
        return (
            str(self.notes[code, variant].number), d.code, sentences.named(value), _sure_name(d.certainty), value.version, *parts,
            "、".join(filter(None, [indicators.view_word(d.view), indicators.window(d.window)])) if d.is_counted else "—",
            d.basis, " ".join(filter(None, [d.missing, d.note])),
        )  # fmt: skip

    def _lines(self) -> list[Line]:
        order = {key: n for n, key in enumerate(self.notes)}
        kept = sorted(
            self.values.items(), key=lambda pair: (order.get(pair[0][1:3], len(order)), pair[0][3], pair[0][0])
        )
        return [self._line(span, value, place) for (span, _code, _variant, place), value in kept]

    def _line(self, span: str, value: Value, place: str) -> Line:
        d, figure = value.definition, Figure(value.definition, value.amounts)
        text = sentences.told(value) if value.value is not None else "—"
        return Line(
            key=key_of(value, "v" if span == "now" else f"{span}.v", place), chapter=self.chapter_of.get((d.code, value.variant), ""),
            name=sentences.named(value), place=self.places.get(place, "") or self.row.scope_name, span=self._span(span)["name"], text=text,
            number=float(value.value) if value.value is not None else None, unit=d.unit, above=figure.above_number,
            below=figure.below_number, version=value.version,
        )  # fmt: skip


def _bars(shown: list[tuple[str, Value | None, str]]) -> tuple[Bar, ...]:
    values = [float(value.value) for _n, value, _k in shown if value is not None and value.value is not None]
    most = max(values, default=0.0)
    found = []
    for name, value, key in shown:
        if value is None or value.value is None:
            found.append(Bar(name, Piece("无数据"), None, None))
        else:
            number = float(value.value)
            found.append(Bar(name, Piece(sentences.told(value), key), number, number / most if most > 0 else 0.0))
    return tuple(found)


def _value(one: EditionFigure) -> Value:
    amounts = Amounts(one.numerator, one.denominator, one.provisional) if one.numerator is not None else None
    return Value(indicators.version_of(one.code, one.version), one.variant, amounts, one.version)


def _sure_name(certainty: str) -> str:
    return {"A": "有来源写明"}.get(certainty) or indicators.certainty(certainty).removeprefix("名称")


def _moment(at: datetime | None) -> str:
    return at.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M") if at else ""


def differences(
    one: Edition, other: Edition
) -> tuple[list[tuple[Line | None, Line | None]], list[tuple[str, str, str]]]:
    """Figures and texts in which two editions differ: pairs of lines, and chapters with both texts."""
    with translation.override("zh-hans"):
        mine, theirs = document(one), document(other)
    lines: dict[str, list[Line | None]] = defaultdict(lambda: [None, None])
    for place, found in enumerate((mine, theirs)):
        for line in found.lines:
            lines[line.key][place] = line
    changed = [(a, b) for a, b in lines.values() if (a and (a.above, a.below)) != (b and (b.above, b.below))]
    texts = {chapter.code: (chapter.title, chapter.text) for chapter in theirs.chapters}
    rows = [(c.title, c.text, texts.get(c.code, ("", ""))[1]) for c in mine.chapters]
    return changed, [row for row in rows if row[1] != row[2]]
