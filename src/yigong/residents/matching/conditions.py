"""Conditions on two prepared records, each meant once: evaluated in Python for a pair and written as SQL for millions.

    parse("equal surname")                     both say the same
    parse("cross birth birth_swap")            one side's ``birth`` is the other's ``birth_swap``
    parse("within number 1 | equal sound")     either of the two

Distances count single bytes, as DuckDB does, so ``within`` and ``alike`` are for columns of plain ASCII only; a column of Chinese
characters is compared whole or through its codes. An empty value satisfies nothing.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

Row = Mapping[str, str]
Place = Callable[[Row, Row], int]


class BadCondition(ValueError):
    """A condition that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready for use: an expression in Python over the rows ``a`` and ``b`` (for ``function``), and its SQL by dialect;
    ``columns`` it looks at, ``ascii_columns`` it measures."""

    text: str
    python: str
    sql: Callable[[str], str]
    columns: frozenset[str]
    ascii_columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the little language: how many columns and values follow it, and what it means.

    In ``python`` l and r are the first column of both sides, l2 and r2 the second, v the value. The left side is looked at first, and the
    right one only if the left says something: there a value may be sealed.
    """

    columns: int
    extra: tuple[type, ...]
    python: str
    sql: Callable[..., str]
    measures: bool = False


def _within(x: str, y: str, most: int) -> bool:
    return abs(len(x) - len(y)) <= most and DamerauLevenshtein.distance(x, y, score_cutoff=most) <= most


def _begins(x: str, y: str, least: int) -> bool:
    return len(x) >= least and len(y) >= least and (x.startswith(y) or y.startswith(x))


def _near(x: str, y: str, most: int) -> bool:
    return abs(int(x) - int(y)) <= most


def _sides(c: str) -> tuple[str, str]:
    return f"{c}_l", f"{c}_r"


def _sql_two(form: str) -> Callable[..., str]:
    def sql(dialect: str, c: str, *extra: object) -> str:
        left, right = _sides(c)
        return form.format(l=left, r=right, v=extra[0] if extra else "")

    return sql


def _sql_cross(dialect: str, c: str, d: str) -> str:
    return f"({c}_l = {d}_r or {d}_l = {c}_r)"


def _sql_within(dialect: str, c: str, most: int) -> str:
    left, right = _sides(c)
    # The length comes first: it is cheap and settles most pairs.
    return f"(abs(length({left}) - length({right})) <= {most} and damerau_levenshtein({left}, {right}) <= {most})"


def _sql_alike(dialect: str, c: str, least: float) -> str:
    left, right = _sides(c)
    function = {"duckdb": "jaro_winkler_similarity", "spark": "jaro_winkler"}[dialect]
    return f"{function}({left}, {right}) >= {least}"


def _sql_begins(dialect: str, c: str, least: int) -> str:
    left, right = _sides(c)
    function = {"duckdb": "starts_with", "spark": "startswith"}[dialect]
    return (
        f"(length({left}) >= {least} and length({right}) >= {least} and "
        f"({function}({left}, {right}) or {function}({right}, {left})))"
    )


_NAMES = {"within": _within, "similarity": JaroWinkler.similarity, "begins": _begins, "near": _near}

_WORDS = {
    "equal": _Word(1, (), "{l} and {l} == {r}", _sql_two("{l} = {r}")),
    "differ": _Word(1, (), "{l} and {r} and {l} != {r}", _sql_two("{l} <> {r}")),
    "cross": _Word(2, (), "({l} and {l} == {r2}) or ({l2} and {l2} == {r})", _sql_cross),
    "within": _Word(1, (int,), "{l} and {r} and within({l}, {r}, {v})", _sql_within, measures=True),
    "alike": _Word(1, (float,), "{l} and {r} and similarity({l}, {r}) >= {v}", _sql_alike, measures=True),
    "begins": _Word(1, (int,), "begins({l}, {r}, {v})", _sql_begins),
    "near": _Word(
        1, (int,), "{l} and {r} and near({l}, {r}, {v})", _sql_two("abs(cast({l} as int) - cast({r} as int)) <= {v}")
    ),
    "either": _Word(1, (str,), "{l} == {v} or {r} == {v}", _sql_two("({l} = '{v}' or {r} = '{v}')")),
    "both": _Word(1, (str,), "{l} == {v} and {r} == {v}", _sql_two("({l} = '{v}' and {r} = '{v}')")),
    "present": _Word(1, (), "{l} and {r}", _sql_two("({l} is not null and {r} is not null)")),
    "missing": _Word(1, (), "not {l} or not {r}", _sql_two("({l} is null or {r} is null)")),
}


def parse(text: str) -> Condition:
    """Read one condition: words joined by ``|`` (any of them). Raises BadCondition."""
    parts = [_one(part.split()) for part in text.split("|")]
    if len(parts) == 1:
        return parts[0]
    return Condition(
        text,
        " or ".join(p.python for p in parts),
        lambda dialect: "(" + " or ".join(p.sql(dialect) for p in parts) + ")",
        frozenset().union(*(p.columns for p in parts)),
        frozenset().union(*(p.ascii_columns for p in parts)),
    )


def _one(words: list[str]) -> Condition:
    if not words or words[0] not in _WORDS:
        raise BadCondition(f"不认识条件“{' '.join(words)}”，可用的有：{'、'.join(_WORDS)}")
    word, rest = _WORDS[words[0]], words[1:]
    if len(rest) != word.columns + len(word.extra):
        raise BadCondition(f"条件“{' '.join(words)}”应带 {word.columns} 个列名和 {len(word.extra)} 个值")
    try:
        arguments = [*rest[: word.columns], *(k(v) for k, v in zip(word.extra, rest[word.columns :], strict=True))]
    except ValueError:
        raise BadCondition(f"条件“{' '.join(words)}”的数值写得不对") from None
    if any("'" in part for part in rest):
        raise BadCondition(f"条件“{' '.join(words)}”不能含引号")
    columns = frozenset(rest[: word.columns])
    return Condition(
        " ".join(words),
        _python(word, arguments),
        lambda dialect: word.sql(dialect, *arguments),
        columns,
        columns if word.measures else frozenset(),
    )


def _python(word: _Word, arguments: list[object]) -> str:
    # Columns and values are put in as literals, so that whatever a definition says stays a text.
    columns, values = arguments[: word.columns], arguments[word.columns :]
    sides = {
        side + n: f"{row}[{c!r}]"
        for n, c in zip(("", "2"), columns, strict=False)
        for side, row in (("l", "a"), ("r", "b"))
    }
    return word.python.format(**sides, v=repr(values[0]) if values else "")


def every(conditions: tuple[Condition, ...]) -> str:
    """All of them together, as one expression in Python."""
    return " and ".join(f"({c.python})" for c in conditions)


def function(steps: Iterable[tuple[str, int]], otherwise: int) -> Place:
    """The number of the first expression that holds, as one function: a counter weighs hundreds of conditions for each registration,
    and as functions of their own most of the time would go into calling them."""
    lines = [f"    if {expression}: return {number}\n" for expression, number in steps]
    space: dict[str, Any] = dict(_NAMES)
    exec(f"def place(a, b):\n{''.join(lines)}    return {otherwise}", space)
    found: Place = space["place"]
    return found


def every_sql(conditions: tuple[Condition, ...], dialect: str) -> str:
    """All of them together, as SQL over columns ``…_l`` and ``…_r``; unknown counts as false in a CASE."""
    return " and ".join(c.sql(dialect) for c in conditions)
