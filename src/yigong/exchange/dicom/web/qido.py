"""QIDO-RS (PS3.18, 10.6): search for studies, series and instances the actor may see."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from pydicom.datadict import tag_for_keyword

from yigong.core.rights import guarded, note_decision
from yigong.exchange.dicom import policies, queries
from yigong.exchange.dicom.models import Instance, Series, Study
from yigong.exchange.dicom.web.answers import api, dicom_json

_MOST = 1000
_NOT_KEYS = {"limit", "offset", "includefield", "fuzzymatching", "orderby"}
_INSTANCE_TAGS = "00080016 00080018 00080008 00200013 00280010 00280011 00280100 00280008 00080005".split()


@api
@guarded(policies.READ)
def studies(request: HttpRequest) -> HttpResponse:
    """Search for studies; the list holds what the actor may open, so no single read is logged."""
    criteria = _criteria(request)
    rows = queries.match_studies(policies.visible(request.actor), criteria, fuzzy=_fuzzy(request))
    note_decision()
    return _page(request, rows.order_by("-taken_on", "-received_at", "id"), study_json)


@api
@guarded(policies.READ, about="study")
def series(request: HttpRequest, study: str = "") -> HttpResponse:
    """Search for series, of one study or of all."""
    criteria = _criteria(request)
    rows = Series.objects.filter(study__in=_studies(request, study, criteria)).select_related("study")
    rows = queries.match_series(rows, criteria)
    return _page(request, rows.order_by("study_id", "number", "id"), series_json)


@api
@guarded(policies.READ, about="study")
def instances(request: HttpRequest, study: str = "", series: str = "") -> HttpResponse:
    """Search for instances, of one series, one study or of all."""
    criteria = _criteria(request)
    rows = Instance.objects.filter(series__study__in=_studies(request, study, criteria))
    rows = queries.match_instances(rows, criteria).select_related("series__study")
    if wanted := series or criteria.get("0020000E", ""):
        rows = rows.filter(series__uid=wanted)
    if modality := criteria.get("00080060"):
        rows = rows.filter(series__modality=modality)
    return _page(request, rows.order_by("series_id", "number", "id"), instance_json)


def study_json(study: Study, base: str, extra: set[str]) -> dict[str, Any]:
    """A study's attributes (PS3.18, table 10.6.3-3)."""
    return {
        **study.header,
        "00080056": {"vr": "CS", "Value": ["ONLINE"]},
        "00080061": {"vr": "CS", "Value": study.modalities} if study.modalities else {"vr": "CS"},
        "00081190": {"vr": "UR", "Value": [f"{base}/studies/{study.uid}"]},
        "00201206": {"vr": "IS", "Value": [study.series_count]},
        "00201208": {"vr": "IS", "Value": [study.image_count]},
    }


def series_json(row: Series, base: str, extra: set[str]) -> dict[str, Any]:
    """A series' attributes (PS3.18, table 10.6.3-4)."""
    return {
        **row.header,
        "0020000D": {"vr": "UI", "Value": [row.study.uid]},
        "00081190": {"vr": "UR", "Value": [f"{base}/studies/{row.study.uid}/series/{row.uid}"]},
        "00201209": {"vr": "IS", "Value": [row.image_count]},
    }


def instance_json(row: Instance, base: str, extra: set[str]) -> dict[str, Any]:
    """An instance's attributes (PS3.18, table 10.6.3-5) and those asked for."""
    study, series_uid = row.series.study.uid, row.series.uid
    tags = row.header.keys() if "all" in extra else {*_INSTANCE_TAGS, *extra}
    url = f"{base}/studies/{study}/series/{series_uid}/instances/{row.uid}"
    return {
        **{tag: row.header[tag] for tag in tags if tag in row.header and "BulkDataURI" not in row.header[tag]},
        "0020000D": {"vr": "UI", "Value": [study]},
        "0020000E": {"vr": "UI", "Value": [series_uid]},
        "00081190": {"vr": "UR", "Value": [url]},
        "00083002": {"vr": "UI", "Value": [row.transfer_syntax]},
    }


def base_url(request: HttpRequest) -> str:
    """The root that retrieve addresses begin with."""
    return request.build_absolute_uri("/dicomweb")


def _studies(request: HttpRequest, uid: str, criteria: dict[str, str]) -> QuerySet[Study]:
    """The studies a search below study level looks into; a single study is opened (and logged), all are only those visible."""
    uid = uid or criteria.get("0020000D", "")
    if uid and "," not in uid:
        found = Study.objects.filter(uid=uid).only("id").first()
        if found is None:
            note_decision()
            return Study.objects.none()
        policies.open_study(found.pk, actor=request.actor)
        return Study.objects.filter(pk=found.pk)
    note_decision()
    keys = {tag: value for tag, value in criteria.items() if tag not in {"0020000E", "00080018", "00080060"}}
    return queries.match_studies(policies.visible(request.actor), keys, fuzzy=_fuzzy(request))


def _criteria(request: HttpRequest) -> dict[str, str]:
    found = {}
    for name in request.GET:
        if name.lower() not in _NOT_KEYS and (tag := _tag(name)):
            found[tag] = ",".join(request.GET.getlist(name))
    return found


def _tag(name: str) -> str:
    if len(name) == 8 and all(digit in "0123456789abcdefABCDEF" for digit in name):
        return name.upper()
    number = tag_for_keyword(name)
    return f"{number:08X}" if number is not None else ""


def _fuzzy(request: HttpRequest) -> bool:
    return request.GET.get("fuzzymatching", "").lower() == "true"


def _extra(request: HttpRequest) -> set[str]:
    names = ",".join(request.GET.getlist("includefield")).split(",")
    return {"all" if name == "all" else _tag(name) for name in names if name}


def _page(request: HttpRequest, rows: QuerySet, convert: Any) -> HttpResponse:
    limit = min(max(1, _whole(request.GET.get("limit"), _MOST)), _MOST)
    offset = max(0, _whole(request.GET.get("offset"), 0))
    found = list(rows[offset : offset + limit + 1])
    base, extra = base_url(request), _extra(request)
    answer = dicom_json([convert(row, base, extra) for row in found[:limit]], status=200 if found else 204)
    if len(found) > limit:
        answer["Warning"] = (
            f'299 yigong "There are more results than the limit of {limit}; continue with offset={offset + limit}"'
        )
    return answer


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() and len(text) < 9 else default
