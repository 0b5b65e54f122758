"""A file's rows as people and source records. What a rule of ours refuses stays in the record as it was given, and not in the person."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from yigong.residents.bulk import BulkRecord, BulkResident
from yigong.residents.matching.files import HEADER, pieces, read
from yigong.residents.matching.preparing.fields import read_birth, read_sex, said
from yigong.residents.rules import numbers, people, sealing
from yigong.residents.rules.text import tidy_name

Row = Mapping[str, str]


def rows_of(paths: Iterable[Path], today: date) -> Iterator[Row]:
    """The usable rows of files, in order."""
    for path in paths:
        for piece in pieces(path):
            for row in read(piece, today).rows:
                yield dict(zip(HEADER, row, strict=True))


@dataclass(frozen=True, slots=True)
class Facts:
    """What a row says in stored forms; ``number`` is one that our rules accept."""

    name: str
    sex: str
    birth_date: date | None
    birth_precision: str
    phone: str
    number: numbers.CheckedNumber | None


def facts_of(row: Row, today: date) -> Facts:
    """Read a row by the rules of registration, without refusing anything."""
    number = _number(row, today)
    born, precision = _born(row["birth_date"])
    if born is None and number and number.birth_date:
        born, precision = number.birth_date, "day"
    sex = read_sex(row["sex"]) or (number.sex if number and number.sex else "") or "0"
    return Facts(tidy_name(row["name"])[:60], sex, born, precision, _phone(row["phone"]), number)


def _number(row: Row, today: date) -> numbers.CheckedNumber | None:
    kind = (said(row["id_type"]) or numbers.CITIZEN).zfill(2)
    if not said(row["id_number"]) or kind not in numbers.KINDS:
        return None
    try:
        return numbers.check_number(kind, row["id_number"], today)
    except numbers.BadNumber:
        return None


def _born(text: str) -> tuple[date | None, str]:
    value, precision = read_birth(text)
    if not value:
        return None, "day"
    if precision == "lunar":  # 30 February: the year is all that is sure of the calendar that everybody else uses
        return date(int(value[:4]), 1, 1), "year"
    return date(int(value[:4]), int(value[4:6]), int(value[6:])), precision


def _phone(text: str) -> str:
    try:
        return numbers.check_phone(text) if said(text) else ""
    except numbers.BadNumber:
        return ""


def has_name(row: Row) -> bool:
    """Whether a row alone could be a person's file."""
    try:
        return bool(people.check_name(row["name"]))
    except people.BadInput:
        return False


def resident_of(row: Row, facts: Facts, key: UUID) -> BulkResident:
    """A new person under a key, by one row."""
    return BulkResident(
        name=facts.name, sex=facts.sex, birth_date=facts.birth_date, birth_precision=facts.birth_precision, source=None, id=key,
        phone=facts.phone, address=row["address"].strip()[:200],
    )  # fmt: skip


def record_of(
    row: Row, facts: Facts, resident_id: UUID, source: tuple[UUID | None, str, str], bring: bool, is_first: bool
) -> BulkRecord:
    """The source record of a row; ``bring``: its number becomes the person's."""
    given: dict[str, Any] = {
        "name": row["name"], "sex": facts.sex, "birth_date": facts.birth_date.isoformat() if facts.birth_date else None,
        "birth_precision": facts.birth_precision, "address": row["address"], "mother_name": row["mother_name"],
        "household": row["household"], "written": {"sex": row["sex"], "birth_date": row["birth_date"]},
    }  # fmt: skip
    told = ((row["id_type"] or numbers.CITIZEN, row["id_number"]),) if row["id_number"].strip() else ()
    brought = ((facts.number.kind, facts.number.value),) if bring and facts.number else ()
    return BulkRecord(resident_id, source, given, told, row["phone"], brought, is_first)


def digests_of(number: numbers.CheckedNumber) -> list[bytes]:
    """Under what a number may be held, the present key's digest first."""
    return sealing.digests("number:" + number.kind, number.value)
