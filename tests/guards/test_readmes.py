"""Each room's README lists exactly its tables, the commands it offers, its events and its permissions."""

import re
from importlib import import_module
from importlib.util import find_spec
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType

import pytest
from django.apps import apps

from yigong.core.rights import permissions

ROOMS = sorted(
    config.name
    for config in apps.get_app_configs()
    if config.name.startswith("yigong.") and not config.name.startswith("yigong.core")
)
_NAME = re.compile(r"`([A-Z][a-z][A-Za-z]+)`")
_CODE = re.compile(r"`([a-z_][a-z0-9_]*(?:\.[a-z_]+)+)`")
_WORD = re.compile(r"`([a-z_]+)`")


def sections(room: str) -> dict[str, str]:
    """The README's sections by heading."""
    path = Path(apps.get_app_config(label(room)).path) / "README.md"
    assert path.exists(), f"{room} has no README.md"
    parts = re.split(r"^## (.+)$", path.read_text("utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def label(room: str) -> str:
    """The app's label."""
    return next(config.label for config in apps.get_app_configs() if config.name == room)


def part(room: str, name: str) -> ModuleType | None:
    """One of the room's modules, None where it has none."""
    return import_module(f"{room}.{name}") if find_spec(f"{room}.{name}") else None


def tables(room: str) -> set[str]:
    """The room's own tables."""
    return {model.__name__ for model in apps.get_app_config(label(room)).get_models()}


def commands(room: str) -> set[str]:
    """What the facade offers of the room's commands."""
    api = part(room, "api")
    found = vars(api).items() if api else []
    own = {name: f for name, f in found if isfunction(f) and f.__module__.startswith(f"{room}.commands")}
    return {name for name, f in own.items() if "actor" in signature(f).parameters}


def events(room: str) -> set[str]:
    """The events that the room declares."""
    module = part(room, "events")
    kinds = vars(module).items() if module else ()
    return {name for name, kind in kinds if hasattr(kind, "event_name") and kind.__module__ == f"{room}.events"}


def rights(room: str) -> set[str]:
    """The permissions declared beside the room's domain."""
    part(room, "policies")
    prefix = room.rsplit(".", 1)[1] + "."
    return {code for code in permissions() if code.startswith(prefix)}


def lies(room: str) -> list[str]:
    """What the README says wrongly or leaves out."""
    text = sections(room)
    said_events = text.get("Events", "").split("In:")[0]
    pairs = [
        ("Tables", tables(room), set(_NAME.findall(text.get("Tables", "")))),
        ("Events", events(room), set(_NAME.findall(said_events))),
        ("Permissions", rights(room), set(_CODE.findall(text.get("Permissions", "")))),
    ]
    found = [
        f"{name}: missing {sorted(own - said)}, not there {sorted(said - own)}"
        for name, own, said in pairs
        if own != said
    ]
    unsaid = commands(room) - set(_WORD.findall(text.get("Commands", "")))
    return [*found, f"Commands: missing {sorted(unsaid)}"] if unsaid else found


@pytest.mark.parametrize("room", ROOMS)
def test_readme_is_true(room: str) -> None:
    """Compares each list with the code."""
    assert not lies(room), "\n".join(lies(room))


def test_something_was_compared() -> None:
    """Prints how much the READMEs were held against."""
    counts = {what.__name__: sum(len(what(room)) for room in ROOMS) for what in (tables, commands, events, rights)}
    print(f"\n{len(ROOMS)} READMEs held against {counts}")
    assert all(counts.values())
