"""Multipart bodies of DICOMweb (PS3.18, 8.6): written as a stream, read as a stream to disk."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.errors import NotDicom, OutOfSpace, TooLarge

LIMIT = 2 * 1024**3
_CHUNK = 1024 * 1024
_LONGEST_HEAD = 16 * 1024


class Source(Protocol):
    """Anything read in pieces."""

    def read(self, size: int = ..., /) -> bytes:
        """The next piece; empty at the end."""


def boundary_of(content_type: str) -> bytes:
    """The boundary of a multipart/related content type; raises NotDicom."""
    found = re.search(r'boundary="?([^";]+)"?', content_type)
    if not content_type.lower().startswith("multipart/related") or not found:
        raise NotDicom(what="multipart/related; boundary")
    return found[1].strip().encode()


def receive_parts(source: Source, boundary: bytes) -> Iterator[Path]:
    """Each part's body as an unfinished file of the archive; the caller removes it. Memory stays at a piece or two."""
    mark = b"\r\n--" + boundary
    stream = _Stream(source)
    stream.skip_past(b"--" + boundary)
    while stream.head():
        place = files.temporary()
        try:
            with open(place, "xb") as out:
                for piece in stream.until(mark):
                    out.write(piece)
        except OSError as problem:
            place.unlink(missing_ok=True)
            raise OutOfSpace() from problem
        except BaseException:
            place.unlink(missing_ok=True)
            raise
        yield place


def receive_whole(source: Source) -> Path:
    """A raw body as an unfinished file of the archive."""
    place, size = files.temporary(), 0
    try:
        with open(place, "xb") as out:
            while piece := source.read(_CHUNK):
                size += len(piece)
                if size > LIMIT:
                    raise TooLarge(limit="2 GB")
                out.write(piece)
    except OSError as problem:
        place.unlink(missing_ok=True)
        raise OutOfSpace() from problem
    except TooLarge:
        place.unlink(missing_ok=True)
        raise
    return place


def write_parts(parts: Iterator[tuple[str, Iterator[bytes]]], boundary: str) -> Iterator[bytes]:
    """A multipart/related body from (content type, pieces)."""
    for kind, pieces in parts:
        yield f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode()
        yield from pieces
    yield f"\r\n--{boundary}--\r\n".encode()


class _Stream:
    """A source with look-ahead, counting what has passed."""

    def __init__(self, source: Source) -> None:
        self.source, self.held, self.total = source, b"", 0

    def fill(self) -> bool:
        piece = self.source.read(_CHUNK)
        self.total += len(piece)
        if self.total > LIMIT:
            raise TooLarge(limit="2 GB")
        self.held += piece
        return bool(piece)

    def skip_past(self, mark: bytes) -> None:
        while (at := self.held.find(mark)) < 0:
            if not self.fill():
                raise NotDicom(what="boundary")
        self.held = self.held[at + len(mark) :]

    def head(self) -> bool:
        """Step over a part's head; False behind the closing boundary."""
        while len(self.held) < 2 and self.fill():
            pass
        if self.held[:2] == b"--":
            return False
        while (at := self.held.find(b"\r\n\r\n")) < 0:
            if len(self.held) > _LONGEST_HEAD or not self.fill():
                raise NotDicom(what="part head")
        self.held = self.held[at + 4 :]
        return True

    def until(self, mark: bytes) -> Iterator[bytes]:
        """The body up to the mark, in pieces; raises NotDicom when the body ends before it."""
        while (at := self.held.find(mark)) < 0:
            safe = len(self.held) - len(mark)
            if safe > 0:
                yield self.held[:safe]
                self.held = self.held[safe:]
            if not self.fill():
                raise NotDicom(what="boundary")
        yield self.held[:at]
        self.held = self.held[at + len(mark) :]
