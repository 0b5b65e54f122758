"""DICOMweb below /dicomweb/."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import path

from yigong.core.rights import guarded
from yigong.exchange.dicom.web import qido, stow, wado


@guarded("signed_in")
def _studies(request: HttpRequest) -> HttpResponseBase:
    """Search (GET) or store (POST)."""
    return stow.store(request) if request.method == "POST" else qido.studies(request)


@guarded("signed_in", about="study")
def _study(request: HttpRequest, study: str) -> HttpResponseBase:
    """Retrieve (GET) or store into (POST) one study."""
    return stow.store(request, study) if request.method == "POST" else wado.retrieve(request, study)


_STUDY = "studies/<str:study>"
_SERIES = f"{_STUDY}/series/<str:series>"
_INSTANCE = f"{_SERIES}/instances/<str:instance>"

app_name = "dicomweb"
urlpatterns = [
    path("studies", _studies),
    path("series", qido.series),
    path("instances", qido.instances),
    path(_STUDY, _study),
    path(f"{_STUDY}/metadata", wado.metadata),
    path(f"{_STUDY}/thumbnail", wado.thumbnail),
    path(f"{_STUDY}/series", qido.series),
    path(f"{_STUDY}/instances", qido.instances),
    path(_SERIES, wado.retrieve),
    path(f"{_SERIES}/metadata", wado.metadata),
    path(f"{_SERIES}/thumbnail", wado.thumbnail),
    path(f"{_SERIES}/instances", qido.instances),
    path(_INSTANCE, wado.retrieve),
    path(f"{_INSTANCE}/metadata", wado.metadata),
    path(f"{_INSTANCE}/thumbnail", wado.thumbnail),
    path(f"{_INSTANCE}/rendered", wado.rendered),
    path(f"{_INSTANCE}/frames/<str:numbers>", wado.frames),
    path(f"{_INSTANCE}/frames/<int:number>/rendered", wado.rendered),
    path(f"{_INSTANCE}/frames/<int:number>/thumbnail", wado.thumbnail),
    path(f"{_INSTANCE}/bulk/<str:tag>", wado.bulk),
]
