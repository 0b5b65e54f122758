"""The envelope of a message and its signature (d1 of the reference). Needs no settings: the simulator uses it as well.

Provinces differ in the string that is signed; here it is the message without its signature, as JSON with sorted keys, under HMAC with SM3.
"""

# texts: data (names and words of the national interface, kept in the log as they are)

import json
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, hmac

VERSION = "V1.0"
# Transactions that change something at the platform: an answer that got lost leaves us not knowing.
WRITING = frozenset(
    {"2201", "2202", "2203", "2204", "2205", "2207", "2208", "2301", "2302", "2304", "2305", "2401", "2402", "2403", "2404", "2405", "2501",
     "2502", "2503", "2504", "2505", "2506", "2601", "9001", "9002", "9101"}
)  # fmt: skip
# Of these, what moves money: never sent again by itself.
MONEY = frozenset({"2207", "2208", "2304", "2305"})


def signature(message: Mapping[str, Any], key: bytes) -> str:
    """The hexadecimal HMAC-SM3 of a message without its ``cainfo``."""
    work = hmac.HMAC(key, hashes.SM3())
    work.update(_signed(message))
    return work.finalize().hex()


def is_signed(message: Mapping[str, Any], key: bytes) -> bool:
    """Whether a message carries the right signature."""
    work = hmac.HMAC(key, hashes.SM3())
    work.update(_signed(message))
    try:
        work.verify(bytes.fromhex(str(message.get("cainfo", ""))))
    except (InvalidSignature, ValueError):
        return False
    return True


def _signed(message: Mapping[str, Any]) -> bytes:
    bare = {name: value for name, value in message.items() if name != "cainfo"}
    return json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
