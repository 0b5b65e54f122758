"""Everything between an empty database and a served page: tables, files, definitions, the demo county."""

import hashlib
import io
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path


def main(arguments: list[str]) -> int:
    """``prepare RESULT_FILE SCALE``: bring the database up to date and write what the supervisor must know as JSON."""
    result, scale = Path(arguments[0]), arguments[1]
    import django

    django.setup()
    _step("更新数据表", migrate)
    if texts := _optional("yigong.core.ui.messages", "compile_all"):
        _step("编译译文", texts)
    _step("整理页面文件", collect_static)
    if "load_packs" in _commands() and not _definitions():
        return 1
    logins: list[dict] = []
    if scale != "none" and (ensure := _optional("yigong.demo.api", "ensure")):
        _step("准备演示县", lambda: ensure(scale, _progress))
        logins = [asdict(login) for login in import_module("yigong.demo.api").logins()]
    result.write_text(json.dumps({"commands": _commands(), "logins": logins}, ensure_ascii=False))
    return 0


def _definitions() -> bool:
    """Load the packs; what is wrong with them is told file by file, and is no failure of the program."""
    from django.core.management.base import CommandError

    try:
        _step("载入国家标准与目录", load_packs)
    except CommandError as mistakes:
        print(f"\n定义包不能使用，平台没有启动：\n{mistakes}", file=sys.stderr, flush=True)
        return False
    return True


def migrate() -> str:
    """Apply what is missing; returns how many migrations that was."""
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if plan:
        call_command("migrate", interactive=False, verbosity=0)
    return f"{len(plan)} 项" if plan else "已是最新"


def load_packs() -> str:
    """Check all definitions and archive new versions. A demonstration goes on when the program brings other content under a known version."""
    from django.core.management import call_command

    from yigong.launch.environment import is_production

    said = io.StringIO()
    call_command("load_packs", stdout=said, replace=not is_production())
    return said.getvalue().splitlines()[0]


def collect_static() -> str:
    """Gather and compress the pages' files when one of them changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    if ensure := _optional("yigong.core.ui.assets", "ensure"):
        ensure()
    digest = hashlib.sha256()
    count = 0
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = os.stat(storage.path(path))
            digest.update(f"{path} {found.st_size} {found.st_mtime_ns}\n".encode())
            count += 1
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return f"{count} 个，没有变化"
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    stamp.write_text(digest.hexdigest())
    return f"{count} 个"


def _step(label: str, work: Callable[[], object]) -> None:
    print(f"· {label} …", end="", flush=True)
    begin = time.monotonic()
    outcome = work()
    text = outcome if isinstance(outcome, str) else ""
    print(f" {text}（{time.monotonic() - begin:.1f} 秒）", flush=True)


def _progress(text: str) -> None:
    """A line below the running step."""
    print(f"\n    {text}", end="", flush=True)


def _optional(module: str, name: str) -> Callable | None:
    """A door that may not be built in this edition; None when its module is absent."""
    try:
        if find_spec(module) is None:
            return None
    except ModuleNotFoundError:
        return None
    return getattr(import_module(module), name, None)


def _commands() -> list[str]:
    from django.core.management import get_commands

    return sorted(get_commands())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
