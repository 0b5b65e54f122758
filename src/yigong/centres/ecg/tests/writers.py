"""Files as devices write them, made here to the standards because no library carries a sample of them.

SCP-ECG to EN 1064: sections 0, 1, 2, 3 and 6 with their checksums, default Huffman table or plain samples, first or second differences.
aECG to the HL7 V3 annotated ECG implementation guide. DICOM is ``signals.synthetic.as_dicom``.
"""

import struct
from datetime import datetime

import numpy as np

from yigong.centres.ecg.signals.huffman import DEFAULT
from yigong.centres.ecg.signals.scp import crc
from yigong.centres.ecg.signals.tracing import MDC, NUMBERS, Tracing

_LEAD_NUMBERS = {name: number for number, name in NUMBERS.items()}
_SHORT = {code.value: format(code.pattern, f"0{code.prefix}b")[::-1] for code in DEFAULT if code.total == code.prefix}


def huffman(numbers: list[int]) -> bytes:
    """The default table of annex C, most significant bit first, padded with zeros."""
    bits = []
    for number in numbers:
        if number in _SHORT:
            bits.append(_SHORT[number])
        elif -128 <= number < 128:
            bits.append("1111111110" + format(number & 0xFF, "08b"))
        else:
            bits.append("1111111111" + format(number & 0xFFFF, "016b"))
    text = "".join(bits)
    text += "0" * (-len(text) % 8)
    return bytes(int(text[n : n + 8], 2) for n in range(0, len(text), 8))


def scp(
    tracing: Tracing, *, leads: tuple[str, ...] = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6"), differences: int = 2,
    coded: bool = True, nanovolts: int = 1000, flags: int = 0x44, bimodal: int = 0, name: bytes = b"",
) -> bytes:  # fmt: skip
    """An SCP-ECG record of these leads."""
    rows = [np.rint(tracing.lead(lead) * 1000 / nanovolts).astype(int) for lead in leads]
    parts = []
    for row in rows:
        numbers = np.concatenate([row[:differences], np.diff(row, differences)]).tolist()
        parts.append(huffman(numbers) if coded else b"".join(struct.pack("<h", n) for n in numbers))
    section6 = struct.pack("<HHBB", nanovolts, round(1_000_000 / tracing.rate), differences, bimodal)
    section6 += b"".join(struct.pack("<H", len(part)) for part in parts) + b"".join(parts)
    section3 = bytes([len(leads), flags])
    section3 += b"".join(struct.pack("<IIB", 1, len(rows[0]), _LEAD_NUMBERS[lead]) for lead in leads)
    sections = {1: _patient(tracing, name), 3: section3, 6: section6}
    if coded:
        sections[2] = struct.pack("<H", 19999)
    return assemble(sections)


def assemble(sections: dict[int, bytes]) -> bytes:
    """Pointers, headers and checksums around the sections."""
    pointers, place = b"", 6 + 16 + 10 * 12
    bodies = b""
    for number in range(12):
        data = sections.get(number, b"")
        if number == 0:
            pointers += struct.pack("<HII", 0, 16 + 120, 7)
        elif not data:
            pointers += struct.pack("<HII", number, 0, 0)
        else:
            data += b"\0" * (len(data) % 2)
            body = _section(number, data)
            pointers += struct.pack("<HII", number, len(body), place + len(bodies) + 1)
            bodies += body
    record = _section(0, pointers, b"SCPECG") + bodies
    whole = struct.pack("<I", len(record) + 6) + record
    return struct.pack("<H", crc(whole)) + whole


def _section(number: int, data: bytes, reserved: bytes = bytes(6)) -> bytes:
    head = struct.pack("<HIBB", number, len(data) + 16, 20, 20) + reserved
    return struct.pack("<H", crc(head + data)) + head + data


def _patient(tracing: Tracing, name: bytes) -> bytes:
    who, at = tracing.subject, tracing.taken_at or datetime(2026, 3, 1, 8, 30, 15)  # noqa: DTZ001 - the format has no zone
    born = who.birth_date
    tags = [
        (0, (name or who.name.encode("gb18030")) + b"\0"), (2, who.number.encode() + b"\0"),
        (5, struct.pack("<HBB", born.year, born.month, born.day) if born else bytes(4)),
        (8, bytes([{"M": 1, "F": 2}.get(who.sex, 0)])), (14, bytes(8) + b"ECG-12" + bytes(22)),
        (25, struct.pack("<HBB", at.year, at.month, at.day)), (26, bytes([at.hour, at.minute, at.second])), (255, b""),
    ]  # fmt: skip
    return b"".join(struct.pack("<BH", tag, len(value)) + value for tag, value in tags)


def aecg(
    tracing: Tracing, *, unit: str = "uV", scale: float = 1, origin: float = 0, leads: tuple[str, ...] = ()
) -> bytes:
    """An annotated ECG; the digits are what ``scale``, ``origin`` and ``unit`` turn back into microvolts."""
    factor = {"uV": 1, "mV": 1000}[unit]
    names = {name: code for code, name in MDC.items()}
    taken = tracing.taken_at.strftime("%Y%m%d%H%M%S.000") if tracing.taken_at else "20260301083015.000"
    rows = []
    for lead in leads or tracing.leads:
        digits = " ".join(str(round(v)) for v in ((tracing.lead(lead) / factor - origin) / scale).tolist())
        rows.append(
            f'<component><sequence><code code="{names[lead]}" codeSystem="2.16.840.1.113883.6.24"/>'
            f'<value xsi:type="SLIST_PQ"><origin value="{origin:g}" unit="{unit}"/><scale value="{scale:g}" unit="{unit}"/>'
            f"<digits>{digits}</digits></value></sequence></component>"
        )
    who = tracing.subject
    born = who.birth_date.strftime("%Y%m%d") if who.birth_date else ""
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<AnnotatedECG xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<id root="61d1a24f-b47e-41aa-ae95-f8ac302f4eeb"/><effectiveTime><low value="{taken}"/></effectiveTime>
<componentOf><timepointEvent><componentOf><subjectAssignment><subject><trialSubject>
<id root="1.2.3" extension="{who.number}"/><subjectDemographicPerson><name>{who.name}</name>
<administrativeGenderCode code="{who.sex}"/><birthTime value="{born}"/></subjectDemographicPerson>
</trialSubject></subject></subjectAssignment></componentOf></timepointEvent></componentOf>
<component><series><effectiveTime><low value="{taken}"/></effectiveTime>
<author><seriesAuthor><manufacturedSeriesDevice><manufacturerModelName>PageWriter</manufacturerModelName>
</manufacturedSeriesDevice></seriesAuthor></author>
<component><sequenceSet><component><sequence><code code="TIME_ABSOLUTE"/><value xsi:type="GLIST_TS"><head value="{taken}"/>
<increment value="{1 / tracing.rate:g}" unit="s"/></value></sequence></component>{"".join(rows)}</sequenceSet></component>
<derivation><derivedSeries><component><sequenceSet><component><sequence><code code="MDC_ECG_LEAD_I"/>
<value><origin value="0" unit="uV"/><scale value="1" unit="uV"/><digits>9 9 9</digits></value></sequence></component></sequenceSet></component>
</derivedSeries></derivation></series></component></AnnotatedECG>""".encode()
