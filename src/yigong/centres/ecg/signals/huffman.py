"""Huffman coding of SCP-ECG (EN 1064, section 5.5 and annex C)."""

from collections.abc import Iterator
from typing import NamedTuple


class Code(NamedTuple):
    """One code structure as section 2 stores it. ``pattern`` has its first bit as the lowest one; ``switch`` 1 keeps the table."""

    prefix: int
    total: int
    switch: int
    value: int
    pattern: int


def _default() -> Iterator[Code]:
    """The default table: 0 is one bit, ±1 to ±8 have a run of ones, a zero and a sign, and two escapes carry 8 and 16 bits."""
    yield Code(1, 1, 1, 0, 0)
    for size in range(1, 9):
        ones = (1 << size) - 1
        yield Code(size + 2, size + 2, 1, size, ones)
        yield Code(size + 2, size + 2, 1, -size, ones | 1 << (size + 1))
    yield Code(10, 18, 1, 0, 0b0111111111)
    yield Code(10, 26, 1, 0, 0b1111111111)


DEFAULT = tuple(_default())


def decode(content: bytes, codes: tuple[Code, ...]) -> list[int]:
    """The numbers in a lead's data; the padding of the last byte decodes to nothing or is dropped as an unfinished code."""
    known = {format(code.pattern, f"0{code.prefix}b")[::-1]: code for code in codes}
    sizes = sorted({code.prefix for code in codes})
    text = format(int.from_bytes(content, "big"), f"0{len(content) * 8}b") if content else ""
    found: list[int] = []
    place, left = 0, len(text)
    while place < left:
        code = next((one for size in sizes if (one := known.get(text[place : place + size]))), None)
        if code is None or place + code.total > left:
            break
        end = place + code.total
        found.append(_signed(text[place + code.prefix : end]) if code.total > code.prefix else code.value)
        place = end
    return found


def _signed(text: str) -> int:
    """Two's complement, highest bit first."""
    value = int(text, 2)
    return value - (1 << len(text)) if text[0] == "1" else value
