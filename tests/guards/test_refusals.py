"""A sentence given to a refusal stays as it is: it must go through the catalogue where it is raised, or English pages show Chinese."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "src" / "yigong"
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GETTEXT = {"_", "_n", "_t", "gettext", "gettext_lazy", "gettext_noop", "ngettext"}
# What speaks to people at their desks; pure engines and definitions speak to whoever writes a definition, in its own language.
_DESKS = re.compile(r"/(commands|views|queries)(/|\.py)|/forms\.py")


def sentences(path: Path) -> Iterator[tuple[int, bool]]:
    """Each raised refusal with a Chinese sentence: its line, and whether all of it goes through the catalogue."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Raise) and node.exc and (said := set(_chinese(node.exc))):
            yield node.lineno, said <= set(_looked_up(node.exc))


def _chinese(tree: ast.AST) -> Iterator[ast.Constant]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _HAN.search(node.value):
            yield node


def _looked_up(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in _GETTEXT:
            yield from ast.walk(node)


def test_every_refusal_at_a_desk_can_be_read_in_english() -> None:
    """Raised sentences of commands, queries, forms and views are looked up where they are raised."""
    found, wrong = 0, []
    for path in sorted(ROOT.rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        if not _DESKS.search(f"/{place}") or {"tests", "demo", "launch", "migrations", "management"} & set(path.parts):
            continue
        for line, whole in sentences(path):
            found += 1
            wrong += [] if whole else [f"{place}:{line}"]
    print(f"\n{found - len(wrong)} of {found} refusals at desks go through the catalogue")
    assert found > 300
    assert not wrong, "\n".join(wrong)
