# texts: data
"""HL7 v2 as laboratory analysers speak it: ORU^R01 in, ACK out. Pure; the parser is the library ``hl7``.

Sources: HL7 v2.3.1–2.5.1, chapter 2 (MSH, MSA, ERR) and chapter 7 (OBR, OBX, SPM).
"""

from dataclasses import dataclass, field
from datetime import datetime

import hl7

from yigong.centres.laboratory.api import Reading
from yigong.core.clock import SHANGHAI

VERSIONS = ("2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7")
KINDS = {"ORU^R01"}
FINAL = {"", "F", "C"}
"""OBX-11: final or corrected; an empty one is taken as final, as most analysers mean it."""
NOT_DONE = "X"


class Malformed(ValueError):
    """The message cannot be read; ``refused`` when its kind or version is not ours (AR), else it is at fault (AE)."""

    def __init__(self, text: str, *, refused: bool = False) -> None:
        super().__init__(text)
        self.refused = refused


@dataclass(frozen=True, slots=True)
class Header:
    """MSH: who sends what."""

    sender: str = ""
    facility: str = ""
    control_id: str = ""
    sent: str = ""
    kind: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Specimen:
    """One OBR with its OBX: ``numbers`` are the bar codes it may mean, in order of trust."""

    numbers: tuple[str, ...]
    readings: tuple[Reading, ...]
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message that could be read."""

    header: Header
    specimens: tuple[Specimen, ...] = field(default_factory=tuple)


def decoded(block: bytes) -> str:
    """The text of a block: UTF-8, or GB 18030 where an older analyser writes that."""
    try:
        text = block.decode("utf-8")
    except UnicodeDecodeError:
        text = block.decode("gb18030", errors="replace")
    return text.replace("\r\n", "\r").replace("\n", "\r").strip("\r")


def header_of(text: str) -> Header:
    """MSH alone; an empty header when there is none that can be read."""
    try:
        msh = hl7.parse(text.split("\r", 1)[0] + "\r").segment("MSH")
    except (hl7.ParseException, KeyError, IndexError, ValueError):
        return Header()
    kind = "^".join(part for part in _text(msh, 9).split("^")[:2])
    return Header(
        sender=_part(msh, 3)[:60], facility=_part(msh, 4)[:60], control_id=_text(msh, 10)[:60], sent=_part(msh, 7)[:30],
        kind=kind[:20], version=_part(msh, 12)[:10],
    )  # fmt: skip


def read(text: str) -> Incoming:
    """The message; Malformed says which segment is wrong and how."""
    head = header_of(text)
    if not head.control_id:
        raise Malformed("MSH 缺失、不完整或没有控制号（MSH-10）", refused=True)
    if head.kind not in KINDS:
        raise Malformed(f"不支持的报文类型 {head.kind or '—'}(MSH-9)，本平台接收 ORU^R01", refused=True)
    if head.version not in VERSIONS:
        raise Malformed(f"不支持的版本 {head.version or '—'}(MSH-12)", refused=True)
    try:
        message = hl7.parse(text + "\r")
    except (hl7.ParseException, KeyError, IndexError, ValueError) as problem:
        raise Malformed(f"报文无法解析：{problem}") from None
    return Incoming(head, tuple(_specimens(message)))


def _specimens(message: hl7.Message) -> list[Specimen]:
    found: list[Specimen] = []
    numbers: list[str] = []
    readings: list[Reading] = []
    at: datetime | None = None
    for place, segment in enumerate(message, start=1):
        name = str(segment[0])
        if name == "OBR":
            if readings:
                found.append(Specimen(tuple(numbers), tuple(readings), at))
            numbers, readings = [_part(segment, i) for i in (2, 3) if _part(segment, i)], []
            at = _time(_part(segment, 22)) or _time(_part(segment, 7))
        elif name == "SPM":
            numbers = [*numbers, *([_part(segment, 2)] if _part(segment, 2) else [])]
        elif name == "OBX":
            if reading := _reading(segment, place):
                readings.append(reading)
            at = _time(_part(segment, 14)) or at
    if readings:
        found.append(Specimen(tuple(numbers), tuple(readings), at))
    if not found:
        raise Malformed("报文里没有结果（OBX）")
    if nameless := [s for s in found if not s.numbers]:
        raise Malformed(f"第 {found.index(nameless[0]) + 1} 组结果没有标本条码（OBR-2、OBR-3 或 SPM-2）")
    return found


def _reading(segment: hl7.Segment, place: int) -> Reading | None:
    names = tuple(dict.fromkeys(x for x in (_part(segment, 3, 1), _part(segment, 3, 4), _part(segment, 3, 2)) if x))
    status = _part(segment, 11).upper()
    if not names:
        raise Malformed(f"第 {place} 段 OBX 没有项目（OBX-3）")
    if status == NOT_DONE:
        return Reading(names, "未检 仪器未能得到结果", _part(segment, 6))
    if status not in FINAL:
        raise Malformed(f"第 {place} 段 OBX 的状态为 {status}（OBX-11），只接收最终（F）或更正（C）结果")
    value = _text(segment, 5)
    if _part(segment, 2) in {"SN"}:  # structured number: comparator ^ number
        value = value.replace("^", "")
    if not value.strip():
        raise Malformed(f"第 {place} 段 OBX 没有结果（OBX-5）")
    return Reading(names, value.strip()[:200], _part(segment, 6))


def answer(head: Header, code: str, text: str, *, at: datetime, number: str) -> str:
    """The acknowledgement: AA taken, AE at fault, AR refused."""
    kind = "ACK^R01^ACK" if head.kind == "ORU^R01" else "ACK"
    words = text.replace("\\", "").replace("|", "/").replace("^", " ").replace("&", " ").replace("~", " ")
    words = words.replace("\r", " ").replace("\n", " ")[:200]
    lines = [
        f"MSH|^~\\&|YIGONG|YIGONG|{head.sender}|{head.facility}|{at.astimezone(SHANGHAI):%Y%m%d%H%M%S}||{kind}|{number}|P|{head.version or '2.5'}||||||UNICODE UTF-8",
        f"MSA|{code}|{head.control_id}|{words}",
    ]
    return "\r".join(lines) + "\r"


def _text(segment: hl7.Segment, place: int) -> str:
    try:
        return str(segment[place])
    except IndexError:
        return ""


def _part(segment: hl7.Segment, place: int, component: int = 1) -> str:
    parts = _text(segment, place).split("~")[0].split("^")
    return parts[component - 1].strip() if component <= len(parts) else ""


def _time(text: str) -> datetime | None:
    """A time stamp of HL7 to the second, in China's time when it names no zone; None when there is none or it is nonsense."""
    digits = text.split("+", maxsplit=1)[0].split(".", maxsplit=1)[0]
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=SHANGHAI)
    except ValueError:
        return None
