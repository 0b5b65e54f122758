"""Which header of a file stands for which column: as remembered, by name or by another name; what is only alike is a proposal."""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from rapidfuzz import fuzz, process

from yigong.exchange.takeon.rules.layouts import Layout

_ALIKE = 60  # of 100: 就诊日期 and 就诊时间 are alike


def plain(text: str) -> str:
    """A header without blanks, marks and remarks in brackets."""
    text = re.sub(r"\(.*?\)|\[.*?\]|【.*?】", "", unicodedata.normalize("NFKC", text).lower())
    return re.sub(r"[\s*_\-::./\\\"']+", "", text)


def guess(layout: Layout, header: Sequence[str], remembered: Mapping[str, str]) -> tuple[dict[str, str], set[str]]:
    """Column name -> header, and the columns whose header is only alike and wants a look."""
    found: dict[str, str] = {}
    free = {name: None for name in header if name}
    known = {c.name for c in layout.each()}
    for remembered_column, name in remembered.items():
        if name in free and remembered_column in known:
            found[remembered_column] = name
            del free[name]
    by_plain = {plain(name): name for name in reversed(list(free))}
    for column in layout.each():
        if column.name in found:
            continue
        names = (column.label, column.name, *column.aliases)
        hit = next((by_plain[p] for n in names if (p := plain(n)) in by_plain and by_plain[p] in free), None)
        if hit is not None:
            found[column.name] = hit
            del free[hit]
    alike = set()
    for column in layout.each():
        if column.name in found or not free or not column.required:
            continue
        close = process.extractOne(column.label, list(free), scorer=fuzz.ratio, processor=plain, score_cutoff=_ALIKE)
        if close:
            found[column.name] = close[0]
            alike.add(column.name)
            del free[close[0]]
    return found, alike
