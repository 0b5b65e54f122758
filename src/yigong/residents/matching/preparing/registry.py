"""The makers of prepared columns that a definition can name."""

from collections.abc import Callable
from dataclasses import dataclass

MAKERS: dict[str, "Maker"] = {}


@dataclass(frozen=True, slots=True)
class Maker:
    """Makes prepared columns from some fields of a record.

    ``make`` takes the texts of ``inputs``, then those of ``uses`` (columns that an earlier maker of the definition makes), and answers with
    the texts of ``outputs`` in order, empty for "not known". It must depend on nothing else: it is asked once for each distinct value.
    ``ascii`` names outputs that are plain ASCII and may be measured by distance. ``alone`` answers from ``inputs`` only, None where they do
    not say enough: a sealed number stays shut for whoever has stated birth date and sex.
    """

    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    ascii: frozenset[str]
    make: Callable[..., tuple[str, ...]]
    uses: tuple[str, ...] = ()
    alone: Callable[..., tuple[str, ...] | None] | None = None


def maker(
    name: str,
    inputs: str,
    outputs: str,
    ascii: str = "",
    uses: str = "",
    alone: Callable[..., tuple[str, ...] | None] | None = None,
) -> Callable[[Callable[..., tuple[str, ...]]], Maker]:
    """Register a function as a maker; inputs, outputs, ASCII outputs and used columns are given as words."""

    def register(function: Callable[..., tuple[str, ...]]) -> Maker:
        ascii_outputs, used = frozenset(ascii.split()), tuple(uses.split())
        made = Maker(name, tuple(inputs.split()), tuple(outputs.split()), ascii_outputs, function, used, alone)
        MAKERS[name] = made
        return made

    return register


def find(name: str) -> Maker | None:
    """The maker of a name; all modules of makers are loaded by the first question."""
    from yigong.residents.matching.preparing import addresses, births, names, numbers, plain

    assert addresses and births and names and numbers and plain
    return MAKERS.get(name)
