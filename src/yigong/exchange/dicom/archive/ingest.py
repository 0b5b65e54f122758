"""The way in for one object, whoever brings it: read, write durably, index in one commit, only then acknowledge.

The file is renamed into its content-addressed place before the row is committed. A crash between the two leaves a file without a row,
which is harmless: the sender repeats and meets the same name.
"""

import logging
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import orjson
from django.db import IntegrityError, OperationalError, connection, transaction

from yigong.core import clock
from yigong.core.commands import racing
from yigong.exchange.dicom import rules
from yigong.exchange.dicom.archive import files, part10
from yigong.exchange.dicom.archive.frames import frame_count, frame_index
from yigong.exchange.dicom.archive.header import Buffer, Header, read_header
from yigong.exchange.dicom.errors import ArchiveUnreachable, NotDicom, NotStored, WrongIdentity
from yigong.exchange.dicom.models import ConflictingInstance, Instance, Series, Study

log = logging.getLogger("yigong.dicom")
_PIECE = 8 * 1024 * 1024
_writers = ThreadPoolExecutor(max_workers=16, thread_name_prefix="dicom-write")
_INSERT = """
insert into dicom_instance
  (series_id, uid, sop_class, transfer_syntax, number, frames, size, digest, frame_index, header, sender)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (uid) do nothing returning id
"""
STUDY_TAGS = (
    "00080005 00080020 00080030 00080050 00080080 00080090 00081030 00100010 00100020 00100021 00100030 00100040 "
    "00101010 00101030 00104000 0020000D 00200010"
).split()
SERIES_TAGS = (
    "00080021 00080031 00080060 0008103E 00081070 00180015 0020000E 00200011 00400244 00400245 00400275".split()
)


@dataclass(frozen=True, slots=True)
class Sender:
    """Who brings an object: the AE title or upload name, its institution, and whether it is registered."""

    title: str
    institution_id: UUID | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Parcel:
    """One encoded object: the data set is ``data[start:]`` in ``transfer_syntax``; the named SOP UIDs may be empty when not declared."""

    data: Buffer
    start: int
    transfer_syntax: str
    sop_class: str = ""
    sop_instance: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """What became of an object: ``new``, ``again`` (the same bytes are there already) or ``conflict`` (kept aside)."""

    outcome: str
    study_id: UUID
    study_uid: str
    series_uid: str
    sop_class: str
    sop_instance: str


@dataclass(frozen=True, slots=True)
class _Shelf:
    """A series known to exist, with the patient that its study was opened for."""

    series_id: UUID
    study_id: UUID
    study_uid: str
    patient: tuple[str, str]


class Intake:
    """Stores objects of one sender; remembers the series it has met and when it last marked their studies as growing."""

    def __init__(self, sender: Sender) -> None:
        self.sender = sender
        self.studies: dict[UUID, float] = {}
        self._shelves: OrderedDict[str, _Shelf] = OrderedDict()

    @racing("dicom.store")
    def store(self, parcel: Parcel, *, study: str = "") -> Stored:
        """Store one object (of this study only, when given); returns after the commit.

        Raises a NotStored refusal and leaves nothing behind.
        """
        row = _take(_checked(parcel), study)
        try:
            return self._index(row)
        except OperationalError as problem:
            log.error("数据库没有响应，影像未确认：%s", problem)
            connection.close()
            raise ArchiveUnreachable() from problem

    def _index(self, row: "_Row") -> Stored:
        series_uid = row.header.text("0020000E")
        shelf = self._shelves.get(series_uid)
        if shelf is None or clock.now().timestamp() - self.studies.get(shelf.study_id, 0) > 5:
            return self._index_first(row, series_uid)
        try:
            return self._insert(row, shelf, series_uid)
        except IntegrityError:  # the series was removed meanwhile
            self._shelves.clear()
            return self._index_first(row, series_uid)

    @transaction.atomic
    def _index_first(self, row: "_Row", series_uid: str) -> Stored:
        """Index with the study and series rows in place and the study marked as growing, all in one commit."""
        shelf = _open_shelf(row.header, series_uid, self.sender)
        Study.objects.filter(pk=shelf.study_id).update(touched_at=clock.now(), settled_at=None)
        stored = self._insert(row, shelf, series_uid)
        self._shelves[series_uid] = shelf
        if len(self._shelves) > 200:
            self._shelves.popitem(last=False)
        self.studies[shelf.study_id] = clock.now().timestamp()
        return stored

    def _insert(self, row: "_Row", shelf: _Shelf, series_uid: str) -> Stored:
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, row.values(shelf.series_id, self.sender.title))
            fresh = cursor.fetchone() is not None
        if fresh and shelf.patient != _patient(row.header):
            Study.objects.filter(pk=shelf.study_id).update(reason=Study.Reason.MIXED)
        outcome = "new" if fresh else _meet(row, shelf, self.sender)
        parcel = row.parcel
        return Stored(outcome, shelf.study_id, shelf.study_uid, series_uid, parcel.sop_class, parcel.sop_instance)


@dataclass(frozen=True, slots=True)
class _Row:
    parcel: Parcel
    header: Header
    index: dict[str, Any] | None
    digest: bytes
    size: int

    def values(self, series_id: UUID, sender: str) -> list[Any]:
        return [
            series_id,
            self.parcel.sop_instance,
            self.parcel.sop_class,
            self.parcel.transfer_syntax,
            _small(self.header.number("00200013")),
            frame_count(self.index),
            self.size,
            self.digest,
            orjson.dumps(self.index).decode() if self.index else None,
            orjson.dumps(self.header.attributes).decode(),
            sender,
        ]


def parcel_of_file(data: Buffer) -> Parcel:
    """The object in a Part 10 file's bytes (or map); raises NotDicom."""
    meta = part10.decode_meta(data)
    return Parcel(data, meta.start, meta.transfer_syntax)


def _checked(parcel: Parcel) -> Parcel:
    for name, uid in (("Transfer Syntax UID", parcel.transfer_syntax), ("SOP Class UID", parcel.sop_class or "0"),
                      ("SOP Instance UID", parcel.sop_instance or "0")):  # fmt: skip
        if not rules.is_uid(uid):
            raise NotDicom(what=name)
    return parcel


def _take(parcel: Parcel, study: str = "") -> _Row:
    """The object on disk and its header read, both at once: the disk's time is the greater part and needs no interpreter."""
    if not (parcel.sop_class and parcel.sop_instance):
        return _take_undeclared(parcel, study)
    meta = part10.encode_meta(parcel.sop_class, parcel.sop_instance, parcel.transfer_syntax)
    writing = _writers.submit(files.keep, _pieces(meta, parcel))
    try:
        header, index = _read(parcel)
        _agreed(parcel, header)
        _of_study(header, study)
    except NotStored:
        _take_back(writing, parcel.sop_instance)
        raise
    digest, size = writing.result()
    return _Row(parcel, header, _shifted(index, len(meta) - parcel.start), digest, size)


def _take_undeclared(parcel: Parcel, study: str) -> _Row:
    """A file: its own data set says what it is, whatever the group around it claims."""
    header, index = _read(parcel)
    parcel = _agreed(parcel, header)
    _of_study(header, study)
    meta = part10.encode_meta(parcel.sop_class, parcel.sop_instance, parcel.transfer_syntax)
    digest, size = files.keep(_pieces(meta, parcel))
    return _Row(parcel, header, _shifted(index, len(meta) - parcel.start), digest, size)


def _of_study(header: Header, study: str) -> None:
    if study and header.text("0020000D") != study:
        raise WrongIdentity(what=f"Study {study}")


def _take_back(writing: "Future[tuple[bytes, int]]", uid: str) -> None:
    try:
        digest, _ = writing.result()
    except NotStored:
        return
    # The digest covers the declared UID, so only rows of that UID can refer to the file.
    held = [kind.objects.filter(uid=uid, digest=digest).exists() for kind in (Instance, ConflictingInstance)]
    if not any(held):
        files.discard(digest)


def _read(parcel: Parcel) -> tuple[Header, dict[str, Any] | None]:
    syntax, data, start = parcel.transfer_syntax, parcel.data, parcel.start
    if syntax == part10.DEFLATED:
        plain = part10.inflate(bytes(data[start:]))
        return read_header(plain, 0, len(plain), implicit=False), None
    little = syntax != part10.EXPLICIT_BIG
    header = read_header(data, start, len(data), implicit=syntax == part10.IMPLICIT_LITTLE, little=little)
    return header, frame_index(header, data)


def _agreed(parcel: Parcel, header: Header) -> Parcel:
    """The parcel with the object's own UIDs, which must be there and be those that were declared."""
    for tag, name in (
        ("0020000D", "Study Instance UID"),
        ("0020000E", "Series Instance UID"),
        ("00080018", "SOP Instance UID"),
    ):
        if not rules.is_uid(header.text(tag)):
            raise NotDicom(what=name)
    sop_class = header.text("00080016") or parcel.sop_class
    if not rules.is_uid(sop_class):
        raise NotDicom(what="SOP Class UID")
    for declared, found in ((parcel.sop_class, sop_class), (parcel.sop_instance, header.text("00080018"))):
        if declared and declared != found:
            raise WrongIdentity(what=f"{declared} / {found}")
    return replace(parcel, sop_class=sop_class, sop_instance=header.text("00080018"))


def _pieces(meta: bytes, parcel: Parcel) -> Iterator[bytes]:
    yield meta
    for at in range(parcel.start, len(parcel.data), _PIECE):
        yield parcel.data[at : at + _PIECE]


def _shifted(index: dict[str, Any] | None, by: int) -> dict[str, Any] | None:
    """The frame index with positions in the stored file."""
    if index is None:
        return None
    if "frames" in index:
        return {"frames": [[[start + by, length] for start, length in frame] for frame in index["frames"]]}
    return {**index, "start": index["start"] + by}


def _open_shelf(header: Header, series_uid: str, sender: Sender) -> _Shelf:
    study, _ = Study.objects.get_or_create(uid=header.text("0020000D"), defaults=_study_values(header, sender))
    series, _ = Series.objects.get_or_create(uid=series_uid, defaults={"study": study, **_series_values(header)})
    if series.study_id != study.pk:
        raise WrongIdentity(what=f"Series {series_uid}")
    groups = study.header.get("00100010", {}).get("Value") or [{}]
    numbers = study.header.get("00100020", {}).get("Value") or [""]
    return _Shelf(series.pk, study.pk, study.uid, (str(numbers[0] or ""), rules.display_name(groups[0] or {})))


def _patient(header: Header) -> tuple[str, str]:
    return header.text("00100020"), rules.display_name(header.person())


def _study_values(header: Header, sender: Sender) -> dict[str, Any]:
    name = rules.display_name(header.person())
    keys = rules.name_keys(name)
    return {
        "patient_number": header.text("00100020")[:64],
        "patient_name": name[:200],
        "name_key": keys.key,
        "pinyin": keys.pinyin,
        "initials": keys.initials,
        "sex": header.text("00100040")[:16],
        "birth_date": rules.parse_date(header.text("00100030")),
        "taken_on": rules.parse_date(header.text("00080020")),
        "taken_at": header.text("00080030")[:16],
        "accession_number": header.text("00080050")[:64],
        "description": header.text("00081030")[:200],
        "modalities": [header.text("00080060")[:16]] if header.text("00080060") else [],
        "institution_name": header.text("00080080")[:120],
        "institution_id": sender.institution_id,
        "sender": sender.title[:16],
        "header": {tag: header.attributes[tag] for tag in STUDY_TAGS if tag in header.attributes},
        "reason": Study.Reason.NONE if sender.known else Study.Reason.SENDER,
    }


def _series_values(header: Header) -> dict[str, Any]:
    return {
        "modality": header.text("00080060")[:16],
        "number": _small(header.number("00200011")),
        "description": header.text("0008103E")[:200],
        "body_part": header.text("00180015")[:64],
        "header": {tag: header.attributes[tag] for tag in SERIES_TAGS if tag in header.attributes},
    }


def _small(number: int | None) -> int | None:
    return number if number is not None and -(2**31) <= number < 2**31 else None


def _meet(row: _Row, shelf: _Shelf, sender: Sender) -> str:
    """The UID is taken: the same bytes are simply there already, other bytes are kept aside for a person."""
    known = Instance.objects.only("digest").get(uid=row.parcel.sop_instance)
    if bytes(known.digest) == row.digest:
        return "again"
    ConflictingInstance.objects.get_or_create(
        uid=row.parcel.sop_instance,
        digest=row.digest,
        defaults={
            "study_id": shelf.study_id,
            "transfer_syntax": row.parcel.transfer_syntax,
            "size": row.size,
            "sender": sender.title[:16],
        },
    )
    log.warning("同一UID内容不同的影像已另存待核对：%s（来自 %s）", row.parcel.sop_instance, sender.title)
    return "conflict"
