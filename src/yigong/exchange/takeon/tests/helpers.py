"""Files through the pages, as a clerk sends them."""

import io
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from yigong.access.tests.factories import Person
from yigong.core.jobs import worker
from yigong.core.jobs.api import job
from yigong.exchange.takeon.models import Import

CSV = "text/csv"


def csv_of(header: Sequence[str], rows: Iterable[Sequence[str]], encoding: str = "utf-8") -> bytes:
    """A file's content."""
    return "\r\n".join([",".join(header), *(",".join(row) for row in rows), ""]).encode(encoding)


def send(clerk: Person, layout: str, content: bytes, *, system: str = "县医院 HIS", name: str = "数据.csv") -> UUID:
    """Upload by the page; the import's key."""
    sent = {
        "file": SimpleUploadedFile(name, content, CSV),
        "system": system,
        "institution_id": str(clerk.institution.id),
    }
    answer = clerk.client().post(f"/takeon/{layout}/", sent)
    assert answer.status_code == 302, answer.content.decode()
    return UUID(answer["Location"].split("/")[3])


def name_columns(clerk: Person, key: UUID, **columns: str) -> Any:
    """Send the page of columns as it was guessed, with changes; does the trial."""
    row = Import.objects.get(pk=key)
    answer = clerk.client().post(f"/takeon/imports/{key}/columns/", row.columns | columns)
    if answer.status_code == 302:
        work(key)
    return answer


def take_on(clerk: Person, key: UUID) -> Import:
    """The real run by the page's button."""
    clerk.client().post(f"/takeon/imports/{key}/run/", {})
    return work(key)


def work(key: UUID) -> Import:
    """Do the import's last job as the worker would."""
    row = Import.objects.get(pk=key)
    assert row.job_id
    worker.run_job(row.job_id)
    return Import.objects.get(pk=key)


def whole(clerk: Person, layout: str, content: bytes, **said: Any) -> Import:
    """From the upload to the end."""
    key = send(clerk, layout, content, **said)
    name_columns(clerk, key)
    return take_on(clerk, key)


def page(clerk: Person, key: UUID) -> str:
    """The import's page."""
    return clerk.client().get(f"/takeon/imports/{key}/").content.decode()


def refused_rows(clerk: Person, key: UUID) -> list[tuple[Any, ...]]:
    """The sheet that goes back."""
    answer = clerk.client().get(f"/takeon/imports/{key}/result/")
    book = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.worksheets[0].iter_rows(values_only=True))


def job_state(key: UUID) -> str:
    """How the last job ended."""
    row = Import.objects.get(pk=key)
    assert row.job_id
    return job(row.job_id).state
