"""The county's parameters of cards and codes."""

from datetime import date, timedelta
from typing import Annotated

import msgspec

from yigong.core import clock
from yigong.core.packs.api import Kind, current, register
from yigong.residents.api import document_kinds


class Parameters(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """``code_seconds``: how long a shown code holds; ``refresh_seconds``: when the page draws the next one; ``ahead_seconds``: how far the
    clock of another server may run ahead; ``kinds``: which cards are kept, in the order of the list."""

    code: str
    version: str
    effective_from: date
    title: str
    code_seconds: Annotated[int, msgspec.Meta(ge=30, le=600)]
    refresh_seconds: Annotated[int, msgspec.Meta(ge=10, le=300)]
    ahead_seconds: Annotated[int, msgspec.Meta(ge=0, le=60)]
    kinds: list[str]


def _check(definition: Parameters) -> list[tuple[str, str]]:
    found = [
        (f"kinds[{n}]", f"没有这种证件：{kind}")
        for n, kind in enumerate(definition.kinds)
        if kind not in document_kinds()
    ]
    if definition.refresh_seconds >= definition.code_seconds:
        found.append(("refresh_seconds", "应小于 code_seconds，否则屏幕上会出现已过期的码"))
    return found


PARAMETERS: Kind[Parameters] = register(Kind("cards", "cards.toml", Parameters, _check))


def parameters() -> Parameters:
    """What is in force today."""
    return current(PARAMETERS, "cards", clock.today())


def validity() -> timedelta:
    """How long a code holds from the second it was made."""
    return timedelta(seconds=parameters().code_seconds)
