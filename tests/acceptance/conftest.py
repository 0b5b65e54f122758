"""One running platform for all acceptance tests of a worker."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.platform import Platform, Visitor
from yigong.demo.generate.county import PASSWORD

__all__ = ["PASSWORD"]


@pytest.fixture(scope="session")
def platform() -> Iterator[Platform]:
    """``./yigong run`` with a small demo county."""
    if there := os.environ.get("YIGONG_RUNNING"):  # folder:port:dicom port of a demo somebody keeps running
        place, port, dicom_port = there.split(":")
        yield Platform(Path(place), port=int(port), dicom_port=int(dicom_port))
        return
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
