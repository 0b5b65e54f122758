"""A throw-away database for a benchmark, with the environment that settings want, and the way to say what was measured."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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
