"""The header reader against pydicom's own, over all its sample files."""

import json
import warnings
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yigong.exchange.dicom.archive import part10
from yigong.exchange.dicom.archive.frames import frame_count, frame_index
from yigong.exchange.dicom.archive.header import decode_text, encodings, read_header
from yigong.exchange.dicom.errors import NotDicom, NotStored, Truncated

_SAMPLES = sorted(Path(pydicom.__file__).parent.glob("data/test_files/*.dcm"))


def _read(raw: bytes):
    meta = part10.decode_meta(raw)
    syntax, start = meta.transfer_syntax, meta.start
    if syntax == part10.DEFLATED:
        raw, start = part10.inflate(raw[start:]), 0
    return read_header(
        raw, start, len(raw), implicit=syntax == part10.IMPLICIT_LITTLE, little=syntax != part10.EXPLICIT_BIG
    ), raw


def test_samples_read_as_pydicom_reads_them():
    """Every attribute that both give is equal, in most files; the numbers of files and attributes are told."""
    compared = agreed = 0
    for place in _SAMPLES:
        try:
            header, _ = _read(place.read_bytes())
        except NotStored:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                theirs = pydicom.dcmread(place).to_json_dict(bulk_data_element_handler=lambda _: "")
            except (ValueError, TypeError, AttributeError, KeyError):
                continue
        for tag, mine in header.attributes.items():
            if tag in theirs and "Value" in mine and mine["vr"] not in {"SQ", "PN", "UN"} and None not in mine["Value"]:
                compared += 1
                agreed += json.dumps(mine["Value"]) == json.dumps(theirs[tag].get("Value"))
    print(f"\n{agreed} of {compared} attributes of {len(_SAMPLES)} files agree")
    assert compared > 2000
    assert agreed > compared * 0.99


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "MR_small_RLE.dcm", "rtplan.dcm"])
def test_an_object_cut_short_is_never_taken(name):
    """Any cut within the data set is noticed, or falls on a boundary before the pixels so that identifiers or pixels are missing."""
    raw = next(place for place in _SAMPLES if place.name == name).read_bytes()
    whole, _ = _read(raw)
    for cut in range(len(raw) // 2, len(raw) - 140, max(1, len(raw) // 60)):
        try:
            header, data = _read(raw[:cut])
            frame_index(header, data)
        except (Truncated, NotDicom):
            continue
        assert len(header.attributes) < len(whole.attributes)


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(noise):
    """Nothing but a refusal comes out of noise."""
    for implicit in (True, False):
        try:
            header = read_header(noise, 0, len(noise), implicit=implicit)
            frame_count(frame_index(header, noise))
        except NotStored:
            pass


@pytest.mark.parametrize(
    ("raw", "declared", "text"),
    [
        ("张三".encode("gb18030"), ("GB18030",), "张三"),
        ("张三".encode("gbk"), ("iso8859",), "张三"),
        ("张三".encode("gbk"), ("latin_1",), "张三"),
        ("张三".encode(), ("UTF8",), "张三"),
        ("张三".encode(), ("iso8859",), "张三"),
        ("Müller".encode("latin-1"), ("latin_1",), "Müller"),
        (b"\x1b$)A\xcd\xf5", encodings(rb"\ISO 2022 IR 58"), "王"),
    ],
)
def test_names_are_read_as_declared_or_as_meant(raw, declared, text):
    """Chinese in every declared form, in the undeclared one that devices here send, and true Latin-1."""
    assert decode_text(raw, declared) == text
