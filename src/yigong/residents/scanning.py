"""What comes out of a scanner goes into the same box as what is typed: rooms that issue codes and cards read it first.

register_reader(lambda text, actor, preview: …)      # None: not mine; otherwise a ScanAnswer
"""

from collections.abc import Callable

from yigong.core.actor import Actor
from yigong.residents.data import ScanAnswer

Reader = Callable[[str, Actor, bool], ScanAnswer | None]
_readers: list[Reader] = []


def register_reader(reader: Reader) -> None:
    """Let a room look at what was typed or scanned before the search does (call it in ``apps.ready``)."""
    if reader not in _readers:
        _readers.append(reader)


def read_scan(text: str, actor: Actor, *, preview: bool = False) -> ScanAnswer | None:
    """What a room says about the text; None when it is no code and no card, and the search should look. A ``preview`` uses nothing up."""
    return next((answer for reader in _readers if (answer := reader(text, actor, preview))), None)
