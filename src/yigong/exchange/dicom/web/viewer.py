"""OHIF below /ohif/: the copied application with our configuration, behind the sign-in of the platform."""

import base64
import gzip
import hashlib
import mimetypes
import os
import re
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _

from yigong.core.errors import NotFound
from yigong.core.rights import guarded
from yigong.core.ui.middleware import VIEWER_POLICY
from yigong.exchange.dicom import policies

_PACKABLE = {".js", ".css", ".html", ".json", ".wasm", ".svg", ".ttf", ".map"}
_NO_TOUR = b"""
try { localStorage.setItem("shownTours", JSON.stringify(["basicViewerTour"])); } catch (refused) { /* the tour shows once */ }
"""
_INLINE = re.compile(rb"<script>(.*?)</script>", re.DOTALL)


def root() -> Path:
    """Where the asset step puts the application."""
    return Path(settings.DATA) / "ohif"


@guarded(policies.READ)
def app(request: HttpRequest, name: str = "") -> HttpResponseBase:
    """A file of the application; every address without a file is the application itself, which routes in the browser."""
    index = root() / "index.html"
    place = _files(str(root()), index.stat().st_mtime if index.exists() else 0).get(name) or index
    if not place.exists():
        raise NotFound(_("完整阅片器没有安装，请使用快速浏览；安装需要服务器能用 npm 下载，重新启动平台会再试。"))
    if place.name == "index.html":
        return _page(place)
    if place.name == "app-config.js":
        return HttpResponse(place.read_bytes() + _NO_TOUR, content_type="text/javascript; charset=utf-8")
    if place.suffix == ".css":  # its fonts are addressed from the site's root
        body = place.read_bytes().replace(b"url(/", b"url(/ohif/").replace(b"url(/ohif/ohif/", b"url(/ohif/")
        return HttpResponse(body, content_type="text/css; charset=utf-8")
    return _serve(request, place, lasting=name.count(".") > 1 or name.startswith("assets/"))


def _page(place: Path) -> HttpResponse:
    """The application's page; its own inline scripts are allowed by digest, nothing else."""
    body = place.read_bytes()
    digests = [base64.b64encode(hashlib.sha256(script).digest()).decode() for script in _INLINE.findall(body)]
    allowed = " ".join(f"'sha256-{digest}'" for digest in digests)
    answer = HttpResponse(body)
    answer["Content-Security-Policy"] = VIEWER_POLICY.replace("script-src 'self'", f"script-src 'self' {allowed}")
    patch_cache_control(answer, private=True, max_age=0)
    return answer


def _serve(request: HttpRequest, place: Path, *, lasting: bool) -> HttpResponseBase:
    kind = mimetypes.guess_type(place.name)[0] or "application/octet-stream"
    gzipped = "gzip" in request.headers.get("Accept-Encoding", "") and place.suffix in _PACKABLE
    packed = _packed(place) if gzipped else place
    answer = FileResponse(open(packed, "rb"), content_type=kind)  # noqa: SIM115 - closed with the answer
    if gzipped:
        answer["Content-Encoding"] = "gzip"
    answer["Vary"] = "Accept-Encoding"
    patch_cache_control(answer, private=True, max_age=86400 * 30 if lasting else 600)
    return answer


def _packed(place: Path) -> Path:
    """The file compressed once, beside itself."""
    packed = place.with_name(place.name + ".gz")
    if not packed.exists():
        unfinished = place.with_name(f"{place.name}.{os.getpid()}.gz")
        unfinished.write_bytes(gzip.compress(place.read_bytes(), 6))
        unfinished.replace(packed)
    return packed


@lru_cache(maxsize=4)
def _files(folder: str, changed: float) -> dict[str, Path]:
    """All files by name: only these are served, so no address can leave the folder."""
    base = Path(folder)
    return {
        str(place.relative_to(base)): place for place in base.rglob("*") if place.is_file() and place.suffix != ".gz"
    }


app_name = "ohif"
urlpatterns = [path("", app, name="app"), path("<path:name>", app, name="file")]
