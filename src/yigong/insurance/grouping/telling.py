"""Rules made into sentences: a teller says why its rule holds for a case, or ``None`` when it does not."""

from collections.abc import Callable
from typing import TypeAlias

from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.rules import And, Atom, Codes, Formula, Not

Told: TypeAlias = tuple[str, Codes] | None
Teller: TypeAlias = Callable[[Case, Codes, Codes, int], Told]


class Labels(dict[str, str]):
    """Code → code with its name; a code without a name stands for itself and is not kept."""

    def __init__(self, names: Callable[[], dict[str, str]]) -> None:
        super().__init__()
        self._names = names

    def __missing__(self, code: str) -> str:
        name = self._names().get(code)
        if not name:
            return code
        self[code] = label = f"{code} {name}"
        return label


def teller(formula: Formula, diagnoses: Labels, procedures: Labels, wanted: bool = True) -> Teller:
    """Says why the formula is as wanted."""
    if isinstance(formula, bool):
        outcome: Told = ("", ()) if formula is wanted else None
        return lambda case, dx, px, state: outcome
    if isinstance(formula, Atom):
        return _of_atom(formula, diagnoses, procedures) if wanted else _of_denial(formula)
    if isinstance(formula, Not):
        return teller(formula.part, diagnoses, procedures, not wanted)
    parts = [teller(part, diagnoses, procedures, wanted) for part in formula.parts]
    # Denying an "any" takes every part, denying an "all" is content with one.
    return _of_every(parts) if isinstance(formula, And) is wanted else _of_first(parts)


def _of_every(parts: list[Teller]) -> Teller:
    def tell(case: Case, dx: Codes, px: Codes, state: int) -> Told:
        texts: list[str] = []
        codes: Codes = ()
        for part in parts:
            told = part(case, dx, px, state)
            if told is None:
                return None
            texts.append(told[0])
            codes += told[1]
        return "，".join(texts), codes

    return tell


def _of_first(parts: list[Teller]) -> Teller:
    def tell(case: Case, dx: Codes, px: Codes, state: int) -> Told:
        for part in parts:
            told = part(case, dx, px, state)
            if told is not None:
                return told
        return None

    return tell


def _of_atom(atom: Atom, diagnoses: Labels, procedures: Labels) -> Teller:
    (before, after), test, matches = atom.yes, atom.test, atom.matches
    if atom.kind[:3] not in ("dx_", "px_"):
        plain = before + after, ()
        return lambda case, dx, px, state: plain if test(case, dx, px, state) else None
    labels = diagnoses if atom.kind.startswith("dx_") else procedures

    def tell(case: Case, dx: Codes, px: Codes, state: int) -> Told:
        if not test(case, dx, px, state):
            return None
        codes = matches(dx, px)
        words = labels[codes[0]] if len(codes) == 1 else "、".join([labels[code] for code in codes])
        return f"{before} {words} {after}", codes

    return tell


def _of_denial(atom: Atom) -> Teller:
    denied, test = (atom.no, ()), atom.test
    return lambda case, dx, px, state: None if test(case, dx, px, state) else denied
