"""Reading electrocardiograms: leads, unit, gain and time of each format; damaged and foreign files are refused with a remedy."""

import re
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from yigong.centres.ecg.signals.huffman import DEFAULT, decode
from yigong.centres.ecg.signals.packing import pack, unpack
from yigong.centres.ecg.signals.reading import LARGEST_FILE, read
from yigong.centres.ecg.signals.synthetic import Heart, as_dicom, synthesise
from yigong.centres.ecg.signals.tracing import STANDARD, NotReadable, Subject, Tracing
from yigong.centres.ecg.tests import writers
from yigong.core import clock

TAKEN = datetime(2026, 3, 1, 8, 30, 15, tzinfo=clock.SHANGHAI)
WHO = Subject("JM-0042", "李秀英", "F", date(1960, 5, 6))
HEART = synthesise(Heart(), seconds=10, seed=7, taken_at=TAKEN, subject=WHO)
SAMPLE = Path(get_testdata_file("waveform_ecg.dcm")).read_bytes()


def test_a_real_dicom_recording_has_twelve_leads_in_microvolts() -> None:
    """pydicom's sample (1000 Hz, 10 s, coded by SCP-ECG numbers): Einthoven's law holds between its leads, which proves names and gain."""
    found = read(SAMPLE)
    assert found.leads == STANDARD and found.rate == 1000 and found.seconds == 10 and not found.missing
    assert found.subject == Subject("642341", "Anonymous", "F", date(1971, 1, 23))
    assert np.abs(found.lead("I") + found.lead("III") - found.lead("II")).max() <= 5
    assert np.abs(found.lead("aVF") - (found.lead("II") + found.lead("III")) / 2).max() <= 5
    assert 1900 < found.values.max() < 2000  # µV


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (as_dicom(HEART), 0.7), (as_dicom(HEART, unit="mV", step=0.00125), 0.7), (writers.aecg(HEART), 0.6),
        (writers.aecg(HEART, unit="mV", scale=0.0025, origin=0.01), 1.3), (writers.aecg(HEART, scale=5, origin=-40), 2.6),
        (writers.scp(HEART, leads=STANDARD), 0.6), (writers.scp(HEART, leads=STANDARD, differences=1), 0.6),
        (writers.scp(HEART, leads=STANDARD, differences=0, coded=False), 0.6),
        (writers.scp(HEART, leads=STANDARD, nanovolts=2500), 1.3),
    ],
    ids=["dicom", "dicom-mV", "aecg", "aecg-mV", "aecg-scale", "scp", "scp-first", "scp-plain", "scp-2500nV"],
)  # fmt: skip
def test_every_format_gives_the_same_microvolts(content: bytes, step: float) -> None:
    """Names, rate, moment and person come back, each sample within half a step of the file's resolution."""
    found = read(content)
    assert set(found.leads) == set(STANDARD) and found.rate == pytest.approx(500)
    assert found.taken_at == TAKEN and found.subject == WHO
    for lead in STANDARD:
        assert np.abs(found.lead(lead) - HEART.lead(lead)).max() <= step, lead


def test_eight_leads_are_completed_and_a_missing_one_stays_missing() -> None:
    """Limb leads are computed from I and II and say so; a chest lead cannot be."""
    found = read(writers.scp(HEART))
    assert found.derived == ("III", "aVR", "aVL", "aVF") and not found.missing
    assert np.abs(found.lead("aVF") - HEART.lead("aVF")).max() <= 1
    few = read(writers.aecg(HEART, leads=("I", "II", "V1", "V2", "V3", "V5")))
    assert few.missing == ("V4", "V6")


def test_the_representative_beat_of_an_aecg_is_not_the_recording() -> None:
    """The writer puts a derived series with another lead I behind the rhythm."""
    assert len(read(writers.aecg(HEART)).lead("I")) == 5000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "空"), (b"%PDF-1.7 ...", "PDF"), (b"\xff\xd8\xff\xe0photo", "图片"), (b"hello world " * 20, "不能识别"),
        (SAMPLE[: len(SAMPLE) // 2], "重新导出"), (SAMPLE[:300], "重新导出"),
        (writers.scp(HEART)[:9000], "没有传完"), (writers.aecg(HEART)[:20000], "没有传完"),
        (writers.scp(HEART, flags=0x45), "参考心搏"), (writers.scp(HEART, bimodal=1), "双模式"),
        (b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><AnnotatedECG/>', "DOCTYPE"), (b"<ClinicalDocument/>", "ClinicalDocument"),
        (b"<AnnotatedECG></AnnotatedECG>", "采样间隔"), (writers.aecg(HEART).replace(b'unit="uV"', b'unit="m"'), "单位"),
        (writers.aecg(HEART).replace(b"<digits>", b"<digits>x "), "不是数字"), (b"<AnnotatedECG>" + b"<a>" * 100, "层次过深"),
    ],
    ids=["empty", "pdf", "photo", "text", "half-dicom", "head-of-dicom", "half-scp", "half-aecg", "beat-subtraction", "bimodal",
         "doctype", "other-xml", "no-time", "wrong-unit", "not-a-number", "deep"],
)  # fmt: skip
def test_what_cannot_be_read_says_why_and_what_to_do(content: bytes, words: str) -> None:
    """No half tracing, no bare error."""
    with pytest.raises(NotReadable, match=words) as refusal:
        read(content)
    assert re.search("请|应", str(refusal.value))


def test_an_image_is_sent_to_the_right_door() -> None:
    """A DICOM file that is no waveform."""
    picture = Path(get_testdata_file("CT_small.dcm")).read_bytes()
    with pytest.raises(NotReadable, match="影像请在"):
        read(picture)


def test_implausible_recordings_are_refused() -> None:
    """A wrong unit shows as an impossible height; a Holter is too long; a file too large is not parsed."""
    with pytest.raises(NotReadable, match="30 mV"):
        read(writers.aecg(Tracing("x", HEART.leads, 500, HEART.values * 40)))
    long = np.zeros((12, 50 * 700))
    with pytest.raises(NotReadable, match="秒"):
        read(writers.aecg(Tracing("x", STANDARD, 50, long)))
    with pytest.raises(NotReadable, match="20 MB"):
        read(b"<" * (LARGEST_FILE + 1))


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_one_changed_bit_of_an_scp_record_is_noticed(place: int, bit: int) -> None:
    """The record's checksum covers every byte."""
    content = bytearray(SHORT)
    content[place % len(content)] ^= 1 << bit
    with pytest.raises(NotReadable):
        read(bytes(content))


SHORT = writers.scp(synthesise(Heart(), seconds=2, seed=3))


@given(st.lists(st.integers(-32768, 32767), max_size=60))
def test_huffman_codes_come_back(numbers: list[int]) -> None:
    """Any numbers through the default table; only zeros of the padding may follow."""
    found = decode(writers.huffman(numbers), DEFAULT)
    assert found[: len(numbers)] == numbers and not any(found[len(numbers) :])


@given(st.integers(0, 2**32 - 1))
def test_what_is_kept_comes_back(seed: int) -> None:
    """Whole microvolts survive packing."""
    values = np.random.default_rng(seed).integers(-30000, 30000, (3, 40)).astype(float)
    assert (unpack(pack(values), ("I", "II", "III")) == values).all()


def test_a_kept_recording_is_small() -> None:
    """Ten noisy seconds take less than 80 KB (plain: 240)."""
    assert len(pack(HEART.values)) < 80_000


@pytest.mark.filterwarnings("ignore::UserWarning")  # pydicom's remarks about what is no DICOM
@given(st.binary(max_size=400))
def test_rubbish_is_only_ever_refused(content: bytes) -> None:
    """Whatever comes, it is a NotReadable."""
    for head in (b"", bytes(128) + b"DICM", bytes(16) + b"SCPECG", b"<AnnotatedECG>"):
        with pytest.raises(NotReadable):
            read(head + content)
