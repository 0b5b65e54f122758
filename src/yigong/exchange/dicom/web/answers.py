"""Shapes of DICOMweb answers: JSON, refusals, multipart, media types of stored frames."""

from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from yigong.core.errors import DomainError
from yigong.exchange.dicom.web.multipart import write_parts

_PIECE = 1024 * 1024
_MEDIA = {
    "1.2.840.10008.1.2.4.50": "image/jpeg",
    "1.2.840.10008.1.2.4.51": "image/jpeg",
    "1.2.840.10008.1.2.4.57": "image/jpeg",
    "1.2.840.10008.1.2.4.70": "image/jpeg",
    "1.2.840.10008.1.2.4.80": "image/jls",
    "1.2.840.10008.1.2.4.81": "image/jls",
    "1.2.840.10008.1.2.4.90": "image/jp2",
    "1.2.840.10008.1.2.4.91": "image/jp2",
    "1.2.840.10008.1.2.4.201": "image/jphc",
    "1.2.840.10008.1.2.4.202": "image/jphc",
    "1.2.840.10008.1.2.4.203": "image/jphc",
    "1.2.840.10008.1.2.5": "image/dicom-rle",
}
NATIVE = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"}
EXPLICIT = "1.2.840.10008.1.2.1"


def api(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Refusals as JSON with their code, for programs."""

    @wraps(view)
    def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except DomainError as refusal:
            return dicom_json({"code": refusal.code, "message": str(refusal)}, status=refusal.status)

    return inner


def dicom_json(content: Any, *, status: int = 200) -> HttpResponse:
    """``application/dicom+json``; bytes are taken as they are."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return HttpResponse(body, content_type="application/dicom+json", status=status)


def media_type(transfer_syntax: str) -> str:
    """The content type of a frame as stored."""
    return f"{_MEDIA.get(transfer_syntax, 'application/octet-stream')}; transfer-syntax={transfer_syntax}"


def takes_stored(accept: str, transfer_syntax: str) -> bool:
    """Whether the client can have the frame as it is stored, or wants it uncompressed."""
    wanted = accept.replace('"', "").replace(" ", "").lower()
    if transfer_syntax in NATIVE or transfer_syntax in wanted or "transfer-syntax=*" in wanted:
        return True
    if "transfer-syntax=" in wanted:
        return False
    return not wanted or "*/*" in wanted or _MEDIA.get(transfer_syntax, "-") in wanted


def multipart(parts: Iterator[tuple[str, Iterator[bytes]]], kind: str) -> StreamingHttpResponse:
    """A streamed multipart/related answer."""
    boundary = uuid4().hex
    content_type = f'multipart/related; type="{kind}"; boundary={boundary}'
    return StreamingHttpResponse(write_parts(parts, boundary), content_type=content_type)


def one_part(body: bytes, kind: str) -> HttpResponse:
    """A multipart/related answer of a single part, sent at once."""
    boundary = uuid4().hex
    whole = b"".join(write_parts(iter([(kind, iter([body]))]), boundary))
    plain = kind.split(";", maxsplit=1)[0]
    return HttpResponse(whole, content_type=f'multipart/related; type="{plain}"; boundary={boundary}')


def file_pieces(place: Path) -> Iterator[bytes]:
    """A stored file in pieces."""
    with open(place, "rb") as file:
        while piece := file.read(_PIECE):
            yield piece
