"""What a machine proposes about a tracing: rate, intervals, axis, ST level. Never more than a proposal beside a doctor's own values.

Beats are found by the energy of the slopes of all leads together, a median beat is made, and its waves are bounded on the slope of
all leads (the usual global measurement). On synthetic tracings with known intervals the errors are tested; on real ones a doctor decides.
"""

from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from yigong.centres.ecg.signals.tracing import STANDARD, Tracing

Array = NDArray[np.float64]
METHOD = "yigong-median-beat/1"
_BEFORE, _AFTER = 0.32, 0.60
# Seconds kept before and after the QRS in the median beat.


@dataclass(frozen=True, slots=True)
class Measured:
    """Proposals: ``rate`` per minute, ``pr``, ``qrs``, ``qt``, ``qtc`` (Bazett) in ms, ``axis`` in degrees, ``rv5_sv1`` in mV.

    None where nothing could be measured. ``regular`` says whether the beats follow each other evenly; ``st`` is the ST level of each
    lead 0.04 s after the end of QRS, µV; ``longest`` the longest RR in ms.
    """

    beats: int
    rate: int | None = None
    pr: int | None = None
    qrs: int | None = None
    qt: int | None = None
    qtc: int | None = None
    axis: int | None = None
    rv5_sv1: float | None = None
    regular: bool | None = None
    longest: int | None = None
    st: tuple[tuple[str, int], ...] = ()


def measure(tracing: Tracing) -> Measured:
    """All proposals for one tracing; fewer than three beats are only counted."""
    values = np.vstack([_level(tracing.lead(lead), tracing.rate) for lead in STANDARD if lead in tracing.leads])
    leads = [lead for lead in STANDARD if lead in tracing.leads]
    beats = find_beats(values, tracing.rate)
    if len(beats) < 3:
        return Measured(len(beats))
    intervals = np.diff(beats) / tracing.rate * 1000
    rr = float(np.median(intervals))
    beat = _median_beat(values, beats, tracing.rate)
    bounds = _bounds(beat, tracing.rate, rr)
    if bounds is None:
        return Measured(len(beats), rate=round(60000 / float(intervals.mean())), longest=round(float(intervals.max())))
    p_on, on, off, t_end = bounds
    ms = 1000 / tracing.rate
    qt = round((t_end - on) * ms) if t_end else None
    rows = dict(zip(leads, beat, strict=True))
    return Measured(
        len(beats), rate=round(60000 / float(intervals.mean())), pr=round((on - p_on) * ms) if p_on is not None else None,
        qrs=round((off - on) * ms), qt=qt, qtc=round(qt / (rr / 1000) ** 0.5) if qt else None, axis=_axis(rows, on, off),
        rv5_sv1=_voltage(rows, on, off), regular=bool(intervals.std() < 0.08 * rr), longest=round(float(intervals.max())),
        st=_st(rows, on, off, tracing.rate),
    )  # fmt: skip


def find_beats(values: Array, rate: float) -> list[int]:
    """Where the QRS complexes are, as sample numbers."""
    slope = np.abs(np.diff(values, axis=1)).sum(axis=0)
    energy = _mean(slope**2, round(0.08 * rate))
    # The typical complex is as strong as the strongest second of most seconds: one artefact does not set the level.
    seconds = [part.max() for part in np.array_split(energy, max(1, len(energy) // round(rate)))]
    level = 0.3 * float(np.median(seconds))
    found: list[int] = []
    gap = round(0.24 * rate)
    place = 0
    while place < len(energy):
        if energy[place] < level:
            place += 1
            continue
        end = min(place + gap, len(energy))
        found.append(place + int(energy[place:end].argmax()))
        place = end
    return found


def suspicion(measured: Measured, *, sex: str, age: int | None) -> str:
    """What in the measured ST levels a doctor should see at once; empty when nothing. ST of 0.1 mV in two leads of one wall, in V2 and
    V3 0.2 mV (men from 40), 0.25 mV (younger men), 0.15 mV (women) (fourth universal definition of myocardial infarction)."""
    if not measured.st or (measured.qrs or 0) >= 120:
        return ""
    levels = dict(measured.st)
    chest = 150 if sex in {"2", "F"} else 250 if age is not None and age < 40 else 200
    raised = {lead for lead, level in levels.items() if level >= (chest if lead in {"V2", "V3"} else 100)}
    places = [
        (_("前壁"), ("V1", "V2", "V3", "V4")), (_("侧壁"), ("I", "aVL", "V5", "V6")), (_("下壁"), ("II", "III", "aVF")),
    ]  # fmt: skip
    walls = [wall for wall, leads in places if len(raised.intersection(leads)) >= 2]
    return _("机器提示%(walls)s ST 段抬高，疑似 STEMI") % {"walls": "、".join(walls)} if walls else ""


def _level(values: Array, rate: float) -> Array:
    """Without wander: a slow mean is taken off, twice so that its own steps are smooth; then five points are averaged."""
    window = round(0.9 * rate)
    slow = _mean(_mean(values, window), window)
    return _mean(values - slow, max(1, round(0.008 * rate)))


def _mean(values: Array, size: int) -> Array:
    """A centred moving mean of ``size`` samples with the ends held."""
    size = max(1, size) | 1
    padded = np.pad(values, size // 2, mode="edge")
    total = np.concatenate([[0.0], padded.cumsum()])
    return (total[size:] - total[:-size]) / size


def _median_beat(values: Array, beats: list[int], rate: float) -> Array:
    before, after = round(_BEFORE * rate), round(_AFTER * rate)
    whole = [at for at in _aligned(values, beats, rate) if at >= before and at + after <= values.shape[1]]
    if not whole:
        whole = [min(max(at, before), values.shape[1] - after) for at in beats]
    return np.median(np.stack([values[:, at - before : at + after] for at in whole]), axis=0)


def _aligned(values: Array, beats: list[int], rate: float) -> list[int]:
    """Each beat moved to where it fits the second one best, within 40 ms."""
    reach, half = round(0.04 * rate), round(0.06 * rate)
    strongest = int(np.abs(values).max(axis=1).argmax())
    row = values[strongest]
    middle = beats[len(beats) // 2]
    pattern = row[max(0, middle - half) : middle + half]
    found = []
    for at in beats:
        begin = at - half - reach
        part = row[max(0, begin) : at + half + reach]
        if begin < 0 or len(part) < len(pattern) + 2 * reach:
            found.append(at)
            continue
        found.append(begin + int(np.correlate(part, pattern, "valid").argmax()) + half)
    return found


def _bounds(beat: Array, rate: float, rr: float) -> tuple[int | None, int, int, int | None] | None:
    """P onset, QRS onset, QRS end and T end as places in the median beat; None when no QRS stands out."""
    slope = _mean(np.sqrt((np.gradient(beat, axis=1) ** 2).sum(axis=0)), round(0.010 * rate))
    centre = round(_BEFORE * rate)
    reach = round(0.12 * rate)
    top = centre - reach + int(slope[centre - reach : centre + reach].argmax())
    quiet = float(np.percentile(slope, 15))
    edge = quiet + 0.035 * (float(slope[top]) - quiet)
    on = _outwards(slope, top, -1, edge, round(0.022 * rate), round(0.11 * rate))
    off = _outwards(slope, top, 1, edge, round(0.022 * rate), round(0.13 * rate))
    if not 0.04 * rate <= off - on <= 0.22 * rate:
        return None
    return _p_onset(beat, on, rate), on, off, _t_end(beat, off, rate, rr)


def _outwards(slope: Array, top: int, step: int, edge: float, calm: int, most: int) -> int:
    """From the steepest point outwards to where the slope stays below the edge for a while; where the next wave follows at once, to
    where it is least."""
    path = [place for n in range(1, most + calm) if 0 <= (place := top + step * n) < len(slope)]
    run = 0
    for place in path:
        run = run + 1 if slope[place] < edge else 0
        if run >= calm:
            return place - step * (calm - 1)
    far = path[round(0.3 * most) : most]
    return min(far, key=lambda place: float(slope[place])) if far else top


def _p_onset(beat: Array, on: int, rate: float) -> int | None:
    """Where P begins: on the mean size of all leads before QRS, by the tangent at its rise. None when nothing stands out."""
    begin, end = max(0, on - round(0.28 * rate)), on - round(0.02 * rate)
    part = beat[:, begin:end]
    if part.shape[1] < round(0.08 * rate):
        return None
    size = _mean(np.sqrt(((part - np.median(part, axis=1, keepdims=True)) ** 2).mean(axis=0)), round(0.012 * rate))
    top = int(size.argmax())
    floor = float(np.percentile(size, 20))
    if size[top] < max(28.0, 2.6 * floor) or top < round(0.016 * rate):
        return None
    rise = np.gradient(size)[: top + 1]
    steep = int(rise.argmax())
    start = steep - (size[steep] - floor) / rise[steep] if rise[steep] > 0 else steep
    return begin + max(0, round(float(start)))


def _t_end(beat: Array, off: int, rate: float, rr: float) -> int | None:
    """Where T ends: the tangent at its steepest fall meets the baseline, on the mean size of all leads."""
    begin = off + round(0.06 * rate)
    end = min(beat.shape[1], off + round(min(0.55, 0.65 * rr / 1000) * rate))
    if end - begin < round(0.1 * rate):
        return None
    base = np.median(beat[:, max(0, end - round(0.05 * rate)) : end], axis=1, keepdims=True)
    size = _mean(np.sqrt(((beat[:, begin:end] - base) ** 2).mean(axis=0)), round(0.016 * rate))
    top = int(size.argmax())
    if size[top] < 35:
        return None
    fall = np.gradient(size)[top:]
    steep = top + int(fall.argmin())
    slope = float(fall.min())
    if slope >= 0:
        return None
    floor = float(size[steep:].min())
    place = begin + steep + (size[steep] - floor) / -slope
    return round(float(place)) if place < end + round(0.05 * rate) else None


def _axis(rows: dict[str, Array], on: int, off: int) -> int | None:
    """Degrees in the frontal plane, from the net areas of I and aVF."""
    if "I" not in rows or "aVF" not in rows:
        return None
    one, foot = (float((rows[lead][on:off] - rows[lead][on]).sum()) for lead in ("I", "aVF"))
    if one == foot == 0:
        return None
    return round(float(np.degrees(np.arctan2(foot * 2 / 3**0.5, one))))


def _voltage(rows: dict[str, Array], on: int, off: int) -> float | None:
    if "V5" not in rows or "V1" not in rows:
        return None
    high = float(rows["V5"][on:off].max() - rows["V5"][on])
    deep = float(rows["V1"][on] - rows["V1"][on:off].min())
    return round((max(high, 0) + max(deep, 0)) / 1000, 2)


def _st(rows: dict[str, Array], on: int, off: int, rate: float) -> tuple[tuple[str, int], ...]:
    """The level after QRS against the level just before it."""
    at = off + round(0.04 * rate)
    near = max(1, round(0.006 * rate))
    before = max(0, on - round(0.012 * rate))
    return tuple(
        (lead, round(float(row[at - near : at + near].mean() - row[before : on + 1].mean())))
        for lead, row in rows.items()
    )
