"""DICOM 12-lead ECG and general ECG waveforms (PS3.3, A.34.3 and A.34.4)."""

import io
import re
from datetime import datetime
from typing import Any

import numpy as np
import pydicom
from django.utils.translation import gettext as _
from pydicom.errors import InvalidDicomError

from yigong.centres.ecg.signals.tracing import MDC, NUMBERS, NotReadable, Subject, Tracing
from yigong.core import clock

ECG_OBJECTS = {
    "1.2.840.10008.5.1.4.1.1.9.1.1",  # 12-lead ECG
    "1.2.840.10008.5.1.4.1.1.9.1.2",  # general ECG
    "1.2.840.10008.5.1.4.1.1.9.1.3",  # ambulatory ECG
    "1.2.840.10008.5.1.4.1.1.9.1.4",  # general 32-bit ECG
}
_MICROVOLTS = {"uV": 1.0, "µV": 1.0, "mV": 1000.0, "V": 1_000_000.0, "nV": 0.001}
# The lead's number in either coding: "2:1" of ISO/IEEE 11073-10101, "5.6.3-9-1" of EN 1064.
_NUMBER = re.compile(r"^(?:2:|5\.6\.3-9-)(\d+)$")


def read_dicom(content: bytes) -> Tracing:
    """The first multiplex group that holds an original rhythm recording."""
    try:
        data = pydicom.dcmread(io.BytesIO(content))
    except (InvalidDicomError, EOFError, ValueError, OSError) as problem:
        raise NotReadable(_("不是完整的 DICOM 文件，可能没有传完，请从设备重新导出。")) from problem
    if "SOPClassUID" not in data:
        raise NotReadable(_("不是完整的 DICOM 文件，可能没有传完，请从设备重新导出。"))
    if str(data.SOPClassUID) not in ECG_OBJECTS:
        raise NotReadable(_("这个 DICOM 文件不是心电波形（可能是图像），影像请在“上传影像”中上传。"))
    groups = data.get("WaveformSequence") or []
    place = next((n for n, group in enumerate(groups) if group.get("WaveformOriginality") != "DERIVED"), None)
    if place is None:
        raise NotReadable(_("DICOM 文件中没有原始心电波形。"))
    group = groups[place]
    try:
        values = data.waveform_array(place).T.astype(np.float64)
        factors = [_factor(channel) for channel in group.ChannelDefinitionSequence]
        rate = float(group.SamplingFrequency)
    except (AttributeError, KeyError, ValueError, NotImplementedError, TypeError) as problem:
        raise NotReadable(_("DICOM 心电波形不完整或数据缺失，请从设备重新导出。")) from problem
    leads = [_lead(channel) for channel in group.ChannelDefinitionSequence]
    known = [n for n, lead in enumerate(leads) if lead and leads.index(lead) == n]
    return Tracing(
        "dicom", tuple(leads[n] for n in known), rate, values[known] * np.array([factors[n] for n in known])[:, None],
        _moment(data), _device(data), _subject(data), str(data.get("AccessionNumber", "") or "").strip(),
        str(data.SOPInstanceUID),
    )  # fmt: skip


def _factor(channel: Any) -> float:
    """From the channel's unit (UCUM) to microvolts; without a stated unit the samples cannot be measured."""
    unit = channel.ChannelSensitivityUnitsSequence[0].CodeValue
    if unit not in _MICROVOLTS:
        raise NotReadable(_("心电通道的单位“%(a)s”不是电压，无法按 mV 显示，请检查设备设置。") % {"a": unit})
    return _MICROVOLTS[unit]


def _lead(channel: Any) -> str:
    source = channel.ChannelSourceSequence[0]
    code = str(source.get("CodeValue", ""))
    if found := _NUMBER.match(code):
        return NUMBERS.get(int(found[1]), "")
    return MDC.get(code.upper(), "")


def _moment(data: Any) -> datetime | None:
    text = str(data.get("AcquisitionDateTime", "") or "").split(".")[0][:14]
    text = (
        text
        or f"{data.get('AcquisitionDate') or data.get('StudyDate') or ''}{str(data.get('AcquisitionTime') or data.get('StudyTime') or '')[:6]}"
    )
    try:
        return datetime.strptime(text.ljust(14, "0"), "%Y%m%d%H%M%S").replace(tzinfo=clock.SHANGHAI)
    except ValueError:
        return None


def _device(data: Any) -> str:
    parts = (data.get("Manufacturer", ""), data.get("ManufacturerModelName", ""), data.get("DeviceSerialNumber", ""))
    return " ".join(str(part).strip() for part in parts if part)[:80]


def _subject(data: Any) -> Subject:
    try:
        born = datetime.strptime(str(data.get("PatientBirthDate", "")), "%Y%m%d").date()  # noqa: DTZ007 - a calendar day
    except ValueError:
        born = None
    sex = str(data.get("PatientSex", "") or "")
    return Subject(str(data.get("PatientID", "") or "").strip(), str(data.get("PatientName", "") or ""), sex, born)
