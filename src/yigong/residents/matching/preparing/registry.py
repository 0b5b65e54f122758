"""The makers of prepared columns that a definition can name."""

from collections.abc import Callable
from dataclasses import dataclass

MAKERS: dict[str, "Maker"] = {}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes prepared columns from some fields of a record.

    ``make`` takes the texts of ``inputs`` and answers with the texts of ``outputs`` in order, empty for "not known". It must depend on
    nothing else, for its answers are kept. ``ascii`` names outputs that are plain ASCII and may be measured by distance.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ascii: frozenset[str]
    make: Callable[..., tuple[str, ...]]


def maker(name: str, inputs: str, outputs: str, ascii: str = "") -> Callable[[Callable[..., tuple[str, ...]]], Maker]:
    """Register a function as a maker; inputs, outputs and ASCII outputs are given as words."""

    def register(function: Callable[..., tuple[str, ...]]) -> Maker:
        made = Maker(name, tuple(inputs.split()), tuple(outputs.split()), frozenset(ascii.split()), function)
        MAKERS[name] = made
        return made

    return register


def find(name: str) -> Maker | None:
    """The maker of a name; all modules of makers are loaded by the first question."""
    from yigong.residents.matching.preparing import addresses, births, names, numbers, plain

    assert addresses and births and names and numbers and plain
    return MAKERS.get(name)
