"""Which pieces of a file are there, and which are missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from yigong.centres.consultation.rules.definitions import Piece


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a record: its kind, for a document also the document's kind, and when."""

    kind: str
    document_kind: str
    at: datetime


def answers_for(entry: Entry, pieces: Iterable[Piece], now: datetime) -> list[str]:
    """The codes of the pieces that this entry answers for; one that is too old answers for none."""
    return [
        piece.code
        for piece in pieces
        if (entry.kind in piece.kinds or (entry.document_kind and entry.document_kind in piece.documents))
        and entry.at >= now - timedelta(days=piece.days)
    ]


def missing(needed: Sequence[str], present: Iterable[str]) -> list[str]:
    """What is needed and not there, in the order of the list."""
    there = set(present)
    return [code for code in needed if code not in there]
