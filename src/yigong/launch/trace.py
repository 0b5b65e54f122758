"""Traceability: which function is built, on which page, proved by which test.

``docs/reference/functions.toml`` holds one row per national function, per sub-function and per capability of the founding
documents. This module reads it, checks it, counts it and edits single rows without touching the others.

    python -m yigong.launch.trace                         counts per group, per kind and in total
    python -m yigong.launch.trace check                   the file is valid and every claimed test exists
    python -m yigong.launch.trace check --results X.xml   ... and passed in the run that wrote X.xml (JUnit)
    python -m yigong.launch.trace set n01.03 works --page /imaging/ --test path/test_x.py::test_y
    python -m yigong.launch.trace list --state partial    rows, one a line
    python -m yigong.launch.trace view                    writes functions.md from functions.toml
"""

import argparse
import ast
import json
import re
import sys
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parents[3]
FILE = Path("docs/reference/functions.toml")
VIEW = Path("docs/reference/functions.md")

KINDS = ("national", "sub", "founding")
STATES = ("works", "partial", "absent")
CERTAINTIES = ("official", "retold", "customary", "founding")
NATIONAL_IDS = tuple(f"n{number:02}" for number in range(1, 37))
ID_SHAPES = {"national": r"n\d\d", "sub": r"n\d\d\.\d\d", "founding": r"f\d\d|s-a\d+(-[a-z0-9]+)+"}
NO_PAGE = "-"  # works by its nature without a page: a door, a job, an interface
HEADER = "[[function]]"
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Row:
    """One function: what it is called, where it comes from, who owns it, what proves it."""

    id: str
    group: str
    kind: str
    parent: str
    zh: str
    en: str
    certainty: str
    sources: tuple[str, ...]
    functions: tuple[str, ...]
    room: str
    state: str
    page: str
    tests: tuple[str, ...]
    note: str
    line: int

    @property
    def is_claimed(self) -> bool:
        return self.state != "absent"


@dataclass(frozen=True, slots=True)
class Register:
    """The whole file: its own lists of groups, rooms and sources, and the rows in file order."""

    groups: dict[str, str]
    rooms: dict[str, str]
    sources: dict[str, str]
    rows: tuple[Row, ...]

    def by_id(self) -> dict[str, Row]:
        return {row.id: row for row in self.rows}

    def claims(self) -> list[tuple[Row, str]]:
        return [(row, test) for row in self.rows for test in row.tests]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, with the line and the row a person has to look at."""

    line: int
    row_id: str
    text: str

    def __str__(self) -> str:
        return f"{FILE}:{self.line}: {self.row_id}: {self.text}"


class RegisterError(Exception):
    """The file cannot be read as a register of functions."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


# Reading ---------------------------------------------------------------------------------------------------------

COLUMNS = tuple(field.name for field in fields(Row) if field.name != "line")
TABLES = ("groups", "rooms", "sources")
LIST_COLUMNS = {"sources", "functions", "tests"}


def parse(text: str) -> Register:
    """Read the text of the file; raise RegisterError when a row has not exactly the known keys and types."""
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RegisterError([Problem(_line_of(error), "file", f"not TOML: {error}")]) from error
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip() == HEADER]
    if len(lines) != len(data.get("function", [])):
        raise RegisterError([Problem(1, "file", f"each row begins with a line {HEADER} of its own")])
    raw_rows = list(zip(data.get("function", []), lines, strict=True))
    problems = [problem for raw, line in raw_rows for problem in _shape_problems(raw, line)]
    problems += [Problem(1, "file", f"table [{name}] is missing") for name in TABLES if name not in data]
    if problems:
        raise RegisterError(problems)
    rows = tuple(_row(raw, line) for raw, line in raw_rows)
    return Register(data["groups"], data["rooms"], data["sources"], rows)


def _line_of(error: tomllib.TOMLDecodeError) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else 1


def _shape_problems(raw: dict[str, Any], line: int) -> Iterator[Problem]:
    name = str(raw.get("id", "?"))
    for missing in [column for column in COLUMNS if column not in raw]:
        yield Problem(line, name, f"key '{missing}' is missing")
    for key, value in raw.items():
        if key not in COLUMNS:
            yield Problem(line, name, f"key '{key}' is unknown")
        elif not _has_type(value, is_list=key in LIST_COLUMNS):
            yield Problem(line, name, f"'{key}' must be {'a list of texts' if key in LIST_COLUMNS else 'a text'}")


def _has_type(value: object, *, is_list: bool) -> bool:
    if is_list:
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    return isinstance(value, str)


def _row(raw: dict[str, Any], line: int) -> Row:
    values: dict[str, Any] = {key: tuple(value) if key in LIST_COLUMNS else value for key, value in raw.items()}
    return Row(**values, line=line)


# Checking --------------------------------------------------------------------------------------------------------


def find_problems(register: Register, *, root: Path = ROOT) -> list[Problem]:
    """Everything wrong in the file, in the order of its lines."""
    problems = list(_duplicate_problems(register)) + list(_coverage_problems(register))
    known = register.by_id()
    for row in register.rows:
        for text in _row_faults(row, register, known, root):
            problems.append(Problem(row.line, row.id, text))
    return sorted(problems, key=lambda problem: problem.line)


def _duplicate_problems(register: Register) -> Iterator[Problem]:
    first: dict[str, Row] = {}
    for row in register.rows:
        if row.id in first:
            yield Problem(row.line, row.id, f"id is already used on line {first[row.id].line}")
        first.setdefault(row.id, row)


def _coverage_problems(register: Register) -> Iterator[Problem]:
    if not register.rows:
        yield Problem(1, "file", "no row at all")
    subs = Counter(row.parent for row in register.rows if row.kind == "sub")
    present = {row.id for row in register.rows if row.kind == "national"}
    for name in NATIONAL_IDS:
        if name not in present:
            yield Problem(1, name, "national function is missing")
        elif not subs[name]:
            yield Problem(register.by_id()[name].line, name, "national function has no sub-function")


def _row_faults(row: Row, register: Register, known: dict[str, Row], root: Path) -> Iterator[str]:
    yield from _word_faults(row, register)
    yield from _family_faults(row, known)
    yield from _state_faults(row, register, root)
    yield from (fault for test in row.tests if (fault := claim_fault(test, root=root)))


def _word_faults(row: Row, register: Register) -> Iterator[str]:
    if row.kind not in KINDS:
        yield f"kind '{row.kind}' is not one of {', '.join(KINDS)}"
    elif not re.fullmatch(ID_SHAPES[row.kind], row.id):
        yield f"id does not look like a {row.kind} id ({ID_SHAPES[row.kind]})"
    if not CHINESE.search(row.zh):
        yield "Chinese name is missing"
    if not re.search(r"[A-Za-z]", row.en) or CHINESE.search(row.en):
        yield "English name is missing or not English"
    if row.certainty not in CERTAINTIES:
        yield f"certainty '{row.certainty}' is not one of {', '.join(CERTAINTIES)}"
    if row.group not in register.groups:
        yield f"group '{row.group}' is not in [groups]"
    if not row.sources:
        yield "no source"
    yield from (f"source '{source}' is not in [sources]" for source in row.sources if source not in register.sources)


def _family_faults(row: Row, known: dict[str, Row]) -> Iterator[str]:
    parent = known.get(row.parent)
    if row.parent and parent is None:
        yield f"parent '{row.parent}' is not a row"
    if row.kind == "national" and row.parent:
        yield "a national function has no parent"
    if row.kind == "sub" and not row.id.startswith(f"{row.parent}."):
        yield f"a sub-function's id starts with its parent's ('{row.parent}')"
    if row.parent == row.id:
        yield "a row is not its own parent"
    if bool(row.functions) != (row.kind == "founding"):
        yield "'functions' names national functions for founding rows, and for these only"
    yield from (f"function '{name}' is not a national row" for name in row.functions if name not in NATIONAL_IDS)


def _state_faults(row: Row, register: Register, root: Path) -> Iterator[str]:
    if row.state not in STATES:
        yield f"state '{row.state}' is not one of {', '.join(STATES)}"
    if row.room not in register.rooms:
        yield f"room '{row.room}' is not in [rooms]"
    elif row.is_claimed and not (root / "src/yigong" / row.room.replace(".", "/")).is_dir():
        yield f"state is '{row.state}' but room '{row.room}' is not built"
    if row.is_claimed and not row.tests:
        yield f"state '{row.state}' needs at least one test"
    if row.is_claimed and not row.page:
        yield f"state '{row.state}' needs a page ('{NO_PAGE}' when the function has none by its nature)"
    if not row.is_claimed and (row.tests or row.page):
        yield "state 'absent' claims neither page nor test"
    if row.page and row.page != NO_PAGE and not row.page.startswith("/"):
        yield f"page '{row.page}' starts with '/'"
    if row.state == "works":
        yield from _unfinished_parts(row, register)


def _unfinished_parts(row: Row, register: Register) -> Iterator[str]:
    # Acceptance is by sub-function, not by 36 ticks: a function works only when every evidenced part of it does.
    for part in register.rows:
        if part.kind == "sub" and part.parent == row.id and part.certainty != "customary" and part.state != "works":
            yield f"state is 'works' but its part {part.id} is '{part.state}'"


# Claimed tests ---------------------------------------------------------------------------------------------------


def claim_fault(node_id: str, *, root: Path = ROOT) -> str:
    """Why ``node_id`` is no test of this project, or an empty text. A parameter in brackets is not looked at."""
    path, _, name = node_id.partition("::")
    name = name.partition("[")[0]
    if not name:
        return f"test '{node_id}' names no function (file.py::test_name)"
    if not (root / path).is_file():
        return f"test '{node_id}': no file {path}"
    return "" if name in _tests_in(root / path) else f"test '{node_id}': no {name} in {path}"


@cache
def _tests_in(path: Path) -> frozenset[str]:
    return frozenset(_test_names(ast.parse(path.read_text("utf-8")).body, prefix=""))


def _test_names(body: Iterable[ast.stmt], *, prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield prefix + node.name
            yield from _test_names(node.body, prefix=f"{prefix}{node.name}::")


def find_unproved(register: Register, results: Iterable[Path]) -> list[Problem]:
    """Claimed tests that did not pass in the runs that wrote these JUnit files; a skipped case is not a pass."""
    outcomes = _read_outcomes(results)
    problems = []
    for row, test in register.claims():
        cases = _cases_of(test, outcomes)
        bad = sorted({outcome for outcome in cases if outcome != "passed"})
        if bad or not cases:
            problems.append(Problem(row.line, row.id, f"test '{test}' {' and '.join(bad) or 'was not run'}"))
    return problems


def _read_outcomes(results: Iterable[Path]) -> dict[str, list[str]]:
    outcomes: dict[str, list[str]] = {}
    for path in results:
        for case in ElementTree.parse(path).iter("testcase"):
            name = f"{case.get('classname', '')}.{case.get('name', '').partition('[')[0]}"
            outcomes.setdefault(name, []).append(_outcome(case))
    return outcomes


def _outcome(case: ElementTree.Element) -> str:
    verdicts = {"failure": "failed", "error": "broke", "skipped": "was skipped"}
    return next((verdicts[child.tag] for child in case if child.tag in verdicts), "passed")


def _cases_of(node_id: str, outcomes: dict[str, list[str]]) -> list[str]:
    # pytest writes src/a/test_b.py::TestC::test_d as classname "src.a.test_b.TestC" and name "test_d".
    dotted = node_id.partition("[")[0].replace(".py::", ".", 1).replace("/", ".").replace("::", ".")
    named = [name for name in outcomes if name == dotted or name.startswith(f"{dotted}.")]
    return [outcome for name in named for outcome in outcomes[name]]


# Editing ---------------------------------------------------------------------------------------------------------


def edit(text: str, row_id: str, changes: dict[str, str | list[str]]) -> str:
    """The text with some values of one row replaced; every other line stays as it is, byte for byte."""
    lines = text.splitlines(keepends=True)
    start, end = _row_span(lines, row_id)
    block = lines[start:end]
    for key, value in changes.items():
        first = next(i for i, line in enumerate(block) if line.startswith(f"{key} = "))
        last = first
        while block[first].rstrip().endswith("[") and block[last].strip() != "]":
            last += 1
        block[first : last + 1] = [format_value(key, value)]
    return "".join(lines[:start] + block + lines[end:])


def _row_span(lines: list[str], row_id: str) -> tuple[int, int]:
    wanted = f"id = {json.dumps(row_id)}\n"
    starts = [i for i, line in enumerate(lines) if line.strip() == HEADER]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        if wanted in lines[start:end]:
            return start, end
    raise RegisterError([Problem(1, row_id, "no such row")])


def format_value(key: str, value: str | list[str]) -> str:
    """One key of a row as it stands in the file: short lists on one line, tests one a line."""
    if isinstance(value, str):
        return f"{key} = {json.dumps(value, ensure_ascii=False)}\n"
    items = [json.dumps(item, ensure_ascii=False) for item in value]
    if key != "tests" or not items:
        return f"{key} = [{', '.join(items)}]\n"
    return f"{key} = [\n" + "".join(f"  {item},\n" for item in items) + "]\n"


# Showing ---------------------------------------------------------------------------------------------------------


def count_line(rows: Sequence[Row]) -> str:
    """``works n of m, partial p, absent a`` for these rows."""
    states = Counter(row.state for row in rows)
    return f"works {states['works']} of {len(rows)}, partial {states['partial']}, absent {states['absent']}"


def count_lines(register: Register) -> list[str]:
    """The counts per group, per kind and in total."""
    rows = register.rows
    lines = [_labelled(key, [row for row in rows if row.group == key], name) for key, name in register.groups.items()]
    lines += [_labelled(kind, [row for row in rows if row.kind == kind]) for kind in KINDS]
    return [*lines, _labelled("total", rows)]


def _labelled(label: str, rows: Sequence[Row], name: str = "") -> str:
    return f"{label:<9}{count_line(rows):<44}{name}".rstrip()


def render_view(register: Register) -> str:
    """functions.md: the same rows as tables for people; written by the program, never by hand."""
    parts = [VIEW_HEAD, "```text\n" + "\n".join(count_lines(register)) + "\n```\n"]
    for key, name in register.groups.items():
        parts.append(f"\n## {key} {name}\n\n{VIEW_COLUMNS}")
        parts += [_view_line(row) for row in register.rows if row.group == key]
    return "".join(parts)


VIEW_HEAD = """# Functions

Written from `functions.toml` by `python -m yigong.launch.trace view`; edit that file (`trace set`), not this one.
How to read the columns is said at the head of `functions.toml`.

"""


VIEW_COLUMNS = "| id | 名称 | name | certainty | room | state | page |\n|---|---|---|---|---|---|---|\n"


def _view_line(row: Row) -> str:
    name = f"**{row.zh}**" if row.kind == "national" else row.zh
    return f"| {row.id} | {name} | {row.en} | {row.certainty} | {row.room} | {row.state} | {row.page} |\n"


# Commands --------------------------------------------------------------------------------------------------------


def _run_count(register: Register, options: argparse.Namespace) -> int:
    print("\n".join(count_lines(register)))
    return 0


def _run_check(register: Register, options: argparse.Namespace) -> int:
    problems = find_problems(register, root=options.root)
    claims = len(register.claims())
    proof = "not looked up in a run"
    if options.results:
        unproved = find_unproved(register, options.results)
        problems += unproved
        proof = f"{claims - len(unproved)} of {claims} passed"
    if _is_view_stale(register, options.root):
        problems.append(Problem(1, VIEW.name, "differs from functions.toml: run `python -m yigong.launch.trace view`"))
    for problem in problems:
        print(problem)
    print(f"looked at {len(register.rows)} rows and {claims} test claims ({proof}); {len(problems)} problem(s)")
    print(count_line(register.rows))
    return 1 if problems else 0


def _is_view_stale(register: Register, root: Path) -> bool:
    view = root / VIEW
    return view.exists() and view.read_text("utf-8") != render_view(register)


def _run_set(register: Register, options: argparse.Namespace) -> int:
    path = options.root / FILE
    text = path.read_text("utf-8")
    for row_id in options.ids:
        text = edit(text, row_id, _changes(options))
    edited = parse(text)
    problems = [problem for problem in find_problems(edited, root=options.root) if problem.row_id in options.ids]
    if problems:
        raise RegisterError(problems)
    path.write_text(text, "utf-8")
    (options.root / VIEW).write_text(render_view(edited), "utf-8")
    print("\n".join(_list_line(row) for row in edited.rows if row.id in options.ids))
    return 0


def _changes(options: argparse.Namespace) -> dict[str, str | list[str]]:
    changes: dict[str, str | list[str]] = {"state": options.new_state}
    if options.new_state == "absent":
        changes |= {"page": "", "tests": []}
    given = {"page": options.page, "tests": options.tests, "note": options.note}
    return changes | {key: value for key, value in given.items() if value is not None}


def _run_list(register: Register, options: argparse.Namespace) -> int:
    wanted = {key: value for key in ("state", "room", "kind", "group") if (value := getattr(options, key))}
    rows = [row for row in register.rows if all(getattr(row, key) == value for key, value in wanted.items())]
    print("\n".join(map(_list_line, rows)))
    print(f"{len(rows)} of {len(register.rows)} rows: {count_line(rows)}")
    return 0


def _list_line(row: Row) -> str:
    return f"{row.id}\t{row.state}\t{row.room}\t{row.zh}\t{row.en}\t{row.page}\t{len(row.tests)} test(s)"


def _run_view(register: Register, options: argparse.Namespace) -> int:
    (options.root / VIEW).write_text(render_view(register), "utf-8")
    print(f"{VIEW}: {len(register.rows)} rows")
    return 0


def build_parser() -> argparse.ArgumentParser:
    """The command line of this module."""
    about = "Functions, their states and their proofs."
    parser = argparse.ArgumentParser(prog="python -m yigong.launch.trace", description=about)
    parser.add_argument("--root", type=Path, default=ROOT, help="project folder (default: this one)")
    parser.set_defaults(run=_run_count)
    commands = parser.add_subparsers()
    commands.add_parser("count", help="counts per group, kind and in total").set_defaults(run=_run_count)
    check = commands.add_parser("check", help="file valid, claimed tests exist (and passed)")
    check.add_argument("--results", type=Path, action="append", help="JUnit XML of a pytest run; may be repeated")
    check.set_defaults(run=_run_check)
    _add_set(commands.add_parser("set", help="set the state of rows"))
    listing = commands.add_parser("list", help="rows, one a line")
    for name, choices in (("state", STATES), ("room", None), ("kind", KINDS), ("group", None)):
        listing.add_argument(f"--{name}", choices=choices)
    listing.set_defaults(run=_run_list)
    commands.add_parser("view", help="write functions.md").set_defaults(run=_run_view)
    return parser


def _add_set(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("ids", nargs="+", metavar="ID")
    parser.add_argument("new_state", choices=STATES, metavar="STATE", help=", ".join(STATES))
    parser.add_argument("--page", help="path of the page, '-' when the function has none by its nature")
    parser.add_argument(
        "--test", dest="tests", action="append", help="pytest node id; may be repeated; replaces the list"
    )
    parser.add_argument("--note", help="replaces the row's note")
    parser.set_defaults(run=_run_set)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; 0 when all is well, 1 when something is wrong with the file or a claim."""
    options = build_parser().parse_args(argv)
    try:
        return int(options.run(parse((options.root / FILE).read_text("utf-8")), options))
    except (RegisterError, OSError, ElementTree.ParseError) as error:
        print(error)
        return 1


if __name__ == "__main__":
    sys.exit(main())
