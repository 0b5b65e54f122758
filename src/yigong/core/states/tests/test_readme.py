"""The examples of the README run."""

from pathlib import Path

import pytest

from yigong.core.testing import run_examples


@pytest.mark.django_db
def test_examples_of_the_readme() -> None:
    """Every Python block of the page, in order."""
    assert run_examples(Path(__file__).parents[1] / "README.md")
