"""Sealing small secrets for storage: SM4-GCM under a key derived from the installation's secret."""

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
    worker = Cipher(algorithms.SM4(_key(purpose)), modes.GCM(nonce)).encryptor()
    body = worker.update(plain.encode()) + worker.finalize()
    return base64.urlsafe_b64encode(nonce + worker.tag + body).decode()


def unseal(sealed: str, purpose: str) -> str:
    """The text; ValueError when it was sealed under another secret or touched."""
    raw = base64.urlsafe_b64decode(sealed)
    nonce, tag, body = raw[:12], raw[12:28], raw[28:]
    worker = Cipher(algorithms.SM4(_key(purpose)), modes.GCM(nonce, tag)).decryptor()
    try:
        return (worker.update(body) + worker.finalize()).decode()
    except InvalidTag as wrong:
        raise ValueError("sealed under another secret") from wrong


def digest(text: str, purpose: str) -> str:
    """A keyed digest that only tells whether two texts are equal."""
    return hmac.new(_key(purpose), text.encode(), hashlib.sha256).hexdigest()


def _key(purpose: str) -> bytes:
    return hmac.new(settings.SECRET_KEY.encode(), f"yigong.access.{purpose}".encode(), hashlib.sha256).digest()[:16]
