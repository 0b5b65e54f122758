"""The file format around a data set (PS3.10): our own file meta group, always the same for the same object.

Because nothing of the transfer goes into it, the same object sent twice, by whatever way, gives the same file and the same digest.
"""

import struct
import zlib
from dataclasses import dataclass

from yigong.exchange.dicom.archive.header import Buffer
from yigong.exchange.dicom.errors import NotDicom

IMPLEMENTATION_UID = "1.2.826.0.1.3680043.8.498.20261.1"
IMPLEMENTATION_NAME = "YIGONG_1"

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"


@dataclass(frozen=True, slots=True)
class Meta:
    """What the file meta group says, and where the data set begins."""

    transfer_syntax: str
    sop_class: str
    sop_instance: str
    start: int


def encode_meta(sop_class: str, sop_instance: str, transfer_syntax: str) -> bytes:
    """Preamble, prefix and file meta group."""
    body = (
        b"\x02\x00\x01\x00OB\x00\x00\x02\x00\x00\x00\x00\x01"
        + _uid(0x02, sop_class)
        + _uid(0x03, sop_instance)
        + _uid(0x10, transfer_syntax)
        + _uid(0x12, IMPLEMENTATION_UID)
        + _short(0x13, b"SH", IMPLEMENTATION_NAME.encode())
    )
    return b"\0" * 128 + b"DICM" + b"\x02\x00\x00\x00UL\x04\x00" + struct.pack("<I", len(body)) + body


def decode_meta(data: Buffer) -> Meta:
    """Read the file meta group of a Part 10 file; raises NotDicom when there is none."""
    if data[128:132] != b"DICM":
        raise NotDicom(what="DICM")
    at, values = 132, {}
    while data[at : at + 2] == b"\x02\x00":
        try:
            element, vr, length, at = _meta_element(data, at)
        except struct.error:
            raise NotDicom(what="file meta") from None
        values[element] = bytes(data[at : at + length]) if vr in (b"UI", b"SH") else b""
        at += length
    text = {key: value.rstrip(b"\0 ").decode("ascii", "replace") for key, value in values.items()}
    if not text.get(0x10):
        raise NotDicom(what="Transfer Syntax UID")
    return Meta(text[0x10], text.get(0x02, ""), text.get(0x03, ""), at)


def inflate(data: bytes, limit: int = 2 * 1024**3) -> bytes:
    """The data set of the deflated transfer syntax, refusing what grows beyond the limit."""
    try:
        stream = zlib.decompressobj(-zlib.MAX_WBITS)
        out = stream.decompress(data, limit)
    except zlib.error:
        raise NotDicom(what="deflate") from None
    if stream.unconsumed_tail:
        raise NotDicom(what="deflate")
    return out


def _meta_element(data: Buffer, at: int) -> tuple[int, bytes, int, int]:
    element = struct.unpack_from("<H", data, at + 2)[0]
    vr = bytes(data[at + 4 : at + 6])
    if vr in (b"OB", b"UN"):
        return element, vr, struct.unpack_from("<I", data, at + 8)[0], at + 12
    return element, vr, struct.unpack_from("<H", data, at + 6)[0], at + 8


def _uid(element: int, value: str) -> bytes:
    raw = value.encode("ascii")
    return _short(element, b"UI", raw + b"\0" * (len(raw) % 2))


def _short(element: int, vr: bytes, raw: bytes) -> bytes:
    return struct.pack("<HH", 0x0002, element) + vr + struct.pack("<H", len(raw)) + raw
