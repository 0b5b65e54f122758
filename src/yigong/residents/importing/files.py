"""Where uploaded files lie while their job works. They hold personal data in the clear and go when the job is over."""

import csv
import shutil
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from yigong.core.errors import InvalidInput
from yigong.residents.matching.files import HEADER
from yigong.residents.models import Resident
from yigong.residents.queries import pairs

KNOWN = "@yigong:"  # a record of the residents' own file begins with it
OWN_FILE = "residents.own.csv"
_CHUNK = 2000
Upload = tuple[str, Iterable[bytes]]


def folder_of(import_id: UUID) -> Path:
    """The import's folder."""
    return Path(settings.DATA) / "imports" / str(import_id)


def keep(import_id: UUID, uploads: Sequence[Upload]) -> None:
    """Write uploaded files, each under its own name, for nobody but this server."""
    folder = folder_of(import_id)
    folder.mkdir(parents=True, mode=0o700)
    for place, (name, chunks) in enumerate(uploads, 1):
        home = folder / str(place)
        home.mkdir()
        with (home / safe_name(name)).open("wb") as handle:
            for chunk in chunks:
                handle.write(chunk)


def safe_name(name: str) -> str:
    """The file's own name without a path or signs that mean something to a file system."""
    plain = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isalnum() or c in "._- ()()")
    return plain.strip(". ")[-80:] or "people.csv"


def kept(import_id: UUID) -> list[Path]:
    """The uploaded files, in the order given."""
    homes = [p for p in folder_of(import_id).glob("*") if p.name.isdigit()]
    found = [path for home in sorted(homes, key=lambda p: int(p.name)) for path in home.iterdir()]
    if not found:
        raise InvalidInput(_("上传的文件已不在服务器上,请重新上传。"))
    return found


def forget(import_id: UUID) -> None:
    """Remove everything."""
    shutil.rmtree(folder_of(import_id), ignore_errors=True)


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
