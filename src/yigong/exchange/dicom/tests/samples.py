"""pydicom's own sample files, by name, from the installed package only."""

from pathlib import Path

import pydicom

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"


def sample(name: str) -> Path:
    """The sample file of this name."""
    return FOLDER / name
