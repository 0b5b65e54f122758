"""The residents of the index as one more file, so that all records are linked in the same way."""

import csv
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

from yigong.residents.matching.files import HEADER
from yigong.residents.models import Resident
from yigong.residents.queries import pairs

KNOWN = "@yigong:"  # a record of the residents' own file begins with it
OWN_FILE = "residents.own.csv"
_CHUNK = 2000


def write_residents(path: Path) -> int:
    """All living identities as one more file beside the uploaded ones."""
    count = 0
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(HEADER)
        for rows in _chunks():
            for key, fields in pairs.fields_of_residents(rows).items():
                texts = fields.as_texts() | {"record_id": f"{KNOWN}{key}", "source": "yigong", "household": ""}
                writer.writerow([texts[name] for name in HEADER])
                count += 1
    return count


def _chunks() -> Iterator[list[Resident]]:
    living = Resident.objects.filter(merged_into=None).exclude(status="cancelled").order_by("id")
    last: UUID | None = None
    while rows := list((living.filter(id__gt=last) if last else living)[:_CHUNK]):
        yield rows
        last = rows[-1].id
