"""A report put together: sentences, tables and drawings from the figures kept with the edition, in Chinese whatever the reader's language."""

# texts: data (the report's own words)

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import translation

from yigong.core import clock
from yigong.core.packs.api import released
from yigong.indicators import api as indicators
from yigong.indicators.api import Amounts, Figure
from yigong.workreport.data import Bar, Cell, ChapterView, Document, Drawing, Line, Note, Paragraph, Sheet, Told
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
    silent: set[str] = field(default_factory=set)

    def make(self) -> Document:
        """Everything, in the template's order."""
        row = self.row
        self.template = released(TEMPLATES, row.template, row.template_version)
        for one in row.figures.order_by("place_code"):
            self.values[one.span, one.code, one.variant, one.place_code] = _value(one)
            if one.place_code:
                self.places[one.place_code] = one.place_name
        self.silent = self._nowhere_comparable()
        texts = {one.chapter: (one.text, one.version) for one in row.texts.all()}
        chapters = tuple(
            self._chapter(chapter, *texts.get(chapter.code, ("", 0))) for chapter in self.template.chapters
        )
        return Document(
            title=row.title, subtitle=f"{row.scope_name} · {self._span('now')['name']}", number=row.number,
            mark=MARK if row.provisional else "", facts=self._facts(), chapters=chapters, notes=tuple(self.notes.values()),
            definitions=tuple(self._definition(*key) for key in self.notes), lines=tuple(self._lines()), remarks=tuple(self._remarks()),
            closing=self._closing(),
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
        if "whole_span" not in self.template.words:
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

    def _remarks(self) -> Iterator[str]:
        """What holds for all figures, said once."""
        words = self.template.words
        if "whole_span" in words:
            now = self._span("now")
            yield words["whole_span"].format(span=now["name"], sure=self._sure(now))
        if self.silent:
            yield words["none_comparable"].format(reference="、".join(NAMES[s] for s in NAMES if s in self.silent))
        used = (value for key in self.notes if (value := self._whole("now", *key)) is not None)
        if "uncertain_told" in words and any(value.definition.certainty != "A" for value in used):
            yield words["uncertain_told"]

    def _closing(self) -> tuple[str, ...]:
        row = self.row
        day = row.issued_at.astimezone(clock.SHANGHAI) if row.issued_at else None
        return (
            row.scope_name,
            f"签发：{row.issued_by or '　　　　　　'}",
            f"{day.year} 年 {day.month} 月 {day.day} 日" if day else "　　　年　　月　　日",
        )

    def _nowhere_comparable(self) -> set[str]:
        """The spans that no figure of the report can be compared with for want of a frozen one; a template may say so once."""
        found: dict[str, bool] = {}
        if "none_comparable" not in self.template.words:
            return set()
        for one in (one for chapter in self.template.chapters for one in chapter.sentences):
            value = self._whole("now", one.indicator, self._variant(one.indicator, one.variant))
            if value is None or not sentences.has_figure(value):
                continue
            for reference in self._references(one, value.variant):
                lacking = sentences.situation(value, reference, Decimal(0))[0] == "no_reference"
                found[reference.facet] = found.get(reference.facet, True) and lacking
        return {span for span, lacking in found.items() if lacking}

    def _references(self, one: Sentence, variant: str) -> list[Reference]:
        return [
            Reference(span, NAMES[span], self._whole(span, one.indicator, variant))
            for span in one.against
            if span not in self.silent
            and (span in self.row.spans or not (span == "previous" and self.row.kind == "year"))
        ]

    def _chapter(self, chapter: Chapter, text: str, version: int) -> ChapterView:
        paragraphs = tuple(self._paragraphs(chapter))
        tables = tuple(self._table(one, chapter) for one in chapter.tables)
        drawings = tuple(self._drawing(one, chapter) for one in chapter.charts)
        return ChapterView(chapter.code, chapter.title, chapter.hint, paragraphs, tables, drawings, text, version)

    def _paragraphs(self, chapter: Chapter) -> Iterator[Paragraph]:
        """The sentences as the template groups them, and at the end what has no figure."""
        gathers = "without" in self.template.words
        parts, lead, without = list[Told](), "", list[Value]()
        for one in chapter.sentences:
            value = self._whole("now", one.indicator, self._variant(one.indicator, one.variant))
            if one.lead and parts:
                yield Paragraph(tuple(parts))
                parts = []
            lead = one.lead or lead
            if value is None:
                continue  # The definition came into force later.
            if gathers and not sentences.has_figure(value):
                without.append(value)
                continue
            words = {**self.template.words, **one.words}
            pieces = sentences.tell(value, self._references(one, value.variant), words, Decimal(self.template.flat))
            if lead:
                pieces, lead = [Piece(lead), *pieces], ""
            parts.append(Told(tuple(pieces), self._note(value, chapter)))
            if not gathers:
                yield Paragraph(tuple(parts))
                parts = []
        if parts:
            yield Paragraph(tuple(parts))
        if without:
            yield Paragraph(tuple(self._without(without, chapter)))

    def _without(self, values: list[Value], chapter: Chapter) -> Iterator[Told]:
        before, _names, after = self.template.words["without"].partition("{names}")
        for n, value in enumerate(values):
            pieces = [Piece("、" if n else before), *sentences.item(value, self.template.words)]
            yield Told(tuple(pieces), self._note(value, chapter))
        yield Told((Piece(after),))

    def _whole(self, span: str, code: str, variant: str) -> Value | None:
        return self.values.get((span, code, variant, ""))

    def _variant(self, code: str, given: str) -> str:
        return given or next((v for s, c, v, _p in self.values if c == code and s == "now"), "")

    def _note(self, value: Value, chapter: Chapter) -> int:
        key = (value.definition.code, value.variant)
        if key not in self.notes:
            self.chapter_of[key] = chapter.title
            self.notes[key] = Note(len(self.notes) + 1, tuple(self._note_pieces(value)), key[0], sentences.named(value))
        return self.notes[key].number

    def _note_pieces(self, value: Value) -> list[Piece]:
        d, now = value.definition, self._span("now")
        when = "" if "whole_span" in self.template.words else f"；统计期 {now['name']}，{self._sure(now)}"
        pieces = [
            Piece(
                f"{sentences.named(value)}：代码 {d.code}，口径 {value.version} 版，名称{_sure_name(d.certainty)}{when}"
            )
        ]
        if count := now.get("corrections", {}).get(d.code):
            pieces.append(Piece(f"，其后更正 {count} 次（按更正后的数）"))
        if remarks := now.get("remarks", {}).get(d.code):
            pieces.append(Piece(f"，核对时指出：{'；'.join(remarks)}"))
        figure = Figure(d, value.amounts)
        for part, word, text, facet in (
            (d.numerator, "分子", figure.above, "n"),
            (d.denominator, "分母", figure.below, "d"),
        ):
            if part is not None:
                number = Piece(text, key_of(value, facet)) if value.amounts else Piece("无数据")
                pieces += [Piece(f"。{word}（{part.text or part.where}）："), number]
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
