"""Printed sheets as other rooms see them."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class About:
    """What a sheet is about: the object's kind and key, and its version where it has versions (a new version is a new sheet)."""

    kind: str
    id: UUID
    version: str = ""


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """A finished PDF; ``copy`` is 1 for the original, more for a reprint (which the sheet says)."""

    pdf: bytes
    number: str
    copy: int
    pages: int
    title: str


@dataclass(frozen=True, slots=True)
class PrintLineData:
    """One line of the print log."""

    number: str
    kind: str
    copy: int
    at: datetime
    actor_name: str
    pages: int
