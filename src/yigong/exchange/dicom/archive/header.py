"""One pass over an encoded data set: the DICOM JSON Model of its header (PS3.18, annex F) without bulk data, and where the pixels lie.

Written for ingest: it looks at every element once, keeps no objects, and is strict about lengths, because an object that ends too early
must be refused before it is acknowledged. Reading for people (rendering) goes through pydicom.
"""

import base64
import re
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from pydicom.charset import convert_encodings, decode_bytes
from pydicom.datadict import dictionary_VR

from yigong.exchange.dicom.errors import NotDicom, Truncated

Attributes = dict[str, dict[str, Any]]
Buffer = Any  # bytes or mmap: both give bytes for a slice

_UNDEFINED = 0xFFFFFFFF
_ITEM_END = 0xFFFEE00D
_LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT", b"SV", b"UV"}
_TEXT = {"LO", "SH", "PN", "ST", "LT", "UT", "UC"}
_ONE_TEXT = {"ST", "LT", "UT", "UR"}
_BINARY = {"OB", "OD", "OF", "OL", "OV", "OW", "UN"}
_NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_PIXELS = {0x7FE00008, 0x7FE00009, 0x7FE00010}
_MAX_INLINE = 1024
_MAX_DEPTH = 32
# Many devices here declare nothing, or Latin-1, and send GBK; true Latin-1 text almost never has only pairs of high bytes.
_ESCAPES = re.compile(r"\x1b[$()-]+[A-Z0-9]")
_PAIRS = re.compile(rb"(?:[\x00-\x7f]|[\x81-\xfe][\x80-\xfe])+")


@dataclass(slots=True)
class PixelSpan:
    """The pixel data element: the value's start and length; ``fragments`` (start, length) when encapsulated, else None."""

    start: int
    length: int
    fragments: list[tuple[int, int]] | None = None
    basic_offsets: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Header:
    """The header as JSON attributes and the place of the pixels within the data set."""

    attributes: Attributes
    pixels: PixelSpan | None

    def text(self, tag: str) -> str:
        """The first value of a plain attribute as text, or an empty string."""
        value = self.values(tag)
        return "" if not value or value[0] is None else str(value[0])

    def values(self, tag: str) -> list:
        """All values of an attribute."""
        return self.attributes.get(tag, {}).get("Value", [])

    def number(self, tag: str) -> int | None:
        """The first value as a whole number, or None when missing or not a number."""
        text = self.text(tag)
        try:
            return int(float(text)) if text else None
        except (ValueError, OverflowError):
            return None

    def person(self, tag: str = "00100010") -> dict[str, str]:
        """The groups (Alphabetic, Ideographic, Phonetic) of a person name."""
        value = self.values(tag)
        return value[0] if value and isinstance(value[0], dict) else {}


def read_header(data: Buffer, start: int, end: int, *, implicit: bool, little: bool = True) -> Header:
    """Read the data set in ``data[start:end]``; offsets in the result count from the beginning of ``data``."""
    return _Reader(data, implicit=implicit, little=little).read(start, end)


class _Reader:
    def __init__(self, data: Buffer, *, implicit: bool, little: bool) -> None:
        self.data, self.implicit = data, implicit
        self.order = "<" if little else ">"
        self.two = struct.Struct(self.order + "HH").unpack_from
        self.long = struct.Struct(self.order + "I").unpack_from
        self.short = struct.Struct(self.order + "H").unpack_from
        self.signed = False
        self.pixels: PixelSpan | None = None

    def read(self, start: int, end: int) -> Header:
        if not self.implicit and not self.data[start + 4 : start + 6].isalpha():
            self.implicit = True  # some writers label implicit data sets as explicit
        attributes, _ = self.elements(start, end, ("iso8859",), 0)
        return Header(attributes, self.pixels)

    def elements(self, at: int, end: int, charset: tuple[str, ...], depth: int) -> tuple[Attributes, int]:
        """The attributes from ``at`` to ``end`` (or to an item's end mark), and the position behind them."""
        if depth > _MAX_DEPTH:
            raise NotDicom(what="nesting")
        found: Attributes = {}
        previous = 0
        while at < end:
            if at + 8 > end:
                raise Truncated(what=f"{at}/{end}")
            group, element = self.two(self.data, at)
            tag = group << 16 | element
            if tag == _ITEM_END:
                return found, at + 8
            if tag <= previous and depth == 0 and tag < 0x00080000:
                raise NotDicom(what="tag order")
            previous = tag
            vr, length, at = self.lead(at, tag, end)
            if tag in _PIXELS and depth == 0:
                at = self.pixel_data(found, tag, vr, at, length, end)
                continue
            if vr == "SQ" or (length == _UNDEFINED and vr in {"UN", "OB"}):
                items, at = self.sequence(at, length, end, charset, depth, known=vr == "SQ")
                found[name_of(tag)] = {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
                continue
            if length > end - at:
                raise Truncated(what=name_of(tag))
            value = self.data[at : at + length]
            at += length
            if element == 0:
                continue
            if tag == 0x00080005:
                charset = encodings(bytes(value))
            elif tag == 0x00280103:
                self.signed = value[:1] == b"\x01" or value[-1:] == b"\x01"
            found[name_of(tag)] = self.attribute(tag, vr, value, charset)
        return found, at

    def lead(self, at: int, tag: int, end: int) -> tuple[str, int, int]:
        """VR, length and value position of the element at ``at``."""
        if self.implicit or tag >> 16 == 0xFFFE:
            return self.vr_of(tag), self.long(self.data, at + 4)[0], at + 8
        code = self.data[at + 4 : at + 6]
        if code in _LONG:
            if at + 12 > end:
                raise Truncated(what=name_of(tag))
            vr, length = code.decode(), self.long(self.data, at + 8)[0]
            if vr == "UN" and length != _UNDEFINED and self.order == "<":
                vr = self.known_vr(tag)
            return vr, length, at + 12
        if not (code.isalpha() and code.isupper()):
            raise NotDicom(what=name_of(tag))
        return code.decode(), self.short(self.data, at + 6)[0], at + 8

    def known_vr(self, tag: int) -> str:
        """The dictionary's VR for an element that a gateway passed on as unknown; sequences stay unknown."""
        vr = self.vr_of(tag)
        return "UN" if vr == "SQ" else vr

    def vr_of(self, tag: int) -> str:
        vr = _dictionary_vr(tag)
        if vr.startswith("US or"):
            return "SS" if self.signed else "US"
        return "OW" if " or " in vr else vr

    def sequence(
        self, at: int, length: int, end: int, charset: tuple[str, ...], depth: int, *, known: bool
    ) -> tuple[list[Attributes], int]:
        """The items of a sequence. An unknown (UN) sequence of undefined length is implicit little endian by rule."""
        stop = end if length == _UNDEFINED else at + length
        if stop > end:
            raise Truncated(what="sequence")
        inner = self if known else _Reader(self.data, implicit=True, little=True)
        items: list[Attributes] = []
        while at < stop:
            if at + 8 > stop:
                raise Truncated(what="sequence")
            group, element = self.two(self.data, at)
            size = self.long(self.data, at + 4)[0]
            at += 8
            if (group, element) == (0xFFFE, 0xE0DD):
                return items, at
            if (group, element) != (0xFFFE, 0xE000):
                raise NotDicom(what="sequence item")
            limit = stop if size == _UNDEFINED else at + size
            if limit > stop:
                raise Truncated(what="sequence item")
            item, at = inner.elements(at, limit, charset, depth + 1)
            items.append(item)
        if length == _UNDEFINED:
            raise Truncated(what="sequence")
        return items, at

    def pixel_data(self, found: Attributes, tag: int, vr: str, at: int, length: int, end: int) -> int:
        """Note where the pixels lie and step over them."""
        found[name_of(tag)] = {"vr": vr, "BulkDataURI": f"bulk:{name_of(tag)}"}
        if length != _UNDEFINED:
            if length > end - at:
                raise Truncated(what=f"pixels {end - at}/{length}")
            self.pixels = PixelSpan(at, length)
            return at + length
        fragments: list[tuple[int, int]] = []
        start = at
        while True:
            if at + 8 > end:
                raise Truncated(what="pixels")
            group, element = self.two(self.data, at)
            size = self.long(self.data, at + 4)[0]
            at += 8
            if (group, element) == (0xFFFE, 0xE0DD):
                break
            if (group, element) != (0xFFFE, 0xE000) or size > end - at:
                raise Truncated(what="pixels")
            fragments.append((at, size))
            at += size
        table = fragments[0] if fragments else (start, 0)
        offsets = list(struct.unpack(f"<{table[1] // 4}I", self.data[table[0] : table[0] + table[1] // 4 * 4]))
        self.pixels = PixelSpan(start, at - start, fragments[1:], offsets)
        return at

    def attribute(self, tag: int, vr: str, value: bytes, charset: tuple[str, ...]) -> dict[str, Any]:
        """One attribute in the DICOM JSON Model."""
        if not value:
            return {"vr": vr}
        if vr in _BINARY:
            if len(value) > _MAX_INLINE:
                return {"vr": vr, "BulkDataURI": f"bulk:{name_of(tag)}"}
            return {"vr": vr, "InlineBinary": base64.b64encode(value).decode()}
        code = _NUMBERS.get(vr)
        if code is not None:
            return {"vr": vr, "Value": self.numbers(code, value)}
        if vr == "AT":
            pairs = [self.two(value, i) for i in range(0, len(value) - 3, 4)]
            return {"vr": vr, "Value": [f"{g:04X}{e:04X}" for g, e in pairs]}
        values = _strings(vr, value, charset)
        return {"vr": vr, "Value": values} if values else {"vr": vr}

    def numbers(self, code: str, value: bytes) -> list:
        size = struct.calcsize(code)
        count = len(value) // size
        if count * size > 64 * 1024:  # look-up tables belong to the file, not to the index
            count = 64 * 1024 // size
        found = struct.unpack(f"{self.order}{count}{code}", value[: count * size])
        return [_finite(n) for n in found] if code in "fd" else list(found)


def _finite(number: float) -> float | None:
    """JSON has no NaN or infinity."""
    return number if number - number == 0 else None


@lru_cache(maxsize=8192)
def name_of(tag: int) -> str:
    """The tag as eight hexadecimal digits."""
    return f"{tag:08X}"


@lru_cache(maxsize=8192)
def _dictionary_vr(tag: int) -> str:
    if tag & 0xFFFF == 0:
        return "UL"
    if tag >> 16 & 1:
        return "LO" if 0x10 <= tag & 0xFFFF <= 0xFF else "UN"
    try:
        return dictionary_VR(tag)
    except KeyError:
        return "UN"


@lru_cache(maxsize=256)
def encodings(value: bytes) -> tuple[str, ...]:
    """Python encodings of a Specific Character Set value; unknown names count as undeclared."""
    names = [part.strip() for part in value.decode("ascii", "replace").replace("\0", "").split("\\")]
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return tuple(convert_encodings(names if len(names) > 1 else names[0]))
    except (LookupError, ValueError):
        return ("iso8859",)


def decode_text(value: bytes, charset: tuple[str, ...]) -> str:
    """Text of a device: as declared, and when that is impossible or improbable, as the bytes show (UTF-8, then Chinese)."""
    if value.isascii() and b"\x1b" not in value:
        return value.decode("ascii")
    if b"\x1b" in value:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _ESCAPES.sub("", decode_bytes(value, charset, {0x5C, 0x0D, 0x0A, 0x0C, 0x09, 0x5E, 0x3D}))
    guesses: tuple[str, ...] = (charset[0],)
    if charset[0] in {"iso8859", "latin_1"}:
        guesses = ("utf-8", *(("gb18030",) if _PAIRS.fullmatch(value) else ()), charset[0])
    for encoding in (*guesses, "utf-8", "gb18030"):
        try:
            return value.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
    return value.decode("latin-1")


def _strings(vr: str, value: bytes, charset: tuple[str, ...]) -> list:
    text = decode_text(value, charset) if vr in _TEXT else value.decode("latin-1")
    text = text.replace("\0", "")
    if vr in _ONE_TEXT:
        text = text.rstrip()
        return [text] if text else []
    parts = [part.strip() for part in text.split("\\")]
    if parts == [""]:
        return []
    convert = _CONVERT.get(vr)
    return [_value(convert, part) for part in parts]


def _value(convert: Callable[[str], Any] | None, part: str) -> Any:
    if not part:
        return None
    value = convert(part) if convert else part
    return None if value == {} else value


def _decimal(text: str) -> float | str:
    try:
        return n if _finite(n := float(text)) is not None else text
    except ValueError:
        return text


def _whole(text: str) -> int | str:
    try:
        return int(text)
    except ValueError:
        return text


def person_name(text: str) -> dict[str, str]:
    """The component groups of a person name value."""
    groups = zip(("Alphabetic", "Ideographic", "Phonetic"), text.split("="), strict=False)
    return {kind: part.strip("^ ") for kind, part in groups if part.strip("^ ")}


_CONVERT: dict[str, Callable[[str], Any]] = {"DS": _decimal, "IS": _whole, "PN": person_name}
