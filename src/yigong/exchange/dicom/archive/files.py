"""The content-addressed folder: a file's name is its SHA-256, so storing the same bytes twice is one file."""

import errno
import hashlib
import logging
import os
from collections.abc import Iterable
from pathlib import Path

from django.conf import settings

from yigong.exchange.dicom.errors import OutOfSpace

log = logging.getLogger("yigong.dicom")
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}


def root() -> Path:
    """The archive's folder below the data folder."""
    return Path(settings.DATA) / "dicom"


def incoming() -> Path:
    """Where unfinished files lie; on the same file system as the archive so that a rename is atomic."""
    return root() / "incoming"


def prepare() -> None:
    """Create the folders and remove what dead processes left unfinished."""
    incoming().mkdir(parents=True, exist_ok=True)
    for left in incoming().iterdir():
        owner = left.name.split("-", 1)[0]
        if not owner.isdigit() or not Path(f"/proc/{owner}").exists():
            left.unlink(missing_ok=True)


def path_of(digest: bytes | memoryview) -> Path:
    """The place of a stored file."""
    name = bytes(digest).hex()
    return root() / name[:2] / name[2:4] / f"{name}.dcm"


def temporary() -> Path:
    """A fresh name for an unfinished file, telling which process it belongs to."""
    return incoming() / f"{os.getpid()}-{os.urandom(8).hex()}"


def keep(parts: Iterable[bytes]) -> tuple[bytes, int]:
    """Write the parts as one file, durably, and return its digest and size; raises OutOfSpace with nothing left behind."""
    place = temporary()
    try:
        return _keep(place, parts)
    except OSError as problem:
        place.unlink(missing_ok=True)
        if problem.errno not in _FULL:
            raise
        log.error("归档磁盘不可写（%s）：拒收一个影像，未留下任何内容；请清理或扩容 %s", problem.strerror, root())
        raise OutOfSpace() from problem


def _keep(place: Path, parts: Iterable[bytes]) -> tuple[bytes, int]:
    hasher, size = hashlib.sha256(), 0
    with open(place, "xb", buffering=0) as file:
        for part in parts:
            hasher.update(part)
            size += _write(file.fileno(), part)
        target = path_of(hasher.digest())
        if target.exists():  # perhaps in use: it is replaced only by what is safely on disk
            os.fsync(file.fileno())
            _move(place, target)
        else:  # one journal commit for content and name; no row speaks of the file yet
            _move(place, target)
            os.fsync(file.fileno())
    _sync_folder(target.parent)
    return hasher.digest(), size


def discard(digest: bytes) -> None:
    """Remove a file that no row refers to."""
    path_of(digest).unlink(missing_ok=True)


def _write(descriptor: int, part: bytes) -> int:
    view, written = memoryview(part), 0
    while written < len(view):
        written += os.write(descriptor, view[written:])
    return written


def _move(source: Path, target: Path) -> None:
    try:
        os.rename(source, target)
    except FileNotFoundError:
        if not source.exists():
            raise
        target.parent.mkdir(parents=True, exist_ok=True)
        os.rename(source, target)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
