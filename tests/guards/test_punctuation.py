"""Chinese texts are set with Chinese marks (GB/T 15834): no half-width comma, colon, semicolon, question mark or bracket at Chinese words."""

import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polib

from tests.marks import AFTER_LATIN, AT_THE_BEGIN, AT_THE_END, BETWEEN, BRACKETS, without_places

_PACKS = Path(__file__).resolve().parents[2] / "packs"
_SOURCE = Path(__file__).resolve().parents[2] / "src"
_HALF = re.compile(f"{BETWEEN}|{AT_THE_END}|{AT_THE_BEGIN}|{BRACKETS}")
_BRACKETS = re.compile(BRACKETS)
_HALF_IN_PACKS = re.compile(f"{_HALF.pattern}|{AFTER_LATIN}")
_CONDITION = re.compile(r"[=!]=|&&|\|\||\bin \[")  # an expression of a definition, which has its own marks
_MISREAD = re.compile("[\x80-\x9f\ufffd]")  # what UTF-8 becomes when it is read as something else


def test_every_text_of_a_page_has_chinese_marks() -> None:
    """Counts the texts of all catalogues and names the ones that have half-width marks."""
    texts = [
        entry.msgid for path in _SOURCE.rglob("locale/en/LC_MESSAGES/django.po") for entry in polib.pofile(str(path))
    ]
    half = [
        text for text in texts if _HALF.search(without_places(text)) or _BRACKETS.search(without_places(text, "某"))
    ]
    print(f"\n{len(texts)} texts, {len(half)} with half-width marks")
    assert len(texts) > 5000 and not half, half[:10]


def test_every_text_of_a_pack_has_chinese_marks() -> None:
    """The words of definitions and tables are read by the same people: counts their texts and names those that have half-width marks."""
    texts = [
        text for path in sorted(_PACKS.rglob("*.toml")) for text in _texts_of(tomllib.loads(path.read_text("utf-8")))
    ]
    for path in sorted(_PACKS.rglob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            texts += [text for row in csv.reader(file) for text in row]
    half = [text for text in texts if _HALF_IN_PACKS.search(text) and not _CONDITION.search(text)]
    print(f"\n{len(texts)} texts of packs, {len(half)} with half-width marks")
    misread = [text for text in texts if _MISREAD.search(text)]
    assert len(texts) > 10_000 and not half and not misread, (half + misread)[:10]


def _texts_of(value: Any) -> Iterator[str]:
    """All texts within a definition."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _texts_of(one)
