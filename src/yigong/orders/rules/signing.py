"""What is signed: the canonical text of a report version and its SM3 digest (GB/T 32905)."""

import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes


def canonical(content: Mapping[str, Any]) -> bytes:
    """One byte string for one content: keys sorted, no spaces, UTF-8."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str).encode()


def sm3(content: Mapping[str, Any]) -> str:
    """The SM3 digest of the canonical content, 64 hexadecimal characters."""
    digest = hashes.Hash(hashes.SM3())
    digest.update(canonical(content))
    return digest.finalize().hex()
