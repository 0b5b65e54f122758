"""Templates as code are kept between processes, and nothing hangs on it."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from jinja2 import DictLoader, Environment

from yigong.core.ui.jinja import environment


def made(text: str) -> Environment:
    """What a process makes when it starts."""
    return environment(loader=DictLoader({"a.html": text}), extensions=["jinja2.ext.i18n"])


@pytest.fixture
def kept(settings: Any, tmp_path: Path) -> Path:
    """Where they are kept."""
    settings.COMPILED_TEMPLATES = tmp_path / "templates"
    return settings.COMPILED_TEMPLATES


def test_a_template_is_compiled_by_the_first_process_only(kept: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The next one finds it; a changed text is another."""
    assert made("{{ 1 + 1 }}").get_template("a.html").render() == "2"
    assert len([path for path in kept.rglob("*") if path.is_file()]) == 1

    def compiled(*_args: Any, **_kwargs: Any) -> None:
        raise AssertionError("compiled again")

    monkeypatch.setattr(Environment, "compile", compiled)
    assert made("{{ 1 + 1 }}").get_template("a.html").render() == "2"
    with pytest.raises(AssertionError, match="compiled again"):
        made("{{ 1 + 2 }}").get_template("a.html")


def test_pages_do_not_need_the_folder(kept: Path) -> None:
    """Gone while the server runs (or the disk is full), or not to be made at all: compiled as ever."""
    early = made("{{ 1 + 1 }}")
    shutil.rmtree(kept)
    assert early.get_template("a.html").render() == "2"
    kept.write_text("a file where the folder should be")
    assert made("{{ 1 + 1 }}").get_template("a.html").render() == "2"
