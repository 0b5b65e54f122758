"""OHIF below /ohif/: the copied application with our configuration, behind the sign-in of the platform."""

import mimetypes
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.cache import patch_cache_control

from yigong.core.errors import NotFound
from yigong.core.rights import guarded
from yigong.exchange.dicom import policies

_CONFIG = """window.config = {
  routerBasename: "/ohif",
  extensions: [], modes: [],
  showStudyList: false, maxNumberOfWebWorkers: 2, showWarningMessageForCrossOrigin: false, showLoadingIndicator: true,
  investigationalUseDialog: { option: "never" }, disableConfirmationPrompts: true, tours: [],
  strictZSpacingForVolumeViewport: true, useSharedArrayBuffer: "FALSE",
  defaultDataSourceName: "yigong",
  dataSources: [{
    namespace: "@ohif/extension-default.dataSourcesModule.dicomweb", sourceName: "yigong",
    configuration: {
      friendlyName: "医共影像归档", name: "yigong",
      qidoRoot: "/dicomweb", wadoRoot: "/dicomweb", wadoUriRoot: "/dicomweb",
      qidoSupportsIncludeField: true, supportsFuzzyMatching: true, supportsWildcard: true, supportsStow: false,
      imageRendering: "wadors", thumbnailRendering: "wadors", enableStudyLazyLoad: true, omitQuotationForMultipartRequest: true,
      bulkDataURI: { enabled: true, relativeResolution: "studies" }
    }
  }]
};
"""


def root() -> Path:
    """Where the asset step puts the application."""
    return Path(getattr(settings, "OHIF_ROOT", "") or settings.DATA / "ohif")


def viewer_installed() -> bool:
    """Whether the full viewer is there; the quick look works without it."""
    return (root() / "index.html").exists()


@guarded(policies.READ)
def app(request: HttpRequest, name: str = "") -> HttpResponseBase:
    """A file of the application; every address without a file is the application itself, which routes in the browser."""
    if name == "app-config.js":
        return HttpResponse(_CONFIG, content_type="text/javascript; charset=utf-8")
    place = _place(name) or _place("index.html")
    if place is None:
        raise NotFound("完整阅片器没有安装,请使用快速浏览;管理员可运行 ./yigong assets 安装。")
    return _serve(request, place, lasting=name.count(".") > 1 or name.startswith("assets/"))


def _serve(request: HttpRequest, place: Path, *, lasting: bool) -> HttpResponseBase:
    kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    packed = place.with_name(place.name + ".gz")
    gzipped = "gzip" in request.headers.get("Accept-Encoding", "") and packed.exists()
    answer = FileResponse(open(packed if gzipped else place, "rb"), content_type=kind)  # noqa: SIM115 - closed with the answer
    if gzipped:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    patch_cache_control(answer, private=True, max_age=86400 * 30 if lasting else 600)
    return answer


def _place(name: str) -> Path | None:
    found = _files(str(root()))
    return found.get(name)


@lru_cache(maxsize=4)
def _files(folder: str) -> dict[str, Path]:
    """All files by name: only these are served, so no address can leave the folder."""
    base = Path(folder)
    return {
        str(place.relative_to(base)): place for place in base.rglob("*") if place.is_file() and place.suffix != ".gz"
    }


app_name = "ohif"
urlpatterns = [path("", app, name="app"), path("<path:name>", app, name="file")]
