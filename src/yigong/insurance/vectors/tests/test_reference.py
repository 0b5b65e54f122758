"""The worked examples of the reference, where the shared folder is present, and those of the project."""

import io
import json
from decimal import Decimal
from pathlib import Path

import pytest

from yigong.insurance.vectors.cli import main

_PLACE = Path("shared/reference/insurance-vectors.json")
SHARED = next((path / _PLACE for path in Path(__file__).parents if (path / _PLACE).is_file()), None)
OWN = Path(__file__).parent / "vectors.json"


def run(path: Path) -> tuple[int, str]:
    """The command's status and output."""
    out = io.StringIO()
    return main([str(path)], out), out.getvalue()


@pytest.mark.skipif(SHARED is None, reason="the reference's examples lie outside the project, in ../shared/reference")
def test_every_example_of_the_reference_agrees() -> None:
    """All 35."""
    assert SHARED is not None
    status, said = run(SHARED)
    assert said == "35 of 35 vectors agree\n"
    assert status == 0


@pytest.mark.skipif(SHARED is None, reason="the reference's examples lie outside the project, in ../shared/reference")
def test_a_changed_expectation_is_found_in_every_example(tmp_path: Path) -> None:
    """One expected figure off by a fen in each example: each is named, none agrees."""
    assert SHARED is not None
    found = json.loads(SHARED.read_text("utf-8"))
    for vector in found["vectors"].values():
        shift_one(vector["expected"])
    (tmp_path / "wrong.json").write_text(json.dumps(found), "utf-8")
    status, said = run(tmp_path / "wrong.json")
    assert said.splitlines()[-1] == "0 of 35 vectors agree"
    assert (status, len(said.splitlines())) == (1, 36)


def shift_one(found: dict | list) -> bool:
    """Add a fen to the first figure inside."""
    for key, value in list(found.items() if isinstance(found, dict) else enumerate(found)):
        if isinstance(value, dict | list):
            if shift_one(value):
                return True
        elif isinstance(value, str) and value.replace(".", "").replace("-", "").isdigit():
            found[key] = str(Decimal(value) + Decimal("0.01"))  # type: ignore[index]
            return True
    return False
