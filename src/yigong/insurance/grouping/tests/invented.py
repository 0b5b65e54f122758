"""The invented scheme that uses every rule, and cases over it."""

import shutil
from pathlib import Path

from yigong.insurance.grouping.data import Case
from yigong.insurance.grouping.grouper import Grouper
from yigong.insurance.grouping.scheme import load_scheme

FOLDER = Path(__file__).parent / "scheme"
GROUPER = Grouper(load_scheme(FOLDER))


def case(diagnoses: str, procedures: str = "", **changes: object) -> Case:
    """A woman of 50 with these codes, unless told otherwise."""
    fields = {"sex": 2, "age": 50, **changes}
    return Case(diagnoses=tuple(diagnoses.split()), procedures=tuple(procedures.split()), **fields)  # type: ignore[arg-type]


def newborn(diagnoses: str, **changes: object) -> Case:
    """A boy of five days and 3,200 grams, unless told otherwise."""
    return case(diagnoses, **{"sex": 1, "age": 0, "age_days": 5, "birth_weight": 3200, **changes})


def damaged(folder: Path, file: str, old: str, new: str) -> Path:
    """A copy of the scheme with one piece of one file replaced; without ``old`` the file is taken away."""
    copy = folder / "scheme"
    shutil.copytree(FOLDER, copy)
    path = copy / file
    if not old:
        path.unlink()
        return copy
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return copy
