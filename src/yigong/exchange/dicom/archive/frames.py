"""Where each frame lies in its file, worked out once at ingest so that a frame is one read later."""

from typing import Any

from yigong.exchange.dicom.archive.header import Buffer, Header, PixelSpan
from yigong.exchange.dicom.errors import Truncated

_PIXEL_BITS = {0x7FE00008: 32, 0x7FE00009: 64}


def frame_index(header: Header, data: Buffer) -> dict[str, Any] | None:
    """``{"start", "size", "count"}`` for native pixels, ``{"frames": [[[start, length], …], …]}`` for encapsulated ones.

    None when there are no pixels or the frames cannot be told apart without decoding. Raises Truncated when native pixels are too short.
    """
    if header.pixels is None:
        return None
    count = header.number("00280008") or 1
    if header.pixels.fragments is None:
        return _native(header, header.pixels, count)
    return _encapsulated(header.pixels, count, data)


def frame_spans(index: dict[str, Any], number: int) -> list[tuple[int, int]]:
    """The (start, length) pieces of frame ``number`` (from 1); LookupError when there is no such frame."""
    if "frames" in index:
        if not 1 <= number <= len(index["frames"]):
            raise LookupError(number)
        return [(start, length) for start, length in index["frames"][number - 1]]
    if not 1 <= number <= index["count"]:
        raise LookupError(number)
    return [(index["start"] + (number - 1) * index["size"], index["size"])]


def frame_count(index: dict[str, Any] | None) -> int:
    """How many frames can be read by position."""
    if not index:
        return 0
    return len(index["frames"]) if "frames" in index else index["count"]


def _native(header: Header, span: PixelSpan, count: int) -> dict[str, Any] | None:
    rows, columns = header.number("00280010"), header.number("00280011")
    bits = header.number("00280100")
    if not rows or not columns or not bits:
        return None
    samples = header.number("00280002") or 1
    pixels = rows * columns * samples
    if header.text("00280004") == "YBR_FULL_422":
        pixels = rows * columns * 2
    size = (pixels * bits + 7) // 8
    if span.length + 1 < size * count:
        raise Truncated(what=f"pixels {span.length}/{size * count}")
    return {"start": span.start, "size": size, "count": count}


def _encapsulated(span: PixelSpan, count: int, data: Buffer) -> dict[str, Any] | None:
    fragments = span.fragments or []
    if not fragments:
        raise Truncated(what="pixels")
    if count == 1:
        frames = [fragments]
    elif len(span.basic_offsets) == count:
        frames = _by_offsets(fragments, span.basic_offsets)
    elif len(fragments) == count:
        frames = [[piece] for piece in fragments]
    else:
        frames = _by_end_marks(fragments, data)
    return {"frames": frames} if len(frames) == count else None


def _by_offsets(fragments: list[tuple[int, int]], offsets: list[int]) -> list[list[tuple[int, int]]]:
    """Group by the basic offset table: offsets count from the first fragment's item tag."""
    base = fragments[0][0] - 8
    starts = {base + offset + 8 for offset in offsets}
    return _split(fragments, lambda piece, _: piece[0] in starts)


def _by_end_marks(fragments: list[tuple[int, int]], data: Buffer) -> list[list[tuple[int, int]]]:
    """Group by the end-of-image mark of JPEG streams; a fragment behind such a mark begins a frame."""

    def ended(piece: tuple[int, int] | None) -> bool:
        return piece is None or b"\xff\xd9" in bytes(data[sum(piece) - 4 : sum(piece)])

    return _split(fragments, lambda _, before: ended(before))


def _split(fragments: list[tuple[int, int]], begins: Any) -> list[list[tuple[int, int]]]:
    frames: list[list[tuple[int, int]]] = []
    before = None
    for piece in fragments:
        if begins(piece, before) or not frames:
            frames.append([])
        frames[-1].append(piece)
        before = piece
    return frames
