"""One throw-away PostgreSQL for the whole test run, and a browser that never leaves this machine."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from yigong.core.testing import chromium, empty_tables, system_path

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

    from yigong.core.ui.tests.screens import Sit

# How long an example takes says how busy the machine is, not whether the rule holds.
hypothesis_settings.register_profile("yigong", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("yigong")

_BROWSER_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


os.environ.setdefault("YIGONG_MODE", "test")
os.environ["PATH"] = system_path()
# Tests start the program in processes of its own.
os.environ["PYTHONPATH"] = str(Path(__file__).resolve().parent / "src")
os.environ.setdefault("YIGONG_SECRET", "only-for-tests-" + "0123456789" * 5)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yigong.site.settings")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright keeps a loop in the test's thread.

# Each test process has a cluster of its own: what is safe to seal or to vacuum depends on every open transaction of a server.
_process = os.environ.get("PYTEST_XDIST_WORKER", "main")
if os.environ.get("YIGONG_TEST_CLUSTER_OF", "") != _process and (
    "DATABASE_URL" not in os.environ or "YIGONG_TEST_CLUSTER_OF" in os.environ
):
    import atexit
    import shutil

    from yigong.launch.postgres import Cluster, sweep_abandoned

    sweep_abandoned("yigong-test-")
    _folder = Path(tempfile.mkdtemp(prefix="yigong-test-"))
    _folder.chmod(0o755)
    _cluster = Cluster(_folder, fast_and_unsafe=True)
    _cluster.start()
    os.environ["DATABASE_URL"] = _cluster.url()
    os.environ["YIGONG_TEST_CLUSTER_OF"] = _process
    os.environ["YIGONG_DATA"] = str(_folder / "data")
    (_folder / "data" / "static").mkdir(parents=True)  # WhiteNoise warns about a missing folder.

    def _end() -> None:
        _cluster.stop()
        shutil.rmtree(_folder, ignore_errors=True)

    atexit.register(_end)


from django.conf import settings  # noqa: E402 - after the environment is complete
from django.test import TransactionTestCase  # noqa: E402

# pytest-django takes settings into use once they are loaded; in a second test process it has loaded them with the first one's cluster
# and the first one's data folder, while the programs a test starts take theirs from the environment.
settings.DATABASES["default"]["HOST"] = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query).get(
    "host", [settings.DATABASES["default"]["HOST"]]
)[0]
if "YIGONG_DATA" in os.environ:
    settings.DATA = Path(os.environ["YIGONG_DATA"])
    settings.STATIC_ROOT = settings.DATA / "static"
settings.COMPILED_TEMPLATES = Path(__file__).parent / ".yigong" / "templates"  # one for all test processes

if os.environ.get("YIGONG_TEST_CLUSTER_OF"):  # Our own server, where we may do everything.
    TransactionTestCase._fixture_teardown = lambda self: empty_tables()  # type: ignore[method-assign]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    """Debian's Chromium, without calls to the outside."""
    return {**browser_type_launch_args, "executable_path": chromium(), "args": _BROWSER_FLAGS}


@pytest.fixture
def seat(live_server: "LiveServer", browser: "Browser") -> "Iterator[Sit]":
    """Browsers for people: ``seat(who)``; left at the end of the test, and no script of theirs may have complained."""
    from yigong.core.ui.tests.screens import seats  # only browser tests need Playwright

    with seats(browser, live_server.url) as sit:
        yield sit


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright leaves an event loop running in its process, which synchronous code then stumbles over."""
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))
