"""The font of prints comes with the environment, never from the machine; what it lacks is named, never an empty box."""

import struct
from bisect import bisect_right
from functools import cache
from pathlib import Path
from typing import Any

import noto_cjk_sans_otc
import typst

FAMILY = "Noto Sans CJK SC"
FOLDER = Path(noto_cjk_sans_otc.__file__).parent


@cache
def collection() -> typst.Fonts:
    """The fonts for typesetting, without the machine's."""
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[FOLDER])


def covers(character: str) -> bool:
    """Whether the font can draw this character (spaces and line breaks need no drawing)."""
    code = ord(character)
    starts, ends = _ranges()
    place = bisect_right(starts, code) - 1
    return (place >= 0 and code <= ends[place]) or character.isspace()


def legible(value: Any) -> Any:
    """The same data with every character the font lacks written as 〓 and its Unicode number, as in ``〓(U+2A6D7)``."""
    if isinstance(value, str):
        return value if all(map(covers, value)) else "".join(c if covers(c) else f"〓(U+{ord(c):X})" for c in value)
    if isinstance(value, dict):
        return {key: legible(one) for key, one in value.items()}
    return [legible(one) for one in value] if isinstance(value, list | tuple) else value


@cache
def _ranges() -> tuple[list[int], list[int]]:
    """Character ranges of the collection's first face, from its ``cmap`` (OpenType, table cmap, format 12)."""
    data = next(FOLDER.glob("*.tt[cf]")).read_bytes()
    face = struct.unpack_from(">I", data, 12)[0]
    tables = struct.unpack_from(">H", data, face + 4)[0]
    entries = (struct.unpack_from(">4sIII", data, face + 12 + 16 * place) for place in range(tables))
    cmap = next(offset for tag, _sum, offset, _length in entries if tag == b"cmap")
    count = struct.unpack_from(">H", data, cmap + 2)[0]
    offsets = [struct.unpack_from(">HHI", data, cmap + 4 + 8 * place)[2] for place in range(count)]
    full = next(cmap + offset for offset in offsets if struct.unpack_from(">H", data, cmap + offset)[0] == 12)
    groups = struct.unpack_from(">I", data, full + 12)[0]
    found = sorted(struct.unpack_from(">III", data, full + 16 + 12 * place)[:2] for place in range(groups))
    return [start for start, _end in found], [end for _start, end in found]
