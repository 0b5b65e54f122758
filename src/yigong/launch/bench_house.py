"""A throw-away database for a benchmark, with the environment that settings want, and the way to say what was measured."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from yigong.launch.postgres import Cluster


@contextmanager
def throwaway(*, keep: Path | None = None, durable: bool = False) -> Iterator[Path]:
    """A server of its own and a data folder, both gone afterwards unless ``keep`` names a folder to find them in again.

    ``durable`` waits for the disk at each commit, as a real server does. Django is set up by ``migrated``, or by the child processes of a
    benchmark that forks.
    """
    folder = keep or Path(tempfile.mkdtemp(prefix="yigong-bench-"))
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o755)
    (folder / "files" / "static").mkdir(parents=True, exist_ok=True)
    cluster = Cluster(folder, fast_and_unsafe=not durable)
    cluster.start()
    os.environ |= {
        "DATABASE_URL": cluster.url(), "YIGONG_DATA": str(folder / "files"), "DJANGO_SETTINGS_MODULE": "yigong.site.settings",
        "YIGONG_MODE": "test",
    }  # fmt: skip
    os.environ.setdefault("YIGONG_SECRET", "only-for-a-benchmark-" + "0123456789" * 4)
    try:
        yield folder
    finally:
        if "django" in sys.modules:
            from django.db import connections

            connections.close_all()
        cluster.stop()
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


def migrated() -> None:
    """Django in this process, and the tables."""
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)


def say(text: str) -> None:
    """One line, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


@contextmanager
def measured(what: str) -> Iterator[list[str]]:
    """Say the seconds of the block, passed and worked by this process and the server's together, and whatever it notes in the list."""
    notes: list[str] = []
    begin, work = time.perf_counter(), worked_so_far()
    yield notes
    took, worked = time.perf_counter() - begin, worked_so_far() - work
    say(f"{what}：{took:.2f} 秒，处理器 {worked:.2f} 秒" + "".join(f"，{note}" for note in notes))


def worked_so_far() -> float:
    """Seconds of the processors so far: this process, and all of the database server with what has ended in it."""
    server = _postmaster()
    ended = server.cpu_times()
    live = sum(sum(child.cpu_times()[:2]) for child in server.children())
    return time.process_time() + ended.children_user + ended.children_system + live


def _postmaster() -> Any:
    import psutil
    from django.db import connection

    connection.ensure_connection()
    backend = psutil.Process(connection.connection.info.backend_pid)
    return backend.parent()
