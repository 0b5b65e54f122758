"""Physical readings of a cycle: a curve as the machine writes it, how long it held, A0, and whether the programme was reached."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from itertools import pairwise

from django.utils.translation import gettext as _

from yigong.centres.sterile.rules.definitions import Programme
from yigong.core.errors import InvalidInput

MOST_POINTS = 5_000
A0_FROM = 65.0
COLDEST, HOTTEST, STRONGEST = -50.0, 300.0, 600.0


@dataclass(frozen=True, slots=True)
class Point:
    """One reading: minutes since the first one, °C, gauge pressure in kPa (None where the machine gives none)."""

    minute: float
    temperature: float
    pressure: float | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a cycle reached: lowest and highest while it held, for how long, A0 in seconds; ``faults`` in words, empty when good."""

    temperature: float
    highest: float
    minutes: float
    pressure: float | None
    a0: int
    faults: tuple[str, ...]

    @property
    def is_good(self) -> bool:
        """Whether the programme was reached."""
        return not self.faults


def read_curve(text: str) -> list[Point]:
    """Lines ``HH:MM:SS,temperature[,pressure]`` as machines write them; a heading is passed over. InvalidInput names the line."""
    points: list[Point] = []
    begun: float | None = None
    for number, cells in enumerate(csv.reader(text.strip().splitlines()), 1):
        if not any(cell.strip() for cell in cells) or (number == 1 and not cells[0].strip()[:1].isdigit()):
            continue
        if len(points) == MOST_POINTS:
            raise InvalidInput(errors={"curve": _("记录超过 %(n)s 行，请只导出这一锅。") % {"n": MOST_POINTS}})
        minute, temperature, pressure = _line(cells, number)
        begun = minute if begun is None else begun
        # A cycle may run over midnight.
        minute = minute - begun + (24 * 60 if minute < begun else 0)
        if points and minute <= points[-1].minute:
            raise InvalidInput(errors={"curve": _("第 %(n)s 行的时间没有往后走，请检查导出的记录。") % {"n": number}})
        points.append(Point(minute, temperature, pressure))
    if len(points) < 2:
        raise InvalidInput(errors={"curve": _("没有读到曲线，每行应为“时间，温度，压力”，例如 08:30:00,134.2,208。")})
    return points


def _line(cells: list[str], number: int) -> tuple[float, float, float | None]:
    try:
        at = time.fromisoformat(cells[0].strip())
        temperature = float(cells[1])
        pressure = float(cells[2]) if len(cells) > 2 and cells[2].strip() else None
    except (ValueError, IndexError):
        raise InvalidInput(
            errors={"curve": _("第 %(n)s 行无法识别：%(line)s。每行应为“时间，温度，压力”。") % {"n": number, "line": ",".join(cells)[:40]}}
        ) from None  # fmt: skip
    if not COLDEST < temperature < HOTTEST or not (pressure is None or -110 < pressure < STRONGEST):
        raise InvalidInput(errors={"curve": _("第 %(n)s 行的温度或压力不合常理，请核对。") % {"n": number}})
    return at.hour * 60 + at.minute + at.second / 60, temperature, pressure


def judge_curve(points: Sequence[Point], wanted: Programme) -> Reading:
    """The longest stretch at or above the set temperature, judged by the programme; for a washer A0."""
    highest = max(p.temperature for p in points)
    lethal = _a0(points)
    if wanted.kind == "wash":
        faults = (
            []
            if lethal >= wanted.a0
            else [_("A0 值 %(a0)s，低于要求的 %(wanted)s。") % {"a0": lethal, "wanted": wanted.a0}]
        )
        return Reading(highest, highest, points[-1].minute, None, lethal, tuple(faults))
    held = _longest(points, wanted.temperature or 0.0)
    if not held:
        return judge(highest, 0.0, None, wanted, highest=highest)
    pressures = [p.pressure for p in held if p.pressure is not None]
    return judge(
        min(p.temperature for p in held), held[-1].minute - held[0].minute, min(pressures) if pressures else None, wanted,
        highest=max(p.temperature for p in held), strongest=max(pressures) if pressures else None,
    )  # fmt: skip


def judge(
    temperature: float,
    minutes: float,
    pressure: float | None,
    wanted: Programme,
    *,
    highest: float | None = None,
    strongest: float | None = None,
    a0: int = 0,
) -> Reading:
    """Values read off the machine's display, judged by the programme."""
    faults, hottest = [], temperature if highest is None else highest
    if wanted.a0 and a0 < wanted.a0:
        faults.append(_("A0 值 %(a0)s，低于要求的 %(wanted)s。") % {"a0": a0, "wanted": wanted.a0})
    if wanted.temperature is not None and temperature < wanted.temperature:
        faults.append(_("温度最低 %(t)g℃，低于 %(wanted)g℃。") % {"t": temperature, "wanted": wanted.temperature})
    if wanted.temperature is not None and wanted.ceiling is not None and hottest > wanted.temperature + wanted.ceiling:
        faults.append(
            _("温度最高 %(t)g℃，高于 %(wanted)g℃。") % {"t": hottest, "wanted": wanted.temperature + wanted.ceiling}
        )
    if wanted.minutes is not None and minutes < wanted.minutes:
        faults.append(_("维持 %(m).1f 分钟，短于 %(wanted)g 分钟。") % {"m": minutes, "wanted": wanted.minutes})
    faults += _pressure_faults(pressure, pressure if strongest is None else strongest, wanted)
    return Reading(temperature, hottest, minutes, pressure, a0, tuple(faults))


def _pressure_faults(lowest: float | None, strongest: float | None, wanted: Programme) -> list[str]:
    if wanted.pressure_low is None or wanted.pressure_high is None:
        return []
    if lowest is None or strongest is None:
        return [_("没有压力读数。")]
    if lowest < wanted.pressure_low or strongest > wanted.pressure_high:
        return [
            _("压力 %(low)g–%(high)g kPa，不在 %(from)g–%(to)g kPa 之间。")
            % {"low": lowest, "high": strongest, "from": wanted.pressure_low, "to": wanted.pressure_high}
        ]
    return []


def _longest(points: Sequence[Point], level: float) -> Sequence[Point]:
    best, start = (0, 0), None
    for place, point in enumerate(points):
        if point.temperature < level:
            start = None
            continue
        start = place if start is None else start
        if points[place].minute - points[start].minute >= points[max(best[1] - 1, 0)].minute - points[best[0]].minute:
            best = (start, place + 1)
    return points[best[0] : best[1]]


def _a0(points: Sequence[Point]) -> int:
    """A0 in seconds at 80 °C with z = 10 (ISO 15883-1), each stretch by its colder end; below 65 °C nothing counts."""
    total = 0.0
    for one, other in pairwise(points):
        colder = min(one.temperature, other.temperature)
        if colder >= A0_FROM:
            total += 10 ** ((colder - 80) / 10) * (other.minute - one.minute) * 60
    return int(total)
