"""Sealing of personal numbers: SM4-GCM for the value, keyed HMAC-SM3 digests for equal search.

The keys are derived from the installation's secret, one per purpose, so a digest never helps to open a value. A sealed value begins with
the mark of its key, so that during a rotation of the secret (``SECRET_KEY_FALLBACKS``) old values are told from new. The additional data
binds a value to its column and row: a sealed value copied to another row does not open.

A digest in the database is one key's. Whoever asks for one while a rotation runs asks under each key: ``digests`` or ``under_each_key``.
"""

import os
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import constant_time, hashes, hmac
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings

_UNMARKED, _MARKED = b"\x01", b"\x02"  # the first form said nothing about its key
_MARK, _NONCE, _TAG = 4, 12, 16
SIGNATURE = 16
T = TypeVar("T")
_asked_under: ContextVar[str] = ContextVar("yigong_asked_under", default="")


class SealBroken(ValueError):
    """The value was changed, moved to another row, or sealed under another secret."""


def secrets() -> tuple[str, ...]:
    """Every secret that is valid now, the current one first."""
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def is_rotating() -> bool:
    """Whether values under an older secret may still be there."""
    return bool(settings.SECRET_KEY_FALLBACKS)


@lru_cache(maxsize=64)
def _key(secret: str, purpose: str) -> bytes:
    work = hmac.HMAC(secret.encode(), hashes.SM3())
    work.update(b"yigong.residents." + purpose.encode())
    return work.finalize()


@lru_cache(maxsize=64)
def _digester(secret: str, purpose: str) -> hmac.HMAC:
    """Setting up the key is most of a short digest's time; copies of this one skip it."""
    return hmac.HMAC(_key(secret, "digest." + purpose), hashes.SM3())


@lru_cache(maxsize=8)
def _cipher(secret: str) -> algorithms.SM4:
    return algorithms.SM4(_key(secret, "seal")[:16])


@lru_cache(maxsize=8)
def _beginning(secret: str) -> bytes:
    return _MARKED + _key(secret, "mark")[:_MARK]


def current_mark() -> bytes:
    """How every value sealed under the current secret begins; what begins otherwise waits for the rotation."""
    return _beginning(settings.SECRET_KEY)


def seal(text: str, bound_to: str) -> bytes:
    """Encrypt; ``bound_to`` names column and row, e.g. ``identifier:<uuid>``."""
    nonce = os.urandom(_NONCE)
    work = Cipher(_cipher(settings.SECRET_KEY), modes.GCM(nonce)).encryptor()
    work.authenticate_additional_data(bound_to.encode())
    body = work.update(text.encode()) + work.finalize()
    return current_mark() + nonce + body + work.tag


def unseal(sealed: bytes | memoryview, bound_to: str) -> str:
    """Decrypt under whichever valid secret sealed it; SealBroken when the value does not belong here."""
    data = bytes(sealed)
    if data[:1] == _UNMARKED:
        body, keys = data[1:], secrets()
    else:
        body, keys = data[1 + _MARK :], tuple(s for s in secrets() if data.startswith(_beginning(s)))
    if len(body) < _NONCE + _TAG or not keys:
        raise SealBroken("sealed under a secret that is not at hand")
    for secret in keys:
        try:
            return _opened(secret, body, bound_to)
        except InvalidTag:
            continue
    raise SealBroken(bound_to)


def _opened(secret: str, data: bytes, bound_to: str) -> str:
    nonce, body, tag = data[:_NONCE], data[_NONCE:-_TAG], data[-_TAG:]
    work = Cipher(_cipher(secret), modes.GCM(nonce, tag)).decryptor()
    work.authenticate_additional_data(bound_to.encode())
    return (work.update(body) + work.finalize()).decode()


def digest(purpose: str, value: str) -> bytes:
    """The searchable digest of a value for one purpose (``number:01``, ``phone``…), 32 bytes, as it is stored."""
    return _digest(_asked_under.get() or settings.SECRET_KEY, purpose, value)


def digests(purpose: str, value: str) -> list[bytes]:
    """The digest under every valid secret: what a stored one may equal."""
    return [_digest(secret, purpose, value) for secret in secrets()]


def _digest(secret: str, purpose: str, value: str) -> bytes:
    work = _digester(secret, purpose).copy()
    work.update(value.encode())
    return work.finalize()


def short_digest(purpose: str, value: str) -> bytes:
    """Eight bytes are enough where a match is looked at again (last four, area)."""
    return digest(purpose, value)[:8]


def under_each_key(ask: Callable[[], T]) -> list[T]:
    """Ask with digests of every valid secret, the oldest first: a row only goes from an older key to the current one, so what the first
    question misses the last one finds."""
    answers = []
    for secret in reversed(secrets()):
        token = _asked_under.set(secret)
        try:
            answers.append(ask())
        finally:
            _asked_under.reset(token)
    return answers


def sign(purpose: str, data: bytes) -> bytes:
    """A signature of sixteen bytes (HMAC-SM3) that only this installation can make."""
    return _signature(settings.SECRET_KEY, purpose, data)


def is_signed(purpose: str, data: bytes, signature: bytes) -> bool:
    """Whether the signature was made here, under any valid secret."""
    return any(constant_time.bytes_eq(_signature(secret, purpose, data), signature) for secret in secrets())


def _signature(secret: str, purpose: str, data: bytes) -> bytes:
    work = hmac.HMAC(_key(secret, "sign." + purpose), hashes.SM3())
    work.update(data)
    return work.finalize()[:SIGNATURE]
