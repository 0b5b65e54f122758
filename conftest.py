"""One throw-away PostgreSQL for the whole test run, and a browser that never leaves this machine."""

import os
import tempfile
from pathlib import Path

import pytest

_BROWSER_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


os.environ.setdefault("YIGONG_MODE", "test")
os.environ.setdefault("YIGONG_SECRET", "only-for-tests-" + "0123456789" * 5)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigong.site.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in the test's thread.

if "YIGONG_TEST_CLUSTER" not in os.environ and "DATABASE_URL" not in os.environ:
    import atexit
    import shutil

    from yigong.launch.postgres import Cluster, sweep_abandoned

    sweep_abandoned("yigong-test-")
    _folder = Path(tempfile.mkdtemp(prefix="yigong-test-"))
    _folder.chmod(0o755)
    _cluster = Cluster(_folder, fast_and_unsafe=True)
    _cluster.start()
    os.environ["DATABASE_URL"] = _cluster.url()
    os.environ["YIGONG_TEST_CLUSTER"] = str(_folder)
    os.environ.setdefault("YIGONG_DATA", str(_folder / "data"))
    (_folder / "data" / "static").mkdir(parents=True)  # WhiteNoise warns about a missing folder.

    def _end() -> None:
        _cluster.stop()
        shutil.rmtree(_folder, ignore_errors=True)

    atexit.register(_end)


from django.conf import settings  # noqa: E402 - after the environment is complete

assert settings.DATABASES  # pytest-django takes settings into use once they are loaded


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, without calls to the outside."""
    return {**browser_type_launch_args, "executable_path": "/usr/bin/chromium", "args": _BROWSER_FLAGS}
