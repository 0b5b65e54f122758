"""The commands of ``./yigong``."""

import os
import sys
import tempfile
from pathlib import Path


def check_fast() -> int:
    """Django's system check and migration drift, on a throw-away database."""
    from yigong.launch.postgres import Cluster

    os.environ.update(YIGONG_MODE="test", YIGONG_SECRET="x" * 50, DJANGO_SETTINGS_MODULE="yigong.site.settings")
    with tempfile.TemporaryDirectory(prefix="yigong-check-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        cluster = Cluster(Path(folder), fast_and_unsafe=True)
        cluster.start()
        os.environ["DATABASE_URL"] = cluster.url()
        import django
        from django.core.management import call_command

        django.setup()
        try:
            call_command("check", fail_level="WARNING")
            call_command("makemigrations", check=True, dry_run=True)
        finally:
            cluster.stop()
    return 0


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    if arguments[:1] == ["check-fast"]:
        return check_fast()
    if arguments[:1] == ["manage"]:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigong.site.settings")
        from django.core.management import execute_from_command_line

        execute_from_command_line(["yigong", *arguments[1:]])
        return 0
    print("commands: check-fast, manage", file=sys.stderr)
    return 2
