"""WADO-RS (PS3.18, 10.4): metadata from the index, frames by their stored place, pictures, whole objects."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pydicom
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import patch_cache_control

from yigong.core import statements
from yigong.core.errors import NotFound
from yigong.core.rights import guarded
from yigong.exchange.dicom import policies
from yigong.exchange.dicom.archive import files, pixels
from yigong.exchange.dicom.archive.frames import frame_count, frame_spans
from yigong.exchange.dicom.models import Instance, Series, Study
from yigong.exchange.dicom.web.answers import (
    EXPLICIT,
    NATIVE,
    api,
    dicom_json,
    file_pieces,
    media_type,
    multipart,
    one_part,
    takes_stored,
)
from yigong.exchange.dicom.web.qido import base_url

_METADATA = """
select '[' || coalesce(string_agg(replace(i.header::text, '"bulk:',
  '"' || %s || s.uid || '/instances/' || i.uid || '/bulk/'), ',' order by s.number, i.number, i.id), '') || ']'
from dicom_instance i join dicom_series s on s.id = i.series_id
where s.study_id = %s and (%s = '' or s.uid = %s) and (%s = '' or i.uid = %s)
"""

# A viewer asks this once per image.
_STORED = """
select t.id, i.digest, i.transfer_syntax, i.frame_index
from dicom_study t join dicom_series s on s.study_id = t.id join dicom_instance i on i.series_id = s.id
where t.uid = %(study)s and s.uid = %(series)s and i.uid = %(instance)s
"""


class _Stored(NamedTuple):
    """Where an instance's pixels lie."""

    digest: bytes
    transfer_syntax: str
    frame_index: dict[str, Any] | None


@api
@guarded(policies.READ, about="study")
def metadata(request: HttpRequest, study: str, series: str = "", instance: str = "") -> HttpResponse:
    """All headers of a study, series or instance, as stored at ingest."""
    found = _open(request, study)
    base = f"{base_url(request)}/studies/{study}/series/"
    with connection.cursor() as cursor:
        cursor.execute(_METADATA, [base, found.pk, series, series, instance, instance])
        body = cursor.fetchone()[0]
    if body == "[]":
        raise NotFound()
    return dicom_json(body.encode())


@api
@guarded(policies.READ, about="study")
def retrieve(request: HttpRequest, study: str, series: str = "", instance: str = "") -> HttpResponseBase:
    """Whole objects as stored, one part each; a single object alone when the client asks for ``application/dicom`` only."""
    rows = list(_rows(_open(request, study), series, instance))
    if not rows:
        raise NotFound()
    kind = f"application/dicom; transfer-syntax={rows[0].transfer_syntax}"
    if instance and "multipart" not in request.headers.get("Accept", "multipart"):
        return HttpResponse(files.path_of(rows[0].digest).read_bytes(), content_type="application/dicom")
    parts: Iterator[tuple[str, Iterator[bytes]]] = (
        (f"application/dicom; transfer-syntax={row.transfer_syntax}", file_pieces(files.path_of(row.digest)))
        for row in rows
    )
    return multipart(parts, kind.split(";", maxsplit=1)[0])


@api
@guarded(policies.READ, about="study")
def frames(request: HttpRequest, study: str, series: str, instance: str, numbers: str) -> HttpResponseBase:
    """Frames by number, as stored or uncompressed as the client accepts."""
    row = _open_stored(request, study, series, instance)
    wanted = [int(n) for n in numbers.split(",") if n.isdigit() and len(n) < 7]
    stored = takes_stored(request.headers.get("Accept", ""), row.transfer_syntax) and row.frame_index is not None
    kind = media_type(row.transfer_syntax if stored else EXPLICIT)
    if row.transfer_syntax in NATIVE:
        kind = media_type(EXPLICIT)
    bodies = [_frame(row, number, stored) for number in wanted]
    answer = (
        one_part(bodies[0], kind)
        if len(bodies) == 1
        else multipart(((kind, iter([b])) for b in bodies), kind.split(";")[0])
    )
    patch_cache_control(answer, private=True, max_age=3600)
    return answer


@api
@guarded(policies.READ, about="study")
def rendered(request: HttpRequest, study: str, series: str, instance: str, number: int = 1) -> HttpResponse:
    """One frame as a picture: ``window=center,width,LINEAR``, ``viewport=width,height``, ``quality``."""
    row = _one(_open(request, study), series, instance)
    return picture(request, row, number, largest=2048)


@api
@guarded(policies.READ, about="study")
def thumbnail(request: HttpRequest, study: str, series: str = "", instance: str = "", number: int = 1) -> HttpResponse:
    """A small picture of an instance, or of the middle one of a series or study."""
    rows = _rows(_open(request, study), series, instance).filter(frames__gt=0)
    row = _middle(rows)
    if row is None:
        raise pixels.NotRenderable()
    return picture(request, row, number, largest=160)


@api
@guarded(policies.READ, about="study")
def bulk(request: HttpRequest, study: str, series: str, instance: str, tag: str) -> HttpResponse:
    """The value of an element that the metadata left out."""
    row = _one(_open(request, study), series, instance)
    dataset = pydicom.dcmread(files.path_of(row.digest))
    found = _element(dataset, int(tag, 16))
    if found is None:
        raise NotFound()
    return one_part(bytes(found), "application/octet-stream")


def picture(request: HttpRequest, row: Instance, number: int, *, largest: int) -> HttpResponse:
    """A rendered frame with cache headers: an object never changes, so the browser may keep it."""
    if frame_count(row.frame_index) and not 1 <= number <= row.frames:
        raise NotFound()
    kind = (
        "PNG"
        if "image/png" in request.headers.get("Accept", "") and "image/jpeg" not in request.headers.get("Accept", "")
        else "JPEG"
    )
    body = pixels.render(
        files.path_of(row.digest), number, window=_window(request), size=_size(request, largest), kind=kind
    )
    answer = HttpResponse(body, content_type=f"image/{kind.lower()}")
    patch_cache_control(answer, private=True, max_age=86400)
    return answer


def _open(request: HttpRequest, uid: str) -> Study:
    study = Study.objects.filter(uid=uid).only("id", "uid").first()
    if study is None:
        raise NotFound()
    policies.open_study(study.pk, actor=request.actor)
    return study


def _open_stored(request: HttpRequest, study: str, series: str, instance: str) -> _Stored:
    found = statements.fetch(_STORED, {"study": study, "series": series, "instance": instance})
    if not found:
        raise NotFound()
    key, digest, transfer_syntax, index = found[0]
    policies.open_study(key, actor=request.actor)
    return _Stored(digest, transfer_syntax, orjson.loads(index) if index else None)


def _rows(study: Study, series: str, instance: str) -> QuerySet[Instance]:
    rows = Instance.objects.filter(series__study=study).defer("header")
    if series:
        rows = rows.filter(series__uid=series)
    if instance:
        rows = rows.filter(uid=instance)
    return rows.order_by("series__number", "number", "id")


def _one(study: Study, series: str, instance: str) -> Instance:
    row = Instance.objects.defer("header").filter(uid=instance, series__uid=series, series__study=study).first()
    if row is None:
        raise NotFound()
    return row


def _middle(rows: QuerySet[Instance]) -> Instance | None:
    first = rows.first()
    if first is None:
        return None
    same = rows.filter(series_id=first.series_id)
    return same[same.count() // 2]


def _frame(row: _Stored, number: int, stored: bool) -> bytes:
    place = files.path_of(row.digest)
    if not stored or row.frame_index is None:
        return pixels.decoded_frame(place, number)
    try:
        spans = frame_spans(row.frame_index, number)
    except LookupError:
        raise NotFound() from None
    with open(place, "rb") as file:
        return b"".join(_read(file, start, length) for start, length in spans)


def _read(file: Any, start: int, length: int) -> bytes:
    file.seek(start)
    return file.read(length)


def _window(request: HttpRequest) -> pixels.Window | None:
    parts = request.GET.get("window", "").split(",")
    try:
        return pixels.Window(float(parts[0]), float(parts[1]))
    except (ValueError, IndexError):
        return None


def _size(request: HttpRequest, largest: int) -> tuple[int, int]:
    try:
        wanted = [int(float(part)) for part in request.GET.get("viewport", "").split(",")[:2]]
    except ValueError:
        wanted = []
    width, height = wanted if len(wanted) == 2 else (largest, largest)
    return min(max(width, 16), 4096), min(max(height, 16), 4096)


def _element(dataset: pydicom.Dataset, tag: int) -> Any:
    """The first element with this tag, at the top or in a sequence."""
    if tag in dataset:
        return dataset[tag].value
    for element in dataset:
        if element.VR == "SQ":
            for item in element.value:
                if (found := _element(item, tag)) is not None:
                    return found
    return None


def middle_of(series: Series) -> Instance | None:
    """The instance that stands for a series on pages."""
    return _middle(Instance.objects.defer("header").filter(series=series, frames__gt=0).order_by("number", "id"))
