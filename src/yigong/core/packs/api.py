"""Definitions and tables from packs: the national pack, then a county's own on top.

    class Limits(msgspec.Struct, forbid_unknown_fields=True):
        code: str; version: str; effective_from: date; title: str
        hours: int

    LIMITS = register(Kind("limits", "limits/*.toml", Limits))
    current(LIMITS, "referral").hours                       # effective today
    released(LIMITS, "referral", "2025.1")                  # the version an old record names

Packs are folders below ``packs/``; ``YIGONG_PACKS`` names them in order (default ``national,demo``). A later pack's file with the
same code and version replaces the earlier one; a table's row replaces the row with the same key.
"""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar

import msgspec
from django.db.models.functions import Now

from yigong.core import clock
from yigong.core.errors import NotFound
from yigong.core.packs.models import ReleasedDefinition
from yigong.core.packs.source import PackError, Problem, convert, line_of, read_table, read_toml

__all__ = [
    "Kind",
    "PackError",
    "Problem",
    "Table",
    "archived",
    "check_all",
    "current",
    "every",
    "register",
    "release_all",
    "released",
    "rows",
    "versions",
]

ROOT = Path(__file__).resolve().parents[4] / "packs"


class _Versioned(Protocol):
    @property
    def code(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def effective_from(self) -> date: ...


T = TypeVar("T", bound=_Versioned)
R = TypeVar("R")


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of definition: one TOML file each, matching ``pattern``, read as ``struct``.

    ``struct`` is a msgspec.Struct with ``code``, ``version`` and ``effective_from``. ``check`` yields pairs (dotted path, sentence) for
    mistakes that types cannot see, e.g. an expression that does not compile.
    """

    name: str
    pattern: str
    struct: type[T]
    check: Callable[[T], Iterable[tuple[str, str]]] | None = None


@dataclass(frozen=True)
class Table(Generic[R]):
    """A CSV of rows read as ``row`` structs, unique by the field ``key``."""

    name: str
    path: str
    row: type[R]
    key: str = "code"


@dataclass(frozen=True)
class _Loaded:
    value: Any
    content: dict[str, Any]
    source: str


@dataclass(frozen=True)
class PackReport:
    """What a check of all packs looked at and found."""

    files: int
    definitions: int
    rows: int
    problems: list[Problem] = field(default_factory=list)


_kinds: dict[str, Kind] = {}
_tables: dict[str, Table] = {}


def register(declared: Any) -> Any:
    """Declare a Kind or a Table; returns it."""
    (_kinds if isinstance(declared, Kind) else _tables)[declared.name] = declared
    return declared


def folders() -> list[Path]:
    """The pack folders in force, lowest first."""
    return list(_folders())


def _folders() -> tuple[Path, ...]:
    return _present(ROOT, os.environ.get("YIGONG_PACKS", "national,demo"))


@cache
def _present(root: Path, names: str) -> tuple[Path, ...]:
    """Looked at once: a definition is asked for thousands of times a second in bulk work."""
    return tuple(root / name for name in names.split(",") if (root / name).is_dir())


def current(kind: Kind[T], code: str, on: date | None = None) -> T:
    """The version of a definition in force on a day (today when not given); NotFound when there is none."""
    day = on or clock.today()
    found = _in_force(kind, _folders(), day).get(code)
    if found is None:
        raise NotFound(f"没有找到{day}生效的定义 {kind.name}/{code}。")
    return found


def every(kind: Kind[T], on: date | None = None) -> dict[str, T]:
    """All definitions of a kind in force on a day, by code."""
    return dict(_in_force(kind, _folders(), on or clock.today()))


@lru_cache(4096)
def _in_force(kind: Kind[T], where: tuple[Path, ...], day: date) -> dict[str, T]:
    """Of each code the newest version that has begun by the day, in order of codes."""
    found: dict[str, T] = {}
    begun = [d.value for d in _load(kind, where) if d.value.effective_from <= day]
    for value in sorted(begun, key=lambda d: (d.code, d.effective_from, d.version)):
        found[value.code] = value
    return found


def versions(kind: Kind[T], code: str) -> list[T]:
    """Every version of a definition that the packs hold, newest first, those to come included."""
    found = [d.value for d in _load(kind, _folders()) if d.value.code == code]
    return sorted(found, key=lambda d: (d.effective_from, d.version), reverse=True)


def released(kind: Kind[T], code: str, version: str) -> T:
    """The exact version that an old record names: from the packs, or from the archive when the file is gone."""
    for loaded in _load(kind, _folders()):
        if (loaded.value.code, loaded.value.version) == (code, version):
            return loaded.value
    row = ReleasedDefinition.objects.filter(kind=kind.name, code=code, version=version).first()
    if row is None:
        raise NotFound(f"没有找到定义 {kind.name}/{code} 的 {version} 版。")
    return msgspec.convert(row.content, kind.struct)


@lru_cache(512)
def archived(kind: Kind[T], code: str) -> tuple[T, ...]:
    """Every version of a definition in the archive, oldest first: what old versions of other definitions refer to when the packs no longer hold it."""
    kept = ReleasedDefinition.objects.filter(kind=kind.name, code=code).order_by("effective_from", "version")
    return tuple(msgspec.convert(row.content, kind.struct) for row in kept)


def rows(table: Table[R]) -> dict[str, R]:
    """The rows of a table by key, in file order."""
    return _load_table(table, _folders())


def check_all() -> PackReport:
    """Read every registered definition and table; collects all problems instead of stopping at the first."""
    problems: list[Problem] = []
    definitions = counted = files = 0
    for kind in _kinds.values():
        for path in _files(kind.pattern, folders()):
            files += 1
            definitions += _try(problems, _read, kind, path)
    for table in _tables.values():
        files += len(_files(table.path, folders()))
        counted += _try(problems, lambda t=table: _load_table(t, _folders()))
    return PackReport(files, definitions, counted, problems)


def release_all(*, replace: bool = False) -> int:
    """Archive every loaded version; released versions whose content changed are refused, every file of them named. Returns how many were written.

    ``replace`` takes the new content instead: for a demonstration, whose data mean nothing, when the program moves on under it.
    """
    written, problems = 0, list[Problem]()
    for kind in _kinds.values():
        for loaded in _load(kind, _folders()):
            found = _release(kind, loaded, replace)
            if isinstance(found, Problem):
                problems.append(found)
            else:
                written += found
    if problems:
        raise PackError(problems)
    return written


def forget() -> None:
    """Drop what was read, so that changed files are read again (tests and the loading command)."""
    _present.cache_clear()
    archived.cache_clear()
    _in_force.cache_clear()
    _loaded.cache_clear()
    _loaded_table.cache_clear()


def _try(problems: list[Problem], read: Callable[..., Any], *arguments: Any) -> int:
    try:
        found = read(*arguments)
        return len(found) if isinstance(found, dict) else 1
    except PackError as mistakes:
        problems += mistakes.problems
        return 0


def _files(pattern: str, places: Iterable[Path]) -> list[Path]:
    return [path for folder in places for path in sorted(folder.glob(pattern))]


# One thread at a time: msgspec learns a struct when it first reads one, and two threads that do so at once bring the process down.
_reading = RLock()


def _load(kind: Kind, places: tuple[Path, ...]) -> list[_Loaded]:
    with _reading:
        return _loaded(kind, places)


@cache
def _loaded(kind: Kind, places: tuple[Path, ...]) -> list[_Loaded]:
    found: dict[tuple[str, str], _Loaded] = {}
    for path in _files(kind.pattern, places):
        loaded = _read(kind, path)
        found[loaded.value.code, loaded.value.version] = loaded
    return list(found.values())


def _read(kind: Kind, path: Path) -> _Loaded:
    shown = str(path.relative_to(ROOT.parent)) if path.is_relative_to(ROOT.parent) else str(path)
    document, lines = read_toml(path, shown)
    value = convert(document, kind.struct, lines, shown)
    if kind.check:
        problems = [Problem(shown, line_of(f"`$.{place}`", lines), text) for place, text in kind.check(value)]
        if problems:
            raise PackError(problems)
    return _Loaded(value, msgspec.to_builtins(document), shown)


def _load_table(table: Table, places: tuple[Path, ...]) -> dict[str, Any]:
    with _reading:
        return _loaded_table(table, places)


@cache
def _loaded_table(table: Table, places: tuple[Path, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for path in _files(table.path, places):
        shown = str(path.relative_to(ROOT.parent)) if path.is_relative_to(ROOT.parent) else str(path)
        found.update(_keyed(table, read_table(path, table.row, shown), shown))
    return found


def _keyed(table: Table, read: list[Any], shown: str) -> dict[str, Any]:
    keyed: dict[str, Any] = {}
    for place, row in enumerate(read, 2):
        key = getattr(row, table.key)
        if key in keyed:
            raise PackError([Problem(shown, place, f"{table.key} {key} 重复")])
        keyed[key] = row
    return keyed


def _release(kind: Kind, loaded: _Loaded, replace: bool) -> int | Problem:
    digest = hashlib.sha256(msgspec.json.encode(loaded.content, order="deterministic")).hexdigest()
    value = loaded.value
    content = {
        "effective_from": value.effective_from, "content": loaded.content, "digest": digest, "source": loaded.source,
    }  # fmt: skip
    row, new = ReleasedDefinition.objects.get_or_create(
        kind=kind.name, code=value.code, version=value.version, defaults=content
    )
    if row.digest != digest and replace:
        return ReleasedDefinition.objects.filter(pk=row.pk).update(**content, loaded_at=Now())
    return int(new) if row.digest == digest else _changed_in_place(kind, loaded, row)


def _changed_in_place(kind: Kind, loaded: _Loaded, row: ReleasedDefinition) -> Problem:
    """What changed in a file whose version is released, where, and the way to change it all the same."""
    value, path = loaded.value, ROOT.parent / loaded.source
    keys = [key for key in {**loaded.content, **row.content} if loaded.content.get(key) != row.content.get(key)]
    lines = [(number, re.split(r"[.\[]", place)[0]) for place, number in read_toml(path, loaded.source)[1].items()]
    fresh = f"{path.stem.removesuffix(f'-{value.version}')}-{clock.today():%Y-%m-%d}.toml"
    text = (
        f"{kind.name}/{value.code} 的 {value.version} 版已于 {row.loaded_at.astimezone(clock.SHANGHAI):%Y-%m-%d} 启用，以前的记录按它解释，内容不能再改；"
        f"这个文件改动了 {'、'.join(keys)}。请把文件恢复原样，改动写进同一目录的新文件（例如 {fresh}），"
        "version 写新的版本号，effective_from 写开始执行的日期。"
    )
    return Problem(loaded.source, min((number for number, key in lines if key in keys), default=1), text)
