"""SCP-ECG (EN 1064, ISO 11073-91064): record and section checksums, sections 0 (pointers), 1 (patient), 2 (Huffman tables), 3 (leads)
and 6 (rhythm data), plain or with first or second differences. Reference beat subtraction and bimodal compression are refused by name.
"""

import binascii
import struct
from collections.abc import Callable
from datetime import date, datetime

import numpy as np
from django.utils.translation import gettext as _

from yigong.centres.ecg.signals.huffman import DEFAULT, Code, decode
from yigong.centres.ecg.signals.tracing import NUMBERS, NotReadable, Subject, Tracing
from yigong.core import clock

HEADER = 16
_DEFAULT_TABLE = 19999
_MAX_LEADS = 24
_SEX = {1: "M", 2: "F"}


def looks_like_scp(content: bytes) -> bool:
    """Whether this begins like an SCP-ECG record: the name stands in the header of section 0."""
    return len(content) > 30 and content[16:22] == b"SCPECG"


def crc(content: bytes) -> int:
    """CRC-CCITT as section 5.1.5 of the standard asks: polynomial x¹⁶+x¹²+x⁵+1, preset to ones."""
    return binascii.crc_hqx(content, 0xFFFF)


def read_scp(content: bytes) -> Tracing:
    """The rhythm recording of an SCP-ECG record."""
    sections = _sections(content)
    for needed, what in ((1, _("患者信息")), (3, _("导联定义")), (6, _("心律波形"))):
        if needed not in sections:
            raise NotReadable(_("SCP-ECG 文件缺少第 %(a)s 段（%(b)s），请从设备重新导出。") % {"a": needed, "b": what})
    try:
        tags = _tags(sections[1])
        leads, count = _leads(sections[3])
        rate, values = _rhythm(sections[6], len(leads), count, _codes(sections.get(2)))
    except (struct.error, IndexError) as problem:
        raise NotReadable(_("SCP-ECG 文件的内容比声明的短，可能没有传完，请重新导出。")) from problem
    known = [n for n, number in enumerate(leads) if number in NUMBERS]
    names = tuple(NUMBERS[leads[n]] for n in known)
    if len(set(names)) < len(names):
        raise NotReadable(_("SCP-ECG 文件中同一导联出现两次，无法确定用哪一个。"))
    model = _text(tags.get(14, b"")[8:14])
    return Tracing(
        "scp",
        names,
        rate,
        values[known] if known else values[:0],
        _moment(tags),
        f"SCP-ECG {model}".strip(),
        _subject(tags),
    )


def _sections(content: bytes) -> dict[int, bytes]:
    """The data of each section by number, every checksum verified."""
    told, length = struct.unpack_from("<HI", content)
    if length > len(content):
        raise NotReadable(
            _("SCP-ECG 文件应有 %(a)s 字节，实际只有 %(b)s 字节，没有传完，请重新上传。")
            % {"a": length, "b": len(content)}
        )
    if crc(content[2:length]) != told:
        raise NotReadable(_("SCP-ECG 文件的校验和不符，传输中可能损坏，请从设备重新导出。"))
    place, found = 6, {}
    _number, size = _section_head(content, place)
    for entry in range(place + HEADER, place + size - 9, 10):
        number, size, index = struct.unpack_from("<HII", content, entry)
        if size and number:
            found[number] = _section(content, number, size, index - 1)
    return found


def _section_head(content: bytes, place: int) -> tuple[int, int]:
    _told, number, size = struct.unpack_from("<HHI", content, place)
    return number, size


def _section(content: bytes, number: int, size: int, place: int) -> bytes:
    whole = content[place : place + size]
    if len(whole) < size or size < HEADER:
        raise NotReadable(_("SCP-ECG 第 %(a)s 段超出文件末尾，文件不完整，请重新导出。") % {"a": number})
    told, own, own_size = struct.unpack_from("<HHI", whole)
    if own != number or own_size != size:
        raise NotReadable(_("SCP-ECG 第 %(a)s 段的位置记录有误，请重新导出。") % {"a": number})
    if crc(whole[2:]) != told:
        raise NotReadable(_("SCP-ECG 第 %(a)s 段的校验和不符，文件已损坏，请重新导出。") % {"a": number})
    return whole[HEADER:]


def _tags(data: bytes) -> dict[int, bytes]:
    """Section 1: tag, length, value until tag 255; of a repeated tag the first counts."""
    found: dict[int, bytes] = {}
    place = 0
    while place + 3 <= len(data) and data[place] != 255:
        tag, size = data[place], struct.unpack_from("<H", data, place + 1)[0]
        found.setdefault(tag, data[place + 3 : place + 3 + size])
        place += 3 + size
    return found


def _leads(data: bytes) -> tuple[list[int], int]:
    """Section 3: the lead numbers, and how many samples each has; the recordings must be simultaneous and without reference beat subtraction."""
    count, flags = data[0], data[1]
    if not 0 < count <= _MAX_LEADS:
        raise NotReadable(_("SCP-ECG 文件声明了 %(a)s 个导联，不能处理。") % {"a": count})
    if flags & 1:
        raise NotReadable(_("SCP-ECG 文件用了“参考心搏相减”压缩，请在设备上关闭高压缩后重新导出。"))
    entries = [struct.unpack_from("<IIB", data, 2 + 9 * n) for n in range(count)]
    if len({(start, end) for start, end, _lead in entries}) > 1:
        raise NotReadable(_("SCP-ECG 文件的导联不是同步记录，请在设备上选择“同步 12 导联”后重新导出。"))
    first, last, _lead = entries[0]
    return [lead for _start, _end, lead in entries], last - first + 1


def _codes(data: bytes | None) -> tuple[Code, ...] | None:
    """Section 2: the Huffman codes; None when the samples are not coded."""
    if data is None:
        return None
    tables = struct.unpack_from("<H", data)[0]
    if tables == _DEFAULT_TABLE:
        return DEFAULT
    if tables != 1:
        raise NotReadable(_("SCP-ECG 文件使用多个 Huffman 表，不能读取，请在设备上选择默认压缩。"))
    count = struct.unpack_from("<H", data, 2)[0]
    return tuple(Code(*struct.unpack_from("<BBBhI", data, 4 + 9 * n)) for n in range(count))


def _rhythm(data: bytes, leads: int, count: int, codes: tuple[Code, ...] | None) -> tuple[float, np.ndarray]:
    """Section 6: the samples of every lead, µV."""
    nanovolts, interval, differences, bimodal = struct.unpack_from("<HHBB", data)
    if bimodal:
        raise NotReadable(_("SCP-ECG 文件用了双模式压缩，请在设备上关闭高压缩后重新导出。"))
    if not nanovolts or not interval or differences > 2:
        raise NotReadable(_("SCP-ECG 文件的幅度单位、采样间隔或差分方式有误，请重新导出。"))
    sizes = struct.unpack_from(f"<{leads}H", data, 6)
    place, rows = 6 + 2 * leads, []
    for size in sizes:
        part = data[place : place + size]
        if len(part) < size:
            raise IndexError(place)
        numbers = _numbers(part, codes)[:count]  # the padding of the last byte reads as zeros
        if len(numbers) < count:
            raise IndexError(count)
        rows.append(_undo[differences](numbers))
        place += size
    return 1_000_000 / interval, np.vstack(rows) * (nanovolts / 1000)


def _numbers(part: bytes, codes: tuple[Code, ...] | None) -> np.ndarray:
    if codes is None:
        return np.frombuffer(part[: len(part) // 2 * 2], dtype="<i2").astype(np.int64)
    return np.array(decode(part, codes), dtype=np.int64)


def _second(values: np.ndarray) -> np.ndarray:
    """From second differences: the first two values are samples, then x(n) = d(n) + 2·x(n−1) − x(n−2)."""
    if len(values) < 3:
        return values
    slopes = np.concatenate([[values[1] - values[0]], values[2:]]).cumsum()
    return np.concatenate([[values[0]], values[0] + slopes.cumsum()])


_undo: tuple[Callable[[np.ndarray], np.ndarray], ...] = (lambda values: values, lambda values: values.cumsum(), _second)


def _text(value: bytes) -> str:
    """Devices write Latin-1 by the standard, Chinese ones GB 18030 or UTF-8."""
    plain = value.split(b"\0")[0].strip()
    for charset in ("utf-8", "gb18030"):
        try:
            return plain.decode(charset)
        except UnicodeDecodeError:
            continue
    return plain.decode("latin-1")


def _day(value: bytes) -> date | None:
    try:
        return date(*struct.unpack_from("<HBB", value))
    except (struct.error, ValueError):
        return None


def _moment(tags: dict[int, bytes]) -> datetime | None:
    day = _day(tags.get(25, b""))
    try:
        hour, minute, second = struct.unpack_from("<BBB", tags.get(26, b""))
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=clock.SHANGHAI) if day else None
    except (struct.error, ValueError):
        return None


def _subject(tags: dict[int, bytes]) -> Subject:
    name = _text(tags.get(0, b"")) + _text(tags.get(1, b""))
    sex = _SEX.get(tags[8][0], "") if tags.get(8) else ""
    return Subject(_text(tags.get(2, b"")), name, sex, _day(tags.get(5, b"")))
