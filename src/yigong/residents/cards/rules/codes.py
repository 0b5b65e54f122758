"""The code a resident shows: a signed, short-lived word that is stored nowhere.

``YGM`` and 64 letters of base32: version (1 byte), key of the card (16), second of issue (4), three random bytes, signature (16, HMAC-SM3
over all before it). Letters and digits 2-7 only: a scanner's keystrokes survive a Chinese input method and caps lock, and the QR code stays
in its alphanumeric mode. It carries no citizen number and no name. Forty bytes are exactly 64 letters, so no bit of it is without meaning.
"""

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from yigong.residents.api import is_signed, sign

PREFIX = "YGM"
LENGTH = 64
_VERSION = b"\x01"
_PURPOSE = "card.code"
_SIGNED = 24
# Shorter words may be somebody's initials.
_LIKE = re.compile(PREFIX + r"[A-Z0-9]{20,}")
_FULL = re.compile(f"{PREFIX}[A-Z2-7]{{{LENGTH}}}")


@dataclass(frozen=True, slots=True)
class Code:
    """A code that was signed here. ``body`` is what makes it this one and no other."""

    card_id: UUID
    made_at: datetime
    body: bytes


class NotOurs(ValueError):
    """Not signed here, or changed on the way."""


class Incomplete(ValueError):
    """The beginning of a code: the scanner or the hand stopped too early."""


def make_code(card_id: UUID, at: datetime) -> str:
    """A code for a card from this second on."""
    body = _VERSION + card_id.bytes + int(at.timestamp()).to_bytes(4, "big") + secrets.token_bytes(3)
    return PREFIX + base64.b32encode(body + sign(_PURPOSE, body)).decode()


def is_like_code(text: str) -> bool:
    """Whether the (squeezed) text wants to be a code."""
    return bool(_LIKE.fullmatch(text))


def read_code(text: str) -> Code:
    """The code behind a squeezed text. Raises Incomplete or NotOurs. Says nothing about its age or its card."""
    if not _FULL.fullmatch(text):
        raise Incomplete if len(text) < len(PREFIX) + LENGTH else NotOurs
    data = base64.b32decode(text.removeprefix(PREFIX))
    body, signature = data[:_SIGNED], data[_SIGNED:]
    if body[:1] != _VERSION or not is_signed(_PURPOSE, body, signature):
        raise NotOurs
    return Code(UUID(bytes=body[1:17]), datetime.fromtimestamp(int.from_bytes(body[17:21], "big"), UTC), body)
