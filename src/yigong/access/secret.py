"""Sealing small secrets for storage: SM4-GCM under a key derived from the installation's secret.

A sealed text begins with the mark of its key and a dot (the first ones had none); while the secret is rotated the former one opens too.
"""

import base64
import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.conf import settings


def seal(plain: str, purpose: str) -> str:
    """Encrypt text for one purpose; the same text seals differently each time."""
    nonce = secrets.token_bytes(12)
    worker = Cipher(algorithms.SM4(_key(settings.SECRET_KEY, purpose)), modes.GCM(nonce)).encryptor()
    body = worker.update(plain.encode()) + worker.finalize()
    return current_mark() + base64.urlsafe_b64encode(nonce + worker.tag + body).decode()


def current_mark() -> str:
    """How every text sealed under the current secret begins."""
    return _key(settings.SECRET_KEY, "mark").hex()[:8] + "."


def unseal(sealed: str, purpose: str) -> str:
    """The text; ValueError when it was sealed under a secret that is not at hand, or touched."""
    raw = base64.urlsafe_b64decode(sealed.rpartition(".")[2])
    for secret in _valid():
        try:
            return _opened(raw, _key(secret, purpose))
        except InvalidTag:
            continue
    raise ValueError("sealed under another secret")


def _opened(raw: bytes, key: bytes) -> str:
    nonce, tag, body = raw[:12], raw[12:28], raw[28:]
    worker = Cipher(algorithms.SM4(key), modes.GCM(nonce, tag)).decryptor()
    return (worker.update(body) + worker.finalize()).decode()


def digest(text: str, purpose: str) -> str:
    """A keyed digest that only tells whether two texts are equal."""
    return _digest(settings.SECRET_KEY, text, purpose)


def digests(text: str, purpose: str) -> list[str]:
    """The digest under every valid secret: what a stored one may equal."""
    return [_digest(secret, text, purpose) for secret in _valid()]


def _digest(secret: str, text: str, purpose: str) -> str:
    return hmac.new(_key(secret, purpose), text.encode(), hashlib.sha256).hexdigest()


def _valid() -> tuple[str, ...]:
    return (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)


def _key(secret: str, purpose: str) -> bytes:
    return hmac.new(secret.encode(), f"yigong.access.{purpose}".encode(), hashlib.sha256).digest()[:16]
