"""The facts that indicators are written over: views with documented columns, each a contract with the room that owns the tables.

A view answers rows with ``id``, ``at``, ``month`` (the first of the month in China that counts it) and the keys of institutions. Money is
in whole fen, times in whole minutes or days; flags are never null. No view shows who a person is. The statements under ``views/`` are
PostgreSQL's own; what is written over the views runs on every engine.
"""

# texts: data (the unit of money)

from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "views"


@dataclass(frozen=True, slots=True)
class Column:
    """``kind`` is int, bool or string for expressions, place for the key of an institution; ``unit`` as people would write it.

    ``words`` names the list of what a coded string means; a string without one is shown to people only where it is ``plain``.
    """

    name: str
    kind: str
    label: str
    unit: str = ""
    words: str = ""
    plain: bool = False

    @property
    def is_money(self) -> bool:
        """Whether it counts fen, which people read as yuan."""
        return self.unit == "分"


@dataclass(frozen=True)
class Fact:
    """One view. ``population`` says whose rows they are; a lasting fact has a row for each month in which something holds.

    ``reads`` are the tables behind it, ``room`` their owner; ``view`` whether rows lie where people are treated or insured.
    """

    name: str
    label: str
    room: str
    population: str
    reads: tuple[str, ...]
    columns: tuple[Column, ...]
    lasting: bool = False
    view: str = "treated"
    page: str = ""

    @property
    def table(self) -> str:
        """The view's name in the database, and the file's in a lake."""
        return f"fact_{self.name}"

    @property
    def sql(self) -> str:
        """The statement of the view."""
        return (FOLDER / f"{self.name}.sql").read_text("utf-8").strip()

    def column(self, name: str) -> Column | None:
        """A column by name."""
        return next((column for column in self.columns if column.name == name), None)

    @property
    def places(self) -> list[str]:
        """The columns that name an institution: to one of them a row may be attributed."""
        return [column.name for column in self.columns if column.kind == "place"]


def facts() -> dict[str, Fact]:
    """All facts by name, in the order in which the views are made."""
    from yigong.indicators.facts.catalogue import FACTS

    return {fact.name: fact for fact in FACTS}
