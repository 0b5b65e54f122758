"""Layouts: which columns a file of a kind has, by Chinese header, with its other names, type, code table and an example."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Literal

import msgspec

from yigong.core.packs import api as packs

Type = Literal["text", "code", "date", "moment", "number", "decimal", "amount", "flag"]
CodeTable = Callable[[], Mapping[str, str]]
_tables: dict[str, CodeTable] = {}


def register_codes(name: str, table: CodeTable) -> None:
    """Offer a code table of a room to layouts: code -> Chinese name."""
    _tables[name] = table


def codes_of(name: str) -> dict[str, str]:
    """A registered table."""
    return {code: str(label) for code, label in _tables[name]().items()}


class Column(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One column. ``secret`` values are masked wherever they are shown; ``repeat`` makes that many columns of ``{n}`` in name and label, counted
    from ``first``; ``{m}`` in another name counts from 1."""

    name: str
    label: str
    type: Type = "text"
    aliases: tuple[str, ...] = ()
    required: bool = False
    longest: int = 100
    codes: str = ""
    example: str = ""
    note: str = ""
    secret: bool = False
    repeat: int = 0
    first: int = 1

    @property
    def span(self) -> str:
        """The label with the numbers that it stands for."""
        return self.label.format(n=f"{self.first}–{self.first + self.repeat - 1}") if self.repeat else self.label


class Layout(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A kind of file. ``key`` names the columns whose values together are a row's number at its source."""

    code: str
    version: str
    effective_from: date
    title: str
    about: str
    order: int
    key: tuple[str, ...]
    columns: tuple[Column, ...]

    def each(self) -> tuple[Column, ...]:
        """All columns, repeated ones written out."""
        return _each(self.columns)


@lru_cache(100)
def _each(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    return tuple(one for column in columns for one in written_out(column))


def written_out(column: Column) -> list[Column]:
    """The columns of a file that a column of the layout stands for."""
    return list(_written_out(column))


def _written_out(column: Column) -> Iterator[Column]:
    if not column.repeat:
        yield column
    for n in range(column.first, column.first + column.repeat):
        said = {"name": column.name.format(n=n), "label": column.label.format(n=n), "repeat": 0}
        aliases = tuple(one.format(n=n, m=n - column.first + 1) for one in column.aliases)
        example = column.example if n == 1 else ""
        yield msgspec.structs.replace(column, **said, aliases=aliases, example=example)


def _check(layout: Layout) -> Iterable[tuple[str, str]]:
    names = [c.name for c in layout.each()]
    for key in layout.key:
        if key not in names:
            yield "key", f"主键列 {key} 不在 columns 中"
    for place, column in enumerate(layout.columns):
        if column.type == "code" and column.codes not in _tables:
            yield f"columns[{place}].codes", f"没有名为“{column.codes}”的代码表"
    if len(set(names)) < len(names):
        yield "columns", "列名重复"


LAYOUTS = packs.register(packs.Kind("takeon", "takeon/*.toml", Layout, _check))


def layouts() -> list[Layout]:
    """Those in force, in the order in which a county is taken on."""
    return sorted(packs.every(LAYOUTS).values(), key=lambda one: one.order)


def layout(code: str) -> Layout:
    """The one in force, or NotFound."""
    return packs.current(LAYOUTS, code)
