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
    work = hmac.HMAC(secret.encode(), hashes.SM3())
    work.update(b"yigong.residents." + purpose.encode())
    return work.finalize()


@lru_cache(maxsize=64)
def _digester(secret: str, purpose: str) -> hmac.HMAC:
    """Setting up the key is most of a short digest's time; copies of this one skip it."""
    return hmac.HMAC(_key(secret, "digest." + purpose), hashes.SM3())


@lru_cache(maxsize=4)
def _cipher(secret: str) -> algorithms.SM4:
    return algorithms.SM4(_key(secret, "seal")[:16])


def seal(text: str, bound_to: str) -> bytes:
    """Encrypt; ``bound_to`` names column and row, e.g. ``identifier:<uuid>``."""
    nonce = os.urandom(_NONCE)
    work = Cipher(_cipher(settings.SECRET_KEY), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bound_to.encode())
    body = work.update(text.encode()) + work.finalize()
    return GENERATION + nonce + body + work.tag


def unseal(sealed: bytes | memoryview, bound_to: str) -> str:
    """Decrypt; SealBroken when the value does not belong here."""
    data = bytes(sealed)
    if data[:1] != GENERATION or len(data) < 1 + _NONCE + _TAG:
        raise SealBroken("unknown generation of key")
    nonce, body, tag = data[1 : 1 + _NONCE], data[1 + _NONCE : -_TAG], data[-_TAG:]
    work = Cipher(_cipher(settings.SECRET_KEY), modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(bound_to.encode())
    try:
        return (work.update(body) + work.finalize()).decode()
    except InvalidTag as broken:
        raise SealBroken(bound_to) from broken


def digest(purpose: str, value: str) -> bytes:
    """The searchable digest of a value for one purpose (``number:01``, ``phone``…), 32 bytes."""
    work = _digester(settings.SECRET_KEY, purpose).copy()
    work.update(value.encode())
    return work.finalize()


def short_digest(purpose: str, value: str) -> bytes:
    """Eight bytes are enough where a match is looked at again (last four, area)."""
    return digest(purpose, value)[:8]
