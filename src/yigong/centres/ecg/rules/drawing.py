"""A tracing on its paper: SVG in true millimetres, 25 mm a second and 10 mm a millivolt unless told otherwise.

Thinned by keeping, of the samples, those that a straight line between the kept ones would miss by more than 0.06 mm, a third of the line's width; so a quiet
baseline is two points and a QRS keeps its corners. Coordinates are whole steps of 0.05 mm.
"""

from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from yigong.centres.ecg.signals.tracing import STANDARD, Tracing

SPEEDS, GAINS = (25, 50), (5, 10, 20)
LAYOUTS = ("3x4", "6x2", "12x1")
_STEP = 0.05
_MISS = 0.06
_ROW = {"3x4": 27.0, "6x2": 21.0, "12x1": 14.0}
_LEFT = 8.0
_COLUMNS = {
    "3x4": (("I", "II", "III"), ("aVR", "aVL", "aVF"), ("V1", "V2", "V3"), ("V4", "V5", "V6")),
    "6x2": (STANDARD[:6], STANDARD[6:]),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """How to draw. ``leads`` of a 12x1 (empty: all twelve); ``row`` the height of a strip in mm (0: the layout's own)."""

    layout: str = "3x4"
    speed: int = 25
    gain: int = 10
    leads: tuple[str, ...] = ()
    rhythm: str = "II"
    seconds: float = 10
    colour: bool = True
    row: float = 0


@dataclass(frozen=True, slots=True)
class Drawn:
    """An SVG and its size in millimetres; ``left`` is where time zero lies, ``points`` how many samples were kept of how many."""

    svg: str
    width: float
    height: float
    left: float
    points: int
    samples: int


@dataclass(frozen=True, slots=True)
class _Strip:
    """One lead at one place: seconds from and to, the row and where it begins in mm."""

    lead: str
    begin: float
    end: float
    x: float
    y: float


def draw(tracing: Tracing, paper: Paper) -> Drawn:
    """The whole sheet: grid, strips, names, the calibration pulse; a lead that the file lacks is named as missing."""
    strips, rows = _strips(tracing, paper)
    seconds = min(paper.seconds, tracing.seconds)
    width = _LEFT + round(seconds * paper.speed / 5 + 0.49) * 5.0
    row = paper.row or _ROW[paper.layout]
    height = rows * row + 5
    kept = samples = 0
    lines, words = [_calibration(row * (n + 0.6), paper) for n in range(rows)], []
    for strip in strips:
        line, word, points, count = _strip(tracing, strip, paper)
        kept, samples = kept + points, samples + count
        lines.append(line)
        words.append(word)
    words.append(
        f'<text x="{_mm(width - 44)}" y="{_mm(height - 1)}" fill="#555">{paper.speed} mm/s  {paper.gain} mm/mV</text>'
    )
    size = f'width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {_mm(width)} {_mm(height)}"'
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{_grid(width, height, paper.colour)}'
        f'<g fill="none" stroke="#111" stroke-width="4" stroke-linejoin="round">{"".join(lines)}</g>'
        f'<g font-family="Arial, Noto Sans CJK SC, sans-serif" font-size="56">{"".join(words)}</g></svg>'
    )
    return Drawn(svg, width, height, _LEFT, kept, samples)


def _strips(tracing: Tracing, paper: Paper) -> tuple[list[_Strip], int]:
    seconds, row = min(paper.seconds, tracing.seconds), paper.row or _ROW[paper.layout]
    if paper.layout == "12x1":
        leads = paper.leads or STANDARD
        return [_Strip(lead, 0, seconds, _LEFT, row * (n + 0.6)) for n, lead in enumerate(leads)], len(leads)
    columns = _COLUMNS[paper.layout]
    share = seconds / len(columns)
    found = [
        _Strip(lead, share * c, share * (c + 1), _LEFT + share * c * paper.speed, row * (r + 0.6))
        for c, leads in enumerate(columns)
        for r, lead in enumerate(leads)
    ]
    rows = len(columns[0])
    if paper.layout == "3x4":
        found.append(_Strip(paper.rhythm, 0, seconds, _LEFT, row * (rows + 0.6)))
        rows += 1
    return found, rows


def _strip(tracing: Tracing, strip: _Strip, paper: Paper) -> tuple[str, str, int, int]:
    """One lead's path, its name, and how many of how many samples were kept."""
    name = f'<text x="{_mm(strip.x + 1)}" y="{_mm(strip.y - 7)}" font-weight="700">{escape(strip.lead)}</text>'
    if strip.lead not in tracing.leads:
        text = escape(_("%(lead)s 导联未采集") % {"lead": strip.lead})
        return "", f'{name}<text x="{_mm(strip.x + 10)}" y="{_mm(strip.y)}" fill="#a02020">{text}</text>', 0, 0
    first, last = round(strip.begin * tracing.rate), round(strip.end * tracing.rate) + 1
    values = tracing.lead(strip.lead)[first:last] - _middle(tracing.lead(strip.lead))
    if len(values) < 2:
        return "", name, 0, 0
    x = strip.x + (np.arange(len(values)) / tracing.rate) * paper.speed
    y = strip.y - values / 1000 * paper.gain
    kept = thin(x, y)
    return f'<path d="{_path(x[kept], y[kept])}"/>', name, len(kept), len(values)


def thin(x: NDArray[np.float64], y: NDArray[np.float64], miss: float = _MISS) -> list[int]:
    """Places to keep so that straight lines between them miss no sample by more than ``miss`` (the swinging door)."""
    kept, low, high = [0], -np.inf, np.inf
    xs, ys = x.tolist(), y.tolist()
    start = 0
    for place in range(1, len(xs)):
        run, rise = xs[place] - xs[start], ys[place] - ys[start]
        slope = rise / run
        if not low <= slope <= high:
            start = place - 1
            kept.append(start)
            low, high = -np.inf, np.inf
            run, rise = xs[place] - xs[start], ys[place] - ys[start]
        low, high = max(low, (rise - miss) / run), min(high, (rise + miss) / run)
    if kept[-1] != len(xs) - 1:
        kept.append(len(xs) - 1)
    return kept


def _middle(values: NDArray[np.float64]) -> float:
    """The level on which a lead is set: its median, so that wander and tall waves do not push it off the row."""
    return float(np.median(values))


def _path(x: NDArray[np.float64], y: NDArray[np.float64]) -> str:
    steps = np.rint(np.column_stack([x, y]) / _STEP).astype(int)
    moves = np.diff(steps, axis=0)
    body = "".join(f"{dx}{dy if dy < 0 else f' {dy}'} " for dx, dy in moves.tolist())
    return f"M{steps[0][0]} {steps[0][1]}l{body.rstrip()}"


def _grid(width: float, height: float, colour: bool) -> str:
    """Lines each millimetre, stronger each five; a single path each."""
    fine: list[str] = []
    strong: list[str] = []
    for n in range(int(width) + 1):
        (fine if n % 5 else strong).append(f"M{_mm(n)} 0V{_mm(height)}")
    for n in range(int(height) + 1):
        (fine if n % 5 else strong).append(f"M0 {_mm(n)}H{_mm(width)}")
    light, dark = ("#f6d5d5", "#e9a3a3") if colour else ("#dcdcdc", "#b4b4b4")
    return (
        f'<path fill="none" stroke="{light}" stroke-width="1.5" d="{"".join(fine)}"/>'
        f'<path fill="none" stroke="{dark}" stroke-width="2.5" d="{"".join(strong)}"/>'
    )


def _calibration(base: float, paper: Paper) -> str:
    """One millivolt for 0.2 s at 25 mm/s, before the strip."""
    return f'<path d="M{_mm(1)} {_mm(base)}h{_mm(1)}v{-_mm(paper.gain)}h{_mm(5)}v{_mm(paper.gain)}h{_mm(1)}"/>'


def _mm(value: float) -> int:
    """Millimetres as steps of the view box."""
    return round(value / _STEP)
