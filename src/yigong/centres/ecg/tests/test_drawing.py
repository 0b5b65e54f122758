"""The drawing is true to scale, thin, and names what is missing."""

import gzip
import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from yigong.centres.ecg.rules.drawing import GAINS, LAYOUTS, SPEEDS, Paper, draw, thin
from yigong.centres.ecg.signals.reading import read
from yigong.centres.ecg.signals.synthetic import Heart, synthesise
from yigong.centres.ecg.signals.tracing import STANDARD, Tracing

STEP = 0.05


def paths(svg: str) -> list[np.ndarray]:
    """The corners of every relative path (not the grid, not the calibration), in mm."""
    found = []
    for d in re.findall(r'd="(M[\d ]+l[^"]+)"', svg):
        start, moves = d[1:].split("l")
        numbers = [int(n) for n in re.findall(r"-?\d+", moves)]
        steps = np.array([[int(n) for n in start.split()], *np.array(numbers).reshape(-1, 2).tolist()])
        found.append(steps.cumsum(axis=0) * STEP)
    return found


@pytest.mark.parametrize("speed", SPEEDS)
@pytest.mark.parametrize("gain", GAINS)
def test_a_known_wave_has_its_size_on_paper(speed: int, gain: int) -> None:
    """A step of 1 mV after 2 s of 10: so many millimetres from the left, so many high."""
    values = np.zeros((12, 5000))
    values[:, 1000:1200] = 1000
    drawn = draw(Tracing("x", STANDARD, 500, values), Paper("12x1", speed, gain))
    for line in paths(drawn.svg):
        assert line[:, 0].min() == pytest.approx(drawn.left, abs=STEP)
        assert np.ptp(line[:, 0]) == pytest.approx(4999 / 500 * speed, abs=2 * STEP)
        up = line[line[:, 1] < line[0, 1] - gain / 2]
        assert line[0, 1] - up[:, 1].min() == pytest.approx(gain, abs=STEP)
        assert up[:, 0].min() - drawn.left == pytest.approx(2 * speed, abs=2 * STEP)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts_show_each_lead(layout: str) -> None:
    """Valid XML in millimetres; every lead is named; the whole is thin enough for a slow line."""
    drawn = draw(read(Path(get_testdata_file("waveform_ecg.dcm")).read_bytes()), Paper(layout))
    root = ElementTree.fromstring(drawn.svg)
    assert root.get("width") == f"{drawn.width:g}mm"
    names = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert set(STANDARD) <= set(names)
    packed = len(gzip.compress(drawn.svg.encode(), 6))
    print(f"{layout}: {drawn.points} of {drawn.samples} samples, {len(drawn.svg)} bytes, {packed} packed")
    assert packed < (25_000 if layout == "3x4" else 60_000)


def test_missing_leads_are_named() -> None:
    """Never a flat line for a lead that was not recorded."""
    heart = synthesise(Heart())
    few = Tracing("x", STANDARD[:9], 500, heart.values[:9])
    svg = draw(few, Paper("3x4")).svg
    assert all(f"{lead} 导联未采集" in svg for lead in ("V4", "V5", "V6")) and "V3 导联未采集" not in svg


def test_chosen_leads_only() -> None:
    """A 12x1 of three leads."""
    drawn = draw(synthesise(Heart()), Paper("12x1", leads=("II", "V1", "V5")))
    assert len(paths(drawn.svg)) == 3


@given(st.lists(st.floats(-40, 40), min_size=2, max_size=200))
def test_thinning_misses_nothing(heights: list[float]) -> None:
    """Between the kept points every sample lies within the tolerance of the line, and both ends are kept."""
    y = np.array(heights)
    x = np.arange(len(y)) * 0.05
    kept = thin(x, y)
    assert kept[0] == 0 and kept[-1] == len(y) - 1
    assert np.abs(np.interp(x, x[kept], y[kept]) - y).max() <= 0.121
