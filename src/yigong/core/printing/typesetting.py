"""Templates to PDF. A template is a Typst file in ``<app>/print/`` or, on top of it, in a pack's ``print/<app>/``."""

import json
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any
from uuid import UUID

import typst
from django.apps import apps

from yigong.core import clock
from yigong.core.packs.api import folders
from yigong.core.printing import fonts

HERE = Path(__file__).parent / "print"
_one_at_a_time = Lock()


def template_path(name: str) -> Path:
    """The file of a template named ``app/sheet``; a county's own pack wins over the app's."""
    app, sheet = name.split("/")
    own = [folder / "print" / app / f"{sheet}.typ" for folder in reversed(folders())]
    home = [Path(c.path) / "print" / f"{sheet}.typ" for c in apps.get_app_configs() if c.label == app]
    for path in [*own, *home]:
        if path.is_file():
            return path
    raise LookupError(f"no print template {name}")


def typeset(template: str, values: dict[str, Any], mark: dict[str, Any]) -> bytes:
    """The PDF of a template filled with ``values``; ``mark`` is what every sheet shows (institution, number, copy, printer)."""
    inputs = {"data": _json(fonts.legible(values)), "mark": _json(fonts.legible(mark))}
    source = template_path(template).read_bytes()
    with _one_at_a_time:
        pdf = _compiler().compile(
            input=source, format="pdf", root=str(HERE), sys_inputs=inputs, timestamp=int(clock.now().timestamp())
        )
    assert isinstance(pdf, bytes)
    return pdf


def draw(items: list[dict[str, Any]], ppi: float = 200) -> bytes:
    """A PNG of horizontal bars (``print/chart.typ``) with our own font: for documents that people edit elsewhere."""
    inputs = {"data": _json(fonts.legible({"items": items}))}
    with _one_at_a_time:
        png = _compiler().compile(
            input=(HERE / "picture.typ").read_bytes(), format="png", ppi=ppi, root=str(HERE), sys_inputs=inputs
        )
    assert isinstance(png, bytes)
    return png


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(root=str(HERE), font_paths=fonts.collection(), ignore_system_fonts=True)


def _json(values: Any) -> str:
    return json.dumps(values, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(clock.SHANGHAI).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date | Decimal | UUID):
        return str(value)
    raise TypeError(f"a sheet cannot show {type(value).__name__}")
