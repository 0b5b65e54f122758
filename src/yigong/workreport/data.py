"""Reports as pages and other rooms see them."""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from yigong.workreport.rules.sentences import Piece


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving came to: the version and text that stand now; ``other`` names who saved meanwhile (the own text was set aside)."""

    version: int
    text: str
    other: str = ""
    at: datetime | None = None

    @property
    def is_conflict(self) -> bool:
        """Whether somebody else's text stands."""
        return self.at is not None


@dataclass(frozen=True, slots=True)
class Note:
    """A footnote: one per indicator and definition of primary care, numbered through the report."""

    number: int
    pieces: tuple[Piece, ...]
    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """One sentence, or a part of one, about one indicator, with the number of its note (0: none)."""

    pieces: tuple[Piece, ...]
    note: int = 0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences that stand together."""

    parts: tuple[Told, ...]

    @property
    def text(self) -> str:
        """As it reads, without notes."""
        return "".join(piece.text for part in self.parts for piece in part.pieces)


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table; ``number`` is the value as a number where there is one, ``percent`` divides it by a hundred."""

    piece: Piece
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table by institution: heads with the number of their notes, lines with the institution's name in front."""

    title: str
    heads: tuple[tuple[str, int], ...]
    lines: tuple[tuple[str, tuple[Cell, ...]], ...]


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a drawing; ``share`` is its length from 0 to 1, None where there is no figure."""

    name: str
    piece: Piece
    number: float | None
    share: float | None


@dataclass(frozen=True, slots=True)
class Drawing:
    """A drawing of one indicator."""

    title: str
    note: int
    bars: tuple[Bar, ...]

    def rows(self) -> list[tuple[str, str]]:
        """The bars as a table."""
        return [(bar.name, bar.piece.text) for bar in self.bars]


@dataclass(frozen=True, slots=True)
class ChapterView:
    """A chapter as every form of the report shows it: sentences by rule, tables, drawings, free text with its version."""

    code: str
    title: str
    hint: str
    paragraphs: tuple[Paragraph, ...]
    tables: tuple[Sheet, ...]
    drawings: tuple[Drawing, ...]
    text: str
    version: int

    def numbers(self) -> set[int]:
        """The numbers of the notes of this chapter."""
        found = {part.note for paragraph in self.paragraphs for part in paragraph.parts} | {
            drawing.note for drawing in self.drawings
        }
        return found | {note for sheet in self.tables for _name, note in sheet.heads}


@dataclass(frozen=True, slots=True)
class Line:
    """One figure of the edition as a line of a list: for the annex, the spreadsheet and the comparison of two editions."""

    key: str
    chapter: str
    name: str
    place: str
    span: str
    text: str
    number: float | None
    unit: str
    above: int | Decimal | None
    below: int | Decimal | None
    version: str


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report, the same for page, Word, PDF and spreadsheet. ``mark`` stands on every page (provisional figures); ``remarks`` say once what
    holds for all figures; ``closing`` are the lines of who hands it in."""

    title: str
    subtitle: str
    number: str
    mark: str
    facts: tuple[tuple[str, str], ...]
    chapters: tuple[ChapterView, ...]
    notes: tuple[Note, ...]
    definitions: tuple[tuple[str, ...], ...]
    lines: tuple[Line, ...] = field(default=())
    remarks: tuple[str, ...] = field(default=())
    closing: tuple[str, ...] = field(default=())

    def note(self, number: int) -> Note:
        """The footnote of a number."""
        return self.notes[number - 1]

    def figures(self) -> dict[str, str]:
        """Every figure that stands in the report, by key."""
        found: dict[str, str] = {}
        for chapter in self.chapters:
            parts = [part for paragraph in chapter.paragraphs for part in paragraph.parts]
            every = [piece for part in parts for piece in part.pieces]
            every += [cell.piece for sheet in chapter.tables for _name, cells in sheet.lines for cell in cells]
            found |= {piece.key: piece.text for piece in every if piece.key}
        for note in self.notes:
            found |= {piece.key: piece.text for piece in note.pieces if piece.key}
        return found
