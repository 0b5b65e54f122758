"""A stored study of a known person for the guards that walk every address."""

from typing import Any

from tests.guards.world import Sample, World

from yigong.exchange.dicom import policies
from yigong.exchange.dicom.models import Instance, Node
from yigong.exchange.dicom.tests.worlds import attach, encoded, store

_STUDY = "dicomweb/studies/<str:study>"
_SERIES = f"{_STUDY}/series/<str:series>"
_INSTANCE = f"{_SERIES}/instances/<str:instance>"


def samples(world: World) -> dict[str, Any]:
    """One image with pixels, attached to an order; every level by its UIDs and by the page's keys."""
    study = store(encoded(PatientName="QIAN^SHOUYI"))
    attach(study, world.things["person"], world.things["order"])
    # A study opened once stands for half an hour; the guard asks each address as the first one of the day.
    world.afresh.append(policies._remembered.clear)
    series = study.series.get()
    image = Instance.objects.get(series=series)
    node = Node.objects.create(title="GUARD", name="测试设备")
    keys = {"study": study.uid, "series": series.uid, "instance": image.uid}
    web = {path: Sample(keys) for path in _paths()}
    page = {"study_id": study.pk}
    return {
        **web,
        f"{_INSTANCE}/frames/<str:numbers>": Sample({**keys, "numbers": "1"}),
        f"{_INSTANCE}/frames/<int:number>/rendered": Sample({**keys, "number": 1}),
        f"{_INSTANCE}/frames/<int:number>/thumbnail": Sample({**keys, "number": 1}),
        f"{_INSTANCE}/bulk/<str:tag>": Sample({**keys, "tag": "7FE00010"}),
        "dicomweb/series": Sample(query=f"?StudyInstanceUID={study.uid}"),
        "dicomweb/instances": Sample(query=f"?StudyInstanceUID={study.uid}"),
        **{f"dicom:{name}": Sample(page) for name in ("study", "thumbnail", "match", "detach")},
        "dicom:series_thumbnail": Sample({**page, "series_id": series.pk}),
        "dicom:picture": Sample({**page, "series_id": series.pk, "number": 1}),
        "dicom:node": Sample({"node_id": node.pk}),
    }


def _paths() -> list[str]:
    """The addresses that need no more than the UIDs."""
    found = [_STUDY, _SERIES, _INSTANCE]
    found += [f"{level}/{what}" for level in (_STUDY, _SERIES, _INSTANCE) for what in ("metadata", "thumbnail")]
    return [*found, f"{_STUDY}/series", f"{_STUDY}/instances", f"{_SERIES}/instances", f"{_INSTANCE}/rendered"]
