"""A real archive on a free port, and objects to send to it."""

import ctypes
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pydicom
import pytest
from pydicom.uid import generate_uid

from yigong.exchange.dicom.tests.samples import sample

if TYPE_CHECKING:
    from yigong.exchange.dicom.scp.server import ArchiveServer

Peer = Callable[..., subprocess.CompletedProcess]


@pytest.fixture
def data(settings, tmp_path: Path) -> Path:
    """A data folder of its own."""
    settings.DATA = tmp_path / "data"
    return tmp_path / "data" / "dicom"


@pytest.fixture
def own_network() -> Iterator[None]:
    """A network namespace for this test: programs that listen on every interface reach nobody outside. Needs Linux and root."""
    libc, new_network = ctypes.CDLL(None, use_errno=True), 0x40000000
    before = os.open("/proc/thread-self/ns/net", os.O_RDONLY) if Path("/proc/thread-self/ns/net").exists() else -1
    if before < 0 or libc.unshare(new_network) != 0:
        pytest.skip("a network namespace of its own needs Linux and root")
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    yield
    libc.setns(before, new_network)
    os.close(before)


@pytest.fixture
def archive(transactional_db: None, data: Path) -> "Iterator[ArchiveServer]":
    """The archive, listening; the caller STORESCU is registered for everything."""
    from yigong.exchange.dicom.models import Node
    from yigong.exchange.dicom.scp.server import build

    Node.objects.create(
        title="STORESCU", name="测试设备", may_store=True, may_query=True, may_retrieve=True, may_worklist=True
    )
    server = build("YIGONG", ("127.0.0.1", 0))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def peer(archive: "ArchiveServer") -> Peer:
    """Runs a dcmtk program against the archive; skips with the reason where dcmtk is missing."""

    def run(
        program: str, *arguments: str | Path, title: str = "STORESCU", ok: bool = True
    ) -> subprocess.CompletedProcess:
        if not shutil.which(program):
            pytest.skip(f"dcmtk's {program} is not installed")
        port = str(archive.server_address[1])
        command = [program, "-v", "-aet", title, "-aec", "YIGONG", "127.0.0.1", port, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", timeout=60, check=False)
        assert done.returncode == 0 or not ok, done.stdout + done.stderr
        return done

    return run


@pytest.fixture
def make_image(tmp_path: Path) -> Callable[..., Path]:
    """Writes a CT or another of pydicom's samples with the attributes changed; returns the file."""

    def make(name: str = "CT_small.dcm", /, **attributes: object) -> Path:
        image = pydicom.dcmread(sample(name))
        uids = {name: generate_uid() for name in ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID")}
        for keyword, value in {**uids, **attributes}.items():
            setattr(image, keyword, value)
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        place = tmp_path / f"{image.SOPInstanceUID}.dcm"
        image.save_as(place)
        return place

    return make
