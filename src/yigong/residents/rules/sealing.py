"""Sealing of personal numbers: SM4-GCM for the value, keyed HMAC-SM3 digests for equal search.

The keys are derived from the installation's secret, one per purpose, so a digest never helps to open a value. The first byte of a sealed
value names the key's generation, so that a later rotation can tell old values from new. The additional data binds a value to its column
and row: a sealed value copied to another row does not open.
"""

import os
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

GENERATION = b"\x01"
_NONCE, _TAG = 12, 16


class SealBroken(ValueError):
    """The value was changed, moved to another row, or sealed under another secret."""


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    return _mac(secret.encode(), b"yigong.residents." + purpose.encode())


def _mac(key: bytes, message: bytes) -> bytes:
    digest = hmac.HMAC(key, hashes.SM3())
    digest.update(message)
    return digest.finalize()


def seal(text: str, bound_to: str) -> bytes:
    """Encrypt; ``bound_to`` names column and row, e.g. ``identifier:<uuid>``."""
    nonce = os.urandom(_NONCE)
    work = Cipher(algorithms.SM4(_key(settings.SECRET_KEY, "seal")[:16]), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bound_to.encode())
    body = work.update(text.encode()) + work.finalize()
    return GENERATION + nonce + body + work.tag


def unseal(sealed: bytes | memoryview, bound_to: str) -> str:
    """Decrypt; SealBroken when the value does not belong here."""
    data = bytes(sealed)
    if data[:1] != GENERATION or len(data) < 1 + _NONCE + _TAG:
        raise SealBroken("unknown generation of key")
    nonce, body, tag = data[1 : 1 + _NONCE], data[1 + _NONCE : -_TAG], data[-_TAG:]
    work = Cipher(algorithms.SM4(_key(settings.SECRET_KEY, "seal")[:16]), modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(bound_to.encode())
    try:
        return (work.update(body) + work.finalize()).decode()
    except InvalidTag as broken:
        raise SealBroken(bound_to) from broken


def digest(purpose: str, value: str) -> bytes:
    """The searchable digest of a value for one purpose (``number:01``, ``phone``…), 32 bytes."""
    return _mac(_key(settings.SECRET_KEY, "digest." + purpose), value.encode())


def short_digest(purpose: str, value: str) -> bytes:
    """Eight bytes are enough where a match is looked at again (last four, area)."""
    return digest(purpose, value)[:8]
