"""Folding of typed text: full-width forms, blanks and look-alike marks."""

import re
import unicodedata

_BLANKS = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|[\ud800-\udfff]")
# People type the dot of minority and foreign names in many ways; GB/T 2261 exchanges use U+00B7.
_DOTS = re.compile(r"[•・‧∙⋅․·‥᛫]|(?<=\w)[.．](?=\w)")


def half_width(text: str) -> str:
    """Full-width digits, letters and signs as their ASCII forms; Chinese characters stay."""
    return "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else " " if c == "\u3000" else c for c in text)


def squeeze(text: str) -> str:
    """Without any blank, half-width, upper case: the form in which numbers are compared."""
    return _BLANKS.sub("", half_width(text)).upper()


def has_controls(text: str) -> bool:
    """Whether the text carries characters that no form can mean (control codes, lone surrogates)."""
    return bool(_CONTROLS.search(text))


def tidy_name(text: str) -> str:
    """A name as it is stored: composed, half-width, one middle dot, no blanks between Chinese characters.

    Traditional and variant characters stay as they were written: the name belongs to its bearer.
    """
    folded = _DOTS.sub("·", half_width(unicodedata.normalize("NFC", text)))
    folded = _BLANKS.sub(" ", folded).strip()
    return re.sub(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])", "", folded)


def name_key(name: str) -> str:
    """The form in which names are searched: without blanks and dots, upper case."""
    return tidy_name(name).replace(" ", "").replace("·", "").upper()
