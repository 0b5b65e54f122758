"""Personal numbers and names do not stand in the log of messages: their ends stay, so that a clerk can recognise what he looks for."""

from typing import Any

_NUMBERS = {"certno", "mdtrt_cert_no", "card_sn", "tel", "psn_no", "coner_tel"}
_NAMES = {"psn_name", "coner_name"}
_FILES = {"in", "out"}


def masked(value: Any) -> Any:
    """A copy with numbers, names and files masked, at any depth."""
    if isinstance(value, dict):
        return {name: _field(name, item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [masked(item) for item in value]
    return value


def _field(name: str, value: Any) -> Any:
    if isinstance(value, str):
        if name in _NUMBERS:
            return f"{value[:3]}{'*' * max(0, len(value) - 7)}{value[-4:]}" if len(value) > 7 else "*" * len(value)
        if name in _NAMES:
            return value[:1] + "*" * max(0, len(value) - 1)
        if name in _FILES:
            return f"({len(value)})"
    return masked(value)
