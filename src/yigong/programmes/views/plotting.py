"""A chart's lines as SVG, for a printed sheet: the same series as on the page, in ink that a black printer keeps apart."""

from collections.abc import Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, LEFT, BELOW, SIDE = 420, 260, 34, 26, 30
_STEPS = (0.5, 1, 2, 3, 5, 6, 10, 12, 20, 24, 50, 100)


def svg(option: Mapping[str, Any]) -> str:
    """The drawing of ``views.growing``: each series a line, the last one (the child's own) with its points, the others named at their end."""
    series = [s for s in option["series"] if s["data"]]
    xs = [float(x) for s in series for x, _y in s["data"]]
    ys = [float(y) for s in series for _x, y in s["data"]]
    if not xs:
        return ""
    x_low, x_high, y_low, y_high = min(xs), max(xs), min(ys), max(ys)
    wide, high = WIDTH - LEFT - SIDE, HEIGHT - BELOW - 10

    def at(x: float, y: float) -> tuple[float, float]:
        return (
            round(LEFT + (x - x_low) / ((x_high - x_low) or 1) * wide, 1),
            round(10 + (y_high - y) / ((y_high - y_low) or 1) * high, 1),
        )

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Noto Sans CJK SC" font-size="9">'
    ]
    for y in ticks(y_low, y_high):
        _x, down = at(x_low, y)
        parts.append(
            f'<path d="M{LEFT} {down}h{wide}" stroke="#ddd" stroke-width=".5"/><text x="{LEFT - 4}" y="{down + 3}" text-anchor="end">{y:g}</text>'
        )
    for x in ticks(x_low, x_high):
        across, _y = at(x, y_low)
        parts.append(
            f'<path d="M{across} 10v{high}" stroke="#ddd" stroke-width=".5"/><text x="{across}" y="{HEIGHT - 12}" text-anchor="middle">{x:g}</text>'
        )
    parts += [_line(s, [at(float(x), float(y)) for x, y in s["data"]], own=s is series[-1]) for s in series]
    return "".join(parts) + "</svg>"


def _line(series: Mapping[str, Any], points: Sequence[tuple[float, float]], *, own: bool) -> str:
    path = "M" + "L".join(f"{x} {y}" for x, y in points)
    if own:
        dots = "".join(f'<circle cx="{x}" cy="{y}" r="2.6" fill="#000"/>' for x, y in points)
        return f'<path d="{path}" fill="none" stroke="#000" stroke-width="1.6"/>{dots}'
    style = series.get("lineStyle", {})
    dash = "" if style.get("type") == "solid" else ' stroke-dasharray="3 2"'
    x, y = points[-1]
    return (
        f'<path d="{path}" fill="none" stroke="#777" stroke-width="{0.6 * float(style.get("width", 1)):g}"{dash}/>'
        f'<text x="{x + 3}" y="{y + 3}" font-size="8" fill="#555">{str(series["name"]).replace(" ", "")}</text>'
    )


def ticks(low: float, high: float, most: int = 8) -> list[float]:
    """Round values between the ends, at most so many."""
    step = next((s for s in _STEPS if (high - low) / s <= most), (high - low) / most or 1)
    first = -(-low // step)
    return [(first + n) * step for n in range(int((high - first * step) // step) + 1)]
