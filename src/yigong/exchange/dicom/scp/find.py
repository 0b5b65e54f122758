"""C-FIND (PS3.4, C.4.1): study root and patient root, at study, series and image level, with Chinese names."""

from collections.abc import Iterator
from typing import Any

from pydicom.dataset import Dataset
from pynetdicom.events import Event
from pynetdicom.sop_class import (  # type: ignore[attr-defined]
    PatientRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelFind,
)

from yigong.exchange.dicom import queries
from yigong.exchange.dicom.models import Instance, Node, Series, Study
from yigong.exchange.dicom.scp.nodes import Directory

PENDING, CANCELLED, NOT_AUTHORISED, NOT_UNDERSTOOD = 0xFF00, 0xFE00, 0x0124, 0xC000
FIND_MODELS = [StudyRootQueryRetrieveInformationModelFind, PatientRootQueryRetrieveInformationModelFind]
_MOST = 5000
_COUNTS = {"00201206": "series_count", "00201208": "image_count"}


def answer_find(event: Event, directory: Directory) -> Iterator[tuple[int, Dataset | None]]:
    """All matches as pending answers; a caller without the right is refused."""
    node = caller_of(event, directory)
    if node is None or not node.may_query:
        yield NOT_AUTHORISED, None
        return
    asked = event.identifier
    level = str(asked.get("QueryRetrieveLevel", "")).strip()
    found = _LEVELS.get(level)
    if found is None:
        yield NOT_UNDERSTOOD, None
        return
    charset = charset_for(node, asked)
    for attributes in found(criteria_of(asked)):
        if event.is_cancelled:
            yield CANCELLED, None
            return
        yield PENDING, reply(asked, attributes, charset, level)


def caller_of(event: Event, directory: Directory) -> Node | None:
    """The registered node behind an event."""
    requestor = event.assoc.requestor
    return directory.find(requestor.ae_title, requestor.address)


def charset_for(node: Node, asked: Dataset) -> str:
    """The character set of answers: the node's own, else the one it asked in, else UTF-8."""
    if node.character_set:
        return node.character_set
    named = asked.get("SpecificCharacterSet", "")
    named = named if isinstance(named, str) else ""
    return named if named.upper() in {"GB18030", "GBK", "ISO_IR 192"} else "ISO_IR 192"


def criteria_of(asked: Dataset) -> dict[str, str]:
    """The matching keys: tag → text, lists as backslash-separated."""
    found = {}
    for element in asked:
        if element.VR == "SQ" or element.value in (None, ""):
            continue
        value = element.value
        many = isinstance(value, list) or type(value).__name__ == "MultiValue"
        found[f"{int(element.tag):08X}"] = "\\".join(map(str, value)) if many else str(value)
    return found


def reply(asked: Dataset, attributes: dict[str, Any], charset: str, level: str) -> Dataset:
    """The asked attributes with their values, empty where there is none."""
    answer = Dataset()
    answer.SpecificCharacterSet = charset
    for element in asked:
        tag = f"{int(element.tag):08X}"
        if tag in {"00080005", "00080052"} or int(element.tag) & 0xFFFF == 0:
            continue
        known = attributes.get(tag)
        if known is not None and "BulkDataURI" not in known:
            answer.update(Dataset.from_json({tag: known}))
        elif element.VR != "SQ":
            answer.add_new(element.tag, element.VR, None)
    answer.QueryRetrieveLevel = level
    answer.RetrieveAETitle = "YIGONG"
    return answer


def studies_for(criteria: dict[str, str]) -> Any:
    """The studies that the keys of any level select."""
    return queries.match_studies(Study.objects.all(), criteria).distinct()


def _patients(criteria: dict[str, str]) -> Iterator[dict[str, Any]]:
    seen = set()
    for study in studies_for(criteria).order_by("patient_number", "-received_at")[:_MOST]:
        if study.patient_number not in seen:
            seen.add(study.patient_number)
            yield study.header


def _studies(criteria: dict[str, str]) -> Iterator[dict[str, Any]]:
    for study in studies_for(criteria).order_by("-taken_on", "-received_at")[:_MOST]:
        yield _study_attributes(study)


def _series(criteria: dict[str, str]) -> Iterator[dict[str, Any]]:
    keys = {tag: value for tag, value in criteria.items() if tag != "00080060"}
    rows = Series.objects.filter(study__in=studies_for(keys).values("pk")).select_related("study")
    for row in queries.match_series(rows, criteria).order_by("study_id", "number")[:_MOST]:
        yield _study_attributes(row.study) | row.header | {"00201209": _value("IS", row.image_count)}


def _images(criteria: dict[str, str]) -> Iterator[dict[str, Any]]:
    keys = {tag: value for tag, value in criteria.items() if tag not in {"00080060", "00080018"}}
    rows = Instance.objects.filter(series__study__in=studies_for(keys).values("pk"))
    if "0020000E" in criteria:
        rows = rows.filter(series__uid__in=criteria["0020000E"].split("\\"))
    for row in queries.match_instances(rows, criteria).order_by("series_id", "number")[:_MOST]:
        yield row.header


def _study_attributes(study: Study) -> dict[str, Any]:
    counts = {tag: _value("IS", getattr(study, name)) for tag, name in _COUNTS.items()}
    modalities = {"00080061": {"vr": "CS", "Value": study.modalities}} if study.modalities else {}
    return {**study.header, **counts, **modalities}


def _value(vr: str, value: Any) -> dict[str, Any]:
    return {"vr": vr, "Value": [value]}


_LEVELS = {"PATIENT": _patients, "STUDY": _studies, "SERIES": _series, "IMAGE": _images}
