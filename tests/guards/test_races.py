"""Every racing command has a test on two connections."""

import ast
import pkgutil
from importlib import import_module
from pathlib import Path

import yigong
from yigong.core.commands import racing_commands

ROOT = Path(__file__).parents[2]


def import_commands() -> None:
    """Load every module that may mark a command."""
    for found in pkgutil.walk_packages(yigong.__path__, "yigong."):
        wanted = found.name.rsplit(".", 1)[1] in {"api", "commands"} or ".commands." in found.name
        if wanted and ".management." not in found.name:
            import_module(found.name)


def race_tests(path: Path) -> set[str]:
    """The names in ``@pytest.mark.race(name)`` of the tests in this file that really call ``race`` or ``overtakes``."""
    names = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            called = {c.func.id for c in ast.walk(node) if isinstance(c, ast.Call) and isinstance(c.func, ast.Name)}
            marks = [
                m for m in node.decorator_list if isinstance(m, ast.Call) and ast.unparse(m.func) == "pytest.mark.race"
            ]
            names |= {
                a.value for m in marks for a in m.args if isinstance(a, ast.Constant) and called & {"race", "overtakes"}
            }
    return names


def test_every_racing_command_has_a_two_connection_test() -> None:
    """Compares the marked commands with the marked tests."""
    import_commands()
    commands = racing_commands()
    files = [*(ROOT / "src").rglob("tests/test_*.py"), *(ROOT / "tests").rglob("test_*.py")]
    tested = set().union(*(race_tests(path) for path in files))
    print(f"\n{len(commands.keys() & tested)} of {len(commands)} racing commands have a two-connection test")
    print(f"race tests of commands that carry no mark: {sorted(tested - commands.keys())}")
    assert commands, "no racing command was found"
    assert not commands.keys() - tested, f"no race test: {sorted(commands.keys() - tested)}"
