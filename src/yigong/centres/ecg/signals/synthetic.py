"""A synthetic electrocardiogram for the demo county and for tests: a sum of bell curves per beat, not a recording of anybody.

Each wave is one Gaussian whose height per lead comes from a small table; timing follows the given intervals. P begins and T ends two
standard deviations from their centre, which is also where the tangent at the steepest point meets the baseline.
"""

import io
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
import pydicom
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from yigong.centres.ecg.signals.tracing import NUMBERS, STANDARD, Subject, Tracing
from yigong.core import clock

# Heights in µV per lead: P, Q, R, S, T.
_SHAPE = {
    "I": (80, -40, 700, -90, 220), "II": (140, -60, 1100, -120, 300), "V1": (60, 0, 220, -900, -60),
    "V2": (70, 0, 450, -1200, 420), "V3": (70, -20, 800, -800, 480), "V4": (70, -50, 1300, -450, 460),
    "V5": (70, -80, 1250, -220, 380), "V6": (70, -80, 1000, -100, 280),
}  # fmt: skip


@dataclass(frozen=True)
class Heart:
    """What kind of rhythm: times in ms, ``st`` the lift of the ST segment per lead in µV, ``irregular`` the spread of RR."""

    rate: float = 72
    pr: float = 160
    qrs: float = 92
    qt: float = 390
    st: dict[str, float] = field(default_factory=dict)
    irregular: float = 0.01
    atrial: bool = True
    left_axis: bool = False
    noise: float = 8


def synthesise(
    heart: Heart, *, seconds: float = 10, sampling: int = 500, seed: int = 1, taken_at: datetime | None = None,
    subject: Subject | None = None,
) -> Tracing:  # fmt: skip
    """Twelve leads of this heart, µV; the same seed gives the same samples."""
    source = np.random.default_rng(seed)
    time = np.arange(int(seconds * sampling)) / sampling * 1000
    beats = _beats(heart, seconds * 1000, source)
    made: dict[str, NDArray[np.float64]] = {}
    for lead in ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"):
        made[lead] = _lead(heart, lead, time, beats) + source.normal(0, heart.noise, len(time))
        made[lead] += 25 * np.sin(2 * np.pi * time / 4300 + source.uniform(0, 6))
    one, two = made["I"], made["II"]
    made |= {"III": two - one, "aVR": -(one + two) / 2, "aVL": one - two / 2, "aVF": two - one / 2}
    values = np.rint(np.vstack([made[lead] for lead in STANDARD]))
    return Tracing("synthetic", STANDARD, sampling, values, taken_at, "", subject or Subject())


def _beats(heart: Heart, length: float, source: np.random.Generator) -> list[float]:
    """The onset of each QRS, ms."""
    found, at = [], 220.0
    while at < length:
        found.append(at)
        at += 60000 / heart.rate * max(0.45, 1 + source.normal(0, heart.irregular))
    return found


def _lead(heart: Heart, lead: str, time: NDArray[np.float64], beats: list[float]) -> NDArray[np.float64]:
    p, q, r, s, t = map(float, _SHAPE[lead])
    if heart.left_axis and lead in {"I", "II"}:
        q, r, s = (-30, 950, -60) if lead == "I" else (-20, 350, -700)
    if heart.st.get(lead, 0) < 0:
        t = t / 3
    total = np.zeros_like(time)
    width, t_width = heart.qrs / 9, 45.0
    for onset in beats:
        if heart.atrial:
            total += _bell(time, onset - heart.pr + 2 * 22, 22, p)
        total += _bell(time, onset + heart.qrs * 0.28, width, q)
        total += _bell(time, onset + heart.qrs * 0.5, width, r)
        total += _bell(time, onset + heart.qrs * 0.75, width, s)
        total += _bell(time, onset + heart.qt - 2 * t_width, t_width, t)
        if lift := heart.st.get(lead, 0):
            total += lift * _plateau(time, onset + heart.qrs, onset + heart.qt - 2 * t_width)
    if not heart.atrial:  # fibrillation: a fine ripple instead of P
        total += 35 * np.sin(2 * np.pi * time / 165 + 0.7 * np.sin(time / 410))
    return total


def _bell(time: NDArray[np.float64], centre: float, width: float, height: float) -> NDArray[np.float64]:
    return height * np.exp(-(((time - centre) / width) ** 2) / 2)


def _plateau(time: NDArray[np.float64], begin: float, end: float) -> NDArray[np.float64]:
    return (np.tanh((time - begin) / 8) - np.tanh((time - end) / 36)) / 2


def as_dicom(tracing: Tracing, *, accession: str = "", unit: str = "uV", step: float = 1.25) -> bytes:
    """A 12-lead ECG object (PS3.3, A.34.3), channels coded by MDC, sensitivity ``step`` of ``unit``."""
    factor = {"uV": 1, "mV": 1000}[unit] * step
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.9.1.1", generate_uid()
    data.StudyInstanceUID, data.SeriesInstanceUID = generate_uid(), generate_uid()
    data.SpecificCharacterSet, data.Modality, data.Manufacturer = "ISO_IR 192", "ECG", "Example"
    data.PatientName, data.PatientID, data.PatientSex = (
        tracing.subject.name,
        tracing.subject.number,
        tracing.subject.sex,
    )
    data.PatientBirthDate = tracing.subject.birth_date.strftime("%Y%m%d") if tracing.subject.birth_date else ""
    data.AccessionNumber, data.StudyID, data.SeriesNumber, data.InstanceNumber = accession, "1", 1, 1
    at = tracing.taken_at or clock.now().astimezone(clock.SHANGHAI)
    data.StudyDate = data.ContentDate = at.strftime("%Y%m%d")
    data.StudyTime = data.ContentTime = at.strftime("%H%M%S")
    data.AcquisitionDateTime = at.strftime("%Y%m%d%H%M%S")
    group = Dataset()
    group.MultiplexGroupTimeOffset, group.WaveformOriginality = 0, "ORIGINAL"
    group.NumberOfWaveformChannels, group.NumberOfWaveformSamples = len(tracing.leads), tracing.values.shape[1]
    group.SamplingFrequency, group.MultiplexGroupLabel = tracing.rate, "RHYTHM"
    group.ChannelDefinitionSequence = [_channel(lead, unit, step) for lead in tracing.leads]
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = 16, "SS"
    group.WaveformData = np.rint(tracing.values.T / factor).astype("<i2").tobytes()
    data.WaveformSequence = [group]
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    out = io.BytesIO()
    pydicom.dcmwrite(out, data, enforce_file_format=True)
    return out.getvalue()


def _channel(lead: str, unit: str, step: float) -> Dataset:
    numbers = {name: number for number, name in NUMBERS.items()}
    channel, source, units = Dataset(), Dataset(), Dataset()
    source.CodeValue, source.CodingSchemeDesignator, source.CodeMeaning = f"2:{numbers[lead]}", "MDC", f"Lead {lead}"
    units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
    channel.ChannelSourceSequence, channel.ChannelSensitivityUnitsSequence = [source], [units]
    channel.ChannelSensitivity, channel.ChannelSensitivityCorrectionFactor, channel.ChannelBaseline = step, 1, 0
    channel.ChannelSampleSkew, channel.WaveformBitsStored = 0, 16
    return channel
