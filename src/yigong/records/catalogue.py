"""Common diagnoses and medicines that the pickers of all rooms offer; anything else may be typed."""

from functools import cache

import msgspec

from yigong.core.packs.api import Table, register, rows
from yigong.core.pinyin import initials


class CommonDiagnosis(msgspec.Struct, forbid_unknown_fields=True):
    """ICD-10 code and Chinese name; ``lasting``: a chronic or key condition."""

    code: str
    name: str
    lasting: str


class CommonMedicine(msgspec.Struct, forbid_unknown_fields=True):
    """A medicine with its usual single dose, route and frequency."""

    code: str
    name: str
    form: str
    dose: str
    route: str
    frequency: str


DIAGNOSES: Table[CommonDiagnosis] = register(Table("common_diagnoses", "common-diagnoses.csv", CommonDiagnosis))
MEDICINES: Table[CommonMedicine] = register(Table("common_medicines", "common-medicines.csv", CommonMedicine))


def diagnosis(code: str) -> CommonDiagnosis | None:
    """The diagnosis of a code, if it is a common one."""
    return rows(DIAGNOSES).get(code)


def medicine(code: str) -> CommonMedicine | None:
    """The medicine of a code, if it is a common one."""
    return rows(MEDICINES).get(code)


def find_diagnoses(text: str) -> list[CommonDiagnosis]:
    """By part of the name, initials or code; names that begin with the text first; nothing typed gives the commonest."""
    return _find(list(rows(DIAGNOSES).values()), text)


def find_medicines(text: str) -> list[CommonMedicine]:
    """By part of the name, initials or code."""
    return _find(list(rows(MEDICINES).values()), text)


@cache
def _letters(name: str) -> str:
    return initials(name)


def _find(entries: list, text: str) -> list:
    wanted = text.strip().lower()
    if not wanted:
        return entries
    hits = [
        e
        for e in entries
        if wanted in e.name.lower() or e.code.lower().startswith(wanted) or _letters(e.name).startswith(wanted)
    ]
    return sorted(hits, key=lambda e: not (e.name.startswith(text.strip()) or _letters(e.name) == wanted))
