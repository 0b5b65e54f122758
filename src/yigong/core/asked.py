"""What people send as text: keys, days and months of an address or a form (nonsense is nothing, as if it had not been asked), tables as files."""

import zipfile
import zlib
from datetime import date
from uuid import UUID

DAMAGED_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
"""What reading a zip raises that is cut off, damaged, locked by a password or packed in an unknown way."""


def key_of(text: object) -> UUID | None:
    """A key.

    >>> key_of("0190"), key_of(None)
    (None, None)
    """
    try:
        return UUID(str(text or ""))
    except ValueError:
        return None


def day_of(text: str | None) -> date | None:
    """A day as ``2026-11-28``."""
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def month_from(text: str | None) -> date | None:
    """The first day of a month as ``2026-11``."""
    return day_of(f"{text}-01") if text else None


def whole_number(text: str | None) -> int | None:
    """A whole number of up to nine digits.

    >>> whole_number("12"), whole_number("²"), whole_number("9" * 5000)
    (12, None, None)
    """
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else None


def text_of(content: bytes, errors: str = "strict") -> str:
    """A text file as spreadsheet programs of the country save it: UTF-8 with or without a mark, else GB 18030.

    UnicodeDecodeError when it is neither; with ``errors="replace"`` what cannot be read is marked instead.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030", errors=errors)
