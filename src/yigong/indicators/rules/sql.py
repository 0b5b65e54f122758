"""Definitions as SQL: one text that PostgreSQL, DuckDB and Spark read alike.

Conditions are written in the house's expression language and type-checked there; what it accepts is then spelled as SQL word by word. The
statements use plain joins, ``case`` and whole numbers only.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

from yigong.core.expressions.api import ExpressionInvalid, Vocabulary
from yigong.indicators.facts import Fact

# What every condition may ask about the institution at which the row lies; the column of fact_institution behind it.
PLACE_FLAGS = {
    "at_primary_care": "", "in_county": "in_county", "at_public": "is_public", "at_township": "is_township", "at_village": "is_village",
    "at_county_hospital": "is_county_hospital", "at_chinese_medicine_hospital": "is_chinese_medicine", "at_lead": "is_lead",
}  # fmt: skip
PRIMARY = {"P1": "primary_care_p1", "P2": "primary_care_p2", "": "primary_care_p1"}
_TOKEN = re.compile(r"\s+|'[^'\\]*'|\"[^\"\\]*\"|\d+|[A-Za-z_]\w*|&&|\|\||==|!=|>=|<=|[<>!()\[\],+*-]")
_SPELLED = {"&&": "and", "||": "or", "==": "=", "!=": "<>", "!": "not", "[": "(", "]": ")"}


@dataclass(frozen=True, slots=True)
class Measure:
    """What is added up: one, or a column, over the rows that satisfy a condition (both as SQL)."""

    where: str
    amount: str

    @property
    def text(self) -> str:
        """The column of the statement."""
        return f"coalesce(sum(case when {self.where} then {self.amount} else 0 end), 0)"


@cache
def _vocabulary(fact_name: str, columns: tuple[tuple[str, str], ...]) -> Vocabulary:
    return Vocabulary(dict(columns) | dict.fromkeys(PLACE_FLAGS, "bool"))


def vocabulary(fact: Fact) -> Vocabulary:
    """The words of conditions over this fact."""
    usable = tuple((c.name, c.kind) for c in fact.columns if c.kind in ("int", "bool", "string"))
    return _vocabulary(fact.name, usable)


def condition(fact: Fact, text: str, variant: str = "") -> str:
    """The condition as SQL over ``f`` (the fact) and ``i`` (its institution in that month). ExpressionInvalid names line and column."""
    vocabulary(fact).compile(text)
    words, at = [], 0
    while at < len(text):
        found = _TOKEN.match(text, at)
        if not found:
            raise ExpressionInvalid(
                line=text.count("\n", 0, at) + 1,
                column=at - text.rfind("\n", 0, at),
                problem=f"not usable here: {text[at]}",
            )
        words.append(_word(fact, found[0], variant))
        at = found.end()
    return " ".join(word for word in words if word)


def _word(fact: Fact, token: str, variant: str) -> str:
    if token[0] in "'\"":
        return "'" + token[1:-1].replace("'", "''") + "'"
    if token in PLACE_FLAGS:
        return f"coalesce(i.{PLACE_FLAGS[token] or PRIMARY[variant]}, false)"
    if fact.column(token):
        return f"f.{token}"
    return _SPELLED.get(token, token.strip())


def measure(fact: Fact, where: str, column: str, variant: str = "") -> Measure:
    """The measure of a part of a definition."""
    return Measure(f"({condition(fact, where, variant)})", f"f.{column}" if column else "1")


def statement(
    fact: Fact,
    attribution: str,
    measures: Mapping[str, Measure],
    first: date,
    last: date,
    source: str = "",
    preamble: str = "",
) -> str:
    """All measures of one fact by month and institution, from month ``first`` to month ``last``, in one pass.

    ``source`` is read instead of the view where an engine knows a shorter way to the rows of these months, and only to these;
    ``preamble`` is what helps an engine to plan.
    """
    return "\n".join(
        [
            *([preamble] if preamble else []),
            f"select f.month as month, f.{attribution} as place,",
            ",\n".join(f"  {one.text} as {name}" for name, one in measures.items()),
            *_joined(fact, source)[: 2 if any("i." in one.text for one in measures.values()) else 1],
            *([] if source else [f"where f.month >= date '{first}' and f.month <= date '{last}'"]),
            f"group by f.month, f.{attribution}",
        ]
    )


def rows_statement(fact: Fact, where: str, columns: Iterable[str], source: str = "") -> str:
    """The rows behind a measure, or with sums as columns what they come to; the order is the caller's."""
    return "\n".join([f"select {', '.join(columns)}", *_joined(fact, source), f"where {where}"])


def _joined(fact: Fact, source: str) -> list[str]:
    return [
        f"from {source or fact.table} f",
        "left join fact_institution i on i.institution_id = f.institution_id and i.month = f.month",
    ]
