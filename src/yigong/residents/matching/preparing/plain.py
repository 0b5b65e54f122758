"""Columns of Latin-script records, for sets such as FEBRL."""

import re
import unicodedata

from yigong.residents.matching.preparing.registry import MAKERS, Maker

_LETTERS = re.compile(r"[^a-z0-9]+")


def _text(value: str) -> tuple[str, ...]:
    folded = unicodedata.normalize("NFKD", value).encode("ascii", "ignore").decode().lower()
    return (_LETTERS.sub(" ", folded).strip(),)


def _digits(value: str) -> tuple[str, ...]:
    return (re.sub(r"\D", "", value),)


def _declare() -> None:
    """``text:given_name`` is the field in lower-case ASCII, ``digits:postcode`` its digits, each as a column of the field's name."""
    fields = "given_name surname street_number address_1 address_2 suburb postcode state date_of_birth age phone_number soc_sec_id"
    for field in fields.split():
        for kind, make in (("text", _text), ("digits", _digits)):
            MAKERS[f"{kind}:{field}"] = Maker(f"{kind}:{field}", (field,), (field,), frozenset((field,)), make)


_declare()
