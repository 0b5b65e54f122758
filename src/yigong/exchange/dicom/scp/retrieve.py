"""C-MOVE and C-GET (PS3.4, C.4.2 and C.4.3): stored objects to a registered node, in the transfer syntax they were received in."""

from collections.abc import Iterator
from typing import Any

import pydicom
from pynetdicom.events import Event
from pynetdicom.presentation import build_context
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    PatientRootQueryRetrieveInformationModelGet,
    PatientRootQueryRetrieveInformationModelMove,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
)

from yigong.exchange.dicom.archive import files
from yigong.exchange.dicom.models import Instance
from yigong.exchange.dicom.scp.find import CANCELLED, NOT_AUTHORISED, PENDING, caller_of, criteria_of, studies_for
from yigong.exchange.dicom.scp.nodes import Directory

MOVE_MODELS = [StudyRootQueryRetrieveInformationModelMove, PatientRootQueryRetrieveInformationModelMove]
GET_MODELS = [StudyRootQueryRetrieveInformationModelGet, PatientRootQueryRetrieveInformationModelGet]
_MOST_CONTEXTS = 126


def answer_move(event: Event, directory: Directory) -> Iterator[Any]:
    """Send what was asked for to the named node; an unknown destination is answered with 0xA801."""
    node = caller_of(event, directory)
    target = directory.find(str(event.move_destination or ""))
    if node is None or not node.may_retrieve or target is None or not target.host or not target.port:
        yield None, None
        return
    wanted = _wanted(event)
    yield target.host, target.port, {"contexts": _contexts(wanted), "ae_title": target.title}
    yield from _send(event, wanted)


def answer_get(event: Event, directory: Directory) -> Iterator[Any]:
    """Send what was asked for over the caller's own association."""
    node = caller_of(event, directory)
    if node is None or not node.may_retrieve:
        yield 0
        yield NOT_AUTHORISED, None
        return
    yield from _send(event, _wanted(event))


def _send(event: Event, wanted: list[Instance]) -> Iterator[Any]:
    yield len(wanted)
    for row in wanted:
        if event.is_cancelled:
            yield CANCELLED, None
            return
        yield PENDING, pydicom.dcmread(files.path_of(row.digest))


def _wanted(event: Event) -> list[Instance]:
    """The instances that the identifier selects; UIDs only, so that nothing is sent by a careless wildcard."""
    criteria = criteria_of(event.identifier)
    keys = {tag: value for tag, value in criteria.items() if tag in {"00100020", "0020000D", "0020000E", "00080018"}}
    if not keys:
        return []
    rows = Instance.objects.defer("header", "frame_index").filter(series__study__in=studies_for(keys).values("pk"))
    if "0020000E" in keys:
        rows = rows.filter(series__uid__in=keys["0020000E"].split("\\"))
    if "00080018" in keys:
        rows = rows.filter(uid__in=keys["00080018"].split("\\"))
    return list(rows.order_by("series_id", "number", "id"))


def _contexts(wanted: list[Instance]) -> list[Any]:
    """One context for each kind of object as stored."""
    kinds = sorted({(row.sop_class, row.transfer_syntax) for row in wanted})[:_MOST_CONTEXTS]
    return [build_context(sop_class, syntax) for sop_class, syntax in kinds]
