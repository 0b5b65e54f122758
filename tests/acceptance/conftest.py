"""One running platform for all acceptance tests of a worker."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.platform import Platform, Visitor

PASSWORD = "Qinglan-2026"


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """``./yigong run`` with a small demo county."""
    folder = Path(tempfile.mkdtemp(prefix="yigong-acceptance-", dir="/var/tmp"))
    folder.chmod(0o755)
    running = Platform(folder / "data")
    try:
        yield running.start()
    finally:
        running.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def clerk(platform: Platform) -> Visitor:
    """The registration clerk of a township, signed in."""
    return Visitor(platform).sign_in("guahao", PASSWORD)
