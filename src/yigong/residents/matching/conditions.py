"""Conditions on two prepared records, each meant once: evaluated in Python for a pair and written as SQL for millions.

    parse("equal surname")                     both say the same
    parse("cross birth birth_swap")            one side's ``birth`` is the other's ``birth_swap``
    parse("within number 1 | equal sound")     either of the two

Distances count single bytes, as DuckDB does, so ``within`` and ``alike`` are for columns of plain ASCII only; a column of Chinese
characters is compared whole or through its codes. An empty value satisfies nothing.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rapidfuzz.distance import DamerauLevenshtein, JaroWinkler

Row = Mapping[str, str]
Test = Callable[[Row, Row], bool]


class BadCondition(ValueError):
    """A condition that cannot be read; the text says which and why."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition ready for use: ``holds(left, right)`` and its SQL by dialect; ``columns`` it looks at, ``ascii_columns`` it measures."""

    text: str
    holds: Test
    sql: Callable[[str], str]
    columns: frozenset[str]
    ascii_columns: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class _Word:
    """One word of the little language: how many columns and numbers follow it."""

    columns: int
    extra: tuple[type, ...]
    holds: Callable[..., Test]
    sql: Callable[..., str]
    measures: bool = False


def _equal(c: str) -> Test:
    return lambda a, b: bool(a[c]) and a[c] == b[c]


def _differ(c: str) -> Test:
    return lambda a, b: bool(a[c]) and bool(b[c]) and a[c] != b[c]


def _cross(c: str, d: str) -> Test:
    return lambda a, b: (bool(a[c]) and a[c] == b[d]) or (bool(a[d]) and a[d] == b[c])


def _within(c: str, most: int) -> Test:
    distance = DamerauLevenshtein.distance

    def test(a: Row, b: Row) -> bool:
        x, y = a[c], b[c]
        return bool(x) and bool(y) and abs(len(x) - len(y)) <= most and distance(x, y, score_cutoff=most) <= most

    return test


def _alike(c: str, least: float) -> Test:
    similarity = JaroWinkler.similarity
    return lambda a, b: bool(a[c]) and bool(b[c]) and similarity(a[c], b[c]) >= least


def _begins(c: str, least: int) -> Test:
    def test(a: Row, b: Row) -> bool:
        x, y = sorted((a[c], b[c]), key=len)
        return len(x) >= least and y.startswith(x)

    return test


def _near(c: str, most: int) -> Test:
    return lambda a, b: bool(a[c]) and bool(b[c]) and abs(int(a[c]) - int(b[c])) <= most


def _either(c: str, value: str) -> Test:
    return lambda a, b: a[c] == value or b[c] == value


def _both(c: str, value: str) -> Test:
    return lambda a, b: a[c] == value and b[c] == value


def _missing(c: str) -> Test:
    return lambda a, b: not a[c] or not b[c]


def _present(c: str) -> Test:
    return lambda a, b: bool(a[c]) and bool(b[c])


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


_WORDS = {
    "equal": _Word(1, (), _equal, _sql_two("{l} = {r}")),
    "differ": _Word(1, (), _differ, _sql_two("{l} <> {r}")),
    "cross": _Word(2, (), _cross, _sql_cross),
    "within": _Word(1, (int,), _within, _sql_within, measures=True),
    "alike": _Word(1, (float,), _alike, _sql_alike, measures=True),
    "begins": _Word(1, (int,), _begins, _sql_begins),
    "near": _Word(1, (int,), _near, _sql_two("abs(cast({l} as int) - cast({r} as int)) <= {v}")),
    "either": _Word(1, (str,), _either, _sql_two("({l} = '{v}' or {r} = '{v}')")),
    "both": _Word(1, (str,), _both, _sql_two("({l} = '{v}' and {r} = '{v}')")),
    "present": _Word(1, (), _present, _sql_two("({l} is not null and {r} is not null)")),
    "missing": _Word(1, (), _missing, _sql_two("({l} is null or {r} is null)")),
}


def parse(text: str) -> Condition:
    """Read one condition: words joined by ``|`` (any of them). Raises BadCondition."""
    parts = [_one(part.split()) for part in text.split("|")]
    if len(parts) == 1:
        return parts[0]
    tests = tuple(p.holds for p in parts)
    return Condition(
        text,
        lambda a, b: any(test(a, b) for test in tests),
        lambda dialect: "(" + " or ".join(p.sql(dialect) for p in parts) + ")",
        frozenset().union(*(p.columns for p in parts)),
        frozenset().union(*(p.ascii_columns for p in parts)),
    )


def _one(words: list[str]) -> Condition:
    if not words or words[0] not in _WORDS:
        raise BadCondition(f"不认识条件“{' '.join(words)}”,可用的有:{'、'.join(_WORDS)}")
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
        word.holds(*arguments),
        lambda dialect: word.sql(dialect, *arguments),
        columns,
        columns if word.measures else frozenset(),
    )


def every(conditions: tuple[Condition, ...]) -> Test:
    """All of them together, as one test."""
    tests = tuple(c.holds for c in conditions)
    if len(tests) == 1:
        return tests[0]
    return lambda a, b: all(test(a, b) for test in tests)


def every_sql(conditions: tuple[Condition, ...], dialect: str) -> str:
    """All of them together, as SQL over columns ``…_l`` and ``…_r``; unknown counts as false in a CASE."""
    return " and ".join(c.sql(dialect) for c in conditions)
